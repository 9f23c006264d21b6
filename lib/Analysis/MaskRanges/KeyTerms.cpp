// Arithmetic of terms, kept in one normal form; see KeyTerms.h.
#include "attn/Analysis/KeyTerms.h"

#include <algorithm>
#include <cassert>
#include <numeric>

using namespace attn::analysis;

static int64_t floorDivide(int64_t value, int64_t by) {
  int64_t quotient = value / by;
  return value % by < 0 ? quotient - 1 : quotient;
}

Term attn::analysis::operator+(const Term &left, const Term &right) {
  Term sum = left;
  sum.constant += right.constant;
  for (auto [atom, factor] : right.factors)
    if ((sum.factors[atom] += factor) == 0)
      sum.factors.erase(atom);
  return sum;
}

Term attn::analysis::operator*(int64_t by, const Term &term) {
  Term product(by * term.constant);
  if (by != 0)
    for (auto [atom, factor] : term.factors)
      product.factors[atom] = by * factor;
  return product;
}

Term attn::analysis::operator-(const Term &left, const Term &right) { return left + -1 * right; }

TermTable::TermTable() {
  atoms.resize(4);
  for (unsigned atom : {kQuery, kKey, kStart})
    atoms[atom].nonNegative = true;
}

Term TermTable::single(unsigned atom) const {
  Term term;
  term.factors[atom] = 1;
  return term;
}

unsigned TermTable::intern(Atom atom) {
  for (unsigned i = 0; i < atoms.size(); ++i) {
    const Atom &other = atoms[i];
    if (other.kind == atom.kind && other.kind != Atom::Index && other.symbol == atom.symbol &&
        other.numerator == atom.numerator && other.divisor == atom.divisor && other.choice == atom.choice &&
        other.leading == atom.leading)
      return i;
  }
  atoms.push_back(std::move(atom));
  return atoms.size() - 1;
}

Term TermTable::symbol(mlir::Value value, bool nonNegative) {
  Atom atom;
  atom.kind = Atom::Symbol;
  atom.symbol = value;
  atom.nonNegative = nonNegative;
  return single(intern(atom));
}

Term TermTable::choice(unsigned number) {
  Atom atom;
  atom.kind = Atom::Choice;
  atom.choice = number;
  return single(intern(atom));
}

bool TermTable::hasSearches() const {
  return std::any_of(atoms.begin(), atoms.end(), [](const Atom &atom) { return atom.kind == Atom::Search; });
}

Term TermTable::element(mlir::Value buffer, std::vector<mlir::Value> leading, const Term &index) {
  Atom atom;
  atom.kind = Atom::Element;
  atom.symbol = buffer;
  atom.leading = std::move(leading);
  atom.numerator = index;
  return single(intern(std::move(atom)));
}

/// The same atom around another term.
Term TermTable::rebuild(const Atom &atom, const Term &numerator) {
  if (atom.kind == Atom::Quotient)
    return quotient(numerator, atom.divisor);
  Atom copy = atom;
  copy.numerator = numerator;
  return single(intern(std::move(copy)));
}

bool TermTable::isInElement(const Term &term, unsigned atom) const {
  for (auto [other, factor] : term.factors)
    if (holdsTerm(other) && occurrences(atoms[other].numerator, atom) > 0 &&
        (atoms[other].kind != Atom::Quotient || isInElement(atoms[other].numerator, atom)))
      return true;
  return false;
}

Term TermTable::quotient(const Term &term, int64_t divisor) {
  assert(divisor > 0);
  // Exact multiples leave the floor: floor((d * x + r) / d) = x + floor(r / d). Others would make two occurrences of one.
  Term whole(floorDivide(term.constant, divisor)), rest(term.constant - divisor * whole.constant);
  for (auto [atom, factor] : term.factors) {
    Term &part = factor % divisor == 0 ? whole : rest;
    part.factors[atom] = factor % divisor == 0 ? factor / divisor : factor;
  }
  if (rest.isConstant())
    return whole;
  if (rest.factors.begin()->second < 0) // floor(-n / d) = -floor((n + d - 1) / d): one form of both
    return whole - quotient(Term(divisor - 1) - rest, divisor);
  // floor((floor(x / c) + r) / d) = floor((x + c * r) / (c * d)).
  if (rest.factors.size() == 1 && rest.factors.begin()->second == 1) {
    const Atom inner = atoms[rest.factors.begin()->first];
    if (inner.kind == Atom::Quotient && inner.divisor < (int64_t(1) << 31) / divisor)
      return whole + quotient(inner.numerator + inner.divisor * rest.constant, inner.divisor * divisor);
  }
  int64_t common = divisor;
  for (auto [atom, factor] : rest.factors)
    common = std::gcd(common, factor);
  if (common > 1) {
    Term reduced(floorDivide(rest.constant, common));
    for (auto [atom, factor] : rest.factors)
      reduced.factors[atom] = factor / common;
    return whole + quotient(reduced, divisor / common);
  }
  Atom atom;
  atom.kind = Atom::Quotient;
  atom.numerator = rest;
  atom.divisor = divisor;
  atom.nonNegative = isNonNegative(rest);
  return whole + single(intern(atom));
}

