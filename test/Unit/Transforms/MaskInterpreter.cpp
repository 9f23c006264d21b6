// A small interpreter of scf and index arithmetic on tiles; see MaskInterpreter.h for what it computes.
#include "MaskInterpreter.h"

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace {
/// A scalar (one element) or a tile of integers in row-major order.
using Tile = std::vector<int64_t>;

class Interpreter {
public:
  Interpreter(func::FuncOp func, int64_t queryLength, int64_t kvLength)
      : func(func), queryLength(queryLength), kvLength(kvLength) {}

  ::attn::test::Visited run() {
    runBlock(func.getBody().front());
    return std::move(visited);
  }

private:
  int64_t scalar(Value value) { return values[value].empty() ? 0 : values[value].front(); }
  int64_t size(Value value) {
    auto tensor = dyn_cast<RankedTensorType>(value.getType());
    return tensor ? tensor.getNumElements() : 1;
  }

  void runBlock(Block &block) {
    for (Operation &op : block)
      if (visited.unknown.empty())
        runOperation(&op);
  }

  void runOperation(Operation *op);
  void runForall(scf::ForallOp op);
  void runFor(scf::ForOp op);
  void runIf(scf::IfOp op);
  void runConstant(arith::ConstantOp op);
  void runElementwise(Operation *op);
  void runIndices(tile::IndicesOp op);
  void runRegionMask(tile::RegionMaskOp op);
  void runMma(tile::MmaOp op);
  void runSoftmax(tile::RowMaxOp op);

  func::FuncOp func;
  int64_t queryLength, kvLength;
  llvm::DenseMap<Value, Tile> values;
  ::attn::test::Visited visited;
  int64_t queryRow = 0, keyRow = 0; ///< where the tiles of the running product start
  bool masked = false;
};
} // namespace

void Interpreter::runForall(scf::ForallOp op) {
  SmallVector<OpFoldResult> bounds = op.getMixedUpperBound();
  auto bound = [&](int i) {
    auto attr = dyn_cast<Attribute>(bounds[i]);
    return attr ? cast<IntegerAttr>(attr).getInt() : scalar(cast<Value>(bounds[i]));
  };
  for (int64_t tile = 0; tile < bound(2); ++tile) {
    values[op.getInductionVar(0)] = {0};
    values[op.getInductionVar(1)] = {0};
    values[op.getInductionVar(2)] = {tile};
    runBlock(*op.getBody());
  }
}

void Interpreter::runFor(scf::ForOp op) {
  SmallVector<Tile> state;
  for (Value init : op.getInitArgs())
    state.push_back(values[init]);
  for (int64_t i = scalar(op.getLowerBound()); i < scalar(op.getUpperBound()); i += scalar(op.getStep())) {
    values[op.getInductionVar()] = {i};
    for (auto [argument, value] : llvm::zip(op.getRegionIterArgs(), state))
      values[argument] = value;
    runBlock(*op.getBody());
  }
}

void Interpreter::runIf(scf::IfOp op) {
  bool taken = scalar(op.getCondition());
  Block *block = taken ? op.thenBlock() : op.elseBlock();
  masked = !taken;
  runBlock(*block);
  for (auto [result, yielded] : llvm::zip(op.getResults(), block->getTerminator()->getOperands()))
    values[result] = Tile(values[yielded]); // a copy first: inserting may move the map
}

void Interpreter::runConstant(arith::ConstantOp op) {
  if (auto integer = dyn_cast<IntegerAttr>(op.getValue()))
    values[op.getResult()] = {integer.getInt()};
  else
    values[op.getResult()] = Tile(size(op.getResult()), 0); // -inf: an element that is not allowed
}

void Interpreter::runElementwise(Operation *op) {
  Tile result(size(op->getResult(0)));
  auto at = [&](unsigned operand, size_t i) { return values[op->getOperand(operand)][i]; };
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = llvm::TypeSwitch<Operation *, int64_t>(op)
                    .Case([&](arith::AddIOp) { return at(0, i) + at(1, i); })
                    .Case([&](arith::SubIOp) { return at(0, i) - at(1, i); })
                    .Case([&](arith::MulIOp) { return at(0, i) * at(1, i); })
                    .Case([&](arith::DivUIOp) { return int64_t(uint64_t(at(0, i)) / uint64_t(at(1, i))); })
                    .Case([&](arith::RemUIOp) { return int64_t(uint64_t(at(0, i)) % uint64_t(at(1, i))); })
                    .Case([&](arith::DivSIOp) { return at(0, i) / at(1, i); })
                    .Case([&](arith::ShRSIOp) { return at(0, i) >> at(1, i); })
                    .Case([&](arith::OrIOp) { return at(0, i) | at(1, i); })
                    .Case([&](arith::MaxSIOp) { return std::max(at(0, i), at(1, i)); })
                    .Case([&](arith::MinSIOp) { return std::min(at(0, i), at(1, i)); })
                    .Case([&](arith::AndIOp) { return at(0, i) & at(1, i); })
                    .Case([&](arith::IndexCastOp) { return at(0, i); })
                    .Case([&](arith::SelectOp) { return at(0, i) ? at(1, i) : at(2, i); })
                    .Case([&](arith::CmpIOp cmp) {
                      APInt left(64, at(0, i), true), right(64, at(1, i), true);
                      return int64_t(arith::applyCmpPredicate(cmp.getPredicate(), left, right));
                    })
                    .Default([&](Operation *) {
                      visited.unknown = op->getName().getStringRef().str();
                      return 0;
                    });
  values[op->getResult(0)] = result;
}

