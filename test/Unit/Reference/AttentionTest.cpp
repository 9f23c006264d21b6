// The oracle on cases that can be computed by hand.
#include "attn/Reference/Attention.h"
#include "attn/Reference/Compare.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace attn::reference;

namespace {

/// A problem with its tensors, dense in f32, and the oracle's answer.
struct Case {
  Problem problem;
  std::vector<float> query, key, value;
  std::vector<double> out, lse;

  TensorView queryView() {
    return denseView(query.data(), ElementType::F32, problem.batch, problem.queryHeads, problem.queryLength,
                     problem.headDim);
  }
  TensorView keyView() {
    return denseView(key.data(), ElementType::F32, problem.batch, problem.kvHeads, problem.kvLength, problem.headDim);
  }
  TensorView valueView() {
    return denseView(value.data(), ElementType::F32, problem.batch, problem.kvHeads, problem.kvLength,
                     problem.valueDim);
  }
  void run(bool unfused = false) {
    size_t rows = problem.batch * problem.queryHeads * problem.queryLength;
    out.assign(rows * problem.valueDim, 99);
    lse.assign(rows, 99);
    (unfused ? unfusedAttention : attention)(problem, queryView(), keyView(), valueView(), out.data(), lse.data());
  }
};

/// Two queries, two keys, dimension 2; the scores are 0, ln 3 and ln 3, 0.
Case twoByTwo() {
  Case c;
  c.problem.queryLength = c.problem.kvLength = 2;
  c.problem.headDim = c.problem.valueDim = 2;
  c.query = {0, 1, 1, 0};
  float ln3 = std::log(3.0f);
  c.key = {ln3, 0, 0, ln3};
  c.value = {4, 0, 0, 8};
  return c;
}

void expectNear(const std::vector<double> &found, const std::vector<double> &expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i)
    EXPECT_NEAR(found[i], expected[i], 1e-6) << i;
}

} // namespace

TEST(Attention, TwoByTwo) {
  Case c = twoByTwo();
  c.run();
  expectNear(c.out, {1, 6, 3, 2});
  expectNear(c.lse, {std::log(4), std::log(4)});
}

TEST(Attention, ScaleMultipliesScores) {
  Case c = twoByTwo();
  c.problem.scale = 2;
  c.run();
  expectNear(c.out, {0.4, 7.2, 3.6, 0.8});
  expectNear(c.lse, {std::log(10), std::log(10)});
  c.problem.scale = 0;
  c.run();
  expectNear(c.out, {2, 4, 2, 4});
  c.problem.scale = -1;
  c.run();
  expectNear(c.out, {3, 2, 1, 6});
}

TEST(Attention, CausalFirstRowSeesOneKey) {
  Case c = twoByTwo();
  c.problem.causality.kind = CausalityKind::TopLeft;
  c.run();
  expectNear(c.out, {4, 0, 3, 2});
  expectNear(c.lse, {0, std::log(4)});
}

TEST(Attention, MaskedRowsAreExactlyZeroAndMinusInfinity) {
  // Bottom-right causality with more queries than keys: the first query sees nothing.
  Case c = twoByTwo();
  c.problem.kvLength = 1;
  c.problem.causality.kind = CausalityKind::BottomRight;
  c.run();
  EXPECT_EQ(c.out, (std::vector<double>{0, 0, 4, 0}));
  EXPECT_EQ(c.lse[0], -INFINITY);
  c.run(true);
  EXPECT_EQ(c.out, (std::vector<double>{0, 0, 4, 0}));
  EXPECT_EQ(c.lse[0], -INFINITY);
}

TEST(Attention, NoKeysAtAll) {
  Case c = twoByTwo();
  c.problem.kvLength = 0;
  c.run();
  EXPECT_EQ(c.out, std::vector<double>(4, 0));
  EXPECT_EQ(c.lse, std::vector<double>(2, -INFINITY));
}

TEST(Attention, NoQueriesOrBatches) {
  Case c = twoByTwo();
  c.problem.queryLength = 0;
  c.run();
  EXPECT_TRUE(c.out.empty());
  c = twoByTwo();
  c.problem.batch = 0;
  c.run();
  EXPECT_TRUE(c.out.empty());
}

TEST(Attention, ForbiddenKeysAndValuesMayHoldNaN) {
  Case c = twoByTwo();
  c.problem.causality.kind = CausalityKind::TopLeft;
  c.key[2] = c.value[2] = NAN;
  c.run();
  EXPECT_EQ(c.out[0], 4);
  EXPECT_EQ(c.out[1], 0);
  EXPECT_EQ(c.lse[0], 0);
  EXPECT_TRUE(std::isnan(c.out[2]));
  EXPECT_TRUE(std::isnan(c.lse[1]));
}

TEST(Attention, WindowKeepsTheDiagonal) {
  Case c = twoByTwo();
  c.problem.causality.left = c.problem.causality.right = 0;
  c.run();
  expectNear(c.out, {4, 0, 0, 8});
  expectNear(c.lse, {0, 0});
}

