// Shared memory, mbarriers, TMA copies and turns.
#include "KernelEmitter.h"

#include "mlir/IR/Matchers.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::tile;

/// Address of element `index` of an array of `bytes`-sized elements, in the 32-bit shared window.
Value KernelEmitter::sharedAddress(Value base, Value index, int64_t bytes) {
  return add(scalar(base), mul(scalar(index), i32(bytes)));
}

LogicalResult KernelEmitter::emitMemory(Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](IssueMmaOp issue) { return emitIssue(issue); })
      .Case([&](AwaitOp await) { return emitAwait(await); })
      .Case([&](StoreOp store) { return emitStore(store); })
      .Case<AllocRingOp, AllocSharedOp, AllocBarriersOp>([&](auto placed) {
        scalars[placed.getResult()] = add(sharedBase, i32(placed.getOffset().value_or(0)));
        return success();
      })
      .Case([&](ViewOp view) {
        int64_t bytes = cast<SharedType>(view.getType()).getBytes();
        scalars[view.getResult()] = sharedAddress(view.getRing(), view.getSlot(), bytes);
        return success();
      })
      .Case([&](WaitOp wait) { return emitOnce([&] { emitWait(wait); }), success(); })
      .Case([&](ArriveOp arrive) { return emitArrive(arrive), success(); })
      .Case([&](CopyOp copy) { return emitOnce([&] { emitCopy(copy); }), success(); })
      .Case([&](TurnOp turn) { return emitTurn(turn), success(); })
      .Case([&](DrawOp draw) { return emitDraw(draw), success(); })
      .Case([&](SendOp send) { return emitOnce([&] { emitSend(send); }), success(); })
      .Case([&](ReceiveOp receive) { return emitReceive(receive), success(); })
      .Case([&](SkipOp) { return success(); })
      .Case([&](OwnRowOp own) { return emitOwnRow(own); })
      .Case([&](OwnBoundOp own) { return emitOwnBound(own), success(); })
      .Case([&](PartOp part) { return emitPart(part), success(); })
      .Case([&](PublishOp publish) { return emitPublish(publish); })
      .Case([&](PeerOp peer) { return emitPeer(peer), success(); })
      .Case([&](WithdrawOp) { return emitClusterSync(/*release=*/true), success(); })
      .Case([&](EmptySumOp sum) {
        Value zero = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0.0f));
        pieces[sum.getResult()] = Pieces(2, zero);
        return success();
      })
      .Case([&](ConvertLayoutOp convert) {
        Pieces same = pieces[convert.getSource()]; // the accumulator's pairs are the operand's registers
        pieces[convert.getResult()] = std::move(same);
        return success();
      })
      .Case([&](TakeOverOp take) { return emitTakeOver(take), success(); })
      .Case([&](RowMaxOp max) { return emitRowMax(max), success(); })
      .Case([&](RowsAboveOp rows) { return emitRowsAbove(rows), success(); })
      .Case([&](AnyAboveOp any) { return emitAnyAbove(any), success(); })
      .Case([&](RowAccumulateOp sum) { return emitRowAccumulate(sum), success(); })
      .Case([&](RowCeilingOp ceiling) { return emitRowCeiling(ceiling), success(); })
      .Case([&](DetachSumsOp detach) { return emitDetachSums(detach), success(); })
      .Case([&](CombineSumsOp sum) { return emitCombineSums(sum), success(); })
      .Case([&](RowTotalOp total) { return emitRowTotal(total), success(); })
      .Case([&](BroadcastRowsOp broadcast) { return emitBroadcast(broadcast), success(); })
      .Case([&](IndicesOp indices) { return emitIndices(indices), success(); })
      .Case([&](DistancesOp distances) { return emitDistances(distances), success(); })
      .Case([&](GatherOp gather) { return emitGather(gather), success(); })
      .Case([&](ElementOp element) { return emitElement(element), success(); })
      .Case([&](SearchOp search) { return emitSearch(search); })
      .Case([&](TabulateOp table) { return emitTabulate(table); })
      .Case([&](CountBlocksOp count) { return emitCountBlocks(count), success(); })
      .Case([&](FindBlockOp find) { return emitFindBlock(find), success(); })
      .Case([&](IsFullBlockOp full) { return emitIsFullBlock(full), success(); })
      .Case([&](ExtremesOp extremes) { return emitExtremes(extremes), success(); })
      .Default([](Operation *other) { return other->emitOpError("has no lowering to a GPU at this stage"); });
}

void KernelEmitter::emitWait(WaitOp op) {
  Value address = sharedAddress(op.getBarriers(), op.getSlot(), 8);
  assembly("{\n.reg .pred p;\nWAIT:\nmbarrier.try_wait.parity.shared::cta.b64 p, [$0], $1;\n@p bra DONE;\n"
           "bra WAIT;\nDONE:\n}",
           "r,r,~{memory}", {address, scalar(op.getParity())}, Type(), /*effect=*/true);
}