void Interpreter::runIndices(tile::IndicesOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  int64_t base = scalar(op.getBase()), columns = type.getDimSize(1);
  Tile result(type.getNumElements());
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = base + (op.getKind() == tile::IndexKind::Row ? i / columns : i % columns);
  values[op.getResult()] = result;
}

void Interpreter::runRegionMask(tile::RegionMaskOp op) {
  Block &body = op.getBody().front();
  Tile result = values[op.getScores()];
  int64_t columns = cast<RankedTensorType>(op.getType()).getDimSize(1);
  for (size_t i = 0; i < result.size(); ++i) {
    values[body.getArgument(0)] = values[op.getBatch()];
    values[body.getArgument(1)] = values[op.getHead()];
    values[body.getArgument(2)] = {scalar(op.getQuery()) + int64_t(i) / columns};
    values[body.getArgument(3)] = {scalar(op.getKey()) + int64_t(i) % columns};
    for (Operation &inner : body.without_terminator())
      runOperation(&inner);
    result[i] &= scalar(body.getTerminator()->getOperand(0));
  }
  values[op.getResult()] = result;
}

void Interpreter::runMma(tile::MmaOp op) {
  auto load = op.getB().getDefiningOp<tile::LoadOp>();
  if (!op.getTransposeB() || !load)
    return;
  queryRow = scalar(op.getA().getDefiningOp<tile::LoadOp>().getRow());
  keyRow = scalar(load.getRow());
  values[op.getResult()] = Tile(size(op.getResult()), 1);
}

void Interpreter::runSoftmax(tile::RowMaxOp op) {
  const Tile &scores = values[op.getTile()];
  int64_t columns = cast<RankedTensorType>(op.getTile().getType()).getDimSize(1);
  bool any = false;
  for (size_t i = 0; i < scores.size(); ++i) {
    int64_t query = queryRow + i / columns, key = keyRow + i % columns;
    if (!scores[i] || query >= queryLength)
      continue;
    any = true;
    visited.allowed.insert({query, key});
  }
  visited.blocks++;
  visited.maskedBlocks += masked;
  visited.emptyBlocks += !any;
  masked = false;
}

void Interpreter::runOperation(Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](scf::ForallOp forall) { runForall(forall); })
      .Case([&](scf::ForOp loop) { runFor(loop); })
      .Case([&](scf::IfOp branch) { runIf(branch); })
      .Case([&](arith::ConstantOp constant) { runConstant(constant); })
      .Case([&](memref::DimOp dim) {
        bool query = cast<BlockArgument>(dim.getSource()).getArgNumber() == 0;
        values[dim.getResult()] = {*dim.getConstantIndex() == 2 ? (query ? queryLength : kvLength) : 1};
      })
      .Case([&](tensor::SplatOp splat) {
        values[splat.getResult()] = Tile(size(splat.getResult()), scalar(splat.getInput()));
      })
      .Case([&](tile::IndicesOp indices) { runIndices(indices); })
      .Case([&](tile::RegionMaskOp mask) { runRegionMask(mask); })
      .Case([&](tile::MmaOp mma) { runMma(mma); })
      .Case([&](tile::RowMaxOp softmax) { runSoftmax(softmax); })
      .Case<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::DivUIOp, arith::DivSIOp, arith::RemUIOp, arith::ShRSIOp,
            arith::MaxSIOp, arith::MinSIOp, arith::AndIOp, arith::OrIOp, arith::IndexCastOp, arith::CmpIOp>([&](Operation *integer) { runElementwise(integer); })
      .Case([&](arith::SelectOp select) {
        if (!values[select.getCondition()].empty()) // else it chooses between softmax statistics, which are not computed
          runElementwise(select);
      })
      .Default([&](Operation *other) {
        // Softmax arithmetic does not change which pairs are allowed; integer arithmetic would.
        for (Type type : other->getResultTypes())
          if (Type element = getElementTypeOrSelf(type); element.isIntOrIndex() && !element.isInteger(1))
            visited.unknown = other->getName().getStringRef().str();
      });
}

::attn::test::Visited attn::test::interpretMasks(func::FuncOp func, int64_t queryLength, int64_t kvLength) {
  return Interpreter(func, queryLength, kvLength).run();
}
