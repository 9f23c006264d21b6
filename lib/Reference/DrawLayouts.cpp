// Strides of a random spec: the orders that frameworks use, slices of larger tensors, gaps anywhere. Strides stay
// multiples of 8 elements where an axis has more than one, so that rows of two-byte elements begin at 16 bytes.
#include "SpecParts.h"

#include <algorithm>

namespace attn::reference {
namespace {

enum Axis { Batch, Head, Sequence };

struct Order {
  const char *name;
  Axis outer, middle, inner;
};

void setShape(TensorLayout &layout, ElementType type, int64_t b, int64_t h, int64_t s, int64_t d) {
  layout.type = type;
  int64_t shape[4] = {b, h, s, d};
  std::copy(shape, shape + 4, layout.shape);
}

/// Strides of an order of axes. A row takes rowElements, and gap() elements follow each step of an axis.
template <typename Gap>
void setStrides(TensorLayout &layout, const Order &order, int64_t rowElements, Gap gap) {
  int64_t step = rowElements;
  layout.strides[3] = 1;
  for (Axis axis : {order.inner, order.middle, order.outer}) {
    step += gap();
    layout.strides[axis] = step;
    step *= std::max<int64_t>(1, layout.shape[axis]);
  }
}

int64_t noGap() { return 0; }

constexpr Order bhsd{"bhsd", Batch, Head, Sequence}, bshd{"bshd", Batch, Sequence, Head},
    sbhd{"sbhd", Sequence, Batch, Head}, hbsd{"hbsd", Head, Batch, Sequence};

/// One of query, key, value as a slice of a tensor [batch, sequence, all heads of all three, head_dim]; for an output, a
/// slice that may fill it.
void setPacked(TensorLayout &layout, const Problem &problem) {
  int64_t row = (problem.queryHeads + problem.kvHeads) * problem.headDim + problem.kvHeads * problem.valueDim;
  row = std::max(row, layout.shape[Head] * layout.shape[3]);
  layout.name = "packed";
  layout.strides[3] = 1;
  layout.strides[Head] = layout.shape[3];
  layout.strides[Sequence] = row;
  layout.strides[Batch] = row * std::max<int64_t>(1, layout.shape[Sequence]);
}

void drawStrides(Random &random, TensorLayout &layout, const Problem &problem, bool input) {
  Order order = random.pick({bhsd, bhsd, bshd, bshd, sbhd, hbsd});
  layout.name = order.name;
  switch (random.below(5)) {
  case 0:
    setPacked(layout, problem);
    break;
  case 1:
  case 2:
    setStrides(layout, order, layout.shape[3], noGap);
    break;
  default:
    setStrides(layout, order, layout.shape[3], [&] { return random.percent(60) ? 8 * random.between(1, 9) : 0; });
    layout.name += "+gaps";
  }
  // Every head or batch reads the same memory, as an expanded tensor does.
  if (random.percent(4) && input) {
    layout.strides[random.percent(50) ? Batch : Head] = 0;
    layout.name += "+broadcast";
  }
  // The stride of an axis with one element means nothing, and frameworks put anything there.
  if (random.percent(30))
    for (Axis axis : {Batch, Head, Sequence})
      if (layout.shape[axis] <= 1)
        layout.strides[axis] = random.pick<int64_t>({0, 1, 3331333, 99990001});
}

void drawLseStrides(Random &random, TensorLayout &layout) {
  Order order = random.pick({bhsd, bhsd, bshd, sbhd});
  layout.name = order.name;
  bool gaps = random.percent(30);
  setStrides(layout, order, 1, [&] { return gaps ? random.between(0, 5) : 0; });
}

} // namespace

Layouts denseLayouts(const Problem &problem) {
  Layouts layouts;
  const Problem &p = problem;
  int64_t batch = p.queryBatches(), kvBatch = p.kvBatches();
  setShape(layouts.query, p.type, batch, p.queryHeads, p.queryLength, p.headDim);
  setShape(layouts.key, p.type, kvBatch, p.kvHeads, p.kvLength, p.headDim);
  setShape(layouts.value, p.type, kvBatch, p.kvHeads, p.kvLength, p.valueDim);
  setShape(layouts.output, p.type, batch, p.queryHeads, p.queryLength, p.valueDim);
  setShape(layouts.lse, ElementType::F32, batch, p.queryHeads, p.queryLength, 1);
  for (TensorLayout *layout : {&layouts.query, &layouts.key, &layouts.value, &layouts.output, &layouts.lse})
    setStrides(*layout, bhsd, layout->shape[3], noGap);
  return layouts;
}

Layouts drawLayouts(Random &random, const Problem &problem) {
  Layouts layouts = denseLayouts(problem);
  for (TensorLayout *layout : {&layouts.query, &layouts.key, &layouts.value})
    drawStrides(random, *layout, problem, true);
  drawStrides(random, layouts.output, problem, false);
  drawLseStrides(random, layouts.lse);
  return layouts;
}

} // namespace attn::reference