bool TermTable::isNonNegative(const Term &term) const {
  if (term.constant < 0)
    return false;
  for (auto [atom, factor] : term.factors)
    if (factor < 0 || !atoms[atom].nonNegative)
      return false;
  return true;
}

Trend TermTable::trend(const Term &term, unsigned atom) const {
  Trend result = Trend::None;
  for (auto [other, factor] : term.factors) {
    Trend part = Trend::None;
    if (other == atom)
      part = Trend::Up;
    else if (holdsTerm(other))
      part = trend(atoms[other].numerator, atom);
    if (part == Trend::None)
      continue;
    if (factor < 0 && part != Trend::Mixed)
      part = part == Trend::Up ? Trend::Down : Trend::Up;
    result = result == Trend::None || result == part ? part : Trend::Mixed;
  }
  return result;
}

unsigned TermTable::occurrences(const Term &term, unsigned atom) const {
  unsigned count = 0;
  for (auto [other, factor] : term.factors) {
    if (other == atom)
      ++count;
    else if (holdsTerm(other))
      count += occurrences(atoms[other].numerator, atom);
  }
  return count;
}

Term TermTable::substitute(const Term &term, unsigned atom, const Term &replacement) {
  Term result(term.constant);
  for (auto [other, factor] : term.factors) {
    const Atom part = atoms[other]; // a copy: new atoms move the table
    if (other == atom)
      result = result + factor * replacement;
    else if (holdsTerm(other))
      result = result + factor * rebuild(part, substitute(part.numerator, atom, replacement));
    else
      result = result + factor * single(other);
  }
  return result;
}

std::optional<unsigned> TermTable::findChoice(const Term &term) const {
  for (auto [atom, factor] : term.factors) {
    if (atoms[atom].kind == Atom::Choice)
      return atom;
    if (holdsTerm(atom))
      if (std::optional<unsigned> inner = findChoice(atoms[atom].numerator))
        return inner;
  }
  return std::nullopt;
}

Term TermTable::bound(const Term &term, unsigned atom) {
  assert(occurrences(term, atom) == 1);
  for (auto [other, factor] : term.factors) {
    const Atom holder = atoms[other];
    bool inside = holdsTerm(other) && occurrences(holder.numerator, atom) == 1;
    if (other != atom && !inside)
      continue;
    Term rest = term - factor * single(other);
    // factor * x + rest <= 0 is x <= floor(-rest / factor), or x >= ceil(rest / -factor).
    Term limit = factor > 0 ? quotient(-1 * rest, factor) : quotient(rest + (-factor - 1), -factor);
    if (!inside)
      return limit;
    assert(holder.kind != Atom::Search && "only bounds hold searches");
    if (holder.kind == Atom::Element) {
      // The element at n is at most t below the first element of at least t + 1, and at least t from the first such on.
      Atom search = holder;
      search.kind = Atom::Search;
      search.nonNegative = true;
      Term found = rebuild(search, factor > 0 ? limit + 1 : limit);
      return factor > 0 ? bound(holder.numerator - found + 1, atom) : bound(found - holder.numerator, atom);
    }
    // floor(n / d) <= t is n <= d * t + d - 1, and floor(n / d) >= t is n >= d * t.
    Term scaled = holder.divisor * limit;
    return factor > 0 ? bound(holder.numerator - scaled + (1 - holder.divisor), atom)
                      : bound(scaled - holder.numerator, atom);
  }
  assert(false && "the atom occurs");
  return term;
}

Term TermTable::relax(const Term &term, unsigned atom) {
  Term result = term;
  for (auto [other, factor] : term.factors) {
    const Atom part = atoms[other];
    if (part.kind != Atom::Quotient || occurrences(part.numerator, atom) == 0)
      continue;
    // d * floor(n / d) is between n - (d - 1) and n.
    result = part.divisor * (result - factor * single(other)) + factor * part.numerator;
    if (factor > 0)
      result = result + factor * (1 - part.divisor);
    return relax(result, atom);
  }
  return result;
}
