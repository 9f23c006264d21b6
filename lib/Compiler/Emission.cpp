// Images: code from the emitters, and launch facts from two places. The spec says what the tensors are; the attributes
// that passes left on the kernel function say how it is tiled and what it needs.
#include "Emission.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Emit/Cpu.h"
#include "attn/Target/Cpu.h"

using namespace mlir;

namespace attn::compiler {

/// The operation that carries the kernel's attributes, whatever it has become.
static Operation *findKernel(ModuleOp module) {
  Operation *kernel = nullptr;
  module.walk([&](Operation *op) {
    kernel = op;
    return op->hasAttr(tile::kRolesAttr) ? WalkResult::interrupt() : WalkResult::advance();
  });
  return kernel;
}

static int64_t integerOf(Operation *kernel, StringRef name) {
  auto attribute = kernel->getAttrOfType<IntegerAttr>(name);
  return attribute ? attribute.getInt() : 0;
}

static image::LaunchFacts launchFactsOf(ModuleOp module, const SpecFacts &spec) {
  image::LaunchFacts facts;
  Operation *kernel = findKernel(module);
  facts.symbol = spec.symbol;
  facts.arguments = spec.arguments;
  facts.headsPerGroup = static_cast<uint32_t>(spec.queryHeads / spec.kvHeads);
  if (auto plan = kernel->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr))
    facts.queryTile = static_cast<uint32_t>(plan.getQueryTile());
  facts.scratchBytes = static_cast<uint64_t>(integerOf(kernel, "tile.scratch_bytes"));
  facts.sharedBytes = static_cast<uint32_t>(integerOf(kernel, tile::kSharedBytesAttr));
  facts.blockThreads = static_cast<uint32_t>(integerOf(kernel, "tile.block_threads"));
  if (auto boxes = kernel->getAttrOfType<DenseI32ArrayAttr>("tile.boxes"))
    for (size_t i = 0; i != facts.arguments.size() && 2 * i + 1 < static_cast<size_t>(boxes.size()); ++i) {
      facts.arguments[i].boxRows = static_cast<uint32_t>(boxes[2 * i]);
      facts.arguments[i].boxColumns = static_cast<uint32_t>(boxes[2 * i + 1]);
    }
  facts.producer = producerName();
  return facts;
}

static std::vector<uint8_t> bytesOf(const std::string &text) { return {text.begin(), text.end()}; }

static Result<std::vector<uint8_t>> imageOf(image::Image image) {
  if (Error error = image::check(image); error.status != Status::Ok)
    return Error{Status::CompileFailed, "the compiled image is not valid: " + error.message};
  return image::serialize(image);
}

static Result<std::vector<uint8_t>> emitCpu(Session &session, const SpecFacts &facts, Emit what) {
  const target::Cpu &cpu = target::getHostCpu();
  if (what == Emit::Llvm) {
    Result<std::string> text = emit::emitCpuLlvm(session.module(), cpu);
    return text ? Result<std::vector<uint8_t>>(bytesOf(*text)) : text.error();
  }
  image::Image image;
  image.kind = image::Kind::CpuObject;
  image.facts = launchFactsOf(session.module(), facts);
  image.facts.architecture = cpu.features;
  Result<std::vector<uint8_t>> object = emit::emitCpuObject(session.module(), cpu);
  if (!object || what == Emit::Object)
    return object;
  image.payload = std::move(*object);
  return imageOf(std::move(image));
}

Result<std::vector<uint8_t>> emitLowered(Session &session, const SpecFacts &facts, const CompileOptions &options) {
  if (options.target == "cpu")
    return emitCpu(session, facts, options.emit);
  return Error{Status::Unsupported, "target " + options.target + " has no emitter in this build"};
}

} // namespace attn::compiler
