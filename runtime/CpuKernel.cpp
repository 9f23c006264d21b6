// CPU kernels: code from a loader or from the caller, scratch memory for each worker, launches split over the pool.
#include "Error.h"
#include "Kernel.h"
#include "Sequences.h"
#include "ThreadPool.h"

#include <cinttypes>
#include <cstdlib>
#include <mutex>

namespace attn::runtime {

namespace {

constexpr uint64_t scratchAlignment = 64;

std::mutex loaderMutex;
attnCpuLoader currentLoader{};

struct FreeMemory {
  void operator()(void *memory) const { std::free(memory); }
};

class CpuKernel final : public Kernel {
public:
  CpuKernel(image::Image &image, attnCpuFunction function)
      : Kernel(image.kind, std::move(image.facts)), function(function),
        stride((facts.scratchBytes + scratchAlignment - 1) / scratchAlignment * scratchAlignment) {}

  ~CpuKernel() override {
    if (loader.unload)
      loader.unload(loader.context, state);
  }

  /// Takes over code that `from` has loaded.
  void own(const attnCpuLoader &from, attnCpuFunction loaded, void *loadedState) {
    loader = from;
    function = loaded;
    state = loadedState;
  }

  /// Makes scratch for `workers` threads. After load only a raised thread count gets here again.
  bool reserve(unsigned workers) {
    if (workers <= reserved || stride == 0)
      return true;
    void *memory = nullptr;
    if (posix_memalign(&memory, scratchAlignment, stride * workers) != 0)
      return false;
    scratch.reset(memory);
    reserved = workers;
    return true;
  }

  Status launch(void *, const attnTensor *tensors, size_t count) override {
    BoundLaunch bound;
    if (Status status = bindArguments(facts, Place::Cpu, tensors, count, bound); status != Status::Ok)
      return status;
    if (bound.empty())
      return Status::Ok;
    if (Status status = checkSequencesOnHost(facts, bound); status != Status::Ok)
      return status;
    Call call{this, bound.block, threadCount()};
    Job job{&CpuKernel::runPrograms, &call, bound.batch * bound.headTiles * bound.tiles};
    if (!runJob(job, call.workers, &CpuKernel::prepare))
      return fail(Status::OutOfMemory, "launch expects %" PRIu64 " bytes of scratch for each of %u threads, got none",
                  facts.scratchBytes, call.workers);
    return Status::Ok;
  }

private:
  struct Call {
    CpuKernel *kernel;
    const int64_t *block;
    unsigned workers;
  };

  /// Runs with the pool owned, so no other launch uses the scratch that this may replace.
  static bool prepare(void *context) {
    auto *call = static_cast<Call *>(context);
    return call->kernel->reserve(call->workers);
  }

  static void runPrograms(void *context, unsigned worker, int64_t first, int64_t last) {
    auto *call = static_cast<Call *>(context);
    auto *base = static_cast<char *>(call->kernel->scratch.get());
    call->kernel->function(call->block, first, last, base ? base + call->kernel->stride * worker : nullptr);
  }

  attnCpuFunction function;
  uint64_t stride;
  std::unique_ptr<void, FreeMemory> scratch;
  unsigned reserved = 0;
  attnCpuLoader loader{};
  void *state = nullptr;
};

Status makeKernel(image::Image &image, attnCpuFunction function, std::unique_ptr<CpuKernel> &kernel) {
  if (Status status = checkFacts(image.facts, Place::Cpu); status != Status::Ok)
    return status;
  kernel = std::make_unique<CpuKernel>(image, function);
  if (!kernel->reserve(threadCount()))
    return fail(Status::OutOfMemory, "load expects %" PRIu64 " bytes of scratch for each of %u threads, got none",
                kernel->facts.scratchBytes, threadCount());
  return Status::Ok;
}

} // namespace

Status setCpuLoader(const attnCpuLoader *loader) {
  if (loader && (!loader->load || !loader->unload))
    return fail(Status::InvalidArgument, "CPU loader expects both functions, load and unload, got a null pointer");
  std::lock_guard<std::mutex> lock(loaderMutex);
  currentLoader = loader ? *loader : attnCpuLoader{};
  return Status::Ok;
}

Status loadCpuKernel(image::Image image, KernelPointer &kernel) {
  attnCpuLoader loader;
  {
    std::lock_guard<std::mutex> lock(loaderMutex);
    loader = currentLoader;
  }
  if (!loader.load)
    return fail(Status::Unsupported, "loading a CPU image expects a loader, got none; link attn_compiler and set its "
                                     "loader with attnRuntimeSetCpuLoader, or link the kernel's object and use "
                                     "attnKernelFromFunction");
  std::vector<uint8_t> object = std::move(image.payload);
  std::unique_ptr<CpuKernel> made;
  if (Status status = makeKernel(image, nullptr, made); status != Status::Ok)
    return status;
  attnCpuObject described{object.data(), object.size(), made->facts.symbol.c_str(), made->facts.architecture.c_str()};
  attnCpuFunction function = nullptr;
  void *state = nullptr;
  char message[512] = "";
  attnStatus status = loader.load(loader.context, &described, &function, &state, message, sizeof message);
  message[sizeof message - 1] = 0;
  if (status != ATTN_OK)
    return fail(static_cast<Status>(status), "%s", message[0] ? message : "the CPU loader refused the kernel");
  made->own(loader, function, state);
  if (!function)
    return fail(Status::InvalidImage, "CPU loader expects to find symbol %s, got a null pointer",
                made->facts.symbol.c_str());
  kernel = std::move(made);
  return Status::Ok;
}

Status makeCpuKernel(const void *bytes, size_t size, attnCpuFunction function, KernelPointer &kernel) {
  if (!bytes || !function)
    return fail(Status::InvalidArgument, "kernel expects an image and a function, got a null pointer");
  auto image = image::parse(static_cast<const uint8_t *>(bytes), size);
  if (!image)
    return fail(image.error());
  if (image->kind != image::Kind::CpuObject)
    return fail(Status::InvalidArgument,
                "kernel from a function expects a CPU image, got one for %s; use attnKernelLoad",
                image->facts.architecture.c_str());
  std::unique_ptr<CpuKernel> made;
  if (Status status = makeKernel(*image, function, made); status != Status::Ok)
    return status;
  kernel = std::move(made);
  return Status::Ok;
}

} // namespace attn::runtime
