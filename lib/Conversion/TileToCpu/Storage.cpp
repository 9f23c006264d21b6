// Places of tiles. In-place updates are found here: a loop's carried accumulator, the product that adds to it and a mask
// that changes scores all keep to one place, so that nothing is copied between steps.
#include "Storage.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::tile;
using namespace mlir::tile::cpu;

/// The kind of product operand that a loaded tile is.
FailureOr<Form> StoragePlan::loadForm(LoadOp load) {
  std::optional<Form> form;
  for (OpOperand &use : load.getResult().getUses()) {
    auto product = dyn_cast<MmaOp>(use.getOwner());
    if (!product)
      return load.emitOpError("expects a tile that products alone read"), failure();
    bool transposed = product.getTransposeB();
    if (use.getOperandNumber() == 0 && !transposed)
      return load.emitOpError("expects a product with loaded rows to have transpose_b"), failure();
    Form wanted = use.getOperandNumber() == 0 ? Form::Query : transposed ? Form::Key : Form::Value;
    if (form && *form != wanted)
      return load.emitOpError("expects a tile to be one kind of operand in all products"), failure();
    form = wanted;
  }
  return form.value_or(Form::Key);
}

Form StoragePlan::formOf(Value value) const {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() == 1)
    return Form::Rows;
  auto space = spaces.find(value);
  bool scores = space != spaces.end() && space->second == Form::Scores;
  if (type.getElementType().isF32())
    return scores ? Form::Scores : Form::Accumulator;
  // Without pair products, weights are f32 numbers that were rounded to the 16-bit type.
  return !scores ? Form::Output : pairs ? Form::Weights : Form::Scores;
}

Storage StoragePlan::makeStorage(Form form, Type type) {
  Storage storage;
  storage.form = form;
  bool halves = false;
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    storage.rows = tensor.getDimSize(0);
    storage.columns = tensor.getRank() == 2 ? tensor.getDimSize(1) : 1;
    halves = pairs && tensor.getElementTypeBitWidth() == 16;
  } else {
    storage.rows = cast<PartialType>(type).getRows();
    storage.columns = 1;
  }
  int64_t padded = llvm::alignTo(storage.columns, lanes);
  int64_t perPair = halves ? 2 : 1;
  switch (form) {
  case Form::Rows: storage.lines = 1, storage.lineBytes = 4 * storage.rows; break;
  case Form::Scores: storage.lines = storage.columns, storage.lineBytes = 4 * storage.rows; break;
  case Form::Weights: storage.lines = storage.columns / 2, storage.lineBytes = 4 * storage.rows; break;
  case Form::Accumulator: storage.lines = storage.rows, storage.lineBytes = 4 * padded; break;
  case Form::Output: storage.lines = storage.rows, storage.lineBytes = 2 * padded; break;
  case Form::Query: storage.lines = storage.columns / perPair, storage.lineBytes = 4 * storage.rows; break;
  case Form::Key: storage.lines = storage.rows, storage.lineBytes = 4 / perPair * storage.columns; break;
  case Form::Value: storage.lines = storage.rows / perPair, storage.lineBytes = 4 * padded; break;
  }
  storage.offset = bytes;
  bytes += llvm::alignTo(storage.lines * storage.lineBytes, 64);
  return storage;
}

int64_t StoragePlan::positionOf(Operation *op, Block &block) const {
  op = block.findAncestorOpInBlock(*op);
  if (const Group *group = findGroup(op))
    op = group->operations.back();
  int64_t position = 0;
  for (Operation &other : block) {
    if (&other == op)
      return position;
    ++position;
  }
  return position;
}

bool StoragePlan::isUsedOutside(Value value, const Group &group) const {
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    if (auto broadcast = dyn_cast<BroadcastRowsOp>(user))
      return isUsedOutside(broadcast.getResult(), group);
    if (isRecomputed(user) &&
        llvm::any_of(user->getResults(), [&](Value result) { return isUsedOutside(result, group); }))
      return true;
    return !group.contains(user);
  });
}

/// The result of an accumulating product shares its place with the accumulator if nothing else reads that.
void StoragePlan::placeProduct(MmaOp product) {
  assign(product.getResult());
  Value acc = product.getAcc();
  if (acc && acc.hasOneUse() && acc.getDefiningOp() && !isLeaf(acc.getDefiningOp()))
    share(acc, *find(product.getResult()));
}