TEST(Attention, QueryHeadsShareKvHeadsInOrder) {
  // Four query heads on two kv heads; one key each, so the output is the value of the kv head read.
  Case c;
  c.problem.batch = 2;
  c.problem.queryHeads = 4;
  c.problem.kvHeads = 2;
  c.problem.headDim = c.problem.valueDim = 1;
  c.query.assign(8, 1);
  c.key = {1, 2, 3, 4};
  c.value = {10, 20, 30, 40};
  c.run();
  EXPECT_EQ(c.out, (std::vector<double>{10, 10, 20, 20, 30, 30, 40, 40}));
  EXPECT_EQ(c.lse, (std::vector<double>{1, 1, 2, 2, 3, 3, 4, 4}));
}

TEST(Attention, ScoreThenMask) {
  Case c = twoByTwo();
  c.problem.score = [](double s, int64_t, int64_t, int64_t q, int64_t k) { return s + (q == 0 && k == 0 ? 1e9 : 0); };
  c.run();
  expectNear(c.out, {4, 0, 3, 2});
  c.problem.mask = [](int64_t, int64_t, int64_t q, int64_t k) { return q != 0 || k != 0; };
  c.run();
  expectNear(c.out, {0, 8, 3, 2});
  c.problem.score = [](double, int64_t, int64_t, int64_t, int64_t) { return -INFINITY; };
  c.run();
  EXPECT_EQ(c.out, std::vector<double>(4, 0));
  EXPECT_EQ(c.lse, std::vector<double>(2, -INFINITY));
}

TEST(Attention, LargeScoresDoNotOverflow) {
  Case c = twoByTwo();
  c.key = {-1e30f, 0, 0, 1e30f};
  c.run();
  expectNear(c.out, {0, 8, 0, 8});
  EXPECT_NEAR(c.lse[0], 1e30f, 1);
}

TEST(Attention, DropoutScalesWhatItKeeps) {
  Case c = twoByTwo();
  c.problem.dropout = Dropout{0.5, 3};
  c.run();
  double weights[2][2] = {{0.25, 0.75}, {0.75, 0.25}};
  for (int q = 0; q < 2; ++q) {
    auto kept = [&](int k) { return c.problem.dropout->keeps(0, 0, q, k) ? 2 * weights[q][k] : 0; };
    EXPECT_NEAR(c.out[2 * q], 4 * kept(0), 1e-6);
    EXPECT_NEAR(c.out[2 * q + 1], 8 * kept(1), 1e-6);
  }
  expectNear(c.lse, {std::log(4), std::log(4)});
}

TEST(Attention, ASinkCountsInTheSumAndHasNoValue) {
  // The exponentials of a row are 1 and 3; a sink of ln 4 adds 4 to their sum.
  Case c = twoByTwo();
  c.problem.sink = [](int64_t) { return std::log(4.0); };
  c.run();
  expectNear(c.out, {0.5, 3, 1.5, 1});
  expectNear(c.lse, {std::log(8), std::log(8)});
  c.run(true);
  expectNear(c.out, {0.5, 3, 1.5, 1});
  // Without a key the sink is all there is; a sink of -inf is none.
  c.problem.kvLength = 1;
  c.problem.causality.kind = CausalityKind::BottomRight;
  c.run();
  EXPECT_EQ(c.out[0], 0);
  EXPECT_EQ(c.lse[0], std::log(4.0));
  c.problem.sink = [](int64_t) { return -INFINITY; };
  c.run();
  EXPECT_EQ(c.out[0], 0);
  EXPECT_EQ(c.lse[0], -INFINITY);
}

TEST(Attention, ScoresAreCappedSlopedAndBiasedInThisOrder) {
  Problem problem;
  problem.queryLength = 2, problem.kvLength = 5;
  problem.softcap = 2;
  EXPECT_DOUBLE_EQ(changedScore(problem, 3, 0, 0, 0, 0), 2 * std::tanh(1.5));
  problem.slope = [](int64_t h) { return h + 0.5; };
  // The diagonal of bottom-right alignment: query 1 stands beside key 4.
  EXPECT_DOUBLE_EQ(changedScore(problem, 3, 0, 1, 1, 2), 2 * std::tanh(1.5) - 1.5 * 2);
  problem.causality.kind = CausalityKind::TopLeft;
  EXPECT_DOUBLE_EQ(changedScore(problem, 3, 0, 1, 1, 3), 2 * std::tanh(1.5) - 1.5 * 2);
  problem.bias = [](int64_t b, int64_t h, int64_t i, int64_t j) { return 1000 * b + 100 * h + 10 * i + j; };
  EXPECT_DOUBLE_EQ(changedScore(problem, 3, 4, 1, 1, 1), 2 * std::tanh(1.5) + 4111);
  problem.score = [](double x, int64_t, int64_t, int64_t, int64_t) { return -x; };
  EXPECT_DOUBLE_EQ(changedScore(problem, 3, 4, 1, 1, 1), -2 * std::tanh(1.5) - 4111);
}

