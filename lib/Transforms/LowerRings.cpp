// tile-lower-rings: writes the ring protocol out. A ring becomes storage, a barrier a slot that says "full" and, where slots
// are reused, one that says "empty"; a count becomes a slot (count mod stages) and the parity of the barrier's phase
// (count / stages mod 2).
#include "attn/Transforms/Passes.h"

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILELOWERRINGS
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
/// Lowers one ring and its uses.
class RingLowering {
public:
  RingLowering(tile::AllocRingOp ring, int64_t consumers)
      : ring(ring), stages(cast<tile::RingType>(ring.getType()).getStages()), b(ring), loc(ring.getLoc()) {
    b.setInsertionPointAfter(ring);
    full = allocate(/*arrivals=*/1);
    // A ring whose slots are never given back is filled once, so nobody waits for a free slot.
    bool reused = false;
    for (Operation *user : ring->getUsers()) {
      reused |= isa<tile::ReleaseOp>(user);
      if (auto put = dyn_cast<tile::PutOp>(user))
        multicast = put.getMulticastAttr();
    }
    // A slot that several blocks fill is free when the consumers of all of them say so, each to the producer of each.
    if (reused)
      empty = allocate(consumers * (multicast ? multicast.getInt() : 1));
  }

  void run() {
    for (Operation *user : llvm::make_early_inc_range(ring->getUsers())) {
      b.setInsertionPoint(user);
      loc = user->getLoc();
      if (auto put = dyn_cast<tile::PutOp>(user))
        lowerPut(put);
      else if (auto wait = dyn_cast<tile::WaitFullOp>(user))
        tile::WaitOp::create(b, loc, full, slot(wait.getCount()), parity(wait.getCount()));
      else if (auto view = dyn_cast<tile::SlotOp>(user))
        view.replaceAllUsesWith(
            tile::ViewOp::create(b, loc, view.getType(), ring, slot(view.getCount())).getResult());
      else if (auto send = dyn_cast<tile::SendOp>(user); send && !send.getBarriers())
        lowerSend(send);
      else if (auto receive = dyn_cast<tile::ReceiveOp>(user))
        receive.replaceAllUsesWith(tile::ReceiveOp::create(b, loc, ring, slot(receive.getPlace())).getResult());
      else if (auto release = dyn_cast<tile::ReleaseOp>(user))
        tile::ArriveOp::create(b, loc, empty, slot(release.getCount()), multicast);
      else
        continue; // made here
      user->erase();
    }
  }

private:
  Value allocate(int64_t arrivals) {
    auto type = tile::BarriersType::get(b.getContext(), stages);
    return tile::AllocBarriersOp::create(b, loc, type, arrivals, IntegerAttr());
  }
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value slot(Value count) { return b.createOrFold<arith::RemUIOp>(loc, count, index(stages)); }
  Value parity(Value count) {
    Value round = b.createOrFold<arith::DivUIOp>(loc, count, index(stages));
    return b.createOrFold<arith::AndIOp>(loc, round, index(1));
  }

  /// The producer waits for the phase before the one it fills: a parity of 1 passes at once on a fresh barrier.
  void waitUntilFree(Value place, Value count) {
    if (empty)
      tile::WaitOp::create(b, loc, empty, place, arith::XOrIOp::create(b, loc, parity(count), index(1)));
  }

  void lowerSend(tile::SendOp send) {
    Value place = slot(send.getPlace());
    waitUntilFree(place, send.getPlace());
    tile::SendOp::create(b, loc, send.getNumber(), ring, place, full);
  }

  void lowerPut(tile::PutOp put) {
    Value place = slot(put.getCount());
    waitUntilFree(place, put.getCount());
    int64_t bytes = cast<tile::RingType>(ring.getType()).getSlot().getBytes();
    tile::CopyOp::create(b, loc, put.getSource(), put.getBatch(), put.getHead(), put.getRow(), ring, place, full, place,
                         b.getI64IntegerAttr(bytes), put.getEnd(), multicast, put.getPacked());
  }

  tile::AllocRingOp ring;
  int64_t stages;
  OpBuilder b;
  Location loc;
  Value full, empty;
  IntegerAttr multicast; ///< blocks that fill the ring together; null for one
};

struct LowerRings : attn::impl::TileLowerRingsBase<LowerRings> {
  void runOnOperation() override {
    SmallVector<tile::AllocRingOp> rings;
    int64_t consumers = 0;
    getOperation().walk([&](Operation *op) {
      if (auto ring = dyn_cast<tile::AllocRingOp>(op))
        rings.push_back(ring);
      else if (auto roles = dyn_cast<tile::RolesOp>(op))
        consumers = roles.getConsumers();
    });
    if (!rings.empty() && consumers == 0) {
      getOperation().emitOpError("expects a tile.roles whose consumers empty the rings; run tile-specialize-roles first");
      return signalPassFailure();
    }
    for (tile::AllocRingOp ring : rings)
      RingLowering(ring, consumers).run();
  }
};
} // namespace
