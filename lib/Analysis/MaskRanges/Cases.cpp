// Formulas as disjunctions of conjunctions.
#include "Formula.h"

#include <algorithm>
#include <numeric>

using namespace attn::analysis;

/// More cases than this are not solved one by one.
static constexpr size_t kMaxCases = 32;

static Term negation(const Term &term) { return Term(1) - term; }

Term attn::analysis::reduce(const Term &term) {
  int64_t common = 0;
  for (auto [atom, factor] : term.factors)
    common = std::gcd(common, factor);
  if (common <= 1)
    return term;
  Term result(term.constant >= 0 ? (term.constant + common - 1) / common : -(-term.constant / common));
  for (auto [atom, factor] : term.factors)
    result.factors[atom] = factor / common;
  return result;
}

bool attn::analysis::simplify(const TermTable &terms, Conjunction &conjunction) {
  std::map<std::map<unsigned, int64_t>, int64_t> strongest;
  for (const Term &given : conjunction) {
    Term term = reduce(given);
    if (terms.isNonNegative(Term(0) - term)) // at most 0 whatever the atoms
      continue;
    if (terms.isNonNegative(term + -1))
      return false;
    auto [it, isNew] = strongest.try_emplace(term.factors, term.constant);
    it->second = std::max(it->second, term.constant);
  }
  conjunction.clear();
  for (const auto &[factors, constant] : strongest) {
    Term term(constant);
    term.factors = factors;
    // sum <= -c, and -sum <= -d, so the sum is at least d: nothing is left when d > -c.
    auto opposite = strongest.find((-1 * term).factors);
    if (opposite != strongest.end() && constant + opposite->second > 0)
      return false;
    conjunction.insert(term);
  }
  return true;
}

/// Whether every term of `weaker` follows from one of `stronger`. Both are simplified: one term for a sum of atoms.
static bool implies(const Conjunction &stronger, const Conjunction &weaker) {
  auto other = stronger.begin();
  for (const Term &term : weaker) {
    while (other != stronger.end() && other->factors < term.factors)
      ++other;
    if (other == stronger.end() || other->factors != term.factors || other->constant < term.constant)
      return false;
  }
  return true;
}

/// The one term of `from` that `other` lacks; null if there is none, or more.
static const Term *onlyDifference(const Conjunction &from, const Conjunction &other) {
  const Term *only = nullptr;
  auto theirs = other.begin();
  for (const Term &term : from) {
    while (theirs != other.end() && *theirs < term)
      ++theirs;
    if (theirs != other.end() && *theirs == term)
      continue;
    if (only)
      return nullptr;
    only = &term;
  }
  return only;
}

/// Joins two conjunctions whose only difference is a term and its negation, or weaker.
static bool join(Conjunction &left, const Conjunction &right) {
  if (left.size() != right.size())
    return false;
  const Term *onlyLeft = onlyDifference(left, right);
  const Term *onlyRight = onlyLeft ? onlyDifference(right, left) : nullptr;
  if (!onlyRight)
    return false;
  // sum + c <= 0 or -sum + d <= 0 is always true when d <= 1 - c.
  Term opposite = negation(*onlyLeft);
  if (opposite.factors != onlyRight->factors || onlyRight->constant > opposite.constant)
    return false;
  left.erase(left.find(*onlyLeft));
  return true;
}

void attn::analysis::simplify(const TermTable &terms, std::vector<Conjunction> &cases) {
  std::vector<Conjunction> kept;
  for (Conjunction &conjunction : cases)
    if (simplify(terms, conjunction))
      kept.push_back(conjunction);
  cases = std::move(kept);
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 0; i < cases.size() && !changed; ++i)
      for (size_t j = 0; j < cases.size() && !changed; ++j) {
        if (i == j || !(implies(cases[j], cases[i]) || join(cases[i], cases[j])))
          continue;
        cases.erase(cases.begin() + j);
        changed = true;
      }
  }
}

std::vector<Conjunction> FormulaReader::disjunction(const Formula &formula, bool negate) {
  return expand(formula, negate);
}

FormulaReader::Cases FormulaReader::either(Cases left, const Cases &right) {
  left.insert(left.end(), right.begin(), right.end());
  simplify(terms, left);
  return left;
}

FormulaReader::Cases FormulaReader::both(const Cases &left, const Cases &right) {
  if (left.size() * right.size() > kMaxCases * kMaxCases) {
    unknown("the mask has too many cases");
    return left.size() < right.size() ? left : right;
  }
  Cases product;
  for (const Conjunction &l : left)
    for (const Conjunction &r : right) {
      Conjunction together = l;
      together.insert(r.begin(), r.end());
      product.push_back(std::move(together));
    }
  simplify(terms, product);
  if (product.size() <= kMaxCases)
    return product;
  unknown("the mask has too many cases");
  return left.size() < right.size() ? left : right;
}

FormulaReader::Cases FormulaReader::expandComparison(const Term &term) {
  std::optional<unsigned> atom = terms.findChoice(term);
  if (!atom) {
    Cases single{{term}};
    simplify(terms, single);
    return single;
  }
  const Choice choice = choices[terms[*atom].choice];
  Cases yes = expandComparison(terms.substitute(term, *atom, choice.yes));
  Cases no = expandComparison(terms.substitute(term, *atom, choice.no));
  Trend trend = terms.trend(term, *atom);
  // A minimum is small when one of its sides is, large when both are.
  if (choice.kind != Choice::Select && trend != Trend::Mixed)
    return (choice.kind == Choice::Minimum) == (trend == Trend::Up) ? either(yes, no) : both(yes, no);
  return either(both(expand(choice.condition, false), yes), both(expand(choice.condition, true), no));
}

FormulaReader::Cases FormulaReader::expand(const Formula &formula, bool negate) {
  auto it = expanded.find({formula, negate});
  if (it == expanded.end())
    it = expanded.insert({{formula, negate}, expandNode(*formula, negate)}).first;
  return it->second;
}

FormulaReader::Cases FormulaReader::expandNode(const FormulaNode &node, bool negate) {
  switch (node.kind) {
  case FormulaNode::True:
    return negate ? Cases{} : Cases{{}};
  case FormulaNode::Unknown:
    return {{}};
  case FormulaNode::AtMostZero:
    return expandComparison(negate ? negation(node.term) : node.term);
  case FormulaNode::Not:
    return expand(node.left, !negate);
  case FormulaNode::And: {
    Cases left = expand(node.left, negate), right = expand(node.right, negate);
    return negate ? either(std::move(left), right) : both(left, right);
  }
  }
  return {{}};
}