TEST(Attention, APrefixWidensCausalityAndNothingElse) {
  Problem problem;
  problem.queryLength = problem.kvLength = 8;
  problem.causality.kind = CausalityKind::TopLeft;
  problem.prefix = [](int64_t b) { return b ? 5 : 0; };
  EXPECT_FALSE(allowed(problem, 0, 0, 1, 4));
  EXPECT_TRUE(allowed(problem, 1, 0, 1, 4));
  EXPECT_FALSE(allowed(problem, 1, 0, 1, 5));
  problem.chunk = 4;
  EXPECT_FALSE(allowed(problem, 1, 0, 1, 4));
  EXPECT_TRUE(allowed(problem, 1, 0, 1, 3));
  problem.kvLengths = {8, 3};
  EXPECT_FALSE(allowed(problem, 1, 0, 1, 3));
}

TEST(Attention, ChunksAndDocumentsAreThoseOfThePosition) {
  Problem problem;
  problem.queryLength = 4, problem.kvLength = 6;
  problem.chunk = 3;
  // Queries stand at positions 2 to 5.
  EXPECT_TRUE(allowed(problem, 0, 0, 0, 2));
  EXPECT_FALSE(allowed(problem, 0, 0, 0, 3));
  EXPECT_TRUE(allowed(problem, 0, 0, 1, 3));
  problem.chunk.reset();
  problem.document = [](int64_t, int64_t at) { return at / 2; };
  EXPECT_TRUE(allowed(problem, 0, 0, 0, 3));
  EXPECT_FALSE(allowed(problem, 0, 0, 0, 4));
  // In front of all keys there is no document.
  problem.queryLength = 8;
  problem.document = [](int64_t, int64_t) { return 0; };
  EXPECT_FALSE(allowed(problem, 0, 0, 1, 0));
  EXPECT_TRUE(allowed(problem, 0, 0, 2, 0));
}

TEST(Attention, SomeRowsAreTheSameAsInTheWhole) {
  Case c = twoByTwo();
  c.run();
  std::vector<double> out(2), lse(1);
  attentionRows(c.problem, c.queryView(), c.keyView(), c.valueView(), {{0, 0, 1}}, out.data(), lse.data());
  EXPECT_EQ(out, (std::vector<double>{c.out[2], c.out[3]}));
  EXPECT_EQ(lse[0], c.lse[1]);
}

TEST(Attention, SampledRowsAreDistinctInOrderAndWithinTheWork) {
  Problem problem;
  problem.batch = 2;
  problem.queryHeads = 3;
  problem.queryLength = 1000;
  problem.kvLength = 100;
  problem.headDim = problem.valueDim = 64;
  EXPECT_EQ(sampleRows(problem, 6000 * 12800, 1).size(), 6000u);
  std::vector<Row> rows = sampleRows(problem, 500 * 12800, 1);
  ASSERT_EQ(rows.size(), 500u);
  EXPECT_EQ(rows.front().query + rows.front().head + rows.front().batch, 0);
  EXPECT_EQ(rows.back().query, 999);
  int64_t before = -1;
  for (const Row &row : rows) {
    int64_t at = (row.batch * 3 + row.head) * 1000 + row.query;
    EXPECT_GT(at, before);
    before = at;
  }
  EXPECT_EQ(sampleRows(problem, 1, 1).size(), 1u);
  problem.batch = 0;
  EXPECT_TRUE(sampleRows(problem, 1, 1).empty());
}

TEST(Attention, ManyRowsAndHeadsAreDenseInOrder) {
  // With scale 0 every output is the mean of the values, here the mean of 0 .. keys - 1 plus 1000 times the kv head.
  Case c;
  c.problem.batch = 1;
  c.problem.queryHeads = 3;
  c.problem.kvHeads = 3;
  c.problem.queryLength = 300;
  c.problem.kvLength = 5;
  c.problem.headDim = c.problem.valueDim = 1;
  c.problem.scale = 0;
  c.problem.causality.kind = CausalityKind::TopLeft;
  c.query.assign(900, 1);
  c.key.assign(15, 1);
  for (int h = 0; h < 3; ++h)
    for (int j = 0; j < 5; ++j)
      c.value.push_back(1000 * h + j);
  c.run();
  for (int h = 0; h < 3; ++h)
    for (int i = 0; i < 300; ++i)
      ASSERT_NEAR(c.out[300 * h + i], 1000 * h + std::min(i, 4) / 2.0, 1e-9);
}

TEST(UnfusedAttention, RoundsToTheType) {
  Case c = twoByTwo();
  c.run();
  std::vector<double> exact = c.out;
  std::vector<Row> rows = allRows(c.problem);
  c.problem.type = ElementType::BF16;
  c.run(true);
  double coarse = compareRows(c.out.data(), 2, rows, exact.data()).maxError;
  for (double value : c.out)
    EXPECT_EQ(roundTo(ElementType::BF16, value), value);
  c.problem.type = ElementType::F32;
  c.run(true);
  double fine = compareRows(c.out.data(), 2, rows, exact.data()).maxError;
  EXPECT_GT(coarse, 1e-3);
  EXPECT_LT(coarse, 5e-2);
  EXPECT_LT(fine, 1e-5);
}
