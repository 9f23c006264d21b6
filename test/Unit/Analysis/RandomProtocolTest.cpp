// The proof against a machine: kernels with random faults run under random interleavings. A kernel that the proof accepts
// never fails; most of those that it refuses do. And against itself without what it leaves out because of symmetry.
#include "ProtocolKernels.h"
#include "ProtocolScheduler.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Verifier.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace ::attn::analysis;
using ::attn::test::buildKernel;
using ::attn::test::Kernel;
using ::attn::test::KernelSpec;

namespace {
size_t pick(std::mt19937 &random, size_t count) { return random() % count; }

/// Flips the last bit of an index operand.
void flip(Operation *op, unsigned index) {
  OpBuilder b(op);
  Value one = arith::ConstantIndexOp::create(b, op->getLoc(), 1);
  op->setOperand(index, arith::XOrIOp::create(b, op->getLoc(), op->getOperand(index), one));
}

/// Swaps a ring or barriers with others of the same type.
void swapResource(Operation *op, std::mt19937 &random) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<tile::RingType, tile::BarriersType>(operand.get().getType()))
      continue;
    std::vector<Value> others;
    op->getParentOfType<func::FuncOp>().walk([&](Operation *alloc) {
      if (isa<tile::AllocRingOp, tile::AllocBarriersOp>(alloc) && alloc->getResult(0).getType() == operand.get().getType())
        others.push_back(alloc->getResult(0));
    });
    return operand.set(others[pick(random, others.size())]);
  }
}

/// Moves an operation a few places up or down its block, without a break of dominance.
void moveAway(Operation *op, std::mt19937 &random) {
  bool up = random() % 2;
  for (size_t i = 0, steps = 1 + pick(random, 12); i < steps; ++i) {
    Operation *other = up ? op->getPrevNode() : op->getNextNode();
    if (!other || other->hasTrait<OpTrait::IsTerminator>())
      return;
    Operation *first = up ? other : op, *second = up ? op : other;
    bool depends = llvm::any_of(first->getUsers(), [&](Operation *user) { return second->isAncestor(user); });
    if (depends)
      return;
    if (up)
      op->moveBefore(other);
    else
      op->moveAfter(other);
  }
}

/// Plants one random fault, or none where the one drawn does not fit.
void mutate(Kernel &kernel, std::mt19937 &random) {
  std::vector<Operation *> events;
  kernel.func.walk([&](Operation *op) {
    if (isa<tile::WaitOp, tile::ArriveOp, tile::CopyOp, tile::ViewOp, tile::AwaitOp, tile::TurnOp>(op))
      events.push_back(op);
  });
  Operation *op = events[pick(random, events.size())];
  switch (pick(random, 5)) {
  case 0:
    if (op->use_empty() && !isa<tile::CopyOp>(op))
      op->erase();
    break;
  case 1:
    if (op->getNumResults() == 0)
      OpBuilder(op).clone(*op);
    break;
  case 2:
    if (auto copy = dyn_cast<tile::CopyOp>(op))
      flip(op, random() % 2 ? 5 : 7);
    else if (op->getNumOperands() > 1)
      flip(op, 1 + pick(random, op->getNumOperands() - 1));
    break;
  case 3: swapResource(op, random); break;
  case 4: moveAway(op, random); break;
  }
}

/// Adds the events of a next program; its products are numbered on.
void append(Trace &trace, const Trace &next) {
  int products = llvm::count_if(trace, [](const Event &event) { return event.act == Act::Issue; });
  for (Event event : next) {
    event.product += event.product < 0 ? 0 : products;
    trace.push_back(event);
  }
}

/// The events of a block that runs one program a bound; what consumers have for themselves is drawn.
Traces unrollAll(const Program &program, ArrayRef<int64_t> programs, std::mt19937 &random) {
  Traces all;
  SmallVector<int64_t> counts = firstCounts(program);
  for (int64_t bound : programs) {
    std::vector<int64_t> bounds;
    for (const Parameter &parameter : program.parameters)
      for (int value = 0; value < program.valuesOf(parameter); ++value) {
        int64_t fewer = parameter.own ? pick(random, std::min(parameter.own->fewer, std::max<int64_t>(bound, 0)) + 1) : 0;
        bool none = parameter.own && random() % 5 == 0;
        bounds.push_back(none ? 0 : std::max(bound, parameter.least) - fewer);
      }
    Traces traces = unroll(program, bounds, counts);
    append(all.producer, traces.producer);
    all.consumers.resize(traces.consumers.size());
    for (auto [consumer, next] : llvm::zip(all.consumers, traces.consumers))
      append(consumer, next);
    all.refusal = all.refusal ? all.refusal : traces.refusal;
    counts = traces.counts;
    all.end = std::move(traces.end);
  }
  append(all.producer, all.end.producer);
  for (size_t consumer = 0; consumer < all.consumers.size(); ++consumer)
    append(all.consumers[consumer], all.end.consumer(consumer));
  return all;
}

