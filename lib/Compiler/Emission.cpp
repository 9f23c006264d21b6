// Images: code from the emitters, and launch facts from two places. The spec says what the tensors are; the attributes
// that passes left on the kernel function say how it is tiled and what it needs.
#include "Emission.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Emit/Cpu.h"
#include "attn/Emit/Gpu.h"
#include "attn/Target/Cpu.h"
#include "attn/Target/Gpu.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

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
  if (auto plan = kernel->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr)) {
    facts.queryTile = static_cast<uint32_t>(plan.getQueriesOfHead());
    facts.packedHeads = static_cast<uint32_t>(plan.getPackedHeads());
    facts.persistent = plan.getPersistent();
    facts.dynamic = plan.getDynamic();
    facts.split = static_cast<uint32_t>(plan.getSplit());
    facts.partKeys = static_cast<uint32_t>(plan.getLeastPart() * plan.getKvTile());
    facts.splitsFirstTile = plan.getSplit() > 1 && kernel->hasAttr(tile::kGlobalFirstAttr);
  }
  facts.scratchBytes = static_cast<uint64_t>(integerOf(kernel, tile::kScratchBytesAttr));
  facts.sharedBytes = static_cast<uint32_t>(integerOf(kernel, tile::kSharedBytesAttr));
  facts.blockThreads = static_cast<uint32_t>(integerOf(kernel, tile::kBlockThreadsAttr));
  facts.startsEarly = kernel->hasAttr(tile::kStartsEarlyAttr);
  if (auto boxes = kernel->getAttrOfType<DenseI32ArrayAttr>(tile::kBoxesAttr))
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

static Result<std::vector<uint8_t>> emitCpu(Session &session, const SpecFacts &facts, const target::Cpu &cpu,
                                            Emit what) {
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

/// Machine code if there is an assembler; without one an image carries the PTX, which the driver assembles when it loads
/// the kernel.
static Result<std::vector<uint8_t>> emitGpu(Session &session, const SpecFacts &facts, const CompileOptions &options) {
  auto modules = session.module().getOps<gpu::GPUModuleOp>();
  if (modules.empty())
    return Error{Status::CompileFailed, "the lowered module holds no gpu.module"};
  gpu::GPUModuleOp module = *modules.begin();
  Result<std::string> text = options.emit == Emit::Llvm ? emit::emitGpuLlvm(module) : emit::emitPtx(module);
  if (!text)
    return text.error();
  if (options.emit == Emit::Llvm || options.emit == Emit::Ptx)
    return bytesOf(*text);
  Result<std::string> assembler = emit::findAssembler(options.ptxasPath);
  if (!assembler)
    return assembler.error();
  image::Image image;
  image.facts = launchFactsOf(session.module(), facts);
  image.facts.architecture = std::string(target::hopper.name);
  if (!assembler->empty() || emit::hasLinkedAssembler()) {
    Result<emit::Assembled> assembled = emit::assemble(*assembler, *text);
    if (!assembled)
      return assembled.error();
    session.spillBytes = assembled->report.spillBytes;
    session.remarks.insert(session.remarks.end(), assembled->report.notes.begin(), assembled->report.notes.end());
    if (int bytes = assembled->report.spillBytes + assembled->report.stackBytes)
      session.remarks.push_back("assembler: " + std::to_string(bytes) + " bytes of local memory: registers are spilled");
    if (options.emit == Emit::Cubin)
      return std::move(assembled->cubin);
    image.kind = image::Kind::Cubin;
    image.facts.producer += ", " + assembled->report.version;
    image.payload = std::move(assembled->cubin);
    return imageOf(std::move(image));
  }
  if (options.emit == Emit::Cubin)
    return Error{Status::Unsupported, "output cubin, expects ptxas of CUDA 13, found none in CUDA_HOME, /usr/local/cuda "
                                      "or PATH: name it with --ptxas, or ask for an image, which then carries PTX"};
  image.kind = image::Kind::Ptx;
  image.payload = bytesOf(*text);
  return imageOf(std::move(image));
}

Result<std::vector<uint8_t>> emitLowered(Session &session, const SpecFacts &facts, const CompileOptions &options) {
  if (options.target == "cpu")
    return emitCpu(session, facts, *target::getCpu(options.cpu), options.emit);
  return emitGpu(session, facts, options);
}

} // namespace attn::compiler
