// The proof of the ring protocol where each warpgroup has an end of its own: it accepts what the passes make, by one consumer as by
// all of them, and refuses faults in how blocks are given back unread.
#include "ProtocolKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Verifier.h"

#include <gtest/gtest.h>

using namespace mlir;
using ::attn::analysis::ProtocolFault;
using ::attn::analysis::RingProtocol;
using ::attn::test::buildKernel;
using ::attn::test::Kernel;
using ::attn::test::KernelSpec;

namespace {
KernelSpec ownEnds(int warpgroups, int stages, bool persistent) {
  KernelSpec spec;
  spec.causality = "#attn.causality<bottom_right>";
  spec.warpgroups = warpgroups, spec.stages = stages, spec.persistent = persistent;
  spec.kvTile = 64; // a block fewer a warpgroup
  spec.ownEnds = true;
  return spec;
}

class OwnEndsTest : public testing::Test {
protected:
  OwnEndsTest() { ::attn::test::loadKernelDialects(context); }

  Kernel build(const KernelSpec &spec) {
    Kernel kernel = buildKernel(context, spec);
    EXPECT_TRUE(kernel.module) << spec.text();
    return kernel;
  }

  /// Plants a fault, which one consumer and all of them have to show.
  void expectRefused(ProtocolFault fault, const char *text, bool persistent, llvm::function_ref<void(Kernel &)> plant) {
    Kernel kernel = build(ownEnds(2, 2, persistent));
    ASSERT_EQ(RingProtocol(kernel.func).answer(), RingProtocol::Answer::Safe);
    plant(kernel);
    ASSERT_TRUE(succeeded(verify(*kernel.module)));
    for (bool all : {false, true}) {
      RingProtocol protocol(kernel.func, all);
      ASSERT_NE(protocol.answer(), RingProtocol::Answer::Safe);
      std::string told = ::attn::test::textOf(protocol.refusal());
      EXPECT_EQ(stringifyProtocolFault(protocol.refusal().fault).str(), stringifyProtocolFault(fault).str()) << told;
      EXPECT_NE(told.find(text), std::string::npos) << told;
    }
  }

  MLIRContext context;
};

/// The loop that gives blocks back unread.
scf::ForOp unread(Kernel &kernel) { return kernel.all<tile::SkipOp>().front()->getParentOfType<scf::ForOp>(); }

template <typename Op> Op first(scf::ForOp loop) { return *loop.getBody()->getOps<Op>().begin(); }

void addToLowerBound(scf::ForOp loop, int64_t more) {
  OpBuilder b(loop);
  Value constant = arith::ConstantIndexOp::create(b, loop.getLoc(), more);
  loop.setLowerBound(arith::AddIOp::create(b, loop.getLoc(), loop.getLowerBound(), constant));
}
} // namespace

TEST_F(OwnEndsTest, AreAccepted) {
  for (int warpgroups : {2, 3, 4})
    for (int stages : {1, 2, 4})
      for (bool overlap : {false, true})
        for (bool persistent : {false, true}) {
          KernelSpec spec = ownEnds(warpgroups, stages, persistent);
          spec.overlap = overlap;
          spec.dynamic = persistent && warpgroups == 2;
          SCOPED_TRACE(spec.text());
          Kernel kernel = build(spec);
          EXPECT_EQ(kernel.all<tile::SkipOp>().size(), 2u);
          RingProtocol protocol(kernel.func);
          EXPECT_EQ(protocol.answer(), RingProtocol::Answer::Safe) << protocol.refusal().text;
          EXPECT_LT(protocol.events(), 2000000);
        }
}

TEST_F(OwnEndsTest, AreAcceptedWithAllWarpgroups) {
  for (auto [warpgroups, persistent] : {std::pair(2, false), std::pair(3, false), std::pair(2, true)}) {
    Kernel kernel = build(ownEnds(warpgroups, 2, persistent));
    RingProtocol one(kernel.func), all(kernel.func, /*all=*/true);
    EXPECT_EQ(all.answer(), RingProtocol::Answer::Safe) << all.refusal().text;
    EXPECT_LT(2 * one.runs(), all.runs()); // the ends of all warpgroups, and those of one
  }
}

TEST_F(OwnEndsTest, BlocksAreGivenBack) {
  for (bool persistent : {false, true}) {
    expectRefused(ProtocolFault::WrongArrivals, "ends with 1 of 2 arrivals", persistent,
                  [](Kernel &kernel) { first<tile::ArriveOp>(unread(kernel)).erase(); });
    expectRefused(ProtocolFault::WrongArrivals, "ends with 1 of 2 arrivals", persistent,
                  [](Kernel &kernel) { unread(kernel).erase(); });
  }
}

TEST_F(OwnEndsTest, BlocksAreWaitedFor) {
  for (bool persistent : {false, true})
    expectRefused(ProtocolFault::ReadBeforeFull, "may read slot", persistent,
                  [](Kernel &kernel) { first<tile::WaitOp>(unread(kernel)).erase(); });
}

TEST_F(OwnEndsTest, BlocksAreGivenBackInOrder) {
  expectRefused(ProtocolFault::ReadOutOfOrder, "passes over copy", true, [](Kernel &kernel) {
    scf::ForOp loop = unread(kernel);
    loop->moveBefore(kernel.all<tile::OwnBoundOp>().front()->getNextNode());
  });
}

TEST_F(OwnEndsTest, LoopsBeginWhereTheOtherEnds) {
  expectRefused(ProtocolFault::NotUnderstood, "expects to count by 1", true,
                [](Kernel &kernel) { addToLowerBound(unread(kernel), 1); });
}

TEST_F(OwnEndsTest, AreTheConsumersAlone) {
  expectRefused(ProtocolFault::NotUnderstood, "expects to stand outside the loops over blocks of a consumer", false, [](Kernel &kernel) {
    auto roles = kernel.all<tile::RolesOp>().front();
    kernel.all<tile::OwnRowOp>().front()->moveBefore(roles);
    auto bound = kernel.all<tile::OwnBoundOp>().front();
    std::function<void(Operation *)> moveOut = [&](Operation *op) {
      if (op && roles->isAncestor(op)) {
        for (Value operand : op->getOperands())
          moveOut(operand.getDefiningOp());
        op->moveBefore(roles);
      }
    };
    moveOut(bound);
  });
}
