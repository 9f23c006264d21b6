// The kernel around the tiles: parameters, thread indices, loops and branches, roles.
#include "KernelEmitter.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mlir::tile;

KernelEmitter::KernelEmitter(func::FuncOp source, PlanAttr plan, gpu::GPUModuleOp module)
    : source(source), plan(plan), module(module), b(source.getContext()), loc(source.getLoc()) {}

Value KernelEmitter::i32(int64_t value) { return arith::ConstantIntOp::create(b, loc, b.getI32Type(), value); }

Value KernelEmitter::assembly(StringRef text, StringRef constraints, ValueRange operands, Type result, bool effect) {
  auto dialect = LLVM::AsmDialectAttr::get(b.getContext(), LLVM::AsmDialect::AD_ATT);
  auto op = LLVM::InlineAsmOp::create(b, loc, result ? TypeRange(result) : TypeRange(), operands, text, constraints, effect,
                                      /*is_align_stack=*/false, LLVM::TailCallKind::None, dialect,
                                      /*operand_attrs=*/ArrayAttr());
  return result ? op.getResult(0) : Value();
}

SmallVector<Type> KernelEmitter::pieceTypes(Type type) {
  if (auto pending = dyn_cast<PendingType>(type))
    type = pending.getTile();
  if (isa<PartialType>(type))
    return SmallVector<Type>(kRowPieces, b.getF32Type());
  auto tensor = cast<RankedTensorType>(type);
  if (tensor.getRank() == 1)
    return SmallVector<Type>(kRowPieces, tensor.getElementType());
  int64_t columns = tensor.getDimSize(1);
  if (tensor.getElementTypeBitWidth() == 16)
    return SmallVector<Type>(getPairPieces(columns), b.getI32Type());
  return SmallVector<Type>(getAccumulatorPieces(columns), tensor.getElementType());
}

