// Tiles that hold one number.
#include "UniformTile.h"

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::attn;

bool mlir::attn::isUniform(Value tile) {
  Operation *op = tile.getDefiningOp();
  if (!op)
    return false;
  if (isa<tensor::SplatOp>(op) || matchPattern(tile, m_Constant()))
    return true;
  return isa<tile::GatherOp, arith::NegFOp, arith::MulFOp>(op) && llvm::all_of(op->getOperands(), [](Value operand) {
           return isa<MemRefType>(operand.getType()) || isUniform(operand);
         });
}
