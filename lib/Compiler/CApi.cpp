// The C interface over the compiler library: handles, options with a size, the last error of each thread. Kernels of the
// JIT are made by the runtime library, so that both agree on handles.
#include "attn-c/Compiler.h"

#include "attn/Compiler/CpuLoader.h"
#include "attn/Compiler/Jit.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>

using namespace attn;

struct attnCompiledState {
  compiler::CompileOutput output;
  std::vector<std::string> messages;
};

struct attnJitState {
  explicit attnJitState(const cache::Options &options) : jit(options) {}
  compiler::Jit jit;
};

static std::string &lastError() {
  thread_local std::string message;
  return message;
}

static attnStatus fail(const Error &error) {
  lastError() = error.message;
  return static_cast<attnStatus>(error.status);
}

static attnStatus fail(Status status, const char *message) { return fail(Error{status, message}); }

/// Runs a call's body and turns what it throws into a status.
template <typename Body>
static attnStatus guarded(Body body) {
  try {
    return body();
  } catch (const std::bad_alloc &) {
    return fail(Status::OutOfMemory, "out of memory");
  } catch (...) {
    return fail(Status::CompileFailed, "an unexpected exception was thrown");
  }
}

/// "sm_90a" if the runtime sees such a GPU, else "cpu".
static const char *findTarget() {
  attnGpuInfo gpu;
  return attnRuntimeGetGpu(0, &gpu) == ATTN_OK && gpu.major == 9 && gpu.minor == 0 ? "sm_90a" : "cpu";
}

/// Takes over the fields that the caller's version of the struct has.
static Result<compiler::CompileOptions> readOptions(const attnCompileOptions *given) {
  attnCompileOptions all;
  attnCompileOptionsInit(&all);
  if (given) {
    if (given->size < offsetof(attnCompileOptions, plan) || given->size > 4096)
      return Error{Status::InvalidArgument, "options, expects size to be set by attnCompileOptionsInit"};
    std::memcpy(&all, given, std::min(given->size, sizeof all));
  }
  auto text = [](const char *string) { return std::string(string ? string : ""); };
  compiler::CompileOptions options;
  if (all.emit < ATTN_EMIT_IMAGE || all.emit > ATTN_EMIT_MLIR)
    return Error{Status::InvalidArgument, "options, expects emit to be an attnEmit, got " + std::to_string(all.emit)};
  options.target = !all.target || std::strcmp(all.target, "auto") == 0 ? findTarget() : all.target;
  options.plan = text(all.plan);
  options.emit = static_cast<compiler::Emit>(all.emit);
  options.remarks = all.remarks != 0;
  options.verifyEach = all.verifyEach != 0;
  options.stopAfter = text(all.stopAfter);
  options.dumpDirectory = text(all.dumpDirectory);
  options.ptxasPath = text(all.ptxas);
  if (all.sourceName)
    options.sourceName = all.sourceName;
  options.planTable = text(all.planTable);
  options.lengthHint = all.lengthHint;
  return options;
}

uint32_t attnCompilerVersion(void) { return 1000; }

const char *attnCompilerLastErrorMessage(void) { return lastError().c_str(); }

void attnCompileOptionsInit(attnCompileOptions *options) {
  if (!options)
    return;
  std::memset(options, 0, sizeof *options);
  options->size = sizeof *options;
}

attnStatus attnCompile(const char *spec, size_t length, const attnCompileOptions *given, attnCompiled *result) {
  if (!result)
    return fail(Status::InvalidArgument, "compile expects a place for the result, got a null pointer");
  *result = nullptr;
  if (!spec)
    return fail(Status::InvalidArgument, "compile expects the text of a spec, got a null pointer");
  return guarded([&] {
    Result<compiler::CompileOptions> options = readOptions(given);
    if (!options)
      return fail(options.error());
    Result<compiler::CompileOutput> output = compiler::compile({spec, length}, *options);
    if (!output)
      return fail(output.error());
    auto *made = new attnCompiledState{std::move(*output), {}};
    made->messages = made->output.warnings;
    made->messages.insert(made->messages.end(), made->output.remarks.begin(), made->output.remarks.end());
    *result = made;
    return attnStatus(ATTN_OK);
  });
}

const void *attnCompiledBytes(attnCompiled result, size_t *size) {
  if (size)
    *size = result ? result->output.bytes.size() : 0;
  return result ? result->output.bytes.data() : nullptr;
}

size_t attnCompiledMessageCount(attnCompiled result) { return result ? result->messages.size() : 0; }

const char *attnCompiledMessage(attnCompiled result, size_t index) {
  return result && index < result->messages.size() ? result->messages[index].c_str() : nullptr;
}

void attnCompiledDestroy(attnCompiled result) { delete result; }

attnStatus attnCompilerInstallCpuLoader(void) {
  attnCpuLoader loader = compiler::cpuLoader();
  attnStatus status = attnRuntimeSetCpuLoader(&loader);
  return status == ATTN_OK ? status : fail(Error{static_cast<Status>(status), attnLastErrorMessage()});
}

attnStatus attnJitCreate(const char *cacheDirectory, attnJit *jit) {
  if (!jit)
    return fail(Status::InvalidArgument, "JIT expects a place for its handle, got a null pointer");
  *jit = nullptr;
  return guarded([&] {
    cache::Options options;
    options.directory = cacheDirectory ? cacheDirectory : "";
    *jit = new attnJitState(options);
    return attnStatus(ATTN_OK);
  });
}

static attnStatus loadImage(const std::vector<uint8_t> &image, attnKernel *kernel) {
  attnStatus status = attnKernelLoad(image.data(), image.size(), kernel);
  return status == ATTN_OK ? status : fail(Error{static_cast<Status>(status), attnLastErrorMessage()});
}

attnStatus attnJitGet(attnJit jit, const char *spec, size_t length, const attnCompileOptions *given, attnKernel *kernel,
                      int32_t *fromCache) {
  if (!kernel)
    return fail(Status::InvalidArgument, "JIT expects a place for the kernel, got a null pointer");
  *kernel = nullptr;
  if (!jit || !spec)
    return fail(Status::InvalidArgument, "JIT expects a handle and the text of a spec, got a null pointer");
  return guarded([&] {
    Result<compiler::CompileOptions> options = readOptions(given);
    if (!options)
      return fail(options.error());
    if (attnStatus status = attnCompilerInstallCpuLoader(); status != ATTN_OK)
      return status;
    Result<compiler::JitImage> image = jit->jit.get({spec, length}, *options);
    if (!image)
      return fail(image.error());
    attnStatus status = loadImage(image->bytes, kernel);
    if (status == ATTN_INVALID_IMAGE && image->fromCache) {
      // The cache served something that the driver does not take: make it anew, once.
      jit->jit.forget({spec, length}, *options);
      image = jit->jit.get({spec, length}, *options);
      if (!image)
        return fail(image.error());
      status = loadImage(image->bytes, kernel);
    }
    if (fromCache)
      *fromCache = image->fromCache;
    return status;
  });
}

void attnJitDestroy(attnJit jit) { delete jit; }
