// Loading GPU images: which device, which context, and every way in which the driver or the image can be unfit.
#include "GpuTest.h"

#include "attn/Runtime/Device.h"

#include <sys/wait.h>
#include <unistd.h>

namespace attn::runtime::test {

unsigned long long GpuTest::contextId = 100;

using GpuLoadTest = GpuTest;

TEST_F(GpuLoadTest, Facts) {
  ASSERT_EQ(load(gpuImage()), ATTN_OK) << attnLastErrorMessage();
  attnKernelInfo info;
  ASSERT_EQ(attnKernelGetInfo(kernel, &info), ATTN_OK);
  EXPECT_EQ(info.kind, ATTN_KERNEL_CUBIN);
  EXPECT_EQ(info.device, 0);
  EXPECT_EQ(info.blockThreads, 384u);
  EXPECT_EQ(info.sharedBytes, 200000u);
  EXPECT_STREQ(info.architecture, "sm_90a");
}

TEST_F(GpuLoadTest, NothingTouchesTheDriverBeforeALoad) {
  auto cpu = image::serialize(cpuImage());
  attnKernel cpuKernel = nullptr;
  attnKernelFromFunction(cpu.data(), cpu.size(), [](const int64_t *, int64_t, int64_t, void *) {}, &cpuKernel);
  attnKernelDestroy(cpuKernel);
  EXPECT_EQ(fake.calls, 0);
}

TEST_F(GpuLoadTest, TakesTheCurrentContext) {
  fake.current = reinterpret_cast<void *>(0x1003); // the context of device 3
  ASSERT_EQ(load(gpuImage()), ATTN_OK) << attnLastErrorMessage();
  attnKernelInfo info;
  attnKernelGetInfo(kernel, &info);
  EXPECT_EQ(info.device, 3);
  EXPECT_EQ(fake.retains, 0);
}

TEST_F(GpuLoadTest, TakesThePrimaryContextOfDevice0WithoutOne) {
  ASSERT_EQ(load(gpuImage()), ATTN_OK);
  EXPECT_EQ(fake.retains, 1);
  EXPECT_EQ(fake.current, nullptr);
}

TEST_F(GpuLoadTest, PtxEndsInAZero) {
  ASSERT_EQ(load(gpuImage(image::Kind::Ptx)), ATTN_OK) << attnLastErrorMessage();
  EXPECT_STREQ(fake.code, ".version 8.0 // a test");
}

TEST_F(GpuLoadTest, SameCodeIsLoadedOnce) {
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(load(gpuImage()), ATTN_OK);
  EXPECT_EQ(fake.moduleLoads, 1);
  EXPECT_EQ(fake.moduleUnloads, 0);
  fake.nextId = ++contextId;
  ASSERT_EQ(load(gpuImage()), ATTN_OK);
  EXPECT_EQ(fake.moduleLoads, 2);
  auto other = gpuImage();
  other.payload.back() ^= 1;
  ASSERT_EQ(load(other), ATTN_OK);
  EXPECT_EQ(fake.moduleLoads, 3);
}

TEST_F(GpuLoadTest, APersistentKernelNeedsToKnowHowManyBlocksThereAre) {
  image::Image image = gpuImage();
  image.facts.persistent = true;
  fake.failing = "cuOccupancyMaxActiveBlocksPerMultiprocessor";
  fake.failure = 1;
  expectLoadFails(image, ATTN_DRIVER_ERROR, "asking for the kernel's blocks on a multiprocessor");
}

TEST_F(GpuLoadTest, NoDriverLibrary) {
  useDriverLibrary("/nowhere/libcuda.so.1");
  expectLoadFails(gpuImage(), ATTN_NO_DEVICE, "expects the NVIDIA driver's library /nowhere/libcuda.so.1, got none");
  attnGpuInfo info;
  EXPECT_EQ(attnRuntimeGetGpu(0, &info), ATTN_NO_DEVICE);
  EXPECT_FALSE(Device::open());
}

TEST_F(GpuLoadTest, LibraryThatIsNoDriver) {
  useDriverLibrary("libm.so.6");
  expectLoadFails(gpuImage(), ATTN_DRIVER_TOO_OLD, "expects the function cu");
}

TEST_F(GpuLoadTest, DriverOfCuda11) {
  fake.version = 11080;
  expectLoadFails(gpuImage(), ATTN_DRIVER_TOO_OLD, "expects to support CUDA 12.0 or later, got 11.8");
}

TEST_F(GpuLoadTest, DriverWithoutTensorMaps) {
  useDriverLibrary(FAKE_OLD_DRIVER_LIBRARY);
  expectLoadFails(gpuImage(), ATTN_DRIVER_TOO_OLD, "");
}

struct InitCase {
  int code;
  attnStatus status;
  const char *words;
};

TEST_F(GpuLoadTest, InitialisationErrors) {
  const InitCase cases[] = {
      {100, ATTN_NO_DEVICE, "at least one visible NVIDIA device, got none"},
      {34, ATTN_NO_DEVICE, "the toolkit's stub"},
      {3, ATTN_DRIVER_ERROR, "by spawn instead of fork"},
      {802, ATTN_NO_DEVICE, "(802)"},
      {803, ATTN_DRIVER_TOO_OLD, "(803)"},
      {999, ATTN_DRIVER_ERROR, "(999)"},
  };
  for (const InitCase &c : cases) {
    useDriverLibrary(FAKE_DRIVER);
    fake.failing = "cuInit";
    fake.failure = c.code;
    expectLoadFails(gpuImage(), c.status, c.words);
    fake.failing = nullptr;
    EXPECT_EQ(load(gpuImage()), ATTN_OK); // a failure is not remembered
  }
}

TEST_F(GpuLoadTest, ModuleErrors) {
  const InitCase cases[] = {
      {200, ATTN_INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE; compile the kernel again"},
      {209, ATTN_NO_DEVICE, "expects a GPU of architecture sm_90a"},
      {222, ATTN_DRIVER_TOO_OLD, "expects a newer GPU driver, got one for CUDA 13.0"},
      {2, ATTN_OUT_OF_MEMORY, "(2)"},
      {900, ATTN_DRIVER_ERROR, "(900)"},
  };
  fake.failing = "cuModuleLoadDataEx";
  for (const InitCase &c : cases) {
    fake.failure = c.code;
    expectLoadFails(gpuImage(), c.status, c.words);
  }
  // The same error means something else on a driver older than the assembler.
  fake.version = 12040;
  useDriverLibrary(FAKE_DRIVER);
  fake.failure = 200;
  expectLoadFails(gpuImage(), ATTN_DRIVER_TOO_OLD, "ptxas 13.0.88 expects a newer GPU driver, got one for CUDA 12.4");
}

TEST_F(GpuLoadTest, AssemblerMessageOfPtx) {
  fake.log = "ptxas fatal: line 1: no\nmore";
  fake.failing = "cuModuleLoadDataEx";
  fake.failure = 218;
  expectLoadFails(gpuImage(image::Kind::Ptx), ATTN_DRIVER_ERROR, "loading the image (ptxas fatal: line 1: no) expects");
}

TEST_F(GpuLoadTest, OtherArchitectures) {
  for (int major : {8, 10, 12}) {
    fake.major = major;
    expectLoadFails(gpuImage(), ATTN_NO_DEVICE, "expects a GPU of architecture sm_90a, got one of sm_" +
                                                     std::to_string(major) + "0; compile for that");
  }
  EXPECT_EQ(fake.moduleLoads, 0);
}

TEST_F(GpuLoadTest, PlainArchitecturesRunOnLaterDevices) {
  auto cubin = gpuImage(), ptx = gpuImage(image::Kind::Ptx);
  cubin.facts.architecture = ptx.facts.architecture = "sm_80";
  fake.major = 8;
  fake.minor = 6;
  EXPECT_EQ(load(cubin), ATTN_OK);
  fake.major = 9;
  EXPECT_EQ(load(cubin), ATTN_NO_DEVICE);
  EXPECT_EQ(load(ptx), ATTN_OK);
  ptx.facts.architecture = "avx512f";
  EXPECT_EQ(load(ptx), ATTN_NO_DEVICE);
}

TEST_F(GpuLoadTest, CodeThatIsNoGpuCode) {
  auto image = gpuImage();
  image.payload[18] = 62; // x86-64
  expectLoadFails(image, ATTN_INVALID_IMAGE, "expects GPU machine code");
  image.payload.resize(10);
  expectLoadFails(image, ATTN_INVALID_IMAGE, "expects GPU machine code");
}

TEST_F(GpuLoadTest, MissingKernel) {
  fake.symbol = "other";
  expectLoadFails(gpuImage(), ATTN_INVALID_IMAGE, "to have the kernel attention");
  EXPECT_EQ(fake.moduleUnloads, 1);
}

TEST_F(GpuLoadTest, ParametersThatDiffer) {
  fake.parameterBytes[3] -= 8;
  expectLoadFails(gpuImage(), ATTN_INVALID_IMAGE, "expects kernel parameter 3 of 344 bytes, got 336");
  fake.parameterBytes[3] += 8;
  fake.parameterCount = 3;
  expectLoadFails(gpuImage(), ATTN_INVALID_IMAGE, "expects kernel parameter 3 of 344 bytes, got 0");
  fake.parameterCount = 5;
  expectLoadFails(gpuImage(), ATTN_INVALID_IMAGE, "expects 4 kernel parameters, got more");
}

TEST_F(GpuLoadTest, TooMuchSharedMemoryOrThreads) {
  fake.sharedOptin = 101376;
  expectLoadFails(gpuImage(), ATTN_NO_DEVICE, "expects 200000 bytes of shared memory, got a GPU with 101376");
  fake.sharedOptin = 232448;
  fake.maxThreads = 256;
  expectLoadFails(gpuImage(), ATTN_INVALID_IMAGE, "blocks of 384 threads, got code for at most 256");
}

TEST_F(GpuLoadTest, FactsThatDescribeNoKernel) {
  auto broken = [](auto change) {
    auto image = gpuImage();
    change(image.facts);
    return image;
  };
  using Facts = image::LaunchFacts;
  const char *again = "image expects";
  expectLoadFails(broken([](Facts &f) { f.arguments.clear(); }), ATTN_INVALID_IMAGE, again);
  expectLoadFails(broken([](Facts &f) { std::swap(f.arguments[0], f.arguments[1]); }), ATTN_INVALID_IMAGE, again);
  expectLoadFails(broken([](Facts &f) { f.arguments.push_back(f.arguments[4]); }), ATTN_INVALID_IMAGE, again);
  expectLoadFails(broken([](Facts &f) { f.arguments[1].rank = 3; }), ATTN_INVALID_IMAGE, again);
  expectLoadFails(broken([](Facts &f) { f.arguments[1].shape[3] = 64; }), ATTN_INVALID_IMAGE, again);
  expectLoadFails(broken([](Facts &f) { f.arguments[0].boxColumns = 65; }), ATTN_INVALID_IMAGE, again);
  expectLoadFails(broken([](Facts &f) { f.arguments[0].boxRows = 257; }), ATTN_INVALID_IMAGE, again);
  expectLoadFails(broken([](Facts &f) { f.headsPerGroup = 0; }), ATTN_INVALID_IMAGE, again);
  expectLoadFails(broken([](Facts &f) { f.queryTile = 0; }), ATTN_INVALID_IMAGE, again);
  expectLoadFails(broken([](Facts &f) { f.blockThreads = 0; }), ATTN_INVALID_IMAGE, again);
  expectLoadFails(broken([](Facts &f) { f.arguments[4].type = image::ElementType::BF16; }), ATTN_INVALID_IMAGE, again);
  EXPECT_EQ(fake.moduleLoads, 0);
}

TEST_F(GpuLoadTest, ForkedChildIsRefusedWithASentence) {
  ASSERT_EQ(load(gpuImage()), ATTN_OK);
  pid_t child = ::fork();
  if (child == 0) {
    GpuProblem problem;
    bool refused = launch(problem) == ATTN_DRIVER_ERROR;
    refused = refused && std::string(attnLastErrorMessage()).find("forked") != std::string::npos;
    attnKernel other = nullptr;
    auto bytes = image::serialize(gpuImage());
    refused = refused && attnKernelLoad(bytes.data(), bytes.size(), &other) == ATTN_DRIVER_ERROR;
    ::_exit(refused ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(GpuLoadTest, DescribesGpus) {
  attnGpuInfo info;
  ASSERT_EQ(attnRuntimeGetGpu(0, &info), ATTN_OK);
  EXPECT_STREQ(info.name, "Fake GPU 0");
  EXPECT_EQ(info.major, 9);
  EXPECT_EQ(info.driverVersion, 13000);
  EXPECT_EQ(info.multiprocessors, 132);
  EXPECT_EQ(attnRuntimeGetGpu(1, &info), ATTN_NO_DEVICE);
  expectMessage("an ordinal from 0 to 0, got 1");
  EXPECT_EQ(attnRuntimeGetGpu(-1, &info), ATTN_NO_DEVICE);
  EXPECT_EQ(fake.retains, 0);
}

TEST_F(GpuLoadTest, DeviceMovesMemoryAndTimes) {
  auto device = Device::open();
  ASSERT_TRUE(device) << device.error().message;
  EXPECT_EQ(device->architecture(), "sm_90");
  auto memory = device->allocate(1000);
  ASSERT_TRUE(memory);
  int sent[4] = {1, 2, 3, 4}, got[4] = {};
  EXPECT_EQ(device->fill(*memory, 255, 1000).status, Status::Ok);
  EXPECT_EQ(device->upload(*memory, sent, sizeof sent).status, Status::Ok);
  EXPECT_EQ(device->download(got, *memory, sizeof got).status, Status::Ok);
  EXPECT_EQ(got[3], 4);
  EXPECT_EQ(device->synchronize().status, Status::Ok);
  auto milliseconds = device->time([] { return Error{}; });
  ASSERT_TRUE(milliseconds);
  EXPECT_EQ(*milliseconds, 1.5);
  auto failed = device->time([] { return Error{Status::InvalidArgument, "no"}; });
  EXPECT_EQ(failed.error().message, "no");
  EXPECT_EQ(device->free(*memory).status, Status::Ok);
  fake.failing = "cuMemAlloc_v2";
  fake.failure = 2;
  EXPECT_EQ(device->allocate(1).error().status, Status::OutOfMemory);
}

} // namespace attn::runtime::test
