// How long a warm process takes to compile a kernel: to machine code for the GPU, with the assembler's run, and to object
// code for the CPU. Prints medians. What is held against the budget is processor time, the assembler's included, so that
// other work on the machine does not fail the test; on an idle core it is the time on the clock.
#include "attn/Compiler/Compiler.h"

#include "GateKernel.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
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

class CompileTime : public testing::Test {
protected:
  /// Compiles every kernel a few times, the first one once more in front, and returns the median processor time.
  static double measure(const std::string &target, const std::string &ptxas) {
    constexpr int repeats = 3;
    std::vector<double> processor, clock;
    compiler::CompileOptions options;
    options.target = target;
    options.ptxasPath = ptxas;
    bool warm = false;
    for (const Shape &shape : everydayShapes()) {
      std::vector<double> own;
      for (int i = warm ? 0 : -1; i < repeats; ++i, warm = true) {
        double before = processorMilliseconds();
        auto start = std::chrono::steady_clock::now();
        Result<compiler::CompileOutput> output = compiler::compile(shape.text(), options);
        auto end = std::chrono::steady_clock::now();
        EXPECT_TRUE(bool(output)) << shape.name() << ": " << output.error().message;
        if (!output)
          return 0;
        if (i < 0)
          continue;
        own.push_back(processorMilliseconds() - before);
        processor.push_back(own.back());
        clock.push_back(std::chrono::duration<double, std::milli>(end - start).count());
      }
      std::printf("%-8s %-40s %6.0f ms\n", target.c_str(), shape.name().c_str(), median(own));
    }
    std::printf("%-8s median: processor %.0f ms, clock %.0f ms\n", target.c_str(), median(processor), median(clock));
    return median(processor);
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
  EXPECT_LE(measure("sm_90a", ptxas), 600 * slowdown);
}

TEST_F(CompileTime, OfACpuKernelIsAtMost150Milliseconds) { EXPECT_LE(measure("cpu", ""), 150 * slowdown); }
