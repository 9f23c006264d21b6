// A mask region as a formula: and, or, not over comparisons `term <= 0`, read from the arithmetic of the region, and the
// formula as a disjunction of conjunctions. What cannot be expressed becomes a leaf of unknown value, which both the
// formula and its negation take as true; so the disjunctions only ever allow too much.
#ifndef ATTN_LIB_ANALYSIS_MASKRANGES_FORMULA_H
#define ATTN_LIB_ANALYSIS_MASKRANGES_FORMULA_H

#include "attn/Analysis/KeyTerms.h"

#include "mlir/IR/Block.h"
#include "llvm/ADT/DenseMap.h"

#include <memory>
#include <set>
#include <string>

namespace attn::analysis {

struct FormulaNode;
using Formula = std::shared_ptr<const FormulaNode>;

struct FormulaNode {
  enum Kind { True, Unknown, AtMostZero, Not, And } kind;
  Term term;           ///< AtMostZero
  Formula left, right; ///< Not has one, And has two
};

/// A conjunction of `term <= 0`.
using Conjunction = std::set<Term>;

/// Reads formulas and terms from the operations of a mask region.
class FormulaReader {
public:
  /// `sorted`: numbers of the captured buffers that do not fall along their last axis.
  explicit FormulaReader(TermTable &terms, llvm::ArrayRef<int64_t> sorted = {}) : terms(terms), sorted(sorted) {}

  /// The formula of the value the region yields. The region's first four arguments are batch, head, query and key.
  Formula read(mlir::Block &region);

  /// The conjunctions whose disjunction is implied by the formula, or by its negation, and equals it unless `reason`
  /// gets a sentence. Conjunctions that are never true are left out.
  std::vector<Conjunction> disjunction(const Formula &formula, bool negate);

  /// Why something was taken as unknown; empty when nothing was.
  std::string reason;

private:
  struct Choice {
    Formula condition;
    Term yes, no;
    enum { Select, Minimum, Maximum } kind;
  };

  bool isUniform(mlir::Value value);
  bool isNonNegativeSymbol(mlir::Value value);
  Formula readFormula(mlir::Value value);
  Formula readOperation(mlir::Operation *op);
  Formula compare(mlir::Operation *op);
  std::optional<Term> readTerm(mlir::Value value);
  std::optional<Term> readUniform(mlir::Operation *op);
  std::optional<Term> readTermOperation(mlir::Operation *op);
  std::optional<Term> readConversion(mlir::Operation *op);
  std::optional<Term> readElement(mlir::Operation *op);
  std::optional<Term> divide(const Term &term, int64_t divisor, bool isSigned);
  Term choose(Choice choice);
  Formula unknown(const std::string &why);

  using Cases = std::vector<Conjunction>;
  Cases expand(const Formula &formula, bool negate);
  Cases expandNode(const FormulaNode &node, bool negate);
  Cases expandComparison(const Term &term);
  Cases both(const Cases &left, const Cases &right);
  Cases either(Cases left, const Cases &right);

  TermTable &terms;
  llvm::ArrayRef<int64_t> sorted;
  mlir::Block *region = nullptr;
  llvm::DenseMap<mlir::Value, Formula> formulas;
  llvm::DenseMap<mlir::Value, std::optional<Term>> values;
  llvm::DenseMap<mlir::Value, bool> uniform;
  std::vector<Choice> choices;
  std::map<std::pair<Formula, bool>, Cases> expanded;
};

/// The greatest common factor divided out: sum + c <= 0 is sum / g + ceil(c / g) <= 0.
Term reduce(const Term &term);
/// Simplifies a conjunction: dividing out, keeping the strongest of comparable terms. False when it is never true.
bool simplify(const TermTable &terms, Conjunction &conjunction);
/// Drops conjunctions that another implies, and joins two that differ in one term and its negation.
void simplify(const TermTable &terms, std::vector<Conjunction> &cases);

} // namespace attn::analysis

#endif // ATTN_LIB_ANALYSIS_MASKRANGES_FORMULA_H
