// The operations and types that regions of attn.attention may use. A closed list: everything here has an elementwise
// form on tiles of both targets, so a region that passes compiles.
#include "RegionLanguage.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::attn;

/// Types of computed values. A loaded f16 or bf16 has to be extended before it is used.
static bool isComputable(Type type) { return type.isF32() || type.isInteger(32) || type.isInteger(1) || type.isIndex(); }

static bool isHalf(Type type) { return type.isF16() || type.isBF16(); }

static bool isKnown(Operation *op) {
  return isa<arith::ConstantOp, arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::DivSIOp, arith::DivUIOp, arith::RemSIOp,
             arith::RemUIOp, arith::FloorDivSIOp, arith::CeilDivSIOp, arith::CeilDivUIOp, arith::AndIOp, arith::OrIOp,
             arith::XOrIOp, arith::ShLIOp, arith::ShRSIOp, arith::ShRUIOp, arith::MinSIOp, arith::MaxSIOp, arith::MinUIOp,
             arith::MaxUIOp, arith::CmpIOp, arith::SelectOp, arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp,
             arith::IndexCastOp, arith::IndexCastUIOp, arith::SIToFPOp, arith::UIToFPOp, arith::FPToSIOp, arith::FPToUIOp,
             arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp, arith::NegFOp, arith::MinimumFOp,
             arith::MaximumFOp, arith::MinNumFOp, arith::MaxNumFOp, arith::CmpFOp, arith::BitcastOp, arith::ExtFOp,
             math::ExpOp, math::Exp2Op, math::LogOp, math::Log2Op, math::TanhOp, math::AbsFOp, math::AbsIOp, math::SqrtOp,
             math::RsqrtOp, math::FmaOp, tensor::ExtractOp, tensor::DimOp, attn::YieldOp>(op);
}

static LogicalResult verifyOperation(Operation &op) {
  if (!isKnown(&op))
    return op.emitOpError("is not lowered in a score or mask region: expects arith or one of math.exp, exp2, log, log2, "
                          "tanh, absf, absi, sqrt, rsqrt and fma, or tensor.extract of a captured value");
  for (Type type : op.getResultTypes())
    if (!isComputable(type) && !(isHalf(type) && isa<tensor::ExtractOp>(op)))
      return op.emitOpError("is not lowered in a score or mask region with ")
             << type << ": expects f32, i32, i1 or index; extend loaded values with arith.extf";
  for (Value operand : op.getOperands()) {
    auto argument = dyn_cast<BlockArgument>(operand);
    bool loads = isa<tensor::ExtractOp, tensor::DimOp>(op) && argument && isa<TensorType>(operand.getType());
    bool extends = isa<arith::ExtFOp>(op);
    if (!isComputable(operand.getType()) && !loads && !extends)
      return op.emitOpError("is not lowered in a score or mask region on ")
             << operand.getType() << ": expects f32, i32, i1 or index; extend loaded values with arith.extf";
  }
  auto dim = dyn_cast<tensor::DimOp>(op);
  if (dim && !dim.getConstantIndex())
    return op.emitOpError("is not lowered in a score or mask region with an axis that is not a constant");
  return success();
}

/// A constant axis of tensor.dim is an index constant, which the region computes like any other.
static LogicalResult verifyRegion(Region &region) {
  for (Block &block : region)
    for (Operation &op : block)
      if (failed(verifyOperation(op)))
        return failure();
  return success();
}

LogicalResult attn::verifyRegionLanguage(AttentionOp attention) {
  for (auto [i, type] : llvm::enumerate(attention.getCaptures().getTypes())) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    Type element = tensor ? tensor.getElementType() : Type();
    bool known = element && (element.isF32() || isHalf(element) || element.isInteger(32));
    if (!known || tensor.getRank() < 1 || tensor.getRank() > 4)
      return attention.emitOpError("is not lowered with captured value ")
             << i << " of " << type << ": expects a tensor of rank 1 to 4 of f32, f16, bf16 or i32";
  }
  if (failed(verifyRegion(attention.getScore())))
    return failure();
  return verifyRegion(attention.getMask());
}
