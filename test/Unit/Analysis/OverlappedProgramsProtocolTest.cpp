// The proof of the ring protocol where a program ends in the next one's round: it accepts what the passes make, and refuses faults in
// what is carried from program to program and in what stands behind the loop over programs.
#include "ProtocolKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/Verifier.h"

#include <gtest/gtest.h>

using namespace mlir;
using ::attn::analysis::ProtocolFault;
using ::attn::analysis::RingProtocol;
using ::attn::test::buildKernel;
using ::attn::test::Kernel;
using ::attn::test::KernelSpec;

namespace {
KernelSpec overlappedPrograms(int stages) {
  KernelSpec spec;
  spec.warpgroups = 2, spec.stages = stages;
  spec.persistent = spec.keysFirst = spec.overlapPrograms = true;
  return spec;
}

class OverlappedProgramsTest : public testing::Test {
protected:
  OverlappedProgramsTest() { ::attn::test::loadKernelDialects(context); }

  /// Plants a fault.
  void expectRefused(ProtocolFault fault, llvm::function_ref<void(Kernel &)> plant) {
    Kernel kernel = buildKernel(context, overlappedPrograms(2));
    ASSERT_TRUE(kernel.module);
    plant(kernel);
    ASSERT_TRUE(succeeded(verify(*kernel.module)));
    for (bool all : {false, true}) {
      RingProtocol protocol(kernel.func, all);
      ASSERT_NE(protocol.answer(), RingProtocol::Answer::Safe);
      EXPECT_EQ(stringifyProtocolFault(protocol.refusal().fault).str(), stringifyProtocolFault(fault).str())
          << ::attn::test::textOf(protocol.refusal());
    }
  }

  MLIRContext context;
};

/// The branch behind the loop over programs, in which consumers wait for the last values.
scf::IfOp restOf(Kernel &kernel) { return cast<scf::IfOp>(kernel.value.waits.back()->getParentOp()); }

void setCondition(scf::IfOp branch, bool value) {
  OpBuilder b(branch);
  branch.getConditionMutable().assign(arith::ConstantIntOp::create(b, branch.getLoc(), b.getI1Type(), value));
}

/// The loop over programs of the consumers, and where its flag stands among what it carries.
std::pair<scf::ForOp, unsigned> flagOf(Kernel &kernel) {
  auto flag = cast<OpResult>(restOf(kernel).getCondition());
  return {cast<scf::ForOp>(flag.getOwner()), flag.getResultNumber()};
}
} // namespace

TEST_F(OverlappedProgramsTest, AcceptsWhatThePassesMake) {
  for (const char *causality : {"#attn.causality<none>", "#attn.causality<bottom_right, left = 100>"})
    for (int stages : {1, 2, 3, 4})
      for (bool keysFirst : {false, true})
        for (auto [pingPong, dynamic] : {std::pair(false, false), std::pair(true, false), std::pair(false, true)}) {
          KernelSpec spec = overlappedPrograms(stages);
          spec.causality = causality, spec.keysFirst = keysFirst, spec.pingPong = pingPong, spec.dynamic = dynamic;
          SCOPED_TRACE(spec.text());
          Kernel kernel = buildKernel(context, spec);
          ASSERT_TRUE(kernel.module);
          RingProtocol protocol(kernel.func);
          EXPECT_EQ(protocol.answer(), RingProtocol::Answer::Safe) << protocol.refusal().text;
          EXPECT_LT(protocol.events(), 8000000); // a few hundred milliseconds
        }
}

TEST_F(OverlappedProgramsTest, AcceptsClusters) {
  for (auto [cluster, stages] : {std::pair(2, 1), std::pair(2, 2), std::pair(2, 3), std::pair(4, 1)})
    for (bool keysFirst : {false, true})
      for (bool pingPong : {false, true}) {
        KernelSpec spec = overlappedPrograms(stages);
        spec.cluster = cluster, spec.keysFirst = keysFirst, spec.pingPong = pingPong;
        SCOPED_TRACE(spec.text());
        Kernel kernel = buildKernel(context, spec);
        ASSERT_TRUE(kernel.module);
        RingProtocol protocol(kernel.func);
        EXPECT_EQ(protocol.answer(), RingProtocol::Answer::Safe) << protocol.refusal().text;
      }
}