LogicalResult KernelEmitter::collectTensorMaps() {
  source.walk([&](StoreOp store) {
    if (Value stage = store.getStage())
      boxes[argumentOf(store.getTarget())] = Box{cast<SharedType>(stage.getType()), kWarpRows};
  });
  WalkResult result = source.walk([&](CopyOp copy) {
    auto slot = cast<RingType>(copy.getRing().getType()).getSlot();
    Box box{slot, copy.getRowsOfHead() / static_cast<int64_t>(copy.getMulticast().value_or(1))};
    auto [known, isNew] = boxes.try_emplace(argumentOf(copy.getSource()), box);
    if (!isNew && !(known->second == box)) {
      copy.emitOpError("expects all copies from one tensor to have one tile, got ") << known->second.slot << " and " << slot;
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

LLVM::LLVMFuncOp KernelEmitter::createFunction() {
  MLIRContext *context = b.getContext();
  Type pointer = LLVM::LLVMPointerType::get(context);
  int64_t words = 0;
  SmallVector<unsigned> mapped;
  SmallVector<int32_t> boxSizes;
  for (auto [i, type] : llvm::enumerate(source.getArgumentTypes())) {
    words += 1 + 2 * cast<MemRefType>(type).getRank();
    auto box = boxes.find(i);
    bool isMapped = box != boxes.end();
    if (isMapped)
      mapped.push_back(i);
    boxSizes.push_back(isMapped ? box->second.rows : 0);
    boxSizes.push_back(isMapped ? box->second.slot.getChunkColumns() : 0);
  }
  SmallVector<Type> parameters(mapped.size() + 1, pointer);
  b.setInsertionPointToEnd(module.getBody());
  auto function = LLVM::LLVMFuncOp::create(
      b, loc, source.getName(), LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(context), parameters));
  // TMA reads the maps, and the block is read as parameters: neither may be copied to local memory.
  auto byValue = [&](unsigned i, Type array, int64_t alignment) {
    function.setArgAttr(i, LLVM::LLVMDialect::getByValAttrName(), TypeAttr::get(array));
    function.setArgAttr(i, LLVM::LLVMDialect::getAlignAttrName(), b.getI64IntegerAttr(alignment));
    function.setArgAttr(i, NVVM::NVVMDialect::getGridConstantAttrName(), b.getUnitAttr());
  };
  Block *entry = function.addEntryBlock(b);
  for (auto [i, argument] : llvm::enumerate(mapped)) {
    byValue(i, LLVM::LLVMArrayType::get(b.getI8Type(), 128), 64);
    tensorMapPointers[argument] = entry->getArgument(i);
  }
  if (plan.getDynamic()) // the counter to draw programs from
    ++words;
  byValue(mapped.size(), LLVM::LLVMArrayType::get(b.getI64Type(), words), 8);
  argumentBlock = entry->getArgument(mapped.size());
  int32_t threads = 128 * (plan.getWarpgroups() + 1);
  function->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(), b.getUnitAttr());
  // ptxas honours register shares only where it knows the exact number of threads.
  function->setAttr(NVVM::NVVMDialect::getReqntidAttrName(), b.getDenseI32ArrayAttr({threads, 1, 1}));
  function->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(), b.getI32IntegerAttr(plan.getResidency()));
  if (int64_t blocks = std::max(plan.getCluster(), plan.getSplit()); blocks > 1 && plan.getLeastPart() == 0)
    function->setAttr(NVVM::NVVMDialect::getClusterDimAttrName(), b.getDenseI32ArrayAttr({static_cast<int32_t>(blocks), 1, 1}));
  source->setAttr(kBoxesAttr, b.getDenseI32ArrayAttr(boxSizes));
  source->setAttr(kBlockThreadsAttr, b.getI64IntegerAttr(threads));
  b.setInsertionPointToStart(entry);
  return function;
}

Value KernelEmitter::argumentWord(unsigned argument, int64_t index) {
  int64_t word = index;
  for (Type type : source.getArgumentTypes().take_front(argument))
    word += 1 + 2 * cast<MemRefType>(type).getRank();
  Type i64 = b.getI64Type();
  Value address = LLVM::GEPOp::create(b, loc, argumentBlock.getType(), i64, argumentBlock, ArrayRef<LLVM::GEPArg>{word});
  return LLVM::LoadOp::create(b, loc, i64, address, /*alignment=*/8);
}

void KernelEmitter::emitThreadIndices() {
  Type i32Type = b.getI32Type();
  LLVM::GlobalOp shared;
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    shared = LLVM::GlobalOp::create(b, loc, LLVM::LLVMArrayType::get(b.getI8Type(), 0), /*isConstant=*/false,
                                    LLVM::Linkage::External, source.getName().str() + "_shared", Attribute(),
                                    /*alignment=*/1024, /*addrSpace=*/3);
  }
  Value base = LLVM::AddressOfOp::create(b, loc, shared);
  sharedBase = LLVM::PtrToIntOp::create(b, loc, i32Type, base);
  thread = NVVM::ThreadIdXOp::create(b, loc, i32Type);
  lane = arith::AndIOp::create(b, loc, thread, i32(31));
  if (plan.getCluster() > 1) { // once: the address of each barrier there would take a register
    Value peer = arith::AndIOp::create(b, loc, lane, i32(plan.getCluster() - 1));
    peerBase = assembly("mapa.shared::cluster.u32 $0, $1, $2;", "=r,r,r", {sharedBase, peer}, i32Type, /*effect=*/false);
  }
  // A shuffle from lane 0 tells ptxas that the number is the same for all lanes, so it goes to uniform registers.
  Value group = arith::ShRUIOp::create(b, loc, thread, i32(7));
  warpgroup = NVVM::ShflOp::create(b, loc, i32Type, i32(-1), group, i32(0), i32(31), NVVM::ShflKind::idx, UnitAttr());
  // Extents are below 2^31.
  unknownZero = arith::ShRUIOp::create(b, loc, arith::TruncIOp::create(b, loc, i32Type, argumentWord(0, 1)), i32(31));
}

/// Waits for the launches before this one, in front of every access to memory: the runtime starts a kernel while they end
/// (programmatic dependent launch). Parameters, which are the launch's own, are fetched before. No launch behind this one is
/// told to start before its blocks have ended: blocks that came earlier would lie unevenly on the multiprocessors.
void KernelEmitter::emitStart() {
  emitGuarded(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, thread, i32(0)), [&] {
    for (unsigned argument = 0; argument < source.getNumArguments(); ++argument)
      if (Value map = tensorMapPointers.lookup(argument))
        assembly("prefetch.tensormap [$0];", "l", {map}, Type(), /*effect=*/true);
  });
  assembly("griddepcontrol.wait;", "~{memory}", {}, Type(), /*effect=*/true);
  source->setAttr(kStartsEarlyAttr, b.getUnitAttr());
}

