// Fourier and Motzkin's elimination on terms with floors. A comparison in which the query stands once is a bound on the
// query; bounds of integers on one line have a common point when every two have, so looking at pairs is exact.
#include "Solver.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

using namespace attn::analysis;

/// Adds sums of two comparisons in which quotients cancel, as in x mod w <= r and x / w <= s: together they bound x.
void Solver::addCombinations(Conjunction &conjunction) {
  std::vector<Term> all(conjunction.begin(), conjunction.end());
  for (const Term &left : all)
    for (const Term &right : all)
      for (auto [atom, factor] : left.factors) {
        int64_t other = right.factor(atom);
        if (terms[atom].kind != TermTable::Atom::Quotient || factor <= 0 || other >= 0)
          continue;
        int64_t common = std::gcd(factor, other);
        Term sum = (-other / common) * left + (factor / common) * right;
        bool cancelled = std::none_of(sum.factors.begin(), sum.factors.end(), [&](const auto &part) {
          return terms[part.first].kind == TermTable::Atom::Quotient;
        });
        if (cancelled)
          conjunction.insert(sum);
      }
}

std::optional<Conjunction> Solver::eliminateQuery(const Conjunction &given) {
  Conjunction conjunction = given, result;
  addCombinations(conjunction);
  constexpr unsigned query = TermTable::kQuery;
  Term first = terms.index(TermTable::kStart), last = first + (rows - 1);
  std::vector<Term> lowers, uppers;
  for (Term term : conjunction) {
    Trend trend = terms.trend(term, query);
    if (trend == Trend::Mixed) {
      term = terms.relax(term, query);
      trend = terms.trend(term, query);
    }
    if (trend == Trend::None) {
      result.insert(term);
      continue;
    }
    if (trend == Trend::Mixed) // elements against the query itself: nothing follows for the tile
      continue;
    // At its smallest over the tile, the term must be at most 0.
    result.insert(terms.substitute(term, query, trend == Trend::Up ? first : last));
    if (terms.isInElement(term, query)) // what bounds the query here would be a search for each key
      continue;
    Term once = terms.occurrences(term, query) == 1 ? term : terms.relax(term, query);
    (trend == Trend::Up ? uppers : lowers).push_back(terms.bound(once, query));
  }
  for (const Term &lower : lowers)
    for (const Term &upper : uppers)
      result.insert(lower - upper);
  if (!simplify(terms, result))
    return std::nullopt;
  return result;
}

/// How many lengths add up in a term at most; `most`: in it and in every term inside it.
static double countLengths(const TermTable &terms, const Term &term, double &most) {
  double sum = 0;
  for (auto [atom, factor] : term.factors) {
    const TermTable::Atom &part = terms[atom];
    double inside = part.numerator.factors.empty() ? 1 : countLengths(terms, part.numerator, most);
    bool divides = part.kind == TermTable::Atom::Quotient;
    sum += std::abs(static_cast<double>(factor)) * (divides ? inside / static_cast<double>(part.divisor) : 1);
  }
  most = std::max(most, sum);
  return sum;
}

/// Whether 32 bits hold all that evaluating a term comes to, for lengths below 2^22.
static bool isNarrow(const TermTable &terms, const Term &term) {
  double most = 0;
  countLengths(terms, term, most);
  return most <= 256 && std::abs(term.constant) < int64_t(1) << 30;
}

/// Bounds and guards that would leave 32 bits are left out: without them the interval is larger, which is safe.
KeyInterval Solver::boundKey(const Conjunction &conjunction) {
  KeyInterval interval;
  auto keep = [&](std::vector<Term> &to, const Term &term) {
    if (isNarrow(terms, term))
      to.push_back(term);
  };
  for (Term term : conjunction) {
    if (terms.occurrences(term, TermTable::kKey) > 1)
      term = terms.relax(term, TermTable::kKey);
    if (terms.occurrences(term, TermTable::kKey) > 1) // elements against the key itself
      continue;
    term = reduce(term);
    switch (terms.trend(term, TermTable::kKey)) {
    case Trend::Up:
      keep(interval.uppers, terms.bound(term, TermTable::kKey));
      break;
    case Trend::Down:
      keep(interval.lowers, terms.bound(term, TermTable::kKey));
      break;
    default:
      if (!(term.isConstant() && term.constant <= 0))
        keep(interval.guards, term);
    }
  }
  return interval;
}
