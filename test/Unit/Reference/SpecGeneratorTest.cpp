// The generator is a function of seed and index, keeps the limits it promises, and reaches everything it should.
#include "attn/Reference/Random.h"
#include "attn/Reference/SpecGenerator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>

using namespace attn::reference;

static constexpr uint64_t count = 2000;

static bool has(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

TEST(Random, IsTheSameEverywhere) {
  Random random(0);
  EXPECT_EQ(random.next(), 0xe220a8397b1dcdafu);
  EXPECT_EQ(random.next(), 0x6e789e6aa1b965f4u);
  EXPECT_EQ(random.next(), 0x06c45d188009454fu);
}

TEST(Random, NormalHasMeanZeroAndDeviationOne) {
  Random random(1);
  double sum = 0, squares = 0, fourths = 0;
  for (int i = 0; i < 100000; ++i) {
    double x = random.normal();
    sum += x;
    squares += x * x;
    fourths += x * x * x * x;
  }
  EXPECT_NEAR(sum / 100000, 0, 0.02);
  EXPECT_NEAR(squares / 100000, 1, 0.02);
  EXPECT_NEAR(fourths / 100000, 2.9, 0.1);
}

TEST(SpecGenerator, IsAFunctionOfSeedAndIndex) {
  SpecGenerator generator({7, true}), again({7, true}), other({8, true});
  unsigned differing = 0;
  for (uint64_t index = 0; index < 100; ++index) {
    Spec spec = generator.at(index);
    EXPECT_EQ(spec.summary(), again.at(index).summary());
    EXPECT_EQ(spec.text, again.at(index).text);
    EXPECT_EQ(spec.inputSeed(), again.at(index).inputSeed());
    differing += spec.summary().substr(14) != other.at(index).summary().substr(14);
  }
  EXPECT_GT(differing, 90u);
  EXPECT_EQ(generator.at(3).reproducer(), "seed=7 index=3");
}

TEST(SpecGenerator, WithoutF32OnlyTheTypeChanges) {
  for (uint64_t index = 0; index < 300; ++index) {
    Spec with = SpecGenerator({1, true}).at(index), without = SpecGenerator({1, false}).at(index);
    ASSERT_NE(without.problem.type, ElementType::F32);
    ASSERT_EQ(with.problem.queryLength, without.problem.queryLength);
    ASSERT_EQ(with.problem.headDim, without.problem.headDim);
    if (with.problem.type != ElementType::F32) {
      ASSERT_EQ(with.text, without.text);
    }
  }
}

TEST(SpecGenerator, KeepsTheLanguagesLimits) {
  SpecGenerator generator({1, true});
  for (uint64_t index = 0; index < count; ++index) {
    Spec spec = generator.at(index);
    const Problem &p = spec.problem;
    SCOPED_TRACE(spec.summary());
    for (int64_t dim : {p.headDim, p.valueDim}) {
      ASSERT_EQ(dim % 8, 0);
      ASSERT_GE(dim, 16);
      ASSERT_LE(dim, 256);
    }
    ASSERT_EQ(p.queryHeads % p.kvHeads, 0);
    ASSERT_LE(p.queryHeads / p.kvHeads, 8);
    ASSERT_GE(p.kvHeads, 1);
    ASSERT_LE(p.batch * p.queryHeads * p.queryLength * p.kvLength * (p.headDim + p.valueDim), 20'000'000);
    ASSERT_TRUE(std::isfinite(p.scale));
    ASSERT_EQ(static_cast<float>(p.scale) == p.scale || !has(spec.text, "scale("), true);
  }
}

/// Distinct indices of a tensor that is written must have distinct places, and steps must keep rows at 16 bytes.
TEST(SpecGenerator, StridesAreLegal) {
  SpecGenerator generator({1, false});
  for (uint64_t index = 0; index < 300; ++index) {
    Spec spec = generator.at(index);
    SCOPED_TRACE(spec.summary());
    const Layouts &all = spec.layouts;
    for (const TensorLayout *layout : {&all.query, &all.key, &all.value, &all.output}) {
      ASSERT_EQ(layout->strides[3], 1);
      for (int axis = 0; axis < 3; ++axis) {
        ASSERT_TRUE(layout->shape[axis] <= 1 || layout->strides[axis] % 8 == 0);
      }
    }
    for (const TensorLayout *layout : {&all.output, &all.lse}) {
      std::set<int64_t> rows;
      int64_t rowCount = layout->shape[0] * layout->shape[1] * layout->shape[2];
      for (int64_t b = 0; b < layout->shape[0]; ++b)
        for (int64_t h = 0; h < layout->shape[1]; ++h)
          for (int64_t s = 0; s < layout->shape[2]; ++s)
            rows.insert(b * layout->strides[0] + h * layout->strides[1] + s * layout->strides[2]);
      ASSERT_EQ(static_cast<int64_t>(rows.size()), rowCount);
      int64_t before = -layout->shape[3];
      for (int64_t row : rows) {
        ASSERT_GE(row - before, layout->shape[3]);
        before = row;
      }
    }
  }
}

TEST(SpecGenerator, ReachesEverything) {
  SpecGenerator generator({1, true});
  std::map<std::string, unsigned> seen;
  std::set<int64_t> headDims, valueDims, ratios;
  for (uint64_t index = 0; index < count; ++index) {
    Spec spec = generator.at(index);
    const Problem &p = spec.problem;
    headDims.insert(p.headDim);
    valueDims.insert(p.valueDim);
    ratios.insert(p.queryHeads / p.kvHeads);
    ++seen[typeName(p.type)];
    std::string window = p.causality.left ? p.causality.right ? "left and right" : "left"
                                          : p.causality.right ? "right" : "no window";
    ++seen[std::string(kindName(p.causality.kind)) + " with " + window];
    for (const TensorLayout *layout : {&spec.layouts.query, &spec.layouts.key, &spec.layouts.value})
      ++seen["input " + layout->name];
    ++seen["output " + spec.layouts.output.name];
    ++seen["lse " + spec.layouts.lse.name];
    seen["queries 0"] += p.queryLength == 0;
    seen["queries 1"] += p.queryLength == 1;
    seen["keys 0"] += p.kvLength == 0;
    seen["keys 1"] += p.kvLength == 1;
    seen["batch 0"] += p.batch == 0;
    seen["batch 3"] += p.batch == 3;
    seen["more queries than keys"] += p.queryLength > p.kvLength;
    seen["more keys than queries"] += p.queryLength < p.kvLength;
    seen["as many"] += p.queryLength == p.kvLength;
    seen["mla"] += p.headDim == 192 && p.valueDim == 128;
    for (int64_t edge : {64, 128, 176, 192, 256})
      for (int64_t by : {-1, 0, 1}) {
        seen["queries at " + std::to_string(edge + by)] += p.queryLength == edge + by;
        seen["keys at " + std::to_string(edge + by)] += p.kvLength == edge + by;
      }
    seen["long"] += p.queryLength > 500 || p.kvLength > 500;
    seen["with lse"] += spec.wantsLse;
    seen["without lse"] += !spec.wantsLse;
    seen["scale 0"] += p.scale == 0;
    seen["negative scale"] += p.scale < 0;
    seen["all dynamic"] += has(spec.text, "%q: tensor<?x?x?x") && has(spec.text, "%k: tensor<?x?x?x");
    seen["all static"] += !has(spec.text, "?");
    seen["no causality"] += !has(spec.text, "causality");
  }
  EXPECT_EQ(headDims.size(), 31u);
  EXPECT_EQ(valueDims.size(), 31u);
  EXPECT_EQ(ratios.size(), 8u);
  for (const char *type : {"f16", "bf16", "f32"})
    EXPECT_GT(seen[type], count / 5);
  for (const char *kind : {"none", "top_left", "bottom_right"})
    for (const char *window : {"no window", "left", "right", "left and right"})
      EXPECT_GT(seen[std::string(kind) + " with " + window], count / 50) << kind << " with " << window;
  for (const char *name : {"bhsd", "bshd", "sbhd", "hbsd", "packed", "bhsd+gaps", "bshd+gaps", "sbhd+gaps",
                           "hbsd+gaps"}) {
    EXPECT_GT(seen[std::string("input ") + name], 20u) << name;
    EXPECT_GT(seen[std::string("output ") + name], 20u) << name;
  }
  EXPECT_GT(seen["input bhsd+broadcast"], 0u);
  EXPECT_EQ(seen["output bhsd+broadcast"], 0u);
  for (const auto &[name, times] : seen)
    if (name != "output bhsd+broadcast") {
      EXPECT_GT(times, 0u) << name;
    }
}

TEST(SpecGenerator, WritesTheLanguage) {
  SpecGenerator generator({1, false});
  for (uint64_t index = 0; index < 200; ++index) {
    Spec spec = generator.at(index);
    SCOPED_TRACE(spec.text);
    ASSERT_EQ(spec.text.rfind("func.func @attention(%q: tensor<", 0), 0u);
    ASSERT_TRUE(has(spec.text, "heads(#attn.head_grouping<query = "));
    ASSERT_TRUE(has(spec.text, "x" + std::to_string(spec.problem.headDim) + "x" + typeName(spec.problem.type) + ">"));
    ASSERT_EQ(has(spec.text, "%lse"), spec.wantsLse);
    ASSERT_EQ(has(spec.text, "f32>"), spec.wantsLse);
  }
}

TEST(SpecGenerator, ClausesReachEverythingAndChangeNothingElse) {
  GeneratorOptions options;
  SpecGenerator plain(options);
  options.clauses = true;
  SpecGenerator generator(options);
  std::map<std::string, unsigned> seen;
  for (uint64_t index = 0; index < 1000; ++index) {
    Spec spec = generator.at(index), without = plain.at(index);
    ASSERT_EQ(spec.problem.queryLength, without.problem.queryLength);
    ASSERT_EQ(spec.layouts.output.strides[1], without.layouts.output.strides[1]);
    ASSERT_TRUE(without.captures.empty());
    const Problem &p = spec.problem;
    seen["softcap"] += p.softcap && has(spec.text, "softcap(");
    seen["alibi"] += p.slope && has(spec.text, "alibi(%slopes)");
    seen["bias"] += p.bias && has(spec.text, "bias(%bias)");
    seen["prefix"] += p.prefix && has(spec.text, "prefix(%prefix)");
    seen["chunk"] += p.chunk && has(spec.text, "chunk(");
    seen["documents"] += p.document && has(spec.text, "documents(%ids");
    seen["sorted documents"] += has(spec.text, "documents(%ids sorted)");
    seen["sinks"] += p.sink && has(spec.text, "sinks(%sinks)");
    seen["dropout with a seed"] += p.dropout && has(spec.text, ", seed = ");
    seen["dropout by an operand"] += p.dropout && has(spec.text, ">, %seed)");
    seen["no dropout after all"] += p.dropout && p.dropout->probability == 0;
    for (const Capture &capture : spec.captures) {
      const int64_t *shape = capture.layout.shape;
      ASSERT_EQ(static_cast<int64_t>(capture.values.size()), shape[0] * shape[1] * shape[2] * shape[3]);
      ASSERT_TRUE(has(spec.text, "%" + capture.name + ": tensor<"));
      seen["broadcast"] += capture.name == "bias" && shape[2] == 1 && p.queryLength > 1;
    }
  }
  for (const auto &[name, times] : seen)
    EXPECT_GT(times, 10u) << name;
}