/// One lane of each warp arrives: a warp may be behind the others of its warpgroup, so none can arrive for all. In a cluster, lane
/// i arrives at block i. (An arrival that says `.release.cluster` waits for all memory of the GPU; what is given back here was read
/// by products, which are over, and is written by copies, which the barrier itself orders.)
void KernelEmitter::emitArrive(ArriveOp op) {
  Value address = sharedAddress(op.getBarriers(), op.getSlot(), 8);
  if (std::optional<int64_t> blocks = op.getMulticast())
    assembly("{\n.reg .pred p;\nsetp.lt.u32 p, $1, $2;\n@p mbarrier.arrive.shared::cluster.b64 _, [$0];\n}", "r,r,n,~{memory}",
             {add(peerBase, arith::SubIOp::create(b, loc, address, sharedBase)), lane, i32(*blocks)}, Type(), /*effect=*/true);
  else
    assembly("{\n.reg .pred p;\nsetp.eq.u32 p, $1, 0;\n@p mbarrier.arrive.shared::cta.b64 _, [$0];\n}",
             "r,r,~{memory}", {address, lane}, Type(), /*effect=*/true);
}

/// All threads of the cluster that have not ended have come here, and see each other's barriers (by the fence that follows their
/// initialisation), and with `release` all that the others wrote before.
void KernelEmitter::emitClusterSync(bool release) {
  StringRef text = release ? "barrier.cluster.arrive.release;\nbarrier.cluster.wait.acquire;"
                           : "barrier.cluster.arrive.relaxed;\nbarrier.cluster.wait.acquire;";
  assembly(text, "~{memory}", {}, Type(), /*effect=*/true);
}

/// Where the producer is a warp, its first lane alone waits and copies, so that it is one role to the protocol; the others
/// wait for it where they next look into a table, or search, together.
void KernelEmitter::emitOnce(function_ref<void()> emit) {
  if (!wholeWarp)
    return emit();
  emitGuarded(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, lane, i32(0)), emit);
}

/// All threads write the tiles that have their elements from the start, for products to read.
LogicalResult KernelEmitter::emitFills() {
  constexpr int64_t bytes = 16;
  bool filled = false;
  WalkResult result = source.walk([&](AllocSharedOp tile) {
    std::optional<APFloat> number = tile.getFill();
    if (!number)
      return WalkResult::advance();
    auto type = cast<SharedType>(tile.getType());
    auto element = dyn_cast<FloatType>(type.getElementType());
    if (!element || element.getWidth() != 16) {
      tile.emitOpError("expects elements of f16 or bf16 to fill, got ") << type.getElementType();
      return WalkResult::interrupt();
    }
    bool lost = false;
    number->convert(element.getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
    Value word = i32(static_cast<int64_t>(number->bitcastToAPInt().getZExtValue() * 0x10001));
    int64_t threads = kWarpgroupThreads * (plan.getWarpgroups() + 1);
    for (int64_t begin = 0; begin < type.getBytes(); begin += bytes * threads) {
      Value place = add(mul(thread, i32(bytes)), i32(begin));
      emitGuarded(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, place, i32(type.getBytes())), [&] {
        assembly("st.shared.v4.b32 [$0], {$1, $1, $1, $1};", "r,r,~{memory}", {add(scalar(tile.getResult()), place), word}, Type(),
                 /*effect=*/true);
      });
    }
    filled = true;
    return WalkResult::advance();
  });
  if (filled)
    assembly("fence.proxy.async;", "~{memory}", {}, Type(), /*effect=*/true);
  if (filled && plan.getCluster() > 1) // whose barrier, unlike that of a block, does not say what its threads have written
    assembly("bar.sync 0;", "~{memory}", {}, Type(), /*effect=*/true);
  return failure(result.wasInterrupted());
}

/// One thread initialises every barrier before any role starts.
void KernelEmitter::emitBarriers(ArrayRef<AllocBarriersOp> barriers) {
  emitGuarded(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, thread, i32(0)), [&] {
    for (AllocBarriersOp array : barriers) {
      bool byWarps = llvm::any_of(array->getUsers(), [](Operation *user) { return isa<ArriveOp>(user); });
      int64_t arrivals = array.getArrivals() * (byWarps ? 4 : 1);
      for (int64_t i = 0; i < cast<BarriersType>(array.getType()).getCount(); ++i)
        assembly("mbarrier.init.shared::cta.b64 [$0], $1;", "r,r",
                 {add(scalar(array.getResult()), i32(8 * i)), i32(arrivals)}, Type(), /*effect=*/true);
    }
    // The copies are made by the asynchronous proxy, which has to see the initialised barriers.
    assembly("fence.mbarrier_init.release.cluster;\nfence.proxy.async;", "~{memory}", {}, Type(), /*effect=*/true);
  });
  if (plan.getCluster() > 1)
    return emitClusterSync();
  assembly("bar.sync 0;", "~{memory}", {}, Type(), /*effect=*/true);
}

