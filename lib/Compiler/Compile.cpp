// compile(): checks the options, then runs the steps of a session. Names of options and versions live here too.
#include "Emission.h"
#include "SpecText.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Target/Cpu.h"
#include "attn/Transforms/Stages.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/raw_ostream.h"

namespace attn::compiler {

static constexpr std::pair<Emit, std::string_view> emitNames[] = {
    {Emit::Image, "image"},   {Emit::Ptx, "ptx"},   {Emit::Cubin, "cubin"},
    {Emit::Object, "object"}, {Emit::Llvm, "llvm"}, {Emit::Mlir, "mlir"}};

std::string_view nameOf(Emit emit) { return emitNames[static_cast<int>(emit)].second; }

std::optional<Emit> emitOf(std::string_view name) {
  for (auto [emit, text] : emitNames)
    if (text == name)
      return emit;
  return std::nullopt;
}

std::string stageNames() {
  std::string names;
  for (mlir::attn::Stage stage : mlir::attn::getAllStages())
    names += (names.empty() ? "" : ", ") + mlir::attn::stringifyStage(stage).str();
  return names;
}

std::string producerName() { return "attn-mlir " ATTN_VERSION ", LLVM " LLVM_VERSION_STRING; }

static Error checkOptions(const CompileOptions &options) {
  auto invalid = [](std::string sentence) { return Error{Status::InvalidArgument, std::move(sentence)}; };
  bool cpu = options.target == "cpu";
  if (!cpu && options.target != "sm_90a")
    return invalid("target, expects cpu or sm_90a, got '" + options.target + "'");
  if (!options.stopAfter.empty() && !mlir::attn::symbolizeStage(options.stopAfter))
    return invalid("stage, expects one of " + stageNames() + ", got '" + options.stopAfter + "'");
  if (!options.stopAfter.empty() && options.emit != Emit::Mlir)
    return invalid("stop after a stage, expects output mlir, got " + std::string(nameOf(options.emit)));
  if (cpu && (options.emit == Emit::Ptx || options.emit == Emit::Cubin))
    return invalid("output " + std::string(nameOf(options.emit)) + ", expects target sm_90a, got cpu");
  if (!cpu && options.emit == Emit::Object)
    return invalid("output object, expects target cpu, got " + options.target + ": ask for cubin");
  if (!target::getCpu(options.cpu))
    return invalid("cpu, expects host, plain, avx2, avx512 or avx512bf16, got '" + options.cpu + "'");
  if (options.lengthHint < 0)
    return invalid("length hint, expects at least 0, got " + std::to_string(options.lengthHint));
  if (!options.planTable.empty())
    if (Error error = checkSpecText(options.planTable, "plan table"); error.status != Status::Ok)
      return invalid(error.message);
  if (!options.plan.empty())
    if (Error error = checkSpecText(options.plan, "plan"); error.status != Status::Ok)
      return invalid(error.message);
  return {};
}

static Result<CompileOutput> compileOnce(Session &session, std::string_view spec, const CompileOptions &options) {
  if (Error error = session.parse(spec); error.status != Status::Ok)
    return error;
  Result<SpecFacts> facts = session.describe();
  if (!facts)
    return facts.error();
  if (Error error = session.runPipeline(); error.status != Status::Ok)
    return error;
  CompileOutput output;
  if (options.emit == Emit::Mlir) {
    std::string text = session.print();
    output.bytes.assign(text.begin(), text.end());
  } else {
    Result<std::vector<uint8_t>> bytes = emitLowered(session, *facts, options);
    if (!bytes)
      return bytes.error();
    output.bytes = std::move(*bytes);
  }
  output.remarks = std::move(session.remarks);
  output.warnings = session.warnings();
  return output;
}

/// The plan of a compiled module with a key/value tile of three quarters; none where that would be too small.
static mlir::tile::PlanAttr smallerPlan(mlir::ModuleOp module) {
  mlir::tile::PlanAttr plan;
  module.walk([&](mlir::Operation *op) {
    if (auto found = op->getAttrOfType<mlir::tile::PlanAttr>(mlir::tile::kPlanAttr))
      plan = found;
  });
  if (!plan || plan.getKvTile() <= 32)
    return {};
  return plan.withTiles(plan.getKvTile() * 3 / 4 / 16 * 16, plan.getWarpgroups());
}

Result<CompileOutput> compile(std::string_view spec, const CompileOptions &options) {
  if (Error error = checkOptions(options); error.status != Status::Ok)
    return error;
  // How many registers a long region takes only the assembler can tell, so a chosen plan is a first try.
  CompileOptions attempt = options;
  std::vector<std::string> told;
  for (;;) {
    Session session(attempt);
    Result<CompileOutput> output = compileOnce(session, spec, attempt);
    if (!output)
      return output;
    mlir::tile::PlanAttr smaller = session.spillBytes && options.plan.empty() ? smallerPlan(session.module()) : nullptr;
    if (!smaller) {
      output->remarks.insert(output->remarks.begin(), told.begin(), told.end());
      return output;
    }
    attempt.plan.clear();
    llvm::raw_string_ostream(attempt.plan) << smaller;
    if (options.remarks)
      told.push_back("plan: the one chosen spills " + std::to_string(session.spillBytes) +
                     " bytes of registers; next is " + attempt.plan);
  }
}

} // namespace attn::compiler
