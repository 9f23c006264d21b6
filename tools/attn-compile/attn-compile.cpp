// attn-compile: a spec in, an image (or the code or IR it is made of) out. Needs neither a GPU nor a CUDA toolkit; cubins
// need ptxas.
#include "attn/Compiler/Compiler.h"
#include "attn/Compiler/MaskPicture.h"
#include "support/Flags.h"
#include "support/Shapes.h"

#include <cstdio>

using namespace attn;

/// What standard error says of an error, and the exit code.
static int fail(const char *tool, const Error &error) {
  // Diagnostics begin with their place in the spec; the rest needs the tool's name.
  if (error.status == Status::InvalidArgument || error.status == Status::IoError)
    return tools::fail(tool, error.message);
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return error.status == Status::CompileFailed ? tools::Wrong : tools::BadInput;
}

/// The picture of a mask for the lengths of some shapes.
static Result<std::string> drawMask(const std::string &source, const compiler::CompileOptions &options,
                                    const std::vector<std::string> &shapes) {
  Result<compiler::SpecFacts> facts = compiler::describe(source, options.sourceName);
  if (!facts)
    return facts.error();
  Result<reference::Problem> problem = tools::resolveShapes(*facts, shapes, nullptr);
  if (!problem)
    return problem.error();
  Result<compiler::MaskPicture> picture = compiler::drawMask(source, options, problem->queryLength, problem->kvLength);
  if (!picture)
    return picture.error();
  if (!picture->why.empty())
    std::fprintf(stderr, "attn-compile: tiles are visited where the mask is not derived: %s\n", picture->why.c_str());
  return picture->svg();
}

int main(int argc, char **argv) {
  constexpr const char *tool = "attn-compile";
  compiler::CompileOptions options;
  std::string spec, output, table, emit = "image";
  std::vector<std::string> shapes;
  unsigned lengthHint = 0;
  tools::Flags flags(tool, "compiles an attention spec for one target");
  flags.file(&spec, "SPEC", "a spec, docs/spec.md; - for standard input");
  flags.value("--target", &options.target, "TARGET", "cpu (default) or sm_90a");
  flags.value("--cpu", &options.cpu, "LEVEL", "host (default), plain, avx2, avx512 or avx512bf16: what CPU code may use");
  flags.value("-o", &output, "FILE", "where the result goes; - (default for text) is standard output");
  flags.value("--emit", &emit, "KIND", "image (default), ptx, cubin, object, llvm, mlir or mask-picture");
  flags.list("--shape", &shapes, "q=BxHxSxD ...", "shapes of q, k and v for a mask picture, an SVG (default: lengths 1024)");
  flags.value("--stop-after", &options.stopAfter, "STAGE", "print the IR of a stage: " + compiler::stageNames());
  flags.value("--dump-dir", &options.dumpDirectory, "DIR", "write one numbered file a stage");
  flags.value("--plan", &options.plan, "PLAN", "a #tile.plan<...> instead of the chosen one");
  flags.value("--plan-table", &table, "FILE", "plans to look into before the compiler's own, as attn-tune writes them");
  flags.number("--length-hint", &lengthHint, "N", "keys to plan for where the spec leaves their extent open");
  flags.value("--ptxas", &options.ptxasPath, "PATH", "the ptxas to use");
  flags.toggle("--remarks", &options.remarks, "say what was decided, and why");
  flags.toggle("--verify-each", &options.verifyEach, "verify the IR after each pass");
  if (Error error = flags.parse(argc, argv); error.status != Status::Ok)
    return tools::fail(tool, error.message);
  if (flags.wantsHelp) {
    std::fputs(flags.help().c_str(), stdout);
    return tools::Right;
  }

  bool picture = emit == "mask-picture";
  std::optional<compiler::Emit> kind = compiler::emitOf(options.stopAfter.empty() && !picture ? emit : "mlir");
  if (!kind)
    return tools::fail(tool, "--emit, expects image, ptx, cubin, object, llvm, mlir or mask-picture, got '" + emit + "'");
  if (!shapes.empty() && !picture)
    return tools::fail(tool, "--shape, expects --emit=mask-picture");
  options.emit = *kind;
  bool text = *kind == compiler::Emit::Ptx || *kind == compiler::Emit::Llvm || *kind == compiler::Emit::Mlir;
  if (output.empty() && !text)
    return tools::fail(tool, "-o, expects a file for output " + emit);

  options.lengthHint = lengthHint;
  if (Error error = tools::readPlanTable(table, options.planTable); error.status != Status::Ok)
    return tools::fail(tool, error.message);
  options.sourceName = spec == "-" ? "<stdin>" : spec;
  Result<std::string> source = tools::readText(spec);
  if (!source)
    return tools::fail(tool, source.error().message);
  if (picture) {
    Result<std::string> svg = drawMask(*source, options, shapes);
    if (!svg)
      return fail(tool, svg.error());
    Error error = tools::writeBytes(output.empty() ? "-" : output, svg->data(), svg->size());
    return error.status == Status::Ok ? tools::Right : fail(tool, error);
  }
  Result<compiler::CompileOutput> result = compiler::compile(*source, options);
  if (!result)
    return fail(tool, result.error());
  for (const std::string &line : result->warnings)
    std::fprintf(stderr, "%s\n", line.c_str());
  for (const std::string &line : result->remarks)
    std::fprintf(stderr, "%s\n", line.c_str());
  Error error = tools::writeBytes(output.empty() ? "-" : output, result->bytes.data(), result->bytes.size());
  return error.status == Status::Ok ? tools::Right : tools::fail(tool, error.message);
}
