// Every kind of kernel that the GPU tests can launch passes the gate, and the gate catches planted faults. Prints a table.
// With ATTN_GATE_ALL in the environment every pair of head_dims runs, which takes minutes.
#include "GateKernel.h"

#include "attn/Analysis/PlanCost.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

using namespace attn;
using namespace attn::gates;

namespace {
class Gate : public testing::Test {
protected:
  void SetUp() override {
    ptxas = findPtxas();
    if (ptxas.empty() && !emit::hasLinkedAssembler())
      GTEST_SKIP() << "no assembler on this machine";
  }
  std::string ptxas;
};

void printRow(const Shape &shape, const Verdict &verdict) {
  auto products = verdict.kernel.count(emit::SassKind::ProductFromShared) +
                  verdict.kernel.count(emit::SassKind::ProductFromRegisters);
  std::printf("%-48s %-31s %4u %7lld %5d %4zu %6.0f %6.0f  %s\n", shape.name().c_str(), verdict.plan.c_str(),
              verdict.kernel.registers, static_cast<long long>(verdict.sharedBytes), verdict.report.spillBytes, products,
              verdict.lowerMs, verdict.assembleMs, verdict.violations.empty() ? "pass" : "FAIL");
  std::fflush(stdout);
}

/// All shapes of the list run, but only every eighth under a sanitizer, which is that much slower.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ATTN_GATE_STRIDE 8
#endif
#endif
#ifndef ATTN_GATE_STRIDE
#define ATTN_GATE_STRIDE 1
#endif
constexpr size_t stride = ATTN_GATE_STRIDE;

bool mentions(const Verdict &verdict, const std::string &words) {
  for (const std::string &violation : verdict.violations)
    if (violation.find(words) != std::string::npos)
      return true;
  return false;
}

Shape shapeOf(int64_t headDim, const std::string &plan) {
  Shape shape;
  shape.headDim = shape.valueDim = headDim;
  shape.plan = plan;
  return shape;
}
} // namespace

/// Judges all shapes with an assembler, on several threads, and prints a table.
static void judgeAll(const std::vector<Shape> &shapes, const std::string &ptxas) {
  std::printf("%-48s %-31s %4s %7s %5s %4s %6s %6s\n", "kernel", "plan", "regs", "shared", "spill", "mma", "ms", "ptxas");
  std::mutex output;
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t i; (i = next.fetch_add(stride)) < shapes.size();) {
      Verdict verdict = judge(shapes[i], ptxas);
      std::lock_guard<std::mutex> lock(output);
      printRow(shapes[i], verdict);
      for (const std::string &violation : verdict.violations)
        ADD_FAILURE() << shapes[i].name() << " " << shapes[i].plan << ": " << violation;
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0, count = std::min(8u, std::max(1u, std::thread::hardware_concurrency())); i < count; ++i)
    workers.emplace_back(work);
  for (std::thread &worker : workers)
    worker.join();
}

TEST_F(Gate, EveryKernelPasses) {
  judgeAll(std::getenv("ATTN_GATE_ALL") ? allPairs() : coveringShapes(), ptxas);
}

TEST_F(Gate, EveryPlanOfTheTablePasses) { judgeAll(tableShapes(), ptxas); }

TEST_F(Gate, EveryPlanOfTheTablePassesWithANewerAssembler) {
  std::string newer = findNewerPtxas();
  if (newer.empty())
    GTEST_SKIP() << "no newer ptxas: ATTN_PTXAS_NEWER is not set";
  judgeAll(tableShapes(), newer);
}

TEST_F(Gate, CatchesSpills) {
  // Three consumer warpgroups hold 160 registers a thread; scores and output alone are 128.
  Verdict verdict = judge(shapeOf(128, planText(3, 128, 1, true, false)), ptxas);
  EXPECT_TRUE(mentions(verdict, "spilled bytes"));
  EXPECT_TRUE(mentions(verdict, "instructions on local memory"));
  EXPECT_TRUE(mentions(verdict, "C7512"));
}

TEST_F(Gate, CatchesAWaitThatTheAssemblerMoved) {
  // Without the guarded wait for the next keys, ptxas moves the last wait of the loop above the softmax.
  Verdict verdict = judge(shapeOf(128, planText(2, 128, 2, true, false)), ptxas, [](mlir::ModuleOp module) {
    std::vector<mlir::scf::IfOp> guards;
    module.walk([&](mlir::tile::WaitOp wait) {
      if (auto guard = llvm::dyn_cast<mlir::scf::IfOp>(wait->getParentOp()); guard && guard.getNumResults() == 0)
        guards.push_back(guard);
    });
    for (mlir::scf::IfOp guard : guards)
      guard.erase();
  });
  EXPECT_TRUE(mentions(verdict, "exponentials have left their place")) << verdict.violations.size();
}

TEST_F(Gate, CatchesWeightsInRegistersThatAProductReads) {
  // Weights that are rounded under a product get the registers of the last ones if those are not read again behind it.
  Verdict verdict = judge(shapeOf(128, ""), ptxas, [](mlir::ModuleOp module) {
    module.walk([](mlir::tile::TakeOverOp op) {
      op.replaceAllUsesWith(op.getValue());
      op.erase();
    });
  });
  EXPECT_TRUE(mentions(verdict, "C7513"));
}

