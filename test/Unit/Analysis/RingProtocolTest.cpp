// The ring protocol's proof accepts every shape of kernel that the passes make and refuses each of many planted faults.
#include "ProtocolKernels.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Verifier.h"

#include <gtest/gtest.h>

using namespace mlir;
using ::attn::analysis::ProtocolFault;
using ::attn::analysis::RingProtocol;
using ::attn::test::buildKernel;
using ::attn::test::keepToTheBlock;
using ::attn::test::Kernel;
using ::attn::test::KernelSpec;
using ::attn::test::RingUses;

namespace {
class RingProtocolTest : public testing::Test {
protected:
  RingProtocolTest() { ::attn::test::loadKernelDialects(context); }

  void expectSafe(const KernelSpec &spec) {
    SCOPED_TRACE(spec.text());
    Kernel kernel = buildKernel(context, spec);
    ASSERT_TRUE(kernel.module);
    RingProtocol protocol(kernel.func);
    EXPECT_EQ(protocol.answer(), RingProtocol::Answer::Safe) << protocol.refusal().text;
    EXPECT_GT(protocol.events(), 0);
    bool persistent = kernel.func->getAttrOfType<mlir::tile::PlanAttr>(mlir::tile::kPlanAttr).getPersistent();
    EXPECT_LT(protocol.events(), persistent ? 8000000 : 100000); // a few milliseconds; persistent a few hundred
  }

  MLIRContext context;
};

/// A fault to plant, and what the proof has to say.
struct Mutant {
  const char *name;
  ProtocolFault fault;
  const char *text; ///< part of the refusal
  std::function<void(Kernel &)> plant;
  KernelSpec spec;
};

void PrintTo(const Mutant &mutant, std::ostream *out) { *out << mutant.name; }

/// Overlapped, with two warpgroups and a ring of two slots.
KernelSpec overlapped() {
  KernelSpec spec;
  spec.warpgroups = 2;
  return spec;
}

KernelSpec inPlace() {
  KernelSpec spec = overlapped();
  spec.overlap = false;
  return spec;
}

/// With key/value rings of three slots and a query ring of two, so that their periods differ.
KernelSpec persistent() {
  KernelSpec spec = overlapped();
  spec.stages = 3;
  spec.persistent = true;
  return spec;
}

/// With programs that are drawn.
KernelSpec drawn() {
  KernelSpec spec = persistent();
  spec.dynamic = true;
  return spec;
}

/// Two blocks load keys and values together.
KernelSpec clustered() {
  KernelSpec spec = overlapped();
  spec.persistent = true;
  spec.cluster = 2;
  return spec;
}

KernelSpec pingPong() {
  KernelSpec spec = overlapped();
  spec.pingPong = true;
  return spec;
}

Value constant(Operation *before, int64_t value) {
  OpBuilder b(before);
  return arith::ConstantIndexOp::create(b, before->getLoc(), value);
}

/// Replaces operand `index` by its value plus a constant, flipped in its last bit when `flip` is set.
void shift(Operation *op, unsigned index, int64_t by, bool flip = false) {
  OpBuilder b(op);
  Value operand = op->getOperand(index), by_ = constant(op, by);
  Value changed = flip ? Value(arith::XOrIOp::create(b, op->getLoc(), operand, by_))
                       : Value(arith::AddIOp::create(b, op->getLoc(), operand, by_));
  op->setOperand(index, changed);
}

constexpr unsigned slotOperand = 1, parityOperand = 2; ///< of tile.wait; tile.arrive and tile.view have a slot too

/// The operation of a list that stands in the loop over blocks; that over programs has no constant step.
template <typename Op> Op inLoop(std::vector<Op> &ops) {
  for (Op op : ops)
    if (auto loop = op->template getParentOfType<scf::ForOp>(); loop && getConstantIntValue(loop.getStep()))
      return op;
  return Op();
}

/// The loop over programs of the role that an operation is in.
scf::ForOp programLoopOf(Operation *op) {
  while (!isa<tile::RolesOp>(op->getParentOp()))
    op = op->getParentOp();
  return cast<scf::ForOp>(op);
}

/// Makes counts of a ring begin anew in each program, as seen by one operation.
void forgetBase(Operation *op) {
  for (BlockArgument argument : programLoopOf(op).getRegionIterArgs())
    argument.replaceAllUsesWith(constant(programLoopOf(op), 0));
}

/// The wait right before an operation.
Operation *waitBefore(Operation *op) {
  for (op = op->getPrevNode(); !isa<tile::WaitOp>(op); op = op->getPrevNode())
    ;
  return op;
}

/// Puts an operation into a branch that only slot 0 takes.
void guard(tile::ArriveOp arrive) {
  OpBuilder b(arrive);
  Value zero = constant(arrive, 0);
  Value first = arith::CmpIOp::create(b, arrive.getLoc(), arith::CmpIPredicate::eq, arrive.getSlot(), zero);
  auto branch = scf::IfOp::create(b, arrive.getLoc(), first, /*withElseRegion=*/false);
  arrive->moveBefore(branch.thenBlock()->getTerminator());
}

/// Takes an await of a product out; its result is not read any more.
void dropAwait(tile::AwaitOp await) {
  OpBuilder b(await);
  auto type = cast<RankedTensorType>(await.getType());
  auto zero = DenseElementsAttr::get(type, b.getF32FloatAttr(0.0f).getValue());
  await.replaceAllUsesWith(arith::ConstantOp::create(b, await.getLoc(), type, zero).getResult());
  await.erase();
}

tile::AwaitOp awaitOf(tile::ViewOp view) {
  for (Operation *user : view->getUsers())
    if (auto issue = dyn_cast<tile::IssueMmaOp>(user))
      return cast<tile::AwaitOp>(*issue->getUsers().begin());
  return {};
}

void setBound(scf::ForOp loop, int64_t more) {
  OpBuilder b(loop);
  loop.setUpperBound(arith::AddIOp::create(b, loop.getLoc(), loop.getUpperBound(), constant(loop, more)));
}

/// Adds a constant to the base that one role carries for a ring; `op` is the operation on the ring.
void driftBase(Operation *op, int64_t by) {
  scf::ForOp loop = programLoopOf(op);
  Operation *yield = loop.getBody()->getTerminator();
  // The base of a ring with a stage count of its own is the one whose remainder is by twice that count.
  for (OpOperand &operand : yield->getOpOperands())
    if (auto remainder = operand.get().getDefiningOp<arith::RemUIOp>(); remainder && getConstantIntValue(remainder.getRhs()) == 6)
      shift(remainder, 0, by);
}

#include "RingProtocolMutants.inc"

class MutantTest : public RingProtocolTest, public testing::WithParamInterface<Mutant> {};
} // namespace

