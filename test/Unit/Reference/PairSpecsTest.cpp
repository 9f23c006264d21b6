// Every pair of choices stands in a row, and a row's spec is what its choices say.
#include "attn/Reference/PairSpecs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>

using namespace attn::reference;

static bool has(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

static void expectEveryPair(const std::vector<unsigned> &counts, const std::vector<Choices> &rows) {
  std::set<std::tuple<size_t, unsigned, size_t, unsigned>> seen;
  for (const Choices &row : rows) {
    ASSERT_EQ(row.size(), counts.size());
    for (size_t f = 0; f < row.size(); ++f) {
      ASSERT_LT(row[f], counts[f]);
      for (size_t g = 0; g < f; ++g)
        seen.insert({f, row[f], g, row[g]});
    }
  }
  for (size_t f = 0; f < counts.size(); ++f)
    for (size_t g = 0; g < f; ++g)
      for (unsigned x = 0; x < counts[f]; ++x)
        for (unsigned y = 0; y < counts[g]; ++y)
          EXPECT_TRUE(seen.count({f, x, g, y})) << "choice " << x << " of factor " << f << " with " << y << " of " << g;
}

TEST(CoverPairs, HoldsEveryPairInFewRows) {
  struct Case {
    std::vector<unsigned> counts;
    size_t least, most; ///< the product of the two largest; what AETG may take
  } cases[] = {{{}, 0, 0},
               {{5}, 0, 0},
               {{4, 7}, 28, 28},
               {{2, 2, 2}, 4, 6},
               {{3, 1, 3, 1}, 9, 9},
               {std::vector<unsigned>(13, 3), 9, 21},    // AETG's paper has 15 at best
               {std::vector<unsigned>(100, 2), 4, 16}};
  for (const Case &wanted : cases)
    for (uint64_t seed : {1, 2, 3}) {
      std::vector<Choices> rows = coverPairs(wanted.counts, seed);
      expectEveryPair(wanted.counts, rows);
      EXPECT_GE(rows.size(), wanted.least);
      EXPECT_LE(rows.size(), wanted.most);
      EXPECT_EQ(rows, coverPairs(wanted.counts, seed));
    }
}

TEST(PairSpecs, HoldEveryPairOfChoices) {
  for (bool f32 : {false, true}) {
    std::vector<unsigned> counts;
    for (const Factor &factor : pairFactors(f32)) {
      counts.push_back(static_cast<unsigned>(factor.choices.size()));
      EXPECT_EQ(std::set<std::string>(factor.choices.begin(), factor.choices.end()).size(), counts.back()) << factor.name;
    }
    std::vector<Choices> rows = pairRows(f32, 1);
    expectEveryPair(counts, rows);
    EXPECT_LE(rows.size(), 115u); // 13 masks times 8 head dimensions are 104
  }
}

namespace {
using Check = std::function<bool(const Spec &)>;

Check text(const std::string &part) {
  return [=](const Spec &spec) { return has(spec.text, part); };
}

Check isPlain(const std::vector<std::string> &parts) {
  return [=](const Spec &spec) {
    return std::none_of(parts.begin(), parts.end(), [&](const std::string &part) { return has(spec.text, part); });
  };
}

/// What must hold of a spec with a choice of a factor, by the choice's name.
const std::map<std::string, std::map<std::string, Check>> &checks() {
  auto masked = [](const Spec &spec) { return has(spec.text, "mask {") && spec.problem.mask; };
  static const std::map<std::string, std::map<std::string, Check>> all = {
      {"mask",
       {{"none", isPlain({"mask {", "causality<none, ", "causality<top", "causality<bottom", "prefix(", "chunk(", "documents("})},
        {"causality top_left", text("causality<top_left>")},
        {"causality bottom_right", text("causality<bottom_right>")},
        {"bottom_right with left window", text("causality<bottom_right, left = ")},
        {"window on both sides", text("causality<none, left = ")},
        {"prefix", text("prefix(%prefix)")},
        {"chunk", text("chunk(")},
        {"documents", text("documents(%ids")},
        {"region in closed form", masked},
        {"region over a sorted buffer", text("captures(%docs sorted")},
        {"region of remainders", text("arith.remui")},
        {"region over a block table", text("tensor.extract %allowed")},
        {"all clauses and a region",
         [=](const Spec &spec) { return masked(spec) && spec.problem.prefix && spec.problem.chunk && spec.problem.document; }}}},
      {"score",
       {{"none", isPlain({"score {", "softcap(", "alibi(", "bias("})},
        {"softcap", text("softcap(")},
        {"alibi", text("alibi(%slopes)")},
        {"bias", text("bias(%bias)")},
        {"region", [](const Spec &spec) { return has(spec.text, "score {") && spec.problem.score; }},
        {"region over a buffer", text("tensor.extract %bias_of")},
        {"all clauses and a region",
         [](const Spec &spec) { return spec.problem.score && spec.problem.softcap && spec.problem.slope && spec.problem.bias; }}}},
      {"heads",
       {{"multi-head", [](const Spec &spec) { return spec.problem.queryHeads == spec.problem.kvHeads; }},
        {"grouped-query", [](const Spec &spec) { return spec.problem.queryHeads > spec.problem.kvHeads && spec.problem.kvHeads > 1; }},
        {"multi-query", [](const Spec &spec) { return spec.problem.queryHeads > 1 && spec.problem.kvHeads == 1; }}}},
      {"batch",
       {{"dense", isPlain({"lengths(", "packed("})},
        {"key lengths", text("lengths(kv = %lk)")},
        {"lengths of both", text("lengths(query = %lq, kv = %lk)")},
        {"packed", text("packed(query = %cq, kv = %ck)")},
        {"packed queries, key lengths", text("packed(query = %cq)")},
        {"packed with lengths", [](const Spec &spec) { return has(spec.text, "packed(query = %cq, kv = %ck)") && has(spec.text, "lengths(query = %lq, kv = %lk)"); }}}},
      {"dropout",
       {{"none", isPlain({"dropout("})},
        {"seed in the attribute", text(", seed = ")},
        {"seed operand", text(">, %seed)")}}},
      {"sinks", {{"none", isPlain({"sinks("})}, {"given", text("sinks(%sinks)")}}},
      {"lengths",
       {{"more keys", [](const Spec &spec) { return spec.problem.queryLength != 1; }},
        {"equal", [](const Spec &spec) { return spec.problem.queryLength > 1; }},
        {"more queries", [](const Spec &spec) { return spec.problem.queryLength > spec.problem.kvLength; }},
        {"one query", [](const Spec &spec) { return spec.problem.queryLength <= 3; }}}},
      {"extents",
       {{"dynamic", text("%q: tensor<?x?x?x")},
        {"static", [](const Spec &spec) { return !has(spec.text.substr(0, spec.text.find(", %v")), "?"); }},
        {"mixed", text("tensor<")}}},
      {"log-sum-exp", {{"no", isPlain({"%lse"})}, {"yes", text("%lse")}}},
      {"type", {{"bf16", text("xbf16>")}, {"f16", text("xf16>")}, {"f32", text("xf32>, %k")}}},
  };
  return all;
}
} // namespace

TEST(PairSpecs, AreWhatTheirChoicesSay) {
  std::vector<Factor> factors = pairFactors(true);
  uint64_t index = 0;
  for (const Choices &row : pairRows(true, 1)) {
    Spec spec = pairSpec(row, 1, index++);
    EXPECT_EQ(spec.text, pairSpec(row, 1, 0).text);
    EXPECT_TRUE(has(spec.summary(), describe(factors, row))) << spec.summary();
    for (size_t f = 0; f < factors.size(); ++f) {
      const std::string &choice = factors[f].choices[row[f]];
      if (factors[f].name == "head_dim") {
        const Problem &p = spec.problem;
        EXPECT_EQ(choice, std::to_string(p.headDim) + (p.headDim == p.valueDim ? "" : "/" + std::to_string(p.valueDim)));
        continue;
      }
      EXPECT_TRUE(checks().at(factors[f].name).at(choice)(spec)) << factors[f].name << " " << choice << "\n" << spec.text;
    }
    if (spec.problem.dropout)
      EXPECT_GT(spec.problem.dropout->probability, 0);
  }
}

TEST(PairSpecs, SeePairsAndForbidSome) {
  std::vector<Factor> factors = pairFactors(true);
  std::map<std::string, std::pair<unsigned, unsigned>> seen; // of rows: with an allowed pair, with a forbidden one
  for (const Choices &row : pairRows(true, 1)) {
    Problem p = pairSpec(row, 1, 0).problem;
    bool some = false, not_all = false;
    for (const Row &query : allRows(p))
      for (int64_t j = 0; j < p.keysOf(query.batch); ++j)
        (allowed(p, query.batch, query.head, query.query, j) ? some : not_all) = true;
    auto &counts = seen[factors[0].choices[row[0]]];
    counts.first += some;
    counts.second += not_all;
  }
  for (const auto &[mask, counts] : seen) {
    EXPECT_GE(counts.first, 8u) << mask;
    if (mask != "none" && mask != "prefix")
      EXPECT_GE(counts.second, 3u) << mask;
  }
}
