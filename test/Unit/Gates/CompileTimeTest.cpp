// How long a warm process takes to compile a kernel: to machine code for the GPU, with the assembler's run, and to object
// code for the CPU. What is held against the budget is processor time, the assembler's included, so that other work on the
// machine does not fail the test; on an idle core it is the time on the clock. The budgets are those of one machine. Another
// one, or the same one with other neighbours, may be twice as slow, so what counts is the time beside that of a yardstick, work
// of LLVM's own that is compiled in turns with the kernels.
#include "attn/Compiler/Compiler.h"

#include "GateKernel.h"
#include "Yardstick.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

using namespace attn;
using namespace attn::gates;

namespace {
double processorMilliseconds() {
  double seconds = 0;
  for (int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage;
    getrusage(who, &usage);
    for (const timeval &time : {usage.ru_utime, usage.ru_stime})
      seconds += static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  }
  return 1000 * seconds;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

/// Kernels of everyday use: the common head_dims, with and without a causal mask, and MLA's unequal pair.
std::vector<Shape> everydayShapes() {
  std::vector<Shape> shapes;
  for (auto [headDim, valueDim] : {std::pair<int64_t, int64_t>{64, 64}, {128, 128}, {192, 128}, {256, 256}})
    for (const char *causality : {"", "bottom_right"}) {
      Shape shape;
      shape.headDim = headDim, shape.valueDim = valueDim, shape.causality = causality, shape.lse = true;
      shapes.push_back(shape);
    }
  return shapes;
}

/// Processor time of the yardstick on the machine of the budgets when it was quiet, in milliseconds. A kernel for the GPU
/// took 514 to 530 ms there, one for the CPU 108.
constexpr double yardstickThere = 70;

class CompileTime : public testing::Test {
protected:
  /// Compiles every kernel a few times in turns with the yardstick, everything once more in front. The processor time of
  /// the kernel in the middle, each at its least disturbed, in milliseconds as they would be on the machine of the budgets:
  /// where the yardstick takes longer than there, scaled down by that.
  static double measure(const std::string &target, const std::string &ptxas) {
    constexpr int repeats = 3;
    std::vector<double> kernels, yardsticks;
    compiler::CompileOptions options;
    options.target = target;
    options.ptxasPath = ptxas;
    bool warm = false;
    for (const Shape &shape : everydayShapes()) {
      double kernel = HUGE_VAL, yardstick = HUGE_VAL, clock = HUGE_VAL;
      for (int i = warm ? 0 : -1; i < repeats; ++i, warm = true) {
        double before = processorMilliseconds();
        auto start = std::chrono::steady_clock::now();
        Result<compiler::CompileOutput> output = compiler::compile(shape.text(), options);
        auto end = std::chrono::steady_clock::now();
        double between = processorMilliseconds();
        EXPECT_TRUE(bool(output)) << shape.name() << ": " << output.error().message;
        if (!output)
          return 0;
        compileYardstick();
        if (i < 0)
          continue;
        kernel = std::min(kernel, between - before);
        yardstick = std::min(yardstick, processorMilliseconds() - between);
        clock = std::min(clock, std::chrono::duration<double, std::milli>(end - start).count());
      }
      std::printf("%-8s %-40s %6.0f ms, on the clock %6.0f ms; yardstick %4.0f ms\n", target.c_str(), shape.name().c_str(), kernel,
                  clock, yardstick);
      kernels.push_back(kernel);
      yardsticks.push_back(yardstick);
    }
    double there = median(kernels) / std::max(1.0, median(yardsticks) / yardstickThere);
    std::printf("%-8s median: %.0f ms, yardstick %.0f ms; on the machine of the budget %.0f ms\n", target.c_str(), median(kernels),
                median(yardsticks), there);
    return there;
  }

  /// Whether the kernels keep the budget, by the first of three measurements that says so. (What disturbs kernels alone makes
  /// one longer, what disturbs yardsticks alone shorter; taken in turns and each at its least, few runs have either.)
  static void expectAtMost(double budget, const std::string &target, const std::string &ptxas) {
    double least = measure(target, ptxas);
    for (int i = 1; i < 3 && least > budget; ++i)
      least = std::min(least, measure(target, ptxas));
    EXPECT_LE(least, budget);
  }
};

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ATTN_SLOWED_DOWN
#endif
#endif
#ifdef ATTN_SLOWED_DOWN
constexpr double slowdown = 20;
#else
constexpr double slowdown = 1;
#endif
} // namespace

TEST_F(CompileTime, OfAGpuKernelIsAtMost600Milliseconds) {
  std::string ptxas = findPtxas();
  if (ptxas.empty() && !emit::hasLinkedAssembler())
    GTEST_SKIP() << "no assembler on this machine";
  expectAtMost(600 * slowdown, "sm_90a", ptxas);
}

TEST_F(CompileTime, OfACpuKernelIsAtMost150Milliseconds) { expectAtMost(150 * slowdown, "cpu", ""); }
