// GPU kernels: which device and context, what the device must have, and the launch itself.
#include "Counters.h"
#include "Driver.h"
#include "Error.h"
#include "Kernel.h"
#include "LastLaunch.h"
#include "Modules.h"
#include "Process.h"
#include "Sequences.h"
#include "TensorMaps.h"

#include <algorithm>
#include <cstdlib>

namespace attn::runtime {

namespace {

/// Of a persistent kernel: blocks that the whole device holds at once, a multiple of those of a cluster.
struct Resident {
  int64_t blocks = 0, cluster = 1;
  int64_t multiprocessors = 0; ///< where they count
};

class GpuKernel final : public Kernel {
public:
  GpuKernel(image::Image &image, const Driver &driver, Context context, int ordinal, Function function,
            Resident resident)
      : Kernel(image.kind, std::move(image.facts)), driver(driver), context(context), ordinal(ordinal),
        function(function), resident(resident), pid(currentProcess()) {}

  int device() const override { return ordinal; }

  Status launch(void *stream, const attnTensor *tensors, size_t count) override {
    BoundLaunch bound;
    PreparedLaunch prepared;
    bool recalled = !checked && lastLaunch.recall(tensors, count, prepared);
    if (!recalled) {
      if (Status status = bindArguments(facts, Place::Gpu, tensors, count, bound); status != Status::Ok)
        return status;
      if (bound.empty())
        return Status::Ok;
    }
    if (pid != currentProcess())
      return fail(Status::DriverError, "GPU kernel expects the process that loaded it, got a forked child; start "
                                       "worker processes by spawn instead of fork");
    // Any thread may launch, so the kernel's context comes first: the driver refuses to make tensor maps without one.
    ContextScope scope(driver, context);
    if (scope.status() != Status::Ok)
      return scope.status();
    if (checked)
      if (Status status = checkSequencesOnDevice(driver, static_cast<Stream>(stream), facts, bound); status != Status::Ok)
        return status;
    if (!recalled) {
      if (Status status = prepare(bound, prepared); status != Status::Ok)
        return status;
      lastLaunch.keep(tensors, count, prepared);
    }
    return launch(static_cast<Stream>(stream), prepared);
  }

private:
  Status prepare(const BoundLaunch &bound, PreparedLaunch &prepared) {
    if (Status status = tensorMaps.get(driver, facts, bound, prepared.maps, prepared.mapCount); status != Status::Ok)
      return status;
    prepared.wordCount = bound.words;
    std::copy_n(bound.block, bound.words, prepared.block);
    setGrid(bound, prepared);
    return Status::Ok;
  }

  /// Blocks that share a program (LaunchFacts::partKeys).
  int64_t partsOf(const BoundLaunch &bound) const {
    if (facts.partKeys == 0)
      return facts.split;
    int64_t programs = bound.batch * bound.headTiles * (facts.splitsFirstTile ? 1 : bound.tiles), parts = 1;
    auto isWorthIt = [&](int64_t blocks) {
      int64_t least = int64_t(facts.partKeys) * (2 * programs * blocks <= resident.multiprocessors ? 1 : 2);
      return programs * blocks <= resident.multiprocessors && blocks * least <= bound.keys;
    };
    while (parts < facts.split && isWorthIt(2 * parts))
      parts *= 2;
    return parts;
  }

  /// Blocks for the query tiles of a head, whole clusters where blocks share them.
  int64_t blocksOfHead(int64_t tiles, int64_t split) const {
    if (!facts.splitsFirstTile)
      return tiles * split;
    return (split + tiles - 1 + split - 1) / split * split;
  }

  /// A block a program; for a persistent kernel as many blocks as the GPU holds at once, which share out the programs.
  void setGrid(const BoundLaunch &bound, PreparedLaunch &prepared) const {
    int64_t parts = partsOf(bound);
    unsigned(&grid)[3] = prepared.grid;
    prepared.parts = facts.partKeys ? static_cast<unsigned>(parts) : 1;
    int64_t programs = bound.batch * bound.headTiles * bound.tiles;
    int64_t wholeClusters = (programs + resident.cluster - 1) / resident.cluster * resident.cluster;
    grid[0] = static_cast<unsigned>(facts.persistent ? std::min(resident.blocks, wholeClusters) : blocksOfHead(bound.tiles, parts));
    grid[1] = facts.persistent ? 1 : static_cast<unsigned>(bound.headTiles);
    grid[2] = facts.persistent ? 1 : static_cast<unsigned>(bound.batch);
  }

