// Index spaces of matrices, and groups of operations that one loop computes.
#include "Storage.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::tile;
using namespace mlir::tile::cpu;

bool cpu::isTile(Type type) { return isa<RankedTensorType, PartialType>(type); }

bool cpu::isLeaf(Operation *op) {
  return isa<arith::ConstantOp, BroadcastRowsOp, IndicesOp, DistancesOp, tensor::SplatOp, EmptySumOp>(op);
}

static bool isMatrix(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getRank() == 2;
}

static bool isLeafValue(Value value) { return value.getDefiningOp() && isLeaf(value.getDefiningOp()); }

static bool isElementwise(Operation *op) {
  return op->getNumResults() > 0 && isTile(op->getResult(0).getType()) && !isLeaf(op) &&
         !isa<LoadOp, MmaOp, scf::ForOp, scf::IfOp, scf::ForallOp>(op);
}

bool cpu::isRecomputed(Operation *op) {
  return isElementwise(op) && getElementTypeOrSelf(op->getResult(0).getType()).isInteger();
}

/// Gives all matrices among the values the space that one of them has. True if any of them got one.
bool StoragePlan::unify(ArrayRef<Value> values) {
  const Form *known = nullptr;
  for (Value value : values)
    if (auto found = spaces.find(value); found != spaces.end())
      known = &found->second;
  if (!known)
    return false;
  Form form = *known;
  bool changed = false;
  for (Value value : values)
    if (isMatrix(value.getType()) && !isLeafValue(value))
      changed |= spaces.try_emplace(value, form).second;
  return changed;
}

/// Products say which space their matrices are in; everything connected to them by arithmetic or control flow follows.
LogicalResult StoragePlan::inferSpaces(func::FuncOp kernel) {
  kernel.walk([&](MmaOp product) {
    spaces.try_emplace(product.getResult(), product.getTransposeB() ? Form::Scores : Form::Accumulator);
    if (!product.getTransposeB())
      spaces.try_emplace(product.getA(), Form::Scores);
    if (product.getAcc() && !isLeafValue(product.getAcc()))
      spaces.try_emplace(product.getAcc(), Form::Accumulator);
  });
  for (bool changed = true; changed;) {
    changed = false;
    kernel.walk([&](Operation *op) {
      if (auto loop = dyn_cast<scf::ForOp>(op)) {
        for (unsigned i = 0; i != loop.getNumResults(); ++i)
          changed |= unify({loop.getResult(i), loop.getRegionIterArg(i), loop.getYieldedValues()[i], loop.getInitArgs()[i]});
      } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
        for (unsigned i = 0; i != branch.getNumResults(); ++i)
          changed |= unify({branch.getResult(i), branch.thenYield().getOperand(i), branch.elseYield().getOperand(i)});
      } else if (isElementwise(op)) {
        SmallVector<Value> values(op->getOperands());
        values.append(op->result_begin(), op->result_end());
        changed |= unify(values);
      }
    });
  }
  return success();
}

/// The index space of an elementwise operation or reduction, as a group that holds only it.
std::optional<Group> StoragePlan::spaceOf(Operation *op) {
  if (!isElementwise(op))
    return std::nullopt;
  // A reduction runs over its matrix.
  Value domain = op->getResult(0);
  for (Value operand : op->getOperands())
    if (isMatrix(operand.getType()) && !isLeafValue(operand))
      domain = operand;
  Group group;
  group.operations.push_back(op);
  if (auto partial = dyn_cast<PartialType>(domain.getType())) {
    group.rows = partial.getRows();
    return group;
  }
  auto type = cast<RankedTensorType>(domain.getType());
  group.rows = type.getDimSize(0);
  if (type.getRank() == 2) {
    auto space = spaces.find(domain);
    group.columns = type.getDimSize(1);
    group.space = space == spaces.end() ? Form::Accumulator : space->second;
  }
  return group;
}

/// True where an operation needs a row's result that the group has only after its loop.
bool StoragePlan::dependsOnReduction(Operation *op, const Group &group) {
  if (group.space == Form::Rows)
    return false;
  return llvm::any_of(op->getOperands(), [&](Value operand) {
    if (auto broadcast = operand.getDefiningOp<BroadcastRowsOp>())
      operand = broadcast.getRows();
    Operation *definition = operand.getDefiningOp();
    return definition && isa<RowMaxOp, RowAccumulateOp>(definition) && group.contains(definition);
  });
}

/// Neighbours in the same space share a loop; anything that is not elementwise ends it.
LogicalResult StoragePlan::formGroups(Block &block) {
  std::optional<Group> open;
  auto close = [&] {
    if (!open)
      return;
    for (Operation *op : open->operations)
      groupOf[op] = groups.size();
    groups.push_back(std::move(*open));
    open.reset();
  };
  for (Operation &op : block) {
    std::optional<Group> space = spaceOf(&op);
    if (!space) {
      bool passive = isLeaf(&op) || (op.getNumRegions() == 0 && llvm::none_of(op.getOperandTypes(), isTile) &&
                                     llvm::none_of(op.getResultTypes(), isTile));
      if (!passive)
        close();
      continue;
    }
    bool fits = open && open->space == space->space && open->rows == space->rows && open->columns == space->columns &&
                !dependsOnReduction(&op, *open);
    if (fits) {
      open->operations.push_back(&op);
      continue;
    }
    close();
    open = std::move(space);
  }
  close();
  return success();
}