TEST_F(OverlappedProgramsTest, BlocksOfAClusterDisagreeOnWhatTheLoopLeaves) {
  KernelSpec spec = overlappedPrograms(2);
  spec.cluster = 2;
  // What the loop is given, and what a round leaves: of the flag, and of a count that nothing in the loop branches on.
  for (bool ofFlag : {true, false})
    for (bool atFirst : {true, false}) {
      Kernel kernel = buildKernel(context, spec);
      ASSERT_TRUE(kernel.module);
      auto [loop, index] = flagOf(kernel);
      OpBuilder b(loop);
      Location loc = loop.getLoc();
      Value other = gpu::ClusterBlockIdOp::create(b, loc, gpu::Dimension::x), zero = arith::ConstantIndexOp::create(b, loc, 0);
      if (ofFlag) {
        other = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, other, zero);
      } else {
        index = 0;
        ASSERT_TRUE(loop.getResult(index).getType().isIndex());
        b.setInsertionPointAfter(loop);
        scf::IfOp rest = restOf(kernel);
        rest.getConditionMutable().assign(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, loop.getResult(index), zero));
      }
      if (atFirst)
        loop.getInitArgsMutable()[index].assign(other);
      else
        (*loop.getYieldedValuesMutable())[index].assign(other);
      ASSERT_TRUE(succeeded(verify(*kernel.module)));
      RingProtocol protocol(kernel.func);
      EXPECT_EQ(protocol.answer(), RingProtocol::Answer::Undecided);
      EXPECT_NE(protocol.refusal().text.find("expects to run alike in all blocks of a cluster"), std::string::npos)
          << protocol.refusal().text;
    }
}

TEST_F(OverlappedProgramsTest, WaitsForTheLastValuesBehindTheLoop) {
  expectRefused(ProtocolFault::ReadBeforeFull, [](Kernel &kernel) { kernel.value.waits.back().erase(); });
  expectRefused(ProtocolFault::Deadlock, [](Kernel &kernel) {
    tile::WaitOp wait = kernel.value.waits.back();
    OpBuilder b(wait);
    Value one = arith::ConstantIndexOp::create(b, wait.getLoc(), 1);
    wait.getParityMutable().assign(arith::XOrIOp::create(b, wait.getLoc(), wait.getParity(), one));
  });
}

TEST_F(OverlappedProgramsTest, ReadsARestWhereThereIsOne) {
  // In a block without programs the wait passes, on a barrier that is fresh.
  expectRefused(ProtocolFault::ReadBeforeFull, [](Kernel &kernel) { setCondition(restOf(kernel), true); });
  // The last values are loaded, and nobody reads them.
  expectRefused(ProtocolFault::StillInFlight, [](Kernel &kernel) { setCondition(restOf(kernel), false); });
}

TEST_F(OverlappedProgramsTest, RefusesFlagsThatDoNotFollowFromBounds) {
  expectRefused(ProtocolFault::NotUnderstood, [](Kernel &kernel) {
    auto [loop, flag] = flagOf(kernel);
    Operation *yield = loop.getBody()->getTerminator();
    OpBuilder b(yield);
    Value zero = arith::ConstantIndexOp::create(b, yield->getLoc(), 0);
    yield->setOperand(flag, arith::CmpIOp::create(b, yield->getLoc(), arith::CmpIPredicate::sgt, loop.getInductionVar(), zero));
  });
}

TEST_F(OverlappedProgramsTest, RefusesLoopsBehindTheLoopOverPrograms) {
  expectRefused(ProtocolFault::NotUnderstood, [](Kernel &kernel) {
    scf::IfOp rest = restOf(kernel);
    OpBuilder b(rest);
    Value zero = arith::ConstantIndexOp::create(b, rest.getLoc(), 0), one = arith::ConstantIndexOp::create(b, rest.getLoc(), 1);
    auto loop = scf::ForOp::create(b, rest.getLoc(), zero, one, one);
    rest->moveBefore(loop.getBody()->getTerminator());
  });
}
