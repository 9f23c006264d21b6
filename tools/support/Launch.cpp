// Machines, launch memory, and kernels from the JIT.
#include "Launch.h"

#include "Flags.h"

#include "attn/Compiler/CpuLoader.h"
#include "attn/Target/Cpu.h"

#include <chrono>
#include <cstring>
#include <fstream>

namespace attn::tools {

static bool isError(const Error &error) { return error.status != Status::Ok; }

Result<Machine> Machine::open(const std::string &target) {
  Machine machine;
  machine.name = target;
  if (target == "auto") {
    attnGpuInfo gpu;
    bool fits = attnRuntimeGetGpu(0, &gpu) == ATTN_OK && gpu.major == 9 && gpu.minor == 0;
    machine.name = fits ? "sm_90a" : "cpu";
  }
  if (machine.name == "sm_90a") {
    Result<runtime::Device> device = runtime::Device::open();
    if (!device)
      return Error{device.error().status, "target sm_90a, " + device.error().message + "; --target=cpu needs no GPU"};
    machine.device = std::move(*device);
  } else if (machine.name != "cpu") {
    return Error{Status::InvalidArgument, "--target, expects auto, cpu or sm_90a, got '" + target + "'"};
  }
  return machine;
}

/// The processor's name as the kernel knows it, or nothing.
static std::string processorName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("model name", 0) == 0 && line.find(": ") != line.npos)
      return line.substr(line.find(": ") + 2);
  return "CPU";
}

std::string Machine::hardware() const {
  if (device)
    return device->name() + ", driver for CUDA " + std::to_string(device->driverVersion() / 1000) + "." +
           std::to_string(device->driverVersion() % 1000 / 10);
  return processorName() + " (" + target::getHostCpu().name + "), " + std::to_string(attnRuntimeGetThreadCount()) +
         " threads";
}

Result<LaunchMemory> LaunchMemory::make(const Machine &machine, std::vector<HostTensor> tensors) {
  LaunchMemory memory;
  memory.device = machine.gpu();
  memory.host = std::move(tensors);
  memory.seen.reserve(memory.host.size());
  for (HostTensor &tensor : memory.host) {
    void *base = tensor.memory;
    if (memory.device) {
      Result<void *> copy = memory.device->allocate(tensor.bytes);
      if (!copy)
        return copy.error();
      memory.copies.push_back(base = *copy);
      if (Error error = memory.device->upload(base, tensor.memory, tensor.bytes); isError(error))
        return error;
    }
    memory.seen.push_back({base ? static_cast<char *>(base) + tensor.offset : nullptr, tensor.type, tensor.rank,
                           tensor.shape, tensor.strides});
  }
  return memory;
}

LaunchMemory::~LaunchMemory() {
  for (void *copy : copies)
    (void)device->free(copy);
}

Error LaunchMemory::launch(const Kernel &kernel) const {
  Error error = kernel.launch(seen.data(), seen.size());
  return isError(error) || !device ? error : device->synchronize();
}

Result<std::vector<double>> LaunchMemory::time(const Kernel &kernel, unsigned repeats, double budget) const {
  std::vector<double> times;
  double spent = 0;
  while (times.size() < repeats && (times.empty() || budget == 0 || spent < budget)) {
    auto start = std::chrono::steady_clock::now();
    auto work = [&] { return kernel.launch(seen.data(), seen.size()); };
    Result<double> taken = 0.0;
    if (device) {
      taken = device->time(work);
      if (!taken)
        return taken.error();
    } else if (Error error = work(); isError(error)) {
      return error;
    }
    double wall = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    times.push_back(device ? *taken : wall);
    spent += wall;
  }
  return times;
}

Result<double> LaunchMemory::timeStream(const Kernel &kernel, unsigned count) const {
  auto work = [&] {
    Error error;
    for (unsigned i = 0; i != count && !isError(error); ++i)
      error = kernel.launch(seen.data(), seen.size());
    return error;
  };
  if (device) {
    Result<double> taken = device->time(work);
    return taken ? Result<double>(*taken / count) : taken;
  }
  auto start = std::chrono::steady_clock::now();
  if (Error error = work(); isError(error))
    return error;
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count() / count;
}

Error LaunchMemory::poison(size_t index) const {
  std::memset(host[index].memory, 0xff, host[index].bytes);
  return device ? device->fill(copies[index], 0xff, host[index].bytes) : Error();
}

Error LaunchMemory::upload(size_t index) const {
  return device ? device->upload(copies[index], host[index].memory, host[index].bytes) : Error();
}

Error LaunchMemory::download(size_t index) const {
  if (!device)
    return {};
  return device->download(host[index].memory, copies[index], host[index].bytes);
}

Result<JitKernel> jitKernel(compiler::Jit &jit, std::string_view spec, const compiler::CompileOptions &options) {
  Result<compiler::JitImage> image = jit.get(spec, options);
  if (!image)
    return image.error();
  Result<Kernel> kernel = Kernel::load(image->bytes);
  if (!kernel && kernel.error().status == Status::InvalidImage && image->fromCache) {
    jit.forget(spec, options);
    image = jit.get(spec, options);
    if (!image)
      return image.error();
    kernel = Kernel::load(image->bytes);
  }
  if (!kernel)
    return kernel.error();
  return JitKernel{std::move(*kernel), image->milliseconds, image->fromCache};
}

void installCpuLoader() {
  attnCpuLoader loader = compiler::cpuLoader();
  (void)attnRuntimeSetCpuLoader(&loader);
}

int exitCode(const Error &error) {
  switch (error.status) {
  case Status::Ok:
    return Right;
  case Status::CompileFailed:
  case Status::InvalidImage:
  case Status::DriverError:
    return Wrong;
  default:
    return BadInput;
  }
}

} // namespace attn::tools
