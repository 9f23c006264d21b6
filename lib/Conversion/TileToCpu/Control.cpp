// The kernel function and its control flow: programs one after another, loops and branches without tile values.
#include "CpuEmitter.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::tile;
using namespace mlir::tile::cpu;

Value CpuEmitter::address(const Storage &storage, Value line, Value word) {
  Value bytes = c.add(c.mul(line, storage.lineBytes), c.mul(word, 4));
  return c.offset(address(storage), bytes);
}

/// Reads every word of the argument block once, at the function's start.
void CpuEmitter::bindArguments(Block &entry, Value block) {
  Type i64 = c.b.getI64Type(), pointer = block.getType();
  int64_t word = 0;
  auto next = [&](Type type) { return c.load(type, c.offset(block, 8 * word++)); };
  for (BlockArgument argument : entry.getArguments()) {
    auto type = cast<MemRefType>(argument.getType());
    Tensor tensor;
    tensor.element = type.getElementType();
    tensor.base = next(pointer);
    for (int64_t i = 0; i != type.getRank(); ++i)
      tensor.sizes.push_back(next(i64));
    for (int64_t i = 0; i != type.getRank(); ++i)
      tensor.strides.push_back(next(i64));
    tensors[argument] = tensor;
  }
}

LogicalResult CpuEmitter::emit() {
  if (failed(plan.plan(kernel)))
    return failure();
  auto pointer = LLVM::LLVMPointerType::get(kernel.getContext());
  Type i64 = c.b.getI64Type();
  Region source;
  source.takeBody(kernel.getBody());
  kernel.setType(c.b.getFunctionType({pointer, i64, i64, pointer}, {}));
  kernel.removeArgAttrsAttr();
  Block *entry = kernel.addEntryBlock();
  // Scratch memory is nobody else's.
  kernel.setArgAttr(3, "llvm.noalias", c.b.getUnitAttr());
  c.b.setInsertionPointToStart(entry);
  scratch = entry->getArgument(3);
  bindArguments(source.front(), entry->getArgument(0));
  for (Operation &op : source.front().without_terminator()) {
    auto programs = dyn_cast<scf::ForallOp>(op);
    if (failed(programs ? emitPrograms(programs, entry->getArgument(1), entry->getArgument(2)) : emitOperation(&op)))
      return failure();
  }
  c.make<func::ReturnOp>();
  kernel->setAttr(kScratchBytesAttr, c.b.getI64IntegerAttr(plan.getBytes()));
  // Nothing of the old body is used any more; it goes from the last operation to the first.
  source.dropAllReferences();
  return success();
}

/// Program p is query tile p % tiles of head (p / tiles) % heads of batch p / tiles / heads.
LogicalResult CpuEmitter::emitPrograms(scf::ForallOp forall, Value first, Value last) {
  if (forall.getRank() != 3 || !forall.isNormalized())
    return forall.emitOpError("expects batches, heads and query tiles, each from 0 in steps of 1");
  SmallVector<OpFoldResult> bounds = forall.getMixedUpperBound();
  auto bound = [&](unsigned i) -> Value {
    if (auto constant = getConstantIntValue(bounds[i]))
      return c.i64(*constant);
    return c.toI64(mapping.lookup(cast<Value>(bounds[i])));
  };
  Value heads = bound(1), tiles = bound(2);
  LogicalResult result = success();
  c.loop(first, last, [&](Value program) {
    Value row = c.make<arith::DivUIOp>(program, tiles);
    Value numbers[] = {c.make<arith::DivUIOp>(row, heads), c.make<arith::RemUIOp>(row, heads),
                       c.make<arith::RemUIOp>(program, tiles)};
    for (auto [variable, number] : llvm::zip(forall.getInductionVars(), numbers))
      mapping.map(variable, c.toIndex(number));
    result = emitBlock(*forall.getBody());
  });
  return result;
}

LogicalResult CpuEmitter::emitBlock(Block &block) {
  for (Operation &op : block)
    if (failed(emitOperation(&op)))
      return failure();
  return success();
}

