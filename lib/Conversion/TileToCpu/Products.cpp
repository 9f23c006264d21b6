// Matrix products: blocks of accumulators in registers, one operand broadcast from memory, the other read by vectors.
// Forms are chosen so that both products of attention do this without transposing a key or value tile: scores are
// computed with queries along the lanes, the output with value columns along them.
#include "CpuEmitter.h"

using namespace mlir;
using namespace mlir::tile;
using namespace mlir::tile::cpu;

/// out[i][j] (+)= sum over k of left[i][k] * right[k][j], with j in vectors. Strides are in bytes.
struct CpuEmitter::ProductShape {
  Value left, right, out;
  int64_t leftLine, leftStep;  ///< from i to i + 1, from k to k + 1
  int64_t rightStep, outLine;  ///< from k to k + 1, from i to i + 1
  int64_t lines, vectors;
  bool accumulates, pairs;
  bool inRanges; ///< sums begin at zero and are added to `out` at the end
};

/// acc + the products of pairs of bf16, by AVX512-BF16.
Value CpuEmitter::multiplyPairs(Value acc, Value left, Value right) {
  VectorType halves = c.vector(c.b.getBF16Type(), 2 * c.lanes());
  SmallVector<Value> operands = {acc, c.bitcast(halves, left), c.bitcast(halves, right)};
  return c.make<LLVM::CallIntrinsicOp>(c.f32s(), c.b.getStringAttr("llvm.x86.avx512bf16.dpbf16ps.512"), operands)
      .getResult(0);
}

/// One block of `lines` x `vectors` accumulators, over a range of k.
void CpuEmitter::emitProductBlock(const ProductShape &shape, Value line, int64_t lines, Value vectorIndex,
                                  int64_t vectors, Value first, Value last) {
  int64_t vectorBytes = 4 * c.lanes();
  Value left = c.offset(shape.left, c.mul(line, shape.leftLine));
  Value right = c.offset(shape.right, c.mul(vectorIndex, vectorBytes));
  Value out = c.offset(shape.out, c.add(c.mul(line, shape.outLine), c.mul(vectorIndex, vectorBytes)));
  Type word = shape.pairs ? Type(c.b.getI32Type()) : Type(c.b.getF32Type());
  VectorType vector = shape.pairs ? c.i32s() : c.f32s();
  SmallVector<Value> acc;
  for (int64_t i = 0; i != lines; ++i)
    for (int64_t j = 0; j != vectors; ++j)
      acc.push_back(shape.accumulates && !shape.inRanges
                        ? c.load(c.f32s(), c.offset(out, i * shape.outLine + j * vectorBytes))
                        : c.constant(0.0f));
  acc = c.loop(first, last, 1, acc, [&](Value k, ValueRange carried) {
    Value leftAt = c.offset(left, c.mul(k, shape.leftStep)), rightAt = c.offset(right, c.mul(k, shape.rightStep));
    SmallVector<Value> next, rights;
    for (int64_t j = 0; j != vectors; ++j)
      rights.push_back(c.load(vector, c.offset(rightAt, j * vectorBytes)));
    for (int64_t i = 0; i != lines; ++i) {
      Value broadcast = c.splat(c.load(word, c.offset(leftAt, i * shape.leftLine)));
      for (int64_t j = 0; j != vectors; ++j) {
        Value sum = carried[i * vectors + j];
        next.push_back(shape.pairs ? multiplyPairs(sum, broadcast, rights[j])
                                   : c.multiplyAdd(broadcast, rights[j], sum));
      }
    }
    return next;
  });
  for (int64_t i = 0; i != lines; ++i)
    for (int64_t j = 0; j != vectors; ++j) {
      Value place = c.offset(out, i * shape.outLine + j * vectorBytes), sum = acc[i * vectors + j];
      if (shape.accumulates && shape.inRanges)
        sum = c.make<arith::AddFOp>(c.load(c.f32s(), place), sum);
      c.store(sum, place);
    }
}

/// The whole product over one range of k.
void CpuEmitter::emitProductRange(const ProductShape &shape, Value first, Value last) {
  // As many accumulators as hide the latency of two multiply-adds a cycle and leave registers for the operands.
  int64_t vectors = c.lanes() == 16 ? 4 : 2, lines = 4;
  int64_t wholeVectors = shape.vectors / vectors * vectors;
  c.loop(0, wholeVectors, vectors, [&](Value j) {
    c.loop(0, shape.lines, lines, [&](Value i) { emitProductBlock(shape, i, lines, j, vectors, first, last); });
  });
  if (int64_t left = shape.vectors - wholeVectors)
    c.loop(0, shape.lines, lines,
           [&](Value i) { emitProductBlock(shape, i, lines, c.i64(wholeVectors), left, first, last); });
}

LogicalResult CpuEmitter::emitProduct(MmaOp op) {
  const Storage *a = plan.find(op.getA()), *right = plan.find(op.getB()), *out = plan.find(op.getResult());
  if (!a || !right || !out)
    return op.emitOpError("expects tiles in memory");
  bool scores = op.getTransposeB();
  bool fits = scores ? a->form == Form::Query && right->form == Form::Key
                     : (a->form == Form::Weights || a->form == Form::Scores) && right->form == Form::Value;
  if (!fits)
    return op.emitOpError("expects loaded queries by loaded keys, or weights by loaded values");
  if (Value acc = op.getAcc(); acc && failed(emitInto(acc, *out)))
    return failure();
  ProductShape shape;
  shape.pairs = plan.usesPairs();
  shape.accumulates = static_cast<bool>(op.getAcc());
  shape.out = address(*out);
  shape.outLine = out->lineBytes;
  shape.lines = out->lines;
  shape.vectors = out->lineBytes / 4 / c.lanes();
  if (scores) { // keys broadcast, queries along the lanes
    shape.left = address(*right), shape.right = address(*a);
    shape.leftLine = right->lineBytes, shape.leftStep = 4;
    shape.rightStep = a->lineBytes;
  } else { // weights broadcast, value columns along the lanes
    shape.left = address(*a), shape.right = address(*right);
    shape.leftLine = 4, shape.leftStep = a->lineBytes;
    shape.rightStep = right->lineBytes;
  }
  int64_t steps = scores ? a->lines : right->lines;
  // The rounding errors of a sum in ranges grow with their number and not with that of products. Results of 16 bits hide
  // them in any case; in f32 they are the error, most of all that of scores, which the exponential enlarges.
  shape.inRanges = cast<RankedTensorType>(op.getA().getType()).getElementType().isF32();
  int64_t range = shape.inRanges ? std::min<int64_t>(scores ? 16 : 32, steps) : steps, whole = steps / range * range;
  emitProductRange(shape, c.i64(0), c.i64(range));
  shape.accumulates = true;
  if (range != whole)
    c.loop(range, whole, range, [&](Value first) { emitProductRange(shape, first, c.add(first, range)); });
  if (whole != steps)
    emitProductRange(shape, c.i64(whole), c.i64(steps));
  return success();
}
