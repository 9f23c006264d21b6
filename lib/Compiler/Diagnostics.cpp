// Diagnostics and remarks as text: `name:line:column: error: sentence`, notes on lines of their own.
#include "Diagnostics.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace attn::compiler {

/// The place in the spec that a location goes back to, or nothing.
static FileLineColLoc placeOf(Location location) {
  FileLineColLoc place;
  location->walk([&](Location part) {
    place = dyn_cast<FileLineColLoc>(part);
    return place ? WalkResult::interrupt() : WalkResult::advance();
  });
  return place;
}

static void printPlace(Location location, llvm::raw_ostream &stream) {
  if (FileLineColLoc place = placeOf(location))
    stream << place.getFilename().getValue() << ":" << place.getLine() << ":" << place.getColumn() << ": ";
}

static void print(const Diagnostic &diagnostic, const char *severity, llvm::raw_ostream &stream) {
  printPlace(diagnostic.getLocation(), stream);
  stream << severity << ": " << diagnostic.str();
}

DiagnosticCollector::DiagnosticCollector(MLIRContext *context)
    : handler(context, [this](Diagnostic &diagnostic) { handle(diagnostic); }) {}

void DiagnosticCollector::handle(Diagnostic &diagnostic) {
  bool isError = diagnostic.getSeverity() == DiagnosticSeverity::Error;
  if (!isError && diagnostic.getSeverity() != DiagnosticSeverity::Warning)
    return;
  std::string text;
  llvm::raw_string_ostream stream(text);
  print(diagnostic, isError ? "error" : "warning", stream);
  for (Diagnostic &note : diagnostic.getNotes()) {
    stream << "\n";
    print(note, "note", stream);
  }
  if (!isError)
    warnings.push_back(text);
  else
    errors += (errors.empty() ? "" : "\n") + text;
}

namespace {
struct RemarkCollector : remark::detail::MLIRRemarkStreamerBase {
  explicit RemarkCollector(std::vector<std::string> &remarks) : remarks(remarks) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    std::string text;
    llvm::raw_string_ostream stream(text);
    printPlace(remark.getLocation(), stream);
    stream << "remark: " << remark.getCategoryName() << ": " << remark.getRemarkName() << ": ";
    for (const remark::detail::Remark::Arg &argument : remark.getArgs())
      stream << (argument.key == "Remark" ? "" : argument.key + " = ") << argument.val;
    remarks.push_back(text);
  }

  std::vector<std::string> &remarks;
};
} // namespace

void collectRemarks(MLIRContext *context, std::vector<std::string> &remarks) {
  remark::RemarkCategories everything;
  // Each kind has to be asked for by itself.
  everything.passed = everything.missed = everything.analysis = everything.failed = ".*";
  auto engine = std::make_unique<remark::detail::RemarkEngine>(/*printAsEmitRemarks=*/false, everything);
  if (succeeded(engine->initialize(std::make_unique<RemarkCollector>(remarks),
                                   std::make_unique<remark::RemarkEmittingPolicyAll>(), nullptr)))
    context->setRemarkEngine(std::move(engine));
}

} // namespace attn::compiler
