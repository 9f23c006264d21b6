// Classifies index values by how they depend on loop counters and bounds. Only forms for which finitely many runs decide
// (RingProtocol.h, "Which bounds") are known; everything else is Other.
#ifndef ATTN_ANALYSIS_RINGPROTOCOL_FORMS_H
#define ATTN_ANALYSIS_RINGPROTOCOL_FORMS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <map>

namespace attn::analysis {

struct Form {
  enum Kind {
    Other,
    Linear,   ///< sum of counters and bounds with constant factors, plus a constant
    Stair,    ///< a linear value divided by `period`
    Periodic, ///< depends on a linear value modulo `period`
    Edge,     ///< a condition that changes only near the ends of a loop
  };
  Kind kind = Other;
  std::map<void *, int64_t> terms; ///< factors by value
  int64_t constant = 0, period = 1;

  bool isConstant() const { return kind == Linear && terms.empty(); }
  bool isPeriodic() const { return kind == Periodic || isConstant(); }
  bool isCondition() const { return isPeriodic() || kind == Edge; }
};

class Forms {
public:
  /// From now on `value` is a bound that a run is given.
  void addParameter(mlir::Value value) { known[value] = variable(value); }
  /// From now on `value` is a count carried from program to program: known by its remainder only.
  void addCarriedCount(mlir::Value value) {
    known[value] = variable(value);
    carriedCounts.insert(value.getAsOpaquePointer());
  }
  /// From now on `value` is a flag carried from program to program: a condition that a run is given.
  void addCarriedFlag(mlir::Value value) {
    known[value] = Form();
    known[value].kind = Form::Periodic;
  }
  /// From now on nothing is known of `value`.
  void addUnknown(mlir::Value value) { known[value] = Form(); }
  /// Whether a linear form has a count carried from program to program.
  bool hasCarriedCount(const Form &form) const {
    return llvm::any_of(form.terms, [&](auto term) { return carriedCounts.contains(term.first); });
  }
  /// The form of an integer or index value.
  Form get(mlir::Value value);

  /// The common period of all periodic values asked for, and the farthest constant in a comparison.
  int64_t period() const { return commonPeriod; }
  int64_t reach() const { return farthest; }
  void include(int64_t otherPeriod);

private:
  static Form variable(mlir::Value value);
  Form compute(mlir::Value value);
  Form computeArgument(mlir::BlockArgument argument);
  Form computeCarried(mlir::scf::ForOp loop, unsigned index);
  Form computeSum(const Form &left, const Form &right, int64_t sign);
  Form computeScaled(const Form &left, const Form &right);
  Form computeQuotient(const Form &left, int64_t divisor);
  Form computeRemainder(const Form &left, int64_t divisor);
  Form computeComparison(const Form &left, const Form &right);
  bool isCounterBelow(mlir::Value counter, mlir::Value bound);
  Form combine(mlir::Operation *op);

  llvm::DenseMap<mlir::Value, Form> known;
  llvm::DenseSet<void *> carriedCounts;
  int64_t commonPeriod = 1, farthest = 0;
};

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_RINGPROTOCOL_FORMS_H