LogicalResult CpuEmitter::emitOperation(Operation *op) {
  // A group is emitted at its last operation, when all that it needs is there.
  if (const Group *group = plan.findGroup(op))
    return group->operations.back() == op ? emitGroup(*group) : success();
  if (isLeaf(op) && isTile(op->getResult(0).getType()))
    return success();
  if (auto load = dyn_cast<LoadOp>(op))
    return emitLoad(load);
  if (auto store = dyn_cast<StoreOp>(op))
    return emitStore(store);
  if (auto element = dyn_cast<ElementOp>(op))
    return emitElement(element), success();
  if (auto search = dyn_cast<SearchOp>(op))
    return emitSearch(search), success();
  if (isa<TabulateOp, CountBlocksOp, FindBlockOp, IsFullBlockOp, ExtremesOp>(op))
    return emitTable(op);
  if (auto product = dyn_cast<MmaOp>(op))
    return emitProduct(product);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return emitFor(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return emitIf(branch);
  if (op->hasTrait<OpTrait::IsTerminator>())
    return success();
  return emitScalar(op);
}

LogicalResult CpuEmitter::emitScalar(Operation *op) {
  if (auto dim = dyn_cast<memref::DimOp>(op)) {
    std::optional<int64_t> axis = dim.getConstantIndex();
    if (!axis)
      return op->emitOpError("expects a constant axis");
    mapping.map(dim.getResult(), c.toIndex(tensors[dim.getSource()].sizes[*axis]));
    return success();
  }
  if (op->getNumRegions() != 0 || llvm::any_of(op->getOperandTypes(), isTile) || op->getDialect()->getNamespace() != "arith")
    return op->emitOpError("is not known to the CPU conversion");
  c.b.clone(*op, mapping);
  return success();
}

LogicalResult CpuEmitter::emitInto(Value value, const Storage &target) {
  Operation *leaf = value.getDefiningOp();
  const Storage *source = plan.find(value);
  if (source && source->offset == target.offset)
    return success();
  if (!source && !(leaf && isLeaf(leaf)))
    return emitError(value.getLoc(), "expects a tile in memory to copy");
  if (source && source->form != target.form)
    return emitError(value.getLoc(), "expects both branches of control flow to hold a tile in one form");
  if (source && target.lines * target.lineBytes != source->lines * source->lineBytes)
    return emitError(value.getLoc(), "expects tiles of one size");
  Group nothing;
  nothing.space = target.form;
  nothing.rows = target.rows, nothing.columns = target.columns;
  Position at;
  at.line = at.word = c.i64(0);
  int64_t words = target.lines * target.lineBytes / 4;
  if (source) {
    c.loop(0, words, c.lanes(), [&](Value word) {
      c.store(c.load(c.f32s(), address(*source, c.i64(0), word)), address(target, c.i64(0), word));
    });
    return success();
  }
  // Only numbers that are the same everywhere are carried into loops.
  if (!isa<arith::ConstantOp, EmptySumOp>(leaf))
    return leaf->emitOpError("expects a constant where a tile starts out");
  Value number = evaluateLeaf(nothing, at, leaf);
  c.loop(0, words, c.lanes(), [&](Value word) { c.store(number, address(target, c.i64(0), word)); });
  return success();
}

LogicalResult CpuEmitter::emitFor(scf::ForOp op) {
  SmallVector<Value> inits;
  SmallVector<unsigned> scalars;
  for (auto [i, init] : llvm::enumerate(op.getInitArgs())) {
    if (!isTile(init.getType())) {
      inits.push_back(mapping.lookup(init));
      scalars.push_back(i);
    } else if (failed(emitInto(init, *plan.find(op.getRegionIterArg(i))))) {
      return failure();
    }
  }
  auto loop = c.make<scf::ForOp>(mapping.lookup(op.getLowerBound()), mapping.lookup(op.getUpperBound()),
                                 mapping.lookup(op.getStep()), inits);
  mapping.map(op.getInductionVar(), loop.getInductionVar());
  for (auto [number, i] : llvm::enumerate(scalars)) {
    mapping.map(op.getRegionIterArg(i), loop.getRegionIterArg(number));
    mapping.map(op.getResult(i), loop.getResult(number));
  }
  OpBuilder::InsertionGuard guard(c.b);
  if (inits.empty())
    c.b.setInsertionPoint(loop.getBody()->getTerminator());
  else
    c.b.setInsertionPointToEnd(loop.getBody());
  if (failed(emitBlock(*op.getBody())))
    return failure();
  SmallVector<Value> results;
  for (auto [i, yielded] : llvm::enumerate(op.getYieldedValues())) {
    if (!isTile(yielded.getType()))
      results.push_back(mapping.lookup(yielded));
    else if (isa<BlockArgument>(yielded) && yielded != op.getRegionIterArg(i))
      return op.emitOpError("expects carried tiles that do not change places");
    else if (failed(emitInto(yielded, *plan.find(op.getRegionIterArg(i)))))
      return failure();
  }
  if (!inits.empty())
    c.make<scf::YieldOp>(results);
  return success();
}

LogicalResult CpuEmitter::emitBranch(scf::IfOp op, Region &region, Block *target) {
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPoint(target, target->empty() ? target->end() : Block::iterator(target->back()));
  if (failed(emitBlock(region.front())))
    return failure();
  SmallVector<Value> scalars;
  for (auto [result, yielded] : llvm::zip(op.getResults(), region.front().getTerminator()->getOperands())) {
    if (!isTile(yielded.getType()))
      scalars.push_back(mapping.lookup(yielded));
    else if (failed(emitInto(yielded, *plan.find(result))))
      return failure();
  }
  if (!scalars.empty())
    c.make<scf::YieldOp>(scalars);
  return success();
}

LogicalResult CpuEmitter::emitIf(scf::IfOp op) {
  SmallVector<Type> scalars;
  for (Type type : op.getResultTypes())
    if (!isTile(type))
      scalars.push_back(type);
  bool hasElse = !op.getElseRegion().empty();
  auto branch = c.make<scf::IfOp>(scalars, mapping.lookup(op.getCondition()), hasElse);
  if (failed(emitBranch(op, op.getThenRegion(), branch.thenBlock())))
    return failure();
  if (hasElse && failed(emitBranch(op, op.getElseRegion(), branch.elseBlock())))
    return failure();
  unsigned next = 0;
  for (Value result : op.getResults())
    if (!isTile(result.getType()))
      mapping.map(result, branch.getResult(next++));
  return success();
}
