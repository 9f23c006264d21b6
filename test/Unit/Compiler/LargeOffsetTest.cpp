// Kernels for the CPU on tensors whose elements lie more than 2^31 elements apart, on each axis in turn. The memory is
// reserved, not used: only the pages of the few rows exist.
#include "attn/Compiler/Compiler.h"
#include "attn/Compiler/CpuLoader.h"
#include "attn/Reference/Random.h"
#include "attn/Reference/Trial.h"
#include "attn/attn.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <sys/mman.h>

using namespace attn;
using reference::TensorView;

namespace {

constexpr int64_t far = (int64_t(1) << 30) + 8; ///< two steps pass 2^31, in elements

/// A tensor in address space of its own, of which axis `farAxis` has steps of `far` elements and the others are dense.
class SparseTensor {
public:
  SparseTensor(reference::ElementType type, std::initializer_list<int64_t> shape, int farAxis) {
    view.type = type;
    std::copy(shape.begin(), shape.end(), view.shape);
    int64_t step = 1, last = 0;
    for (int axis = 3; axis >= 0; --axis) {
      view.strides[axis] = axis == farAxis ? far : step;
      step *= axis == farAxis ? 1 : view.shape[axis];
      last += (view.shape[axis] - 1) * view.strides[axis];
    }
    bytes = static_cast<size_t>((last + 1) * reference::elementBytes(type));
    view.data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  }
  ~SparseTensor() {
    if (isThere())
      munmap(view.data, bytes);
  }

  bool isThere() const { return view.data != MAP_FAILED; }

  /// Numbers from a seed, or NaN.
  void fill(uint64_t seed, bool random) {
    reference::Random numbers(seed);
    for (int64_t b = 0; b < view.shape[0]; ++b)
      for (int64_t h = 0; h < view.shape[1]; ++h)
        for (int64_t s = 0; s < view.shape[2]; ++s)
          for (int64_t d = 0; d < view.shape[3]; ++d)
            view.store(b, h, s, d, random ? numbers.normal() : NAN);
  }

  attnTensor argument(int32_t rank) const {
    return {view.data, static_cast<attnElementType>(view.type), rank, view.shape, view.strides};
  }

  TensorView view;

private:
  size_t bytes = 0;
};

std::string specOf(const std::string &type) {
  std::string tensor = "tensor<?x3x?x16x" + type + ">";
  return "func.func @f(%q: " + tensor + ", %k: " + tensor + ", %v: " + tensor + ") -> (" + tensor +
         ", tensor<?x3x?xf32>) {\n  %o, %l = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 3, kv = 3>)\n" +
         "      causality(#attn.causality<bottom_right>) : (" + tensor + ", " + tensor + ", " + tensor + ") -> (" +
         tensor + ", tensor<?x3x?xf32>)\n  return %o, %l : " + tensor + ", tensor<?x3x?xf32>\n}\n";
}

class LargeOffsetTest : public testing::TestWithParam<std::tuple<reference::ElementType, int>> {};

TEST_P(LargeOffsetTest, IsRightBeyondTwoToThe31Elements) {
  auto [type, axis] = GetParam();
  SparseTensor q(type, {3, 3, 5, 16}, axis), k(type, {3, 3, 7, 16}, axis), v(type, {3, 3, 7, 16}, axis),
      out(type, {3, 3, 5, 16}, axis), lse(reference::ElementType::F32, {3, 3, 5, 1}, axis);
  SparseTensor *all[] = {&q, &k, &v, &out, &lse};
  for (unsigned i = 0; i < 5; ++i) {
    if (!all[i]->isThere())
      GTEST_SKIP() << "the system reserves no " << far << " elements of address space";
    all[i]->fill(i + 1, i < 3);
  }
  compiler::CompileOptions options;
  Result<compiler::CompileOutput> image = compiler::compile(specOf(reference::typeName(type)), options);
  ASSERT_TRUE(image) << image.error().message;
  attnCpuLoader loader = compiler::cpuLoader();
  ASSERT_EQ(attnRuntimeSetCpuLoader(&loader), ATTN_OK);
  Result<Kernel> kernel = Kernel::load(image->bytes);
  ASSERT_TRUE(kernel) << kernel.error().message;
  attnTensor tensors[] = {q.argument(4), k.argument(4), v.argument(4), out.argument(4), lse.argument(3)};
  Error error = kernel->launch(tensors, 5);
  ASSERT_EQ(error.status, Status::Ok) << error.message;

  reference::Problem problem;
  problem.batch = problem.queryHeads = problem.kvHeads = 3;
  problem.queryLength = 5;
  problem.kvLength = 7;
  problem.causality.kind = reference::CausalityKind::BottomRight;
  problem.scale = reference::defaultScale(16);
  problem.type = type;
  auto expected = reference::expectationOf(problem, q.view, k.view, v.view, reference::allRows(problem));
  auto verdict = reference::judgeValues(expected, type, out.view, &lse.view);
  EXPECT_TRUE(verdict) << verdict.failure;
}

INSTANTIATE_TEST_SUITE_P(Axes, LargeOffsetTest,
                         testing::Combine(testing::Values(reference::ElementType::F16, reference::ElementType::BF16,
                                                          reference::ElementType::F32),
                                          testing::Values(0, 1, 2)));

} // namespace