/// Coordinates of a copy behind head_dim. Where the sequence ends before the tensor they are those of a map that leads
/// backwards (runtime/TensorMaps.cpp): the rows end where the sequence does.
SmallVector<Value> KernelEmitter::placeOfCopy(CopyOp op) {
  Value row = scalar(op.getRow()), head = scalar(op.getHead()), batch = scalar(op.getBatch());
  if (!op.getEnd())
    return {row, head, batch};
  // Words of the argument block: 1 to 4 are the extents, 5 to 8 the strides in elements, of which 8 are 16 bytes.
  unsigned argument = argumentOf(op.getSource());
  auto word = [&](unsigned of, int64_t number) -> Value {
    return arith::TruncIOp::create(b, loc, b.getI32Type(), argumentWord(of, number));
  };
  auto steps = [&](int64_t axis) -> Value {
    Value eighth = arith::ShRUIOp::create(b, loc, argumentWord(argument, 5 + axis), arith::ConstantIntOp::create(b, loc, b.getI64Type(), 3));
    return arith::TruncIOp::create(b, loc, b.getI32Type(), eighth);
  };
  // Values are as many as keys, so both have one such number.
  constexpr unsigned key = 1, value = 2;
  Value beyond = arith::SubIOp::create(b, loc, word(argument == value ? key : argument, 3), scalar(op.getEnd()));
  // Made anew for every copy, since a producer has registers for few values that live through its loop.
  Value back = assembly("mul.lo.s32 $0, $1, $2;", "=r,r,r", {beyond, steps(2)}, b.getI32Type(), /*effect=*/true);
  if (!matchPattern(op.getBatch(), m_Constant())) { // of packed sequences there is one batch
    Value batches = arith::SubIOp::create(b, loc, arith::SubIOp::create(b, loc, word(argument, 1), i32(1)), batch);
    back = add(back, mul(batches, steps(0)));
  }
  return {add(row, beyond), back, arith::SubIOp::create(b, loc, i32(1 << 30), back), head};
}

/// Of a tile that a cluster loads together, each block loads as many rows to all.
void KernelEmitter::emitCopy(CopyOp op) {
  SharedType slot = cast<RingType>(op.getRing().getType()).getSlot();
  Value barrier = sharedAddress(op.getBarriers(), op.getBarrier(), 8);
  Value target = sharedAddress(op.getRing(), op.getSlot(), slot.getBytes());
  Value map = tensorMapPointers[argumentOf(op.getSource())];
  assembly("mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0], $1;", "r,r,~{memory}", {barrier, i32(op.getBytes().value_or(slot.getBytes()))},
           Type(), /*effect=*/true);
  auto pointer = [&](Value address, unsigned space) -> Value {
    return LLVM::IntToPtrOp::create(b, loc, LLVM::LLVMPointerType::get(b.getContext(), space), address);
  };
  SmallVector<Value> place = placeOfCopy(op);
  Value all;
  if (std::optional<int64_t> blocks = op.getMulticast()) {
    int64_t rows = slot.getRows() / *blocks;
    // Read anew for every copy, as above.
    Value rank = assembly("mov.u32 $0, %cluster_ctarank;", "=r", {}, b.getI32Type(), /*effect=*/true);
    place[0] = add(place[0], mul(rank, i32(rows)));
    target = add(target, mul(rank, i32(rows * 128)));
    all = arith::ConstantOp::create(b, loc, b.getI16IntegerAttr((1 << *blocks) - 1));
  }
  for (int64_t chunk = 0; chunk < slot.getChunks(); ++chunk) {
    Value address = add(target, i32(chunk * slot.getChunkBytes()));
    SmallVector<Value> coordinates{i32(chunk * slot.getChunkColumns())};
    llvm::append_range(coordinates, place);
    Value cluster = LLVM::AddrSpaceCastOp::create(b, loc, LLVM::LLVMPointerType::get(b.getContext(), 7), pointer(address, 3));
    NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp::create(b, loc, cluster, map, coordinates, pointer(barrier, 3),
                                                           ValueRange(), all, Value(), NVVM::TMALoadMode::TILE,
                                                           /*isCTAOnly=*/false, NVVM::CTAGroupKindAttr(), Value());
  }
}

/// A ring of named barriers 1 to n: a warpgroup waits at its own for its predecessor, and arrives at its successor's.
void KernelEmitter::emitTurn(TurnOp op) {
  Value number = consumer;
  if (!op.getTake()) {
    Value last = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, consumer, i32(plan.getWarpgroups() - 1));
    number = arith::SelectOp::create(b, loc, last, i32(0), add(consumer, i32(1)));
  }
  StringRef text = op.getTake() ? "bar.sync $0, 256;" : "bar.arrive $0, 256;";
  assembly(text, "r,~{memory}", {add(number, i32(1))}, Type(), /*effect=*/true);
}
