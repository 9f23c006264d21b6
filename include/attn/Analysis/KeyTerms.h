// Integer terms over a query, a key and the scalars of a kernel: sums of multiples of atoms, where an atom may itself be
// the floor of a term over a number. Equal terms have equal representations, so that differences cancel. Used by
// MaskRanges to solve comparisons for the query and the key; what a comparison means for tiles is that class's business.
#ifndef ATTN_ANALYSIS_KEYTERMS_H
#define ATTN_ANALYSIS_KEYTERMS_H

#include "mlir/IR/Value.h"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace attn::analysis {

/// The sum of `factors[atom] * atom` and a constant. No factor is 0.
struct Term {
  std::map<unsigned, int64_t> factors;
  int64_t constant = 0;

  Term() = default;
  explicit Term(int64_t constant) : constant(constant) {}

  bool isConstant() const { return factors.empty(); }
  int64_t factor(unsigned atom) const {
    auto it = factors.find(atom);
    return it == factors.end() ? 0 : it->second;
  }
  bool operator<(const Term &other) const {
    return factors != other.factors ? factors < other.factors : constant < other.constant;
  }
  bool operator==(const Term &other) const { return factors == other.factors && constant == other.constant; }
};

Term operator+(const Term &left, const Term &right);
Term operator-(const Term &left, const Term &right);
Term operator*(int64_t by, const Term &term);
inline Term operator+(const Term &left, int64_t right) { return left + Term(right); }

/// How a term changes when an atom grows.
enum class Trend { None, Up, Down, Mixed };

/// The atoms that terms refer to by number. Terms of one table must not meet those of another.
class TermTable {
public:
  /// Atoms that every table has: the pair, the first query of the tile, and the diagonal of the band.
  static constexpr unsigned kQuery = 0, kKey = 1, kStart = 2, kDiagonal = 3;

  /// What an atom stands for.
  struct Atom {
    enum Kind { Index, Symbol, Quotient, Choice, Element, Search } kind = Index;
    mlir::Value symbol;  ///< Symbol: a value that is the same for all pairs of a tile. Element, Search: a sorted buffer
    std::vector<mlir::Value> leading; ///< Element, Search: values for all axes but the last
    /// Quotient: floor(numerator / divisor). Element: what the buffer holds at it. Search: the first index of the buffer
    /// with an element of at least it. All three rise with it.
    Term numerator;
    int64_t divisor = 1; ///< positive
    unsigned choice = 0; ///< Choice: its number; what it chooses from is kept by who made it
    bool nonNegative = false;
  };

  TermTable();

  const Atom &operator[](unsigned atom) const { return atoms[atom]; }

  /// Whether a bound was found that takes a search.
  bool hasSearches() const;
  Term index(unsigned atom) const { return single(atom); }
  Term symbol(mlir::Value value, bool nonNegative);
  Term choice(unsigned number);
  /// The element of a sorted buffer.
  Term element(mlir::Value buffer, std::vector<mlir::Value> leading, const Term &index);
  /// floor(term / divisor), simplified.
  Term quotient(const Term &term, int64_t divisor);

  bool isNonNegative(const Term &term) const;
  /// How `term` changes with `atom`, through quotients too.
  Trend trend(const Term &term, unsigned atom) const;
  /// How often `atom` stands in `term`, through quotients too.
  unsigned occurrences(const Term &term, unsigned atom) const;
  /// `term` with `replacement` for `atom`.
  Term substitute(const Term &term, unsigned atom, const Term &replacement);
  /// The first choice in `term`, if any.
  std::optional<unsigned> findChoice(const Term &term) const;

  /// Whether the atom stands in the index of an element, where no number bounds it.
  bool isInElement(const Term &term, unsigned atom) const;

  /// The value t for which `term <= 0` says `atom <= t` (when the trend is up) or `atom >= t` (when it is down). Needs
  /// one occurrence of the atom.
  Term bound(const Term &term, unsigned atom);
  /// A term that is at most `term` everywhere, times a positive number, without quotients that hold `atom`.
  Term relax(const Term &term, unsigned atom);

private:
  Term single(unsigned atom) const;
  unsigned intern(Atom atom);
  bool holdsTerm(unsigned atom) const {
    Atom::Kind kind = atoms[atom].kind;
    return kind == Atom::Quotient || kind == Atom::Element || kind == Atom::Search;
  }
  Term rebuild(const Atom &atom, const Term &numerator);

  std::vector<Atom> atoms;
};

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_KEYTERMS_H
