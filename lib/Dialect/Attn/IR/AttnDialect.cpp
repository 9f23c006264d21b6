// Registration of the attn dialect and the verifiers of its attributes. The operation's own verifier is in AttentionOp.cpp.
#include "attn/Dialect/Attn/IR/Attn.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace mlir::attn;

#include "attn/Dialect/Attn/IR/AttnDialect.cpp.inc"
#include "attn/Dialect/Attn/IR/AttnEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "attn/Dialect/Attn/IR/AttnAttributes.cpp.inc"

void AttnDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "attn/Dialect/Attn/IR/AttnOps.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "attn/Dialect/Attn/IR/AttnAttributes.cpp.inc"
      >();
}

LogicalResult HeadGroupingAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t query, int64_t kv) {
  if (query <= 0 || kv <= 0) // H1
    return emitError() << "expects positive head counts, got query = " << query << " and kv = " << kv;
  if (query % kv != 0) // H2
    return emitError() << "expects the number of query heads to be a multiple of the number of kv heads, got query = "
                       << query << " and kv = " << kv;
  return success();
}

LogicalResult CausalityAttr::verify(function_ref<InFlightDiagnostic()> emitError, CausalityKind,
                                    std::optional<int64_t> left, std::optional<int64_t> right) {
  for (auto [side, bound] : {std::pair("left", left), std::pair("right", right)})
    if (bound && (*bound < 0 || *bound >= (int64_t(1) << 30))) // C1
      return emitError() << "expects the " << side << " window to be a count from 0 to 2^30 - 1, got " << *bound
                         << "; leave it out for an unbounded side";
  return success();
}

std::optional<int64_t> CausalityAttr::getLowerOffset() const {
  if (std::optional<int64_t> left = getLeft())
    return -*left;
  return std::nullopt;
}

std::optional<int64_t> CausalityAttr::getUpperOffset() const {
  if (getKind() != CausalityKind::None)
    return 0; // a right window cannot widen a causal diagonal
  return getRight();
}

LogicalResult DropoutAttr::verify(function_ref<InFlightDiagnostic()> emitError, FloatAttr probabilityAttr,
                                  std::optional<uint64_t>) {
  double probability = probabilityAttr.getValueAsDouble();
  if (!(probability >= 0.0 && probability < 1.0)) // D1
    return emitError() << "expects a dropout probability of at least 0 and less than 1, got " << probability;
  return success();
}

uint64_t DropoutAttr::getThreshold() const {
  return static_cast<uint64_t>(std::nearbyint(getProbability().getValueAsDouble() * 4294967296.0));
}
