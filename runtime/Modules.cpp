// Loading code into a context, with sentences for what the driver refuses.
#include "Modules.h"

#include "Error.h"

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

namespace attn::runtime {

namespace {

/// Contexts are told apart by the driver's id, since a new context may get the address of a destroyed one.
struct Loaded {
  unsigned long long contextId;
  image::Kind kind;
  std::string symbol;
  uint32_t sharedBytes; // an attribute of the function, so kernels that differ in it cannot share one
  std::vector<uint8_t> code;
  Function function;
};

std::mutex mutex;
std::vector<Loaded> *loaded = nullptr; // never destroyed, so exit order does not matter

/// The major version of the assembler named in "..., ptxas 13.0.88", 0 if none is.
int assemblerMajor(const std::string &producer) {
  size_t at = producer.find("ptxas ");
  return at == std::string::npos ? 0 : std::atoi(producer.c_str() + at + 6);
}

Status checkElf(const image::Image &image) {
  // An ELF header is 64 bytes; bytes 18 and 19 name the machine, 190 for CUDA.
  const std::vector<uint8_t> &code = image.payload;
  if (code.size() < 64 || std::memcmp(code.data(), "\177ELF", 4) != 0 || code[18] != 190 || code[19] != 0)
    return fail(Status::InvalidImage, "image expects GPU machine code, got something else; compile the kernel again");
  return Status::Ok;
}

Status loadFailure(const Driver &driver, const image::Image &image, int code, const char *log) {
  const char *producer = image.facts.producer.c_str();
  int driverMajor = driver.version / 1000, major = assemblerMajor(image.facts.producer);
  bool newer = (code == cu::InvalidImage || code == cu::NoBinary) && major > driverMajor;
  if (code == cu::UnsupportedPtx || code == cu::JitCompilerNotFound || newer)
    return fail(Status::DriverTooOld, "image made by %s expects a newer GPU driver, got one for CUDA %d.%d; update the "
                "driver or compile for PTX of its version", producer, driverMajor, driver.version % 1000 / 10);
  if (code == cu::InvalidImage)
    return fail(Status::InvalidImage,
                "image made by %s expects the driver (CUDA %d.%d) to read its code, got CUDA_ERROR_INVALID_IMAGE; "
                "compile the kernel again",
                producer, driverMajor, driver.version % 1000 / 10);
  if (code == cu::NoBinary)
    return fail(Status::NoDevice, "image expects a GPU of architecture %s, got another; compile for this GPU",
                image.facts.architecture.c_str());
  if (log[0]) {
    std::string what = "loading the image (" + std::string(log, strcspn(log, "\n")) + ")";
    return driverFailure(driver, what.c_str(), code);
  }
  return driverFailure(driver, "loading the image", code);
}

Status loadModule(const Driver &driver, const image::Image &image, Function &function) {
  if (image.kind == image::Kind::Cubin)
    if (Status status = checkElf(image); status != Status::Ok)
      return status;
  // PTX is text that must end in a zero.
  std::vector<uint8_t> code = image.payload;
  code.push_back(0);
  char log[512] = "";
  int options[] = {cu::ErrorLog, cu::ErrorLogBytes};
  void *values[] = {log, reinterpret_cast<void *>(static_cast<uintptr_t>(sizeof log - 1))};
  Module module = nullptr;
  if (int error = driver.cuModuleLoadDataEx(&module, code.data(), 2, options, values))
    return loadFailure(driver, image, error, log);
  if (driver.cuModuleGetFunction(&function, module, image.facts.symbol.c_str()) != cu::Success) {
    driver.cuModuleUnload(module);
    return fail(Status::InvalidImage, "image expects its code to have the kernel %s, got none of that name; compile it "
                "again", image.facts.symbol.c_str());
  }
  return Status::Ok;
}

} // namespace

Status loadFunction(const Driver &driver, Context context, const image::Image &image, Function &function) {
  unsigned long long id = 0;
  bool hasId = driver.cuCtxGetId && driver.cuCtxGetId(context, &id) == cu::Success;
  if (!hasId)
    return loadModule(driver, image, function);
  std::lock_guard<std::mutex> lock(mutex);
  if (!loaded)
    loaded = new std::vector<Loaded>;
  for (const Loaded &entry : *loaded)
    if (entry.contextId == id && entry.kind == image.kind && entry.symbol == image.facts.symbol &&
        entry.sharedBytes == image.facts.sharedBytes && entry.code == image.payload) {
      function = entry.function;
      return Status::Ok;
    }
  if (Status status = loadModule(driver, image, function); status != Status::Ok)
    return status;
  loaded->push_back({id, image.kind, image.facts.symbol, image.facts.sharedBytes, image.payload, function});
  return Status::Ok;
}

} // namespace attn::runtime
