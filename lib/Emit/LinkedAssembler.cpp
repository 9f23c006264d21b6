// PTX to machine code by NVIDIA's PTX compiler as a library, in builds that found it. Whole-program compilation, so register
// shares are honoured as by ptxas; nvJitLink, which compiles relocatable code, is no replacement.
#include "AssemblerReport.h"

#ifdef ATTN_HAVE_NVPTXCOMPILER
#include <nvPTXCompiler.h>

#include <memory>

namespace attn::emit {

bool hasLinkedAssembler() { return true; }

namespace {
struct DestroyCompiler {
  void operator()(nvPTXCompiler *compiler) const { nvPTXCompilerDestroy(&compiler); }
};
using Compiler = std::unique_ptr<nvPTXCompiler, DestroyCompiler>;
} // namespace

/// A text that the compiler hands out by size and copy.
template <typename Size, typename Copy>
static std::string textOf(nvPTXCompiler *compiler, Size size, Copy copy) {
  size_t bytes = 0;
  if (size(compiler, &bytes) != NVPTXCOMPILE_SUCCESS || bytes == 0)
    return {};
  std::string text(bytes + 1, '\0');
  if (copy(compiler, text.data()) != NVPTXCOMPILE_SUCCESS)
    return {};
  text.resize(text.find('\0'));
  return text;
}

Result<Assembled> assembleLinked(const std::string &ptx) {
  auto failed = [](std::string what, int code) {
    return Error{Status::CompileFailed, "nvPTXCompiler " + std::move(what) + " with code " + std::to_string(code)};
  };
  nvPTXCompiler *handle = nullptr;
  if (int code = nvPTXCompilerCreate(&handle, ptx.size(), ptx.c_str()))
    return failed("does not take the PTX,", code);
  Compiler compiler(handle);
  const char *options[] = {"-arch=sm_90a", "-v"};
  if (int code = nvPTXCompilerCompile(compiler.get(), 2, options)) {
    std::string log = textOf(compiler.get(), nvPTXCompilerGetErrorLogSize, nvPTXCompilerGetErrorLog);
    return failed("ended (" + log.substr(0, 2000) + ")", code);
  }
  Assembled result;
  size_t bytes = 0;
  if (int code = nvPTXCompilerGetCompiledProgramSize(compiler.get(), &bytes))
    return failed("yields no program,", code);
  result.cubin.resize(bytes);
  if (int code = nvPTXCompilerGetCompiledProgram(compiler.get(), result.cubin.data()))
    return failed("yields no program,", code);
  result.report = readReport(textOf(compiler.get(), nvPTXCompilerGetInfoLogSize, nvPTXCompilerGetInfoLog));
  result.report.version = "nvPTXCompiler" + versionIn(std::string(result.cubin.begin(), result.cubin.end()));
  return result;
}

} // namespace attn::emit

#else

namespace attn::emit {

bool hasLinkedAssembler() { return false; }

Result<Assembled> assembleLinked(const std::string &) {
  return Error{Status::Unsupported, "assembling PTX, expects ptxas or a build with nvPTXCompiler, got neither"};
}

} // namespace attn::emit

#endif
