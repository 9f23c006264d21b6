// Memory, vectors and loops of CPU kernels.
#include "Code.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::tile::cpu;

Value Code::offset(Value pointer, Value bytes) {
  return make<LLVM::GEPOp>(pointer.getType(), b.getI8Type(), pointer, ArrayRef<LLVM::GEPArg>{bytes});
}

Value Code::splat(Value scalar, int64_t count) {
  VectorType type = vector(scalar.getType(), count);
  Value one = make<LLVM::InsertElementOp>(type, make<LLVM::PoisonOp>(type), scalar, i64(0));
  SmallVector<int32_t> zeros(count, 0);
  return make<LLVM::ShuffleVectorOp>(one, one, zeros);
}

Value Code::iota() {
  SmallVector<int32_t> steps(lanes());
  for (auto [i, step] : llvm::enumerate(steps))
    step = static_cast<int32_t>(i);
  return make<arith::ConstantOp>(DenseElementsAttr::get(i32s(), ArrayRef<int32_t>(steps)));
}

Value Code::extract(Value vector, int64_t lane) { return make<LLVM::ExtractElementOp>(vector, i64(lane)); }

Value Code::shuffle(Value left, Value right, ArrayRef<int32_t> mask) {
  return make<LLVM::ShuffleVectorOp>(left, right, mask);
}

Value Code::multiplyAdd(Value left, Value right, Value addend) {
  // Without the instruction an fma would be a call of the C library.
  if (cpu.hasFma)
    return make<math::FmaOp>(left, right, addend);
  return make<arith::AddFOp>(make<arith::MulFOp>(left, right), addend);
}

SmallVector<Value> Code::loop(Value first, Value last, int64_t step, ValueRange carried, Body body) {
  auto loop = make<scf::ForOp>(first, last, i64(step), carried);
  OpBuilder::InsertionGuard guard(b);
  // An scf.for that carries nothing is made with its terminator.
  if (carried.empty())
    b.setInsertionPoint(loop.getBody()->getTerminator());
  else
    b.setInsertionPointToEnd(loop.getBody());
  SmallVector<Value> results = body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!carried.empty())
    make<scf::YieldOp>(results);
  return SmallVector<Value>(loop.getResults());
}

SmallVector<Value> Code::loop(int64_t first, int64_t last, int64_t step, ValueRange carried, Body body) {
  if (first + step >= last)
    return first < last ? body(i64(first), carried) : SmallVector<Value>(carried);
  return loop(i64(first), i64(last), step, carried, body);
}

void Code::loop(int64_t first, int64_t last, int64_t step, function_ref<void(Value)> body) {
  loop(first, last, step, ValueRange(), [&](Value counter, ValueRange) { return body(counter), SmallVector<Value>(); });
}

void Code::loop(Value first, Value last, function_ref<void(Value)> body) {
  loop(first, last, 1, ValueRange(), [&](Value counter, ValueRange) { return body(counter), SmallVector<Value>(); });
}

void Code::branch(Value condition, function_ref<void()> whenTrue, function_ref<void()> whenFalse) {
  auto branch = make<scf::IfOp>(condition, /*withElseRegion=*/static_cast<bool>(whenFalse));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  whenTrue();
  if (whenFalse) {
    b.setInsertionPointToStart(branch.elseBlock());
    whenFalse();
  }
}
