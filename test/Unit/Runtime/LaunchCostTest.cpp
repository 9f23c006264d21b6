// What a launch costs the host on a real GPU, beside the driver's own launch of the same kernel with the same parameters: the
// difference is the runtime's part, the rest is the driver's and the machine's.
#include "DeviceTest.h"

#include "Arguments.h"
#include "Modules.h"
#include "TensorMaps.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <dlfcn.h>
#include <functional>
#include <unistd.h>

namespace attn::runtime::test {

/// Something that is timed, call by call, in turns with the others.
struct Contestant {
  const char *name, *what;
  std::function<int()> call;
  std::vector<double> microseconds;

  double quantile(double part) {
    auto middle = microseconds.begin() + static_cast<ptrdiff_t>(part * double(microseconds.size()));
    std::nth_element(microseconds.begin(), middle, microseconds.end());
    return *middle;
  }
};

class LaunchCostTest : public DeviceTest {
protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (IsSkipped() || HasFatalFailure())
      return;
    for (int i = 0; i < 5; ++i)
      tensors[i] = {buffers[i], i == 4 ? ATTN_F32 : ATTN_BF16, i == 4 ? 3 : 4, i == 1 || i == 2 ? keyShape : shape,
                    nullptr};
    image = probeImage();
    ASSERT_EQ(openDriver(driver), Status::Ok);
    ASSERT_EQ(driver->cuCtxGetCurrent(&context), 0);
    ASSERT_EQ(loadFunction(*driver, context, image, function), Status::Ok);
    ASSERT_EQ(bindArguments(image.facts, Place::Gpu, tensors, 5, bound), Status::Ok);
    TensorMaps encoder;
    unsigned count = 0;
    ASSERT_EQ(encoder.get(*driver, image.facts, bound, maps, count), Status::Ok);
    ASSERT_EQ(count, 3u);
    for (unsigned i = 0; i < 3; ++i)
      parameters[i] = &maps[i];
    parameters[3] = bound.block;
    // A stream of our own, by functions that the runtime itself has no use for.
    void *library = dlopen("libcuda.so.1", RTLD_NOW);
    ASSERT_NE(library, nullptr);
    auto create = reinterpret_cast<int (*)(Stream *, unsigned)>(dlsym(library, "cuStreamCreate"));
    ASSERT_NE(create, nullptr);
    ASSERT_EQ(create(&stream, 1), 0); // 1: does not wait for the default stream
  }

  int launchByRuntime(Stream on) { return static_cast<int>(attnKernelLaunch(kernel->get(), on, tensors, 5)); }

  int launchByDriver(Stream on) {
    cu::LaunchConfig config{2, heads, batches, 64, 1, 1, image.facts.sharedBytes, on, nullptr, 0};
    return driver->cuLaunchKernelEx(&config, function, parameters, nullptr);
  }

  /// Short blocks of calls, so that all see the same noise, and a wait between them, so that the queue never fills up.
  void race(std::vector<Contestant> &contestants) {
    constexpr int rounds = 41, calls = 25;
    for (int round = 0; round < rounds; ++round)
      for (Contestant &contestant : contestants) {
        for (int i = 0; i < calls; ++i) {
          auto begin = std::chrono::steady_clock::now();
          int code = contestant.call();
          std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - begin;
          ASSERT_EQ(code, 0) << contestant.name << ": " << attnLastErrorMessage();
          if (round > 0) // the first is for warming up
            contestant.microseconds.push_back(time.count());
        }
        ASSERT_EQ(device->synchronize().status, Status::Ok) << contestant.name << " in round " << round;
      }
  }

  int64_t shape[4] = {batches, heads, queries, dim}, keyShape[4] = {batches, heads / 2, queries, dim};
  attnTensor tensors[5];
  image::Image image;
  const Driver *driver = nullptr;
  Context context = nullptr;
  Function function = nullptr;
  Stream stream = nullptr;
  BoundLaunch bound;
  TensorMap maps[3];
  void *parameters[4];
};

TEST_F(LaunchCostTest, IsBelowFiveMicroseconds) {
  Context current = nullptr;
  std::vector<Contestant> all = {
      {"runtime", "attnKernelLaunch", [&] { return launchByRuntime(nullptr); }, {}},
      {"driver", "cuLaunchKernelEx alone", [&] { return launchByDriver(nullptr); }, {}},
      {"runtime_on_stream", "attnKernelLaunch, stream of its own", [&] { return launchByRuntime(stream); }, {}},
      {"driver_on_stream", "cuLaunchKernelEx, stream of its own", [&] { return launchByDriver(stream); }, {}},
      {"current", "cuCtxGetCurrent", [&] { return driver->cuCtxGetCurrent(&current); }, {}},
      {"system_call", "getppid, a system call", [] { return getppid() < 0; }, {}},
      {"clock", "nothing but the clock", [] { return 0; }, {}},
  };
  race(all);
  if (HasFatalFailure())
    return;
  std::printf("host time of a call in microseconds    median     90 %%\n");
  for (Contestant &contestant : all) {
    std::printf("  %-42s %6.2f   %6.2f\n", contestant.what, contestant.quantile(0.5), contestant.quantile(0.9));
    RecordProperty(std::string(contestant.name) + "_us", std::to_string(contestant.quantile(0.5)));
  }
  double ours = all[0].quantile(0.5), bare = all[1].quantile(0.5);
  std::printf("  %-42s %6.2f\n", "the runtime's part", ours - bare);
  RecordProperty("difference_us", std::to_string(ours - bare));
  EXPECT_LT(ours, 5.0) << "of which the driver takes " << bare;
  EXPECT_LT(ours - bare, 0.5);
}

} // namespace attn::runtime::test
