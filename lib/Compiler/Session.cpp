// Parsing, the pass pipeline and printing. Each compilation has a context of its own without threads, so it shares
// nothing with others and works in a forked child.
#include "Session.h"

#include "SpecText.h"
#include "StageFiles.h"

#include "attn/Compiler/Registration.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Transforms/Plans.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;

namespace attn::compiler {

static const DialectRegistry &registry() {
  static const DialectRegistry all = [] {
    DialectRegistry registry;
    registerDialects(registry);
    return registry;
  }();
  return all;
}

Session::Session(const CompileOptions &options)
    : options(options), context(registry(), MLIRContext::Threading::DISABLED), diagnostics(&context) {
  context.printOpOnDiagnostic(false);
  if (options.remarks)
    collectRemarks(&context, remarks);
}

/// A symbol that an image can carry.
static bool isPlainName(StringRef name) {
  return !name.empty() && name.size() <= 255 &&
         llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_' || c == '$' || c == '.'; });
}

/// Reports unless the module holds one function with a body and nothing else.
static LogicalResult verifyOneKernel(ModuleOp module) {
  Operation *kernel = nullptr;
  for (Operation &op : *module.getBody()) {
    auto function = dyn_cast<func::FuncOp>(op);
    if (!function)
      return op.emitOpError("does not belong in a spec: expects one kernel function and nothing else");
    if (function.isExternal())
      return function.emitOpError("expects a body with an attn.attention, got a declaration");
    if (!isPlainName(function.getName()))
      return function.emitOpError("expects a name of 1 to 255 letters, digits, '_', '$' and '.', got '")
             << function.getName() << "'";
    if (kernel) {
      InFlightDiagnostic second = function.emitOpError("expects one kernel function in a spec, got a second one");
      second.attachNote(kernel->getLoc()) << "the first one is here; compile each by itself";
      return second;
    }
    kernel = &op;
  }
  if (!kernel)
    return emitError(module.getLoc(), "expects a kernel function with an attn.attention, got an empty spec");
  return success();
}

Error Session::parse(std::string_view spec) {
  if (Error error = checkSpecText(spec, options.sourceName); error.status != Status::Ok)
    return error;
  root = parseSourceString<ModuleOp>(llvm::StringRef(spec.data(), spec.size()), ParserConfig(&context),
                                     options.sourceName);
  if (!root || mlir::failed(verifyOneKernel(*root)))
    return failure(Status::InvalidSpec, options.sourceName + ": does not parse");
  return {};
}

Error Session::runPipeline() {
  mlir::attn::PipelineOptions pipeline;
  pipeline.target = options.target;
  pipeline.cpu = *target::getCpu(options.cpu);
  pipeline.plan = options.plan;
  pipeline.planTable = options.planTable;
  pipeline.lengthHint = options.lengthHint;
  if (!options.stopAfter.empty())
    pipeline.stopAfter = mlir::attn::symbolizeStage(options.stopAfter);
  // Told here, since to the pass that takes it a wrong option and a refused spec are the same failure.
  if (!options.plan.empty() && !isa_and_nonnull<tile::PlanAttr>(parseAttribute(options.plan, &context))) {
    emitError(root->getLoc()) << "expects the plan option to be a #tile.plan attribute, got '" << options.plan << "'";
    return failure(Status::InvalidArgument, "plan, expects a #tile.plan attribute");
  }
  if (!options.planTable.empty() && mlir::failed(mlir::attn::parsePlanTable(options.planTable, &context)))
    return failure(Status::InvalidArgument, "plan table, expects an array of entries");
  PipelineWatch watch;
  watch.directory = options.dumpDirectory;
  if (!watch.directory.empty())
    if (std::error_code code = llvm::sys::fs::create_directories(watch.directory))
      return {Status::IoError, "cannot create directory '" + watch.directory + "': " + code.message()};

  PassManager passes(&context);
  passes.enableVerifier(options.verifyEach);
  passes.addInstrumentation(std::make_unique<StageFiles>(watch));
  mlir::attn::buildPipeline(passes, pipeline);
  if (mlir::failed(passes.run(*root))) {
    // Only the first passes look at what a person asked for; the others must succeed on what they let through.
    bool refused = watch.failedPass == "attn-choose-plan" || watch.failedPass == "attn-expand-clauses";
    return failure(refused ? Status::Unsupported : Status::CompileFailed, "pass " + watch.failedPass + " failed");
  }
  if (!watch.ioProblem.empty())
    return {Status::IoError, watch.ioProblem};
  if (!options.verifyEach && mlir::failed(verify(*root)))
    return failure(Status::CompileFailed, "the compiled module does not verify");
  return {};
}

std::string Session::print() {
  std::string text;
  llvm::raw_string_ostream stream(text);
  root->print(stream);
  return text + "\n";
}

} // namespace attn::compiler
