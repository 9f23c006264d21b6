// The gate. No register lives in local memory, the assembler has nothing to say about performance, register shares are
// what the roles ask for, products and waits run in the order in which the passes scheduled them, and no memory is touched before
// the launches before have ended.
#include "GateKernel.h"

#include "attn/Compiler/Registration.h"
#include "attn/Conversion/TileToNVVM.h"
#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Target/Gpu.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/STLExtras.h"

#include <chrono>
#include <cstdlib>

using namespace mlir;

namespace attn::gates {

namespace {
using Clock = std::chrono::steady_clock;
double millisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Compiles one kernel and gathers what the gate looks at.
class Trial {
public:
  Trial(const Shape &shape, Verdict &verdict) : shape(shape), verdict(verdict) {
    DialectRegistry registry;
    compiler::registerDialects(registry);
    context.appendDialectRegistry(registry);
    context.disableMultithreading();
  }

  /// False when some step failed; the violation says which.
  bool run(const std::string &ptxas, const Change &change);
  void holdAgainstGate();

private:
  bool fail(std::string violation) {
    verdict.violations.push_back(std::move(violation));
    return false;
  }
  bool lower(const Change &change);
  void readFacts(ModuleOp module);

  const Shape &shape;
  Verdict &verdict;
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  Schedule schedule;
  std::string ptx;
  int64_t producerRegisters = 0, consumerRegisters = 0, threads = 0, residency = 1;
};
} // namespace

void Trial::readFacts(ModuleOp checked) {
  schedule = scheduleOf(checked);
  checked.walk([&](tile::RolesOp roles) {
    producerRegisters = roles.getProducerRegisters();
    consumerRegisters = roles.getConsumerRegisters();
  });
  for (auto kernel : checked.getOps<func::FuncOp>()) {
    auto plan = kernel->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
    threads = 128 * (plan.getWarpgroups() + 1);
    residency = plan.getResidency();
    verdict.plan = std::to_string(plan.getQueryTile()) + "x" + std::to_string(plan.getKvTile()) + " ring " +
                   std::to_string(plan.getStages()) + (plan.getOverlap() ? " overlap" : "") +
                   (plan.getPingPong() ? " ping-pong" : "") + (plan.getPersistent() ? " persistent" : "");
    verdict.sharedBytes = kernel->getAttrOfType<IntegerAttr>(tile::kSharedBytesAttr).getInt();
  }
}

bool Trial::lower(const Change &change) {
  std::string errors;
  ScopedDiagnosticHandler collect(&context, [&](Diagnostic &diagnostic) { errors += diagnostic.str() + "\n"; });
  module = parseSourceString<ModuleOp>(shape.text(), &context);
  if (!module)
    return fail("the spec does not parse: " + errors);
  mlir::attn::PipelineOptions options;
  options.target = "sm_90a";
  options.plan = shape.plan;
  options.stopAfter = mlir::attn::Stage::Checked;
  PassManager upper(&context), lower(&context);
  mlir::attn::buildPipeline(upper, options);
  if (failed(upper.run(*module)))
    return fail("the passes up to stage checked fail: " + errors);
  readFacts(*module);
  if (change)
    change(*module);
  mlir::attn::buildNvvmPipeline(lower);
  if (failed(lower.run(*module)))
    return fail("the conversion to NVVM fails: " + errors);
  Result<std::string> text = emit::emitPtx(*module->getOps<gpu::GPUModuleOp>().begin());
  if (!text)
    return fail(text.error().message);
  ptx = *text;
  return true;
}

bool Trial::run(const std::string &ptxas, const Change &change) {
  Clock::time_point start = Clock::now();
  if (!lower(change))
    return false;
  verdict.lowerMs = millisecondsSince(start);
  start = Clock::now();
  Result<emit::Assembled> assembled = emit::assemble(ptxas, ptx);
  verdict.assembleMs = millisecondsSince(start);
  if (!assembled)
    return fail(assembled.error().message);
  verdict.report = assembled->report;
  Result<emit::Cubin> cubin = emit::readCubin(assembled->cubin);
  if (!cubin)
    return fail(cubin.error().message);
  if (cubin->kernels.size() != 1)
    return fail("expects one kernel, got " + std::to_string(cubin->kernels.size()));
  verdict.kernel = cubin->kernels.front();
  return true;
}

void Trial::holdAgainstGate() {
  const emit::CubinKernel &kernel = verdict.kernel;
  auto atMost = [&](int64_t found, int64_t limit, const char *what) {
    if (found > limit)
      fail(std::string(what) + ": " + std::to_string(found) + ", at most " + std::to_string(limit) + " allowed");
  };
  atMost(verdict.report.spillBytes, 0, "spilled bytes");
  atMost(verdict.report.stackBytes, 0, "stack bytes");
  atMost(kernel.localBytes, 0, "bytes of local memory in the cubin");
  atMost(static_cast<int64_t>(kernel.count(emit::SassKind::LocalLoad) + kernel.count(emit::SassKind::LocalStore)), 0,
         "instructions on local memory");
  atMost(static_cast<int64_t>(kernel.count(emit::SassKind::Call)), 0, "calls");
  for (const std::string &note : verdict.report.notes)
    if (note.find("C75") != std::string::npos)
      fail("the assembler notes: " + note);
  const target::Gpu &gpu = target::hopper;
  atMost(kernel.registers * threads, gpu.registersPerBlock / residency, "registers of a block at launch");
  atMost(128 * producerRegisters + (threads - 128) * consumerRegisters, kernel.registers * threads, "registers of the roles");
  atMost(verdict.sharedBytes, gpu.sharedBytesOf(residency), "bytes of shared memory");
  for (const emit::SassInstruction &instruction : kernel.instructions) {
    bool release = instruction.kind == emit::SassKind::RegisterRelease;
    if ((release || instruction.kind == emit::SassKind::RegisterClaim) &&
        instruction.value != (release ? producerRegisters : consumerRegisters))
      fail("a role holds " + std::to_string(instruction.value) + " registers, which is not what it asked for");
  }
  if (!kernel.count(emit::SassKind::RegisterRelease) || !kernel.count(emit::SassKind::RegisterClaim))
    fail("the roles do not exchange registers");
  for (const std::string &difference : {compare(schedule, scheduleOf(kernel)), compareWithLaunchWait(kernel)})
    if (!difference.empty())
      fail(difference);
}

std::string compareWithLaunchWait(const emit::CubinKernel &kernel) {
  using K = emit::SassKind;
  size_t waits = 0;
  for (const emit::SassInstruction &instruction : kernel.instructions) {
    if (instruction.kind == K::LaunchWait && (instruction.conditional || ++waits > 1))
      return "not all threads wait once for the launches before";
    bool accesses = llvm::is_contained({K::GlobalLoad, K::GlobalStore, K::TensorLoad, K::TensorStore}, instruction.kind);
    if (accesses && waits == 0)
      return emit::stringifySassKind(instruction.kind).str() + " stands in front of the wait for the launches before";
  }
  return waits ? "" : "no thread waits for the launches before";
}

Verdict judge(const Shape &shape, const std::string &ptxas, const Change &change) {
  Verdict verdict;
  Trial trial(shape, verdict);
  if (trial.run(ptxas, change))
    trial.holdAgainstGate();
  return verdict;
}

std::string findNewerPtxas() {
  const char *given = std::getenv("ATTN_PTXAS_NEWER");
  Result<std::string> found = emit::findAssembler(given ? given : "");
  return given && *given && found ? *found : std::string();
}

std::string findPtxas() {
  const char *given = std::getenv("ATTN_PTXAS");
  Result<std::string> found = emit::findAssembler(given ? given : "");
  return found ? *found : std::string();
}

} // namespace attn::gates
