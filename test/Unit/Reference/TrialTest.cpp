// A verdict is right for a right result and names what is wrong with a planted fault. The kernel under test here is
// the unfused yardstick itself, whose error ratio is about 1.
#include "attn/Reference/Trial.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

using namespace attn::reference;

namespace {

/// Writes a dense array into a view.
void scatter(const std::vector<double> &values, const TensorView &view) {
  size_t at = 0;
  for (int64_t b = 0; b < view.shape[0]; ++b)
    for (int64_t h = 0; h < view.shape[1]; ++h)
      for (int64_t s = 0; s < view.shape[2]; ++s)
        for (int64_t d = 0; d < view.shape[3]; ++d)
          view.store(b, h, s, d, values[at++]);
}

void runUnfused(const Problem &problem, Trial &trial) {
  std::vector<double> output(trial.output.view().elements()), lse(trial.lse.view().elements());
  unfusedAttention(problem, trial.query.view(), trial.key.view(), trial.value.view(), output.data(), lse.data());
  scatter(output, trial.output.view());
  if (trial.wantsLse)
    scatter(lse, trial.lse.view());
}

Problem sampleProblem() {
  Problem problem;
  problem.batch = 2;
  problem.queryHeads = 4;
  problem.kvHeads = 2;
  problem.queryLength = 9;
  problem.kvLength = 7;
  problem.causality.kind = CausalityKind::BottomRight; // the first two queries of a head see nothing
  problem.scale = 0.25;
  problem.type = ElementType::BF16;
  return problem;
}

struct Fault {
  const char *message;
  void (*plant)(Trial &);
};

void breakGuard(GuardedTensor &tensor, size_t byte) { static_cast<uint8_t *>(tensor.memory())[byte] ^= 0x10; }

} // namespace

TEST(Trial, TheYardstickIsRightOnRandomSpecs) {
  SpecGenerator generator({3, true, false, 1'000'000});
  for (uint64_t index = 0; index < 60; ++index) {
    Spec spec = generator.at(index);
    Trial trial(spec);
    runUnfused(spec.problem, trial);
    Verdict verdict = trial.judge();
    EXPECT_TRUE(verdict) << spec.summary() << ": " << verdict.failure;
    EXPECT_LE(verdict.outputRatio, 1.5);
  }
}

TEST(Trial, PlantedFaultsAreNamed) {
  const Fault faults[] = {
      {"expects output with an error ratio", [](Trial &t) { t.output.view().store(1, 2, 8, 3, 5); }},
      {"[1, 3, 8, 15]: expected", [](Trial &t) { t.output.view().store(1, 3, 8, 15, NAN); }},
      {"expects output with an error ratio", [](Trial &t) { t.output.fillNaN(); }},
      {"expects log-sum-exp with an error ratio", [](Trial &t) { t.lse.view().store(0, 1, 4, 0, 9); }},
      {"expects log-sum-exp with an error ratio", [](Trial &t) { t.lse.view().store(0, 1, 0, 0, -1e30); }},
      {"expects output 0 where a query sees no key", [](Trial &t) { t.output.view().store(0, 0, 1, 2, 1e-9); }},
      {"expects the query and the memory around it", [](Trial &t) { t.query.view().store(0, 0, 0, 0, 0); }},
      {"expects the key and the memory around it", [](Trial &t) { breakGuard(t.key, 0); }},
      {"expects the value and the memory around it", [](Trial &t) { breakGuard(t.value, t.value.memoryBytes() - 1); }},
      {"outside the output to be left alone", [](Trial &t) { breakGuard(t.output, t.output.offsetBytes() - 1); }},
      {"outside the log-sum-exp to be left alone, got a write at element offset -520",
       [](Trial &t) { breakGuard(t.lse, 0); }},
  };
  for (const Fault &fault : faults) {
    Problem problem = sampleProblem();
    Trial trial(problem, denseLayouts(problem), true, 1);
    runUnfused(problem, trial);
    ASSERT_TRUE(trial.judge()) << trial.judge().failure;
    fault.plant(trial);
    Verdict verdict = trial.judge();
    EXPECT_FALSE(verdict) << fault.message;
    EXPECT_NE(verdict.failure.find(fault.message), std::string::npos) << verdict.failure;
  }
}

TEST(Trial, WithoutLseItIsNotLookedAtButGuarded) {
  Problem problem = sampleProblem();
  Trial trial(problem, denseLayouts(problem), false, 1);
  runUnfused(problem, trial);
  EXPECT_TRUE(trial.judge());
  breakGuard(trial.lse, 0);
  EXPECT_FALSE(trial.judge());
}

TEST(Trial, SomeRowsAreJudgedAlone) {
  Problem problem = sampleProblem();
  Trial trial(problem, denseLayouts(problem), true, 1);
  runUnfused(problem, trial);
  Expectation expected =
      expectationOf(problem, trial.query.view(), trial.key.view(), trial.value.view(), {{0, 1, 5}, {1, 3, 0}, {1, 3, 8}});
  TensorView output = trial.output.view(), lse = trial.lse.view();
  EXPECT_TRUE(judgeValues(expected, problem.type, output, &lse));
  output.store(1, 3, 7, 0, 99);
  EXPECT_TRUE(judgeValues(expected, problem.type, output, &lse));
  output.store(1, 3, 8, 4, 99);
  Verdict verdict = judgeValues(expected, problem.type, output, &lse);
  EXPECT_NE(verdict.failure.find("[1, 3, 8, 4]"), std::string::npos) << verdict.failure;
  output.store(1, 3, 0, 1, 1e-9);
  output.store(1, 3, 8, 4, expected.output[2 * problem.valueDim + 4]);
  EXPECT_NE(judgeValues(expected, problem.type, output, nullptr).failure.find("[1, 3, 0, 1]"), std::string::npos);
}