TEST_F(RingProtocolTest, AcceptsTheChosenPlans) {
  for (int headDim : {64, 128, 256})
    for (const char *causality : {"#attn.causality<none>", "#attn.causality<bottom_right>",
                                  "#attn.causality<top_left>", "#attn.causality<bottom_right, left = 100>",
                                  "#attn.causality<none, left = 7, right = 900>"}) {
      KernelSpec spec;
      spec.headDim = headDim;
      spec.causality = causality;
      expectSafe(spec);
    }
}

TEST_F(RingProtocolTest, AcceptsEveryShapeOfPlan) {
  for (int warpgroups : {1, 2, 3})
    for (int stages : {1, 2, 3, 5, 8})
      for (bool overlap : {false, true})
        for (bool pingPong : {false, true}) {
          KernelSpec spec;
          spec.persistent = stages <= 2 && warpgroups != 2;
          spec.warpgroups = warpgroups;
          spec.stages = stages;
          spec.overlap = overlap;
          spec.pingPong = pingPong;
          expectSafe(spec);
        }
}

TEST_F(RingProtocolTest, AcceptsPersistentKernels) {
  for (const char *causality : {"#attn.causality<none>", "#attn.causality<bottom_right, left = 100>"})
    for (int stages : {1, 2, 3})
      for (bool overlap : {false, true})
        for (bool pingPong : {false, true}) {
          KernelSpec spec = persistent();
          spec.causality = causality;
          spec.stages = stages;
          spec.overlap = overlap;
          spec.pingPong = pingPong;
          expectSafe(spec);
        }
}

TEST_F(RingProtocolTest, AcceptsDrawnPrograms) {
  for (const char *causality : {"#attn.causality<none>", "#attn.causality<bottom_right, left = 100>"})
    for (int stages : {1, 2, 3})
      for (bool pingPong : {false, true}) {
        KernelSpec spec = drawn();
        spec.causality = causality;
        spec.stages = stages;
        spec.pingPong = pingPong;
        expectSafe(spec);
      }
}