  Status launch(Stream stream, PreparedLaunch &prepared) {
    void *parameters[maxArguments + 1];
    for (unsigned i = 0; i < prepared.mapCount; ++i)
      parameters[i] = &prepared.maps[i];
    parameters[prepared.mapCount] = prepared.block;
    if (facts.dynamic)
      prepared.block[prepared.wordCount] = counterOf(driver, stream);
    cu::LaunchAttribute attributes[2];
    unsigned attributeCount = 0;
    if (prepared.parts > 1)
      attributes[attributeCount++] = {cu::ClusterDimension, 0, {prepared.parts, 1, 1}};
    if (startsEarly)
      attributes[attributeCount++] = {cu::ProgrammaticStreamSerialization, 0, {1}};
    const unsigned *grid = prepared.grid;
    cu::LaunchConfig config{grid[0], grid[1], grid[2], facts.blockThreads, 1, 1, facts.sharedBytes, stream, attributes, attributeCount};
    int code = driver.cuLaunchKernelEx(&config, function, parameters, nullptr);
    return code ? driverFailure(driver, "launch", code) : Status::Ok;
  }

  const Driver &driver;
  Context context;
  int ordinal;
  Function function;
  Resident resident;
  pid_t pid;
  /// Launches begin while those before them on the stream end. Drivers before CUDA 12.3 cannot capture such launches in graphs.
  const bool startsEarly = facts.startsEarly && driver.version >= 12030;
  const bool checked = checksNumbers(); ///< numbers in the GPU's memory too, at every launch
  TensorMaps tensorMaps;
  LastLaunch lastLaunch;
};

/// The device a kernel is loaded on.
struct Target {
  Context context = nullptr;
  int device = 0;
  int major = 0, minor = 0;
};

/// The calling thread's context, else the primary one of device 0. A primary context that is retained here is kept
/// for the life of the process, like the code in it.
Status chooseContext(const Driver &driver, Target &target) {
  if (int code = driver.cuCtxGetCurrent(&target.context))
    return driverFailure(driver, "asking for the current context", code);
  if (target.context) {
    if (int code = driver.cuCtxGetDevice(&target.device))
      return driverFailure(driver, "asking for the current device", code);
  } else {
    int code = driver.cuDeviceGet(&target.device, 0);
    if (!code)
      code = driver.cuDevicePrimaryCtxRetain(&target.context, target.device);
    if (code)
      return driverFailure(driver, "opening GPU 0", code);
  }
  int code = driver.cuDeviceGetAttribute(&target.major, cu::Major, target.device);
  if (!code)
    code = driver.cuDeviceGetAttribute(&target.minor, cu::Minor, target.device);
  return code ? driverFailure(driver, "asking for the GPU's architecture", code) : Status::Ok;
}

/// Whether code for "sm_90a" and the like runs on a device. Code with a letter runs on that architecture alone; other
/// machine code also on later minor versions, other PTX on everything later.
bool runsOn(const image::Image &image, const Target &target) {
  const std::string &name = image.facts.architecture;
  if (name.compare(0, 3, "sm_") != 0)
    return false;
  char *end = nullptr;
  long number = std::strtol(name.c_str() + 3, &end, 10), device = target.major * 10 + target.minor;
  if (*end != 0)
    return number == device;
  if (image.kind == image::Kind::Cubin)
    return number / 10 == target.major && number <= device;
  return number <= device;
}

Status checkDevice(const Driver &driver, const image::Image &image, const Target &target) {
  if (!runsOn(image, target))
    return fail(Status::NoDevice, "image expects a GPU of architecture %s, got one of sm_%d%d; compile for that "
                "architecture or for the CPU", image.facts.architecture.c_str(), target.major, target.minor);
  int shared = 0;
  if (int code = driver.cuDeviceGetAttribute(&shared, cu::SharedPerBlockOptin, target.device))
    return driverFailure(driver, "asking for the GPU's shared memory", code);
  if (image.facts.sharedBytes > static_cast<unsigned>(shared))
    return fail(Status::NoDevice, "image expects %u bytes of shared memory, got a GPU with %d; compile for this GPU",
                image.facts.sharedBytes, shared);
  for (const image::Argument &argument : image.facts.arguments)
    if (argument.boxRows != 0 && !driver.cuTensorMapEncodeTiled)
      return fail(Status::DriverTooOld, "image expects a driver that makes tensor maps (CUDA 12.0), got CUDA %d.%d; "
                  "update the NVIDIA driver", driver.version / 1000, driver.version % 1000 / 10);
  return Status::Ok;
}

/// The driver reads as many bytes behind each parameter pointer as the code declares, so the declaration must be the
/// one that the facts describe. Drivers before CUDA 12.4 cannot tell.
Status checkParameters(const Driver &driver, const image::LaunchFacts &facts, Function function) {
  if (!driver.cuFuncGetParamInfo)
    return Status::Ok;
  size_t maps = 0, words = 0;
  for (const image::Argument &argument : facts.arguments) {
    maps += argument.boxRows != 0;
    words += 1 + 2 * argument.rank;
  }
  words += facts.dynamic;
  for (size_t i = 0; i <= maps; ++i) {
    size_t offset = 0, size = 0, expected = i < maps ? sizeof(TensorMap) : words * sizeof(int64_t);
    int code = driver.cuFuncGetParamInfo(function, i, &offset, &size);
    if (code && code != cu::InvalidValue)
      return driverFailure(driver, "asking for the kernel's parameters", code);
    if (code || size != expected)
      return fail(Status::InvalidImage, "image expects kernel parameter %zu of %zu bytes, got %zu; compile it again", i,
                  expected, size);
  }
  size_t offset = 0, size = 0;
  if (driver.cuFuncGetParamInfo(function, maps + 1, &offset, &size) == cu::Success)
    return fail(Status::InvalidImage, "image expects %zu kernel parameters, got more; compile it again", maps + 1);
  return Status::Ok;
}

Status prepareFunction(const Driver &driver, const image::LaunchFacts &facts, Function function) {
  int threads = 0;
  if (int code = driver.cuFuncGetAttribute(&threads, cu::MaxThreadsPerBlock, function))
    return driverFailure(driver, "asking for the kernel's block size", code);
  if (static_cast<unsigned>(threads) < facts.blockThreads)
    return fail(Status::InvalidImage, "image expects blocks of %u threads, got code for at most %d; compile it again",
                facts.blockThreads, threads);
  if (Status status = checkParameters(driver, facts, function); status != Status::Ok)
    return status;
  if (int code = driver.cuFuncSetAttribute(function, cu::MaxDynamicShared, static_cast<int>(facts.sharedBytes)))
    return driverFailure(driver, "setting the kernel's shared memory", code);
  return Status::Ok;
}

/// How many blocks of a kernel the whole device holds at once. The code itself says how many make a cluster.
Status countResidentBlocks(const Driver &driver, const image::LaunchFacts &facts, Function function, int device,
                           Resident &resident) {
  int multiprocessors = 0, each = 0, cluster = 0;
  if (int code = driver.cuDeviceGetAttribute(&multiprocessors, cu::Multiprocessors, device))
    return driverFailure(driver, "asking for the GPU's multiprocessors", code);
  if (int code = driver.cuOccupancyMaxActiveBlocksPerMultiprocessor(&each, function, static_cast<int>(facts.blockThreads),
                                                                    facts.sharedBytes))
    return driverFailure(driver, "asking for the kernel's blocks on a multiprocessor", code);
  if (int code = driver.cuFuncGetAttribute(&cluster, cu::RequiredClusterWidth, function))
    return driverFailure(driver, "asking for the kernel's cluster", code);
  resident.multiprocessors = multiprocessors;
  resident.cluster = std::max(1, cluster);
  int64_t clusters = int64_t(multiprocessors) * each / resident.cluster;
  resident.blocks = std::max<int64_t>(1, clusters) * resident.cluster;
  return Status::Ok;
}

} // namespace

Status loadGpuKernel(image::Image image, KernelPointer &kernel) {
  if (Status status = checkFacts(image.facts, Place::Gpu); status != Status::Ok)
    return status;
  const Driver *driver = nullptr;
  if (Status status = openDriver(driver); status != Status::Ok)
    return status;
  Target target;
  if (Status status = chooseContext(*driver, target); status != Status::Ok)
    return status;
  if (Status status = checkDevice(*driver, image, target); status != Status::Ok)
    return status;
  ContextScope scope(*driver, target.context);
  if (scope.status() != Status::Ok)
    return scope.status();
  Function function = nullptr;
  if (Status status = loadFunction(*driver, target.context, image, function); status != Status::Ok)
    return status;
  if (Status status = prepareFunction(*driver, image.facts, function); status != Status::Ok)
    return status;
  Resident resident;
  if (image.facts.persistent || image.facts.partKeys)
    if (Status status = countResidentBlocks(*driver, image.facts, function, target.device, resident);
        status != Status::Ok)
      return status;
  kernel = std::make_unique<GpuKernel>(image, *driver, target.context, target.device, function, resident);
  return Status::Ok;
}

} // namespace attn::runtime