/// Runs a kernel under many interleavings for small bounds.
std::string runOften(func::FuncOp func, std::mt19937 &random) {
  Extraction extraction = extractProgram(func);
  if (extraction.refusal)
    return {};
  for (int64_t bound : {0, 1, 2, 3, 4, 5, 7, 12, 45}) {
    SmallVector<int64_t> programs = {bound};
    for (size_t more = extraction.program.persistent ? pick(random, 8) : 0; more > 0; --more)
      programs.push_back(pick(random, 6));
    Traces traces = unrollAll(extraction.program, programs, random);
    for (int i = 0; i < 12 && !traces.refusal; ++i)
      if (std::string failure = ::attn::test::runRandomly(extraction.program, traces, random); !failure.empty())
        return failure;
  }
  return {};
}

KernelSpec drawSpec(std::mt19937 &random) {
  KernelSpec spec;
  spec.warpgroups = 1 + pick(random, 4);
  spec.stages = 1 + pick(random, 4);
  spec.overlap = random() % 4 != 0;
  spec.pingPong = random() % 4 == 0;
  spec.persistent = random() % 2;
  if (!spec.pingPong && random() % 3 == 0) {
    spec.ownEnds = true, spec.causality = "#attn.causality<bottom_right>";
    spec.warpgroups = spec.persistent ? 2 : 2 + pick(random, 3); // combinations of ends, where a refusal is looked for with all of them
    spec.stages = spec.persistent ? 1 + pick(random, 2) : spec.stages;
    spec.kvTile = spec.warpgroups < 4 ? 64 : 96; // at most two blocks fewer
  }
  if (random() % 2) {
    spec.keysFirst = random() % 2;
    spec.overlapPrograms = spec.persistent && spec.overlap && !spec.ownEnds;
  }
  spec.dynamic = spec.persistent && random() % 3 == 0;
  if (spec.persistent && !spec.dynamic && !spec.ownEnds && random() % 2) {
    spec.cluster = 2;
    spec.warpgroups = 1 + pick(random, 2);
  }
  return spec;
}
} // namespace

TEST(RandomProtocol, SymmetrySavesRunsOfPersistentKernels) {
  MLIRContext context;
  ::attn::test::loadKernelDialects(context);
  for (int warpgroups : {2, 4}) {
    KernelSpec spec;
    spec.warpgroups = warpgroups, spec.stages = 3, spec.persistent = true;
    Kernel kernel = buildKernel(context, spec);
    ASSERT_TRUE(kernel.module);
    RingProtocol protocol(kernel.func), all(kernel.func, /*all=*/true);
    EXPECT_EQ(protocol.answer(), RingProtocol::Answer::Safe);
    EXPECT_EQ(all.answer(), RingProtocol::Answer::Safe);
    EXPECT_LT(4 * protocol.runs(), all.runs());
    EXPECT_LT(4 * protocol.events(), all.events());
  }
}

TEST(RandomProtocol, WhatIsAcceptedNeverFails) {
  MLIRContext context;
  ::attn::test::loadKernelDialects(context);
  std::mt19937 random(20240711);
  int accepted = 0, refused = 0, seenToFail = 0;
  for (int i = 0; i < 600; ++i) {
    KernelSpec spec = drawSpec(random);
    Kernel kernel = buildKernel(context, spec);
    ASSERT_TRUE(kernel.module) << spec.text();
    bool keeps = spec.cluster > 1 && random() % 4 == 0;
    if (keeps)
      ::attn::test::keepToTheBlock(random() % 2 ? kernel.key : kernel.value);
    for (size_t faults = keeps || i % 10 == 0 ? 0 : 1 + pick(random, 2); faults > 0; --faults)
      mutate(kernel, random);
    ASSERT_TRUE(succeeded(verify(*kernel.module)));
    bool safe = RingProtocol(kernel.func).answer() == RingProtocol::Answer::Safe;
    if (!spec.persistent || spec.stages <= (spec.ownEnds ? 1 : 2)) { // with more it takes seconds
      RingProtocol all(kernel.func, /*all=*/true);
      ASSERT_EQ(all.answer() == RingProtocol::Answer::Safe, safe) << spec.text() << ::attn::test::textOf(all.refusal());
    }
    std::string failure = runOften(kernel.func, random);
    EXPECT_FALSE(keeps && safe) << "the other block may still read what is refilled: " << spec.text();
    (safe ? accepted : refused)++;
    seenToFail += !failure.empty();
    if (safe && !failure.empty()) {
      kernel.module->dump();
      FAIL() << "run " << i << ": " << failure << "\n" << spec.text();
    }
  }
  EXPECT_GT(accepted, 60);
  EXPECT_GT(refused, 150);
  EXPECT_GT(seenToFail, refused * 2 / 3);
  RecordProperty("accepted", accepted);
  RecordProperty("refused", refused);
  RecordProperty("seen_to_fail", seenToFail);
}