TEST_F(Gate, CatchesAnAwaitThatMoved) {
  // The value product is awaited at once, though the schedule lets it run under the softmax.
  Verdict verdict = judge(shapeOf(64, ""), ptxas, [](mlir::ModuleOp module) {
    module.walk([&](mlir::scf::ForOp loop) {
      auto awaits = llvm::to_vector(loop.getBody()->getOps<mlir::tile::AwaitOp>());
      if (awaits.size() == 2)
        awaits[1]->moveAfter(awaits[0]);
    });
  });
  EXPECT_FALSE(verdict.violations.empty());
}

TEST_F(Gate, TilesFitByWhatSpills) {
  // The largest key tile that whyPlanDoesNotFit lets pass does not spill, and 16 keys more do where shared memory has room for them.
  // (Four warpgroups from head_dim 112 on are another matter: the assembler holds products against 96 registers.)
  auto check = [&](int64_t headDim, int64_t warpgroups, bool sumColumn) {
    analysis::Workload workload;
    workload.headDim = workload.valueDim = headDim;
    auto why = [&](int64_t kvTile) {
      analysis::PlanShape shape{kvTile, warpgroups, 2};
      shape.sumColumn = sumColumn;
      return analysis::whyPlanDoesNotFit(workload, shape, target::hopper, analysis::fewestOtherRegisters);
    };
    int64_t largest = 256;
    while (largest > 0 && !why(largest).empty())
      largest -= 16;
    auto spills = [&](int64_t kvTile) {
      std::string plan = planText(warpgroups, kvTile, 2, true, false, true);
      plan.insert(plan.size() - 1, sumColumn ? ", rescale_threshold = 15, sum_column = true" : ", rescale_threshold = 15");
      Verdict verdict = judge(shapeOf(headDim, plan), ptxas);
      EXPECT_GT(verdict.kernel.registers, 0u) << plan; // it was assembled
      return mentions(verdict, "spilled bytes");
    };
    ASSERT_GT(largest, 0);
    EXPECT_FALSE(spills(largest)) << headDim << " " << warpgroups << " " << largest;
    if (why(largest + 16).find("registers") != std::string::npos)
      EXPECT_TRUE(spills(largest + 16)) << headDim << " " << warpgroups << " " << largest + 16;
  };
  for (int64_t headDim : {64, 80, 96, 128, 192})
    for (int64_t warpgroups = 2; warpgroups <= (headDim <= 96 ? 4 : 3); ++warpgroups)
      check(headDim, warpgroups, /*sumColumn=*/false);
  for (int64_t warpgroups = 2; warpgroups <= 4; ++warpgroups)
    check(64, warpgroups, /*sumColumn=*/true);
}

TEST(Gates, CatchAnAccessInFrontOfTheWaitForLaunches) {
  using K = emit::SassKind;
  auto of = [](std::vector<std::pair<K, bool>> kinds) {
    emit::CubinKernel kernel;
    for (auto [kind, conditional] : kinds)
      kernel.instructions.push_back({0, kind, 0, conditional});
    return compareWithLaunchWait(kernel);
  };
  EXPECT_EQ(of({{K::BarrierInit, true}, {K::LaunchWait, false}, {K::GlobalLoad, true}, {K::TensorStore, false}}), "");
  for (K access : {K::GlobalLoad, K::GlobalStore, K::TensorLoad, K::TensorStore})
    EXPECT_NE(of({{access, true}, {K::LaunchWait, false}}), "");
  EXPECT_NE(of({{K::LaunchWait, true}, {K::GlobalLoad, false}}), "");
  EXPECT_NE(of({{K::LaunchWait, false}, {K::LaunchWait, false}}), "");
  EXPECT_NE(of({{K::BarrierInit, false}}), "");
}

TEST(Schedules, CompareOneByOne) {
  Schedule schedule = {{Event::FromShared, 128, 4}, {Event::FromRegisters, 64, 8}, {Event::Wait, 1, 0},
                       {Event::Exponentials, 66, 0}, {Event::Wait, 0, 0}};
  EXPECT_EQ(toString(schedule), "SS 128 x4, RS 64 x8, wait 1, exp 66, wait 0");
  EXPECT_EQ(compare(schedule, schedule), "");
  Schedule other = schedule;
  std::swap(other[0], other[1]);
  EXPECT_NE(compare(schedule, other), "");
  other = schedule, other[2].value = 0;
  EXPECT_NE(compare(schedule, other), "");
  other = schedule, other[0].steps = 3;
  EXPECT_NE(compare(schedule, other), "");
  other = schedule, std::swap(other[3], other[4]);
  EXPECT_NE(compare(schedule, other).find("exponentials have left"), std::string::npos);
  other = schedule, other[3].value = 60; // the assembler may move a few
  EXPECT_EQ(compare(schedule, other), "");
}