/// The kernel's cluster and its word for a counter are the plan's, so what needs them has to have such a plan.
LogicalResult KernelEmitter::checkPlan() {
  WalkResult result = source.walk([&](Operation *op) {
    std::optional<int64_t> blocks;
    if (auto copy = dyn_cast<CopyOp>(op))
      blocks = copy.getMulticast();
    else if (auto arrive = dyn_cast<ArriveOp>(op))
      blocks = arrive.getMulticast();
    if (blocks && *blocks != plan.getCluster()) {
      op->emitOpError("expects a plan with cluster = ") << *blocks << ", got " << plan.getCluster();
      return WalkResult::interrupt();
    }
    if (isa<PartOp, PublishOp, PeerOp, WithdrawOp>(op) && (plan.getSplit() == 1 || !op->getParentOfType<scf::ForallOp>())) {
      op->emitOpError("expects to stand in programs, an scf.forall, of a plan with a split of more than 1");
      return WalkResult::interrupt();
    }
    if (isa<DrawOp>(op) && !plan.getDynamic()) {
      op->emitOpError("expects a plan with dynamic = true, got false");
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

LogicalResult KernelEmitter::emit() {
  if (failed(checkPlan()) || failed(collectTensorMaps()))
    return failure();
  joinSearches();
  createFunction();
  emitThreadIndices();
  emitStart();
  return emitBlock(source.getBody().front());
}

LogicalResult KernelEmitter::emitBlock(Block &block) {
  for (Operation &op : block) {
    loc = op.getLoc();
    if (failed(emitOperation(&op)))
      return failure();
  }
  return success();
}

LogicalResult KernelEmitter::emitOperation(Operation *op) {
  if (isa<memref::DimOp>(op))
    return emitDim(op), success();
  if (auto forall = dyn_cast<scf::ForallOp>(op))
    return emitForall(forall);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return emitFor(loop);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return emitWhile(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return emitIf(branch);
  if (auto roles = dyn_cast<RolesOp>(op))
    return emitRoles(roles);
  if (isa<func::ReturnOp>(op)) {
    if (plan.getCluster() > 1) // a block's barriers are told of by the others until they end
      emitClusterSync();
    return LLVM::ReturnOp::create(b, loc, ValueRange()), success();
  }
  if (isa<EndOp>(op))
    return emitEnd(), success();
  if (isa<scf::YieldOp, scf::InParallelOp>(op))
    return success();
  if (isa<TileDialect>(op->getDialect()) && !isa<DealOp>(op))
    return emitMemory(op);
  if (op->getNumResults() > 0 && isTile(op->getResult(0).getType()))
    return emitElementwise(op);
  return emitScalar(op);
}

/// A block's shared memory is its own until it ends, so the copies of its last stores have to have read it.
void KernelEmitter::emitEnd() {
  bool staged = false;
  source.walk([&](StoreOp store) { staged |= bool(store.getStage()); });
  if (staged)
    NVVM::CpAsyncBulkWaitGroupOp::create(b, loc, 0, /*read=*/UnitAttr::get(b.getContext()));
}

/// Emits a nested block and the terminator that passes its values on; products may not be in flight across its ends.
LogicalResult KernelEmitter::emitRegion(Block &from, Block *to, Operation *terminator) {
  OpBuilder::InsertionGuard guard(b);
  SmallVector<Value> outer;
  std::swap(outer, inFlight);
  b.setInsertionPointToEnd(to);
  if (failed(emitBlock(from)))
    return failure();
  if (!inFlight.empty())
    return inFlight.front().getDefiningOp()->emitOpError("expects to be awaited in the block in which it is issued");
  scf::YieldOp::create(b, terminator->getLoc(), flatten(terminator->getOperands()));
  std::swap(outer, inFlight);
  return success();
}

/// The values that stand for `values`: of a tile its pieces.
SmallVector<Value> KernelEmitter::flatten(ValueRange values) {
  SmallVector<Value> flat;
  for (Value value : values) {
    if (isTile(value.getType()))
      llvm::append_range(flat, pieces[value]);
    else
      flat.push_back(scalar(value));
  }
  return flat;
}

/// Splits a flat list back into one entry a value.
void KernelEmitter::distribute(ValueRange originals, ValueRange flat) {
  for (Value original : originals) {
    if (!isTile(original.getType())) {
      scalars[original] = flat.front();
      flat = flat.drop_front();
      continue;
    }
    unsigned count = pieceTypes(original.getType()).size();
    pieces[original] = Pieces(flat.take_front(count));
    flat = flat.drop_front(count);
  }
}

/// The body of a loop, which may be that over programs.
LogicalResult KernelEmitter::emitLoopBody(Operation *loop, Block &from, Block *to, Operation *terminator) {
  llvm::SaveAndRestore keepLane(lane), keepWarp(warpRow), keepRow(threadRow), keepColumn(threadColumn);
  if (consumer && plan.getPersistent() && isa<RolesOp>(loop->getParentOp())) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(to);
    placeThreadAnew();
  }
  return emitRegion(from, to, terminator);
}

LogicalResult KernelEmitter::emitFor(scf::ForOp op) {
  auto loop = scf::ForOp::create(b, loc, scalar(op.getLowerBound()), scalar(op.getUpperBound()), scalar(op.getStep()),
                                 flatten(op.getInitArgs()), [](OpBuilder &, Location, Value, ValueRange) {});
  scalars[op.getInductionVar()] = loop.getInductionVar();
  distribute(op.getRegionIterArgs(), loop.getRegionIterArgs());
  if (failed(emitLoopBody(op, *op.getBody(), loop.getBody(), op.getBody()->getTerminator())))
    return failure();
  distribute(op.getResults(), loop.getResults());
  return success();
}

LogicalResult KernelEmitter::emitIf(scf::IfOp op) {
  SmallVector<Type> types;
  for (Type type : op.getResultTypes()) {
    if (isTile(type))
      llvm::append_range(types, pieceTypes(type));
    else
      types.push_back(type.isIndex() ? b.getI32Type() : type);
  }
  auto branch = scf::IfOp::create(b, loc, types, scalar(op.getCondition()), /*addThenBlock=*/true,
                                  /*addElseBlock=*/op.elseBlock() != nullptr);
  if (failed(emitRegion(*op.thenBlock(), branch.thenBlock(), op.thenBlock()->getTerminator())))
    return failure();
  if (op.elseBlock() && failed(emitRegion(*op.elseBlock(), branch.elseBlock(), op.elseBlock()->getTerminator())))
    return failure();
  distribute(op.getResults(), branch.getResults());
  return success();
}

/// getThreadOrigin as operations, for the consumer thread `number` and its lane.
void KernelEmitter::placeThread(Value number) {
  Value warp = arith::AndIOp::create(b, loc, arith::ShRUIOp::create(b, loc, number, i32(5)), i32(3));
  warpRow = add(mul(consumer, i32(kWarpgroupRows)), mul(warp, i32(kWarpRows)));
  threadRow = add(warpRow, arith::ShRUIOp::create(b, loc, lane, i32(2)));
  threadColumn = mul(arith::AndIOp::create(b, loc, lane, i32(3)), i32(2));
}

/// Reads the thread's number again, which is cheaper than registers that hold its place through a loop.
void KernelEmitter::placeThreadAnew() {
  Value number = assembly("mov.u32 $0, %tid.x;", "=r", {}, b.getI32Type(), /*effect=*/true);
  lane = arith::AndIOp::create(b, loc, number, i32(31));
  placeThread(number);
}

LogicalResult KernelEmitter::emitRoles(RolesOp op) {
  SmallVector<AllocBarriersOp> barriers;
  source.walk([&](AllocBarriersOp alloc) { barriers.push_back(alloc); });
  if (failed(emitFills()))
    return failure();
  emitBarriers(barriers);
  Value isProducer = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, warpgroup, i32(0));
  auto branch = scf::IfOp::create(b, loc, TypeRange(), isProducer, /*addThenBlock=*/true, /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  assembly(("setmaxnreg.dec.sync.aligned.u32 " + Twine(op.getProducerRegisters()) + ";").str(), "", {}, Type(), true);
  source.walk([&](TabulateOp) { wholeWarp = true; });
  op.getProducer().walk([&](SearchOp) { wholeWarp = true; });
  using P = arith::CmpIPredicate;
  Value isFirst = arith::CmpIOp::create(b, loc, wholeWarp ? P::ult : P::eq, thread, i32(wholeWarp ? 32 : 0));
  auto one = scf::IfOp::create(b, loc, TypeRange(), isFirst, /*addThenBlock=*/true, /*addElseBlock=*/false);
  scf::YieldOp::create(b, loc);
  if (failed(emitRegion(op.getProducer().front(), one.thenBlock(), op.getProducer().front().getTerminator())))
    return failure();
  wholeWarp = false;
  b.setInsertionPointToStart(branch.elseBlock());
  assembly(("setmaxnreg.inc.sync.aligned.u32 " + Twine(op.getConsumerRegisters()) + ";").str(), "", {}, Type(), true);
  consumer = arith::SubIOp::create(b, loc, warpgroup, i32(1));
  placeThread(thread);
  if (plan.getPingPong()) {
    // The last warpgroup gives the first turn, to the first.
    Value last = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, consumer, i32(op.getConsumers() - 1));
    auto give = scf::IfOp::create(b, loc, TypeRange(), last, /*addThenBlock=*/true, /*addElseBlock=*/false);
    OpBuilder::InsertionGuard inner(b);
    b.setInsertionPointToStart(give.thenBlock());
    assembly("bar.arrive 1, 256;", "", {}, Type(), true);
    scf::YieldOp::create(b, loc);
  }
  return emitRegion(op.getConsumer().front(), branch.elseBlock(), op.getConsumer().front().getTerminator());
}