TEST_F(RingProtocolTest, AcceptsClusters) {
  for (int cluster : {2, 4})
    for (int warpgroups : {1, 2})
      for (bool overlap : {false, true})
        for (bool pingPong : {false, true}) {
          KernelSpec spec = clustered();
          spec.cluster = cluster;
          spec.warpgroups = warpgroups;
          spec.overlap = overlap;
          spec.pingPong = pingPong;
          expectSafe(spec);
        }
}

TEST_F(RingProtocolTest, AcceptsSharedPrograms) {
  for (int split : {2, 8})
    for (const char *causality : {"#attn.causality<none>", "#attn.causality<bottom_right, left = 100>"})
      for (bool overlap : {false, true})
        for (bool pingPong : {false, true}) {
          KernelSpec spec = overlapped();
          spec.split = split;
          spec.causality = causality;
          spec.overlap = overlap;
          spec.pingPong = pingPong;
          expectSafe(spec);
        }
}

TEST_F(RingProtocolTest, RefusesToPublishInThePlaceOfRingsThatAreInUse) {
  KernelSpec spec = inPlace();
  spec.split = 2;
  auto expectRefused = [&](llvm::function_ref<void(tile::PublishOp, tile::ArriveOp)> plant) {
    Kernel kernel = buildKernel(context, spec);
    tile::PublishOp publish;
    tile::ArriveOp arrive;
    kernel.func->walk([&](tile::PublishOp op) { publish = op; });
    kernel.func->walk([&](tile::ArriveOp op) { arrive = op; });
    ASSERT_TRUE(publish && arrive);
    plant(publish, arrive);
    RingProtocol protocol(kernel.func);
    EXPECT_EQ(protocol.answer(), RingProtocol::Answer::Undecided);
    EXPECT_NE(protocol.refusal().text.find("expects to stand behind all that a role does with its rings"), std::string::npos)
        << protocol.refusal().text;
  };
  // Before the loop, before its last event, and behind that where only the next round is in the way.
  expectRefused([](tile::PublishOp publish, tile::ArriveOp arrive) { publish->moveBefore(arrive->getParentOp()); });
  expectRefused([](tile::PublishOp publish, tile::ArriveOp arrive) { publish->moveBefore(arrive); });
  expectRefused([](tile::PublishOp publish, tile::ArriveOp arrive) { publish->moveBefore(arrive->getBlock()->getTerminator()); });
}

TEST_F(RingProtocolTest, AcceptsCountsThatAreNotReduced) {
  Kernel kernel = buildKernel(context, persistent());
  for (Operation *role : {programLoopOf(kernel.key.copy).getOperation(), programLoopOf(inLoop(kernel.key.views)).getOperation()}) {
    Operation *yield = cast<scf::ForOp>(role).getBody()->getTerminator();
    for (OpOperand &operand : yield->getOpOperands())
      if (auto remainder = operand.get().getDefiningOp<arith::RemUIOp>())
        operand.set(remainder.getLhs());
  }
  EXPECT_EQ(RingProtocol(kernel.func).answer(), RingProtocol::Answer::Safe);
}

TEST_F(RingProtocolTest, AcceptsConstantLengths) {
  // Loop bounds are then constants, small or beyond what can be executed.
  for (const char *length : {"0", "1", "32", "33", "96", "1000", "1048576"})
    for (int stages : {1, 2, 3}) {
      KernelSpec spec = overlapped();
      spec.length = length;
      spec.stages = stages;
      expectSafe(spec);
    }
}

TEST_F(RingProtocolTest, AcceptsAReleaseLessWhereNobodyWaitsForIt) {
  // The last value slot is given back after the loop, and no copy follows it.
  Kernel kernel = buildKernel(context, overlapped());
  kernel.value.arrives.back().erase();
  EXPECT_EQ(RingProtocol(kernel.func).answer(), RingProtocol::Answer::Safe);
}

