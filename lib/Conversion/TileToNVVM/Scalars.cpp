// Numbers of the index type: clones of index arithmetic with 32-bit integers.
#include "KernelEmitter.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;
using namespace mlir::tile;

void KernelEmitter::emitDim(Operation *op) {
  auto dim = cast<memref::DimOp>(op);
  Value word = argumentWord(argumentOf(dim.getSource()), 1 + *dim.getConstantIndex());
  scalars[dim.getResult()] = arith::TruncIOp::create(b, loc, b.getI32Type(), word);
}

LogicalResult KernelEmitter::emitOwnRow(OwnRowOp op) {
  if (!consumer)
    return op.emitOpError("expects to stand in the consumers of a tile.roles: no other role has rows");
  scalars[op] = mul(consumer, i32(kWarpgroupRows));
  return success();
}

void KernelEmitter::emitOwnBound(OwnBoundOp op) {
  Value whole = scalar(op.getWhole());
  Value least = arith::MaxSIOp::create(b, loc, arith::SubIOp::create(b, loc, whole, i32(op.getFewer())), i32(0));
  Value bound = arith::MinSIOp::create(b, loc, arith::MaxSIOp::create(b, loc, scalar(op.getEnd()), least), whole);
  Value any = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, scalar(op.getEnd()), i32(0));
  scalars[op] = arith::SelectOp::create(b, loc, any, bound, i32(0));
}

/// The special register that an operation on the grid stands for, or null. Grids of persistent kernels have one axis.
static Value emitGridNumber(OpBuilder &b, Location loc, Operation *op) {
  Type type = b.getI32Type();
  auto isX = [](auto number) { return number && number.getDimension() == gpu::Dimension::x; };
  if (isX(dyn_cast<gpu::BlockIdOp>(op)))
    return NVVM::BlockIdXOp::create(b, loc, type);
  if (isX(dyn_cast<gpu::GridDimOp>(op)))
    return NVVM::GridDimXOp::create(b, loc, type);
  if (isX(dyn_cast<gpu::ClusterIdOp>(op)))
    return NVVM::ClusterIdXOp::create(b, loc, type);
  if (isX(dyn_cast<gpu::ClusterBlockIdOp>(op)))
    return NVVM::ClusterId::create(b, loc, type); // of a cluster with one axis; ptxas divides for %cluster_ctaid
  return Value();
}

/// A quotient whose divisor is known before the loop over programs: by multiplication with 2^32 / divisor, which is made once, where
/// the divisor is. That number is less than one too small, so the product is at most one too small too (Granlund and Montgomery,
/// "Division by Invariant Integers using Multiplication", PLDI 1994). A divisor of 0, as for an empty tensor, divides nothing.
Value KernelEmitter::divideByInvariant(Value dividend, Value divisor) {
  Value &reciprocal = reciprocals[divisor];
  if (!reciprocal) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointAfterValue(divisor);
    reciprocal = arith::DivUIOp::create(b, loc, i32(-1), arith::MaxUIOp::create(b, loc, divisor, i32(1)));
  }
  Type wide = b.getI64Type();
  auto widen = [&](Value value) -> Value { return arith::ExtUIOp::create(b, loc, wide, value); };
  Value product = mul(widen(dividend), widen(reciprocal));
  Value high = arith::ShRUIOp::create(b, loc, product, arith::ConstantIntOp::create(b, loc, wide, 32));
  Value quotient = arith::TruncIOp::create(b, loc, b.getI32Type(), high);
  Value rest = arith::SubIOp::create(b, loc, dividend, mul(quotient, divisor));
  Value more = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::uge, rest, divisor);
  return add(quotient, arith::ExtUIOp::create(b, loc, b.getI32Type(), more));
}

/// Whether a division stands in a loop and its divisor before all loops.
static bool hasInvariantDivisor(Operation *op) {
  auto division = dyn_cast<arith::DivUIOp>(op);
  if (!division || !division.getType().isIndex() || matchPattern(division.getRhs(), m_Constant()))
    return false;
  auto isInLoop = [](Operation *at) { return at->getParentOfType<LoopLikeOpInterface>() != nullptr; };
  Operation *source = division.getRhs().getDefiningOp();
  return isInLoop(op) && source && !isInLoop(source);
}

/// Clones index arithmetic with 32-bit integers: extents are below 2^30, so no sum of two overflows.
LogicalResult KernelEmitter::emitScalar(Operation *op) {
  if (op->getNumRegions() != 0 || op->getNumResults() != 1)
    return op->emitOpError("has no lowering to a GPU");
  Type type = op->getResult(0).getType();
  if (auto constant = dyn_cast<arith::ConstantOp>(op); constant && type.isIndex()) {
    scalars[constant.getResult()] = i32(cast<IntegerAttr>(constant.getValue()).getInt());
    return success();
  }
  if (auto cast = dyn_cast<arith::IndexCastOp>(op)) {
    scalars[cast.getResult()] = scalar(cast.getIn());
    return success();
  }
  if (Value number = emitGridNumber(b, loc, op))
    return scalars[op->getResult(0)] = number, success();
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(scalar(operand));
  if (llvm::is_contained(operands, Value()))
    return op->emitOpError("reads a value that has no scalar form on a GPU");
  if (hasInvariantDivisor(op))
    return scalars[op->getResult(0)] = divideByInvariant(operands[0], operands[1]), success();
  OperationState state(loc, op->getName(), operands, type.isIndex() ? b.getI32Type() : type, op->getAttrs());
  scalars[op->getResult(0)] = b.create(state)->getResult(0);
  return success();
}
