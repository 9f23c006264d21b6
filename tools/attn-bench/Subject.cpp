// Reads the file, and compiles or loads.
#include "Subject.h"

#include "support/Flags.h"

#include <algorithm>

namespace attn::tools {

static Error invalid(std::string sentence) { return {Status::InvalidArgument, std::move(sentence)}; }

/// What an image says of its tensors. Its causality, scale and regions are code, and not told.
static compiler::SpecFacts factsOf(const image::Image &image) {
  compiler::SpecFacts facts;
  facts.symbol = image.facts.symbol;
  facts.arguments = image.facts.arguments;
  facts.type = facts.arguments.front().type;
  for (const image::Argument &argument : facts.arguments) {
    if (argument.role == image::Role::Query)
      facts.headDim = argument.shape[3];
    if (argument.role == image::Role::Value)
      facts.valueDim = argument.shape[3];
    facts.hasLse |= argument.role == image::Role::Lse;
    facts.hasCaptures |= argument.role == image::Role::Capture;
    if (argument.role == image::Role::Key)
      facts.kvHeads = std::max<int64_t>(1, argument.shape[1]);
  }
  facts.queryHeads = facts.kvHeads * image.facts.headsPerGroup;
  return facts;
}

/// An image and a spec that cannot belong together.
static Error checkSameTensors(const compiler::SpecFacts &image, const compiler::SpecFacts &spec) {
  auto same = [](const image::Argument &a, const image::Argument &b) {
    return a.role == b.role && a.type == b.type && std::equal(a.shape, a.shape + 4, b.shape);
  };
  if (image.symbol == spec.symbol && image.arguments.size() == spec.arguments.size() &&
      std::equal(image.arguments.begin(), image.arguments.end(), spec.arguments.begin(), same))
    return {};
  return invalid("--spec, expects the spec that the image was made from, got one with other tensors or another name");
}

static Result<Subject> openImage(const SubjectOptions &options, const std::string &bytes) {
  if (!options.plan.empty())
    return invalid("--plan, expects a spec to compile, got an image");
  auto *data = reinterpret_cast<const uint8_t *>(bytes.data());
  Result<image::Image> image = image::parse(data, bytes.size());
  if (!image)
    return image.error();
  compiler::SpecFacts facts = factsOf(*image);
  if (!options.spec.empty()) {
    Result<std::string> text = readText(options.spec);
    if (!text)
      return text.error();
    Result<compiler::SpecFacts> described = compiler::describe(*text, options.spec);
    if (!described)
      return described.error();
    if (Error error = checkSameTensors(facts, *described); error.status != Status::Ok)
      return error;
    facts = std::move(*described);
  }
  std::string target = image->kind == image::Kind::CpuObject ? "cpu" : "sm_90a";
  if (options.target != "auto" && options.target != target)
    return invalid("--target, expects " + target + " as in the image, got " + options.target);
  Result<Machine> machine = Machine::open(target);
  if (!machine)
    return machine.error();
  Result<Kernel> kernel = Kernel::load(bytes.data(), bytes.size());
  if (!kernel)
    return kernel.error();
  return Subject{std::move(*machine), std::move(facts), {std::move(*kernel), 0, false}, true, !options.spec.empty()};
}

static Result<Subject> openSpec(const SubjectOptions &options, const std::string &text) {
  if (!options.spec.empty())
    return invalid("--spec, expects an image as the file, got a spec");
  compiler::CompileOptions compileOptions;
  compileOptions.sourceName = options.file == "-" ? "<stdin>" : options.file;
  compileOptions.plan = options.plan;
  compileOptions.ptxasPath = options.ptxas;
  Result<compiler::SpecFacts> facts = compiler::describe(text, compileOptions.sourceName);
  if (!facts)
    return facts.error();
  Result<Machine> machine = Machine::open(options.target);
  if (!machine)
    return machine.error();
  compileOptions.target = machine->target();
  compiler::Jit jit;
  Result<JitKernel> kernel = jitKernel(jit, text, compileOptions);
  if (!kernel)
    return kernel.error();
  return Subject{std::move(*machine), std::move(*facts), std::move(*kernel), false, true};
}

Result<Subject> Subject::open(const SubjectOptions &options) {
  Result<std::string> bytes = readText(options.file);
  if (!bytes)
    return bytes.error();
  installCpuLoader();
  return bytes->rfind("ATTNIMAG", 0) == 0 ? openImage(options, *bytes) : openSpec(options, *bytes);
}

} // namespace attn::tools