TEST_F(RingProtocolTest, AcceptsAnEarlyArriveThatAnotherOneCovers) {
  // Before the producer refills the key slot it waits for a value slot that is given back behind the await of the scores.
  Kernel kernel = buildKernel(context, overlapped());
  inLoop(kernel.key.arrives)->moveBefore(awaitOf(inLoop(kernel.key.views)));
  EXPECT_EQ(RingProtocol(kernel.func).answer(), RingProtocol::Answer::Safe);
}

TEST_F(RingProtocolTest, AcceptsACounterCarriedAroundTheLoop) {
  Kernel kernel = buildKernel(context, inPlace());
  auto loop = kernel.key.copy->getParentOfType<scf::ForOp>();
  IRRewriter b(loop.getContext());
  Value zero = constant(loop, 0);
  FailureOr<LoopLikeOpInterface> carried = loop.replaceWithAdditionalYields(
      b, zero, /*replaceInitOperandUsesInLoop=*/false, [&](OpBuilder &nested, Location loc, ArrayRef<BlockArgument> args) {
        Value one = arith::ConstantIndexOp::create(nested, loc, 1);
        return SmallVector<Value>{arith::AddIOp::create(nested, loc, args[0], one)};
      });
  ASSERT_TRUE(succeeded(carried));
  auto replaced = cast<scf::ForOp>(carried->getOperation());
  for (OpOperand &use : llvm::make_early_inc_range(replaced.getInductionVar().getUses()))
    if (isa<arith::RemUIOp, arith::DivUIOp>(use.getOwner()))
      use.set(replaced.getRegionIterArg(0));
  ASSERT_TRUE(succeeded(verify(*kernel.module)));
  RingProtocol protocol(kernel.func);
  EXPECT_EQ(protocol.answer(), RingProtocol::Answer::Safe) << protocol.refusal().text;
}

TEST_F(RingProtocolTest, HasNothingToSayOfAFunctionWithoutRoles) {
  context.loadDialect<func::FuncDialect>();
  OpBuilder b(&context);
  auto module = ModuleOp::create(b.getUnknownLoc());
  b.setInsertionPointToStart(module.getBody());
  auto func = func::FuncOp::create(b, b.getUnknownLoc(), "f", b.getFunctionType({}, {}));
  func.addEntryBlock();
  EXPECT_EQ(RingProtocol(func).answer(), RingProtocol::Answer::Safe);
  module->erase();
}

TEST_P(MutantTest, IsRefused) {
  const Mutant &mutant = GetParam();
  Kernel kernel = buildKernel(context, mutant.spec);
  ASSERT_TRUE(kernel.module);
  ASSERT_EQ(RingProtocol(kernel.func).answer(), RingProtocol::Answer::Safe);
  mutant.plant(kernel);
  ASSERT_TRUE(succeeded(verify(*kernel.module)));
  RingProtocol protocol(kernel.func);
  ASSERT_NE(protocol.answer(), RingProtocol::Answer::Safe);
  EXPECT_EQ(protocol.answer() == RingProtocol::Answer::Undecided, mutant.fault == ProtocolFault::NotUnderstood);
  std::string all = ::attn::test::textOf(protocol.refusal());
  EXPECT_EQ(stringifyProtocolFault(protocol.refusal().fault).str(), stringifyProtocolFault(mutant.fault).str()) << all;
  EXPECT_NE(all.find(mutant.text), std::string::npos) << all;
}

TEST_P(MutantTest, IsRefusedWithFourConsumers) {
  const Mutant &mutant = GetParam();
  KernelSpec spec = mutant.spec;
  spec.warpgroups = 4;
  Kernel kernel = buildKernel(context, spec);
  ASSERT_TRUE(kernel.module);
  ASSERT_EQ(RingProtocol(kernel.func).answer(), RingProtocol::Answer::Safe);
  mutant.plant(kernel);
  ASSERT_TRUE(succeeded(verify(*kernel.module)));
  RingProtocol protocol(kernel.func), all(kernel.func, /*all=*/true);
  ASSERT_NE(protocol.answer(), RingProtocol::Answer::Safe);
  ASSERT_NE(all.answer(), RingProtocol::Answer::Safe);
  EXPECT_EQ(protocol.refusal().text, all.refusal().text);
  EXPECT_EQ(protocol.refusal().op, all.refusal().op);
}

INSTANTIATE_TEST_SUITE_P(Mutants, MutantTest, testing::ValuesIn(mutants),
                         [](const auto &info) { return std::string(info.param.name); });