/// Lets values that a body yields be computed where the next iteration expects them, if nothing still reads the old value
/// by the time the new one is first written.
void StoragePlan::placeYields(Block &block, ValueRange results) {
  for (auto [carried, yielded] : llvm::zip(block.getArguments().drop_front(), results)) {
    Operation *writer = yielded.getDefiningOp();
    if (!writer || writer->getBlock() != &block || isLeaf(writer) || storages.count(yielded))
      continue;
    if (auto product = dyn_cast<MmaOp>(writer); product && product.getAcc()) {
      Operation *before = product.getAcc().getDefiningOp();
      if (product.getAcc().hasOneUse() && before && before->getBlock() == &block)
        writer = before;
    }
    if (isa<LoadOp, scf::ForOp, scf::IfOp>(writer) || formOf(yielded) != find(carried)->form)
      continue;
    int64_t written = positionOf(writer, block);
    bool dead = llvm::all_of(carried.getUsers(), [&](Operation *user) { return positionOf(user, block) <= written; });
    if (dead)
      share(yielded, *find(carried));
  }
}

LogicalResult StoragePlan::placeLoop(scf::ForOp loop) {
  for (auto [carried, result] : llvm::zip(loop.getRegionIterArgs(), loop.getResults()))
    if (isTile(carried.getType())) {
      assign(carried);
      share(result, *find(carried));
    }
  if (failed(formGroups(*loop.getBody())))
    return failure();
  SmallVector<Value> yielded(loop.getYieldedValues());
  if (llvm::all_of(yielded, [](Value value) { return isTile(value.getType()); }))
    placeYields(*loop.getBody(), yielded);
  return place(*loop.getBody());
}

/// A branch that hands a value through lets the other change it in place if nobody needs the old one.
LogicalResult StoragePlan::placeBranch(scf::IfOp branch) {
  for (unsigned i = 0; i != branch.getNumResults(); ++i) {
    Value result = branch.getResult(i);
    if (!isTile(result.getType()))
      continue;
    Value through = branch.thenYield().getOperand(i);
    bool handed = find(through) && llvm::all_of(through.getUsers(), [&](Operation *user) {
      return branch->isAncestor(user);
    });
    if (handed)
      share(result, *find(through));
    else
      assign(result);
    Value other = branch.elseYield().getOperand(i);
    if (other.getDefiningOp() && branch->isAncestor(other.getDefiningOp()) && !isLeaf(other.getDefiningOp()) &&
        formOf(other) == find(result)->form)
      share(other, *find(result));
  }
  for (Region &region : branch->getRegions())
    if (!region.empty() && (failed(formGroups(region.front())) || failed(place(region.front()))))
      return failure();
  return success();
}

LogicalResult StoragePlan::place(Block &block) {
  for (Operation &op : block) {
    if (auto load = dyn_cast<LoadOp>(op)) {
      FailureOr<Form> form = loadForm(load);
      if (failed(form))
        return failure();
      storages[load.getResult()] = makeStorage(*form, load.getResult().getType());
    } else if (isa<TabulateOp>(op)) {
      tables[&op] = bytes;
      bytes += kOrderBytes + TabulateOp::kEntries;
    } else if (auto product = dyn_cast<MmaOp>(op)) {
      placeProduct(product);
    } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
      if (failed(placeLoop(loop)))
        return failure();
    } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
      if (failed(placeBranch(branch)))
        return failure();
    } else if (const Group *group = findGroup(&op)) {
      // A product further down may have a better place for what it accumulates to.
      Value result = op.getResult(0);
      auto product = result.hasOneUse() ? dyn_cast<MmaOp>(*result.getUsers().begin()) : MmaOp();
      if (product && product.getAcc() == result && product->getBlock() == &block)
        placeProduct(product);
      else if (!isRecomputed(&op) && (isUsedOutside(result, *group) || isa<RowMaxOp, RowAccumulateOp>(op)))
        assign(result);
    }
  }
  return success();
}

LogicalResult StoragePlan::plan(func::FuncOp kernel) {
  if (failed(inferSpaces(kernel)))
    return failure();
  WalkResult result = kernel.walk([&](scf::ForallOp programs) {
    bool done = succeeded(formGroups(*programs.getBody())) && succeeded(place(*programs.getBody()));
    return done ? WalkResult::skip() : WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}
