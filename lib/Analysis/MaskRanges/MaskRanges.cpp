// Puts region and band together, solves every case and groups the intervals; see MaskRanges.h.
#include "attn/Analysis/MaskRanges.h"

#include "Formula.h"
#include "Solver.h"

using namespace attn::analysis;

/// The band as comparisons: key - query - diagonal is at least `lower` and at most `upper`.
static std::vector<Term> getBandTerms(const TermTable &terms, const TiledBand &band) {
  Term offset = terms.index(TermTable::kKey) - terms.index(TermTable::kQuery) - terms.index(TermTable::kDiagonal);
  std::vector<Term> result;
  if (band.lower)
    result.push_back(Term(*band.lower) - offset);
  if (band.upper)
    result.push_back(offset + -*band.upper);
  return result;
}

static std::vector<KeyInterval> solve(TermTable &terms, const std::vector<Conjunction> &cases, int64_t rows) {
  Solver solver(terms, rows);
  std::vector<Conjunction> keyCases;
  for (const Conjunction &conjunction : cases)
    if (std::optional<Conjunction> keys = solver.eliminateQuery(conjunction))
      keyCases.push_back(std::move(*keys));
  simplify(terms, keyCases);
  std::vector<KeyInterval> intervals;
  for (const Conjunction &conjunction : keyCases)
    intervals.push_back(solver.boundKey(conjunction));
  return intervals;
}

/// How many bounds two intervals share: those of neighbours, such as the two halves of a window, share most.
static size_t countShared(const KeyInterval &left, const KeyInterval &right) {
  auto count = [](const std::vector<Term> &a, const std::vector<Term> &b) {
    return llvm::count_if(a, [&](const Term &term) { return llvm::is_contained(b, term); });
  };
  return count(left.lowers, right.lowers) + count(left.uppers, right.uppers) + count(left.guards, right.guards);
}

/// At most `limit` groups: those that share most are taken together.
static std::vector<MaskRanges::Group> group(std::vector<KeyInterval> intervals, size_t limit) {
  std::vector<MaskRanges::Group> groups;
  for (KeyInterval &interval : intervals)
    groups.push_back({std::move(interval)});
  while (groups.size() > limit) {
    size_t best = 0, left = 0, right = 1;
    for (size_t i = 0; i < groups.size(); ++i)
      for (size_t j = i + 1; j < groups.size(); ++j)
        if (size_t shared = countShared(groups[i].front(), groups[j].front()); shared > best)
          best = shared, left = i, right = j;
    groups[left].insert(groups[left].end(), groups[right].begin(), groups[right].end());
    groups.erase(groups.begin() + right);
  }
  return groups;
}

MaskRanges MaskRanges::derive(mlir::Block &region, const TiledBand &band, llvm::ArrayRef<int64_t> sorted) {
  MaskRanges result(band);
  TermTable &terms = result.table;
  FormulaReader reader(terms, sorted);
  Formula formula = reader.read(region);
  std::vector<Conjunction> allowed = reader.disjunction(formula, /*negate=*/false);
  std::vector<Conjunction> forbidden = reader.disjunction(formula, /*negate=*/true);
  for (const Term &term : getBandTerms(terms, band)) {
    for (Conjunction &conjunction : allowed)
      conjunction.insert(term);
    forbidden.push_back({Term(1) - term});
  }
  simplify(terms, allowed);
  simplify(terms, forbidden);
  result.ranges = group(solve(terms, allowed, band.rows), kMaxRanges);
  result.exceptions = group(solve(terms, forbidden, band.rows), kMaxForbidden);
  if (!result.ranges.empty()) // no key is allowed, whatever was not read
    result.reason = reader.reason;
  return result;
}
