// Philox against the known-answer vectors that its authors publish with Random123 (kat_vectors, philox4x32 10), and
// the rule by which dropout uses it.
#include "attn/Reference/Philox.h"

#include <gtest/gtest.h>

using namespace attn::reference;

TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Dropout, ThresholdIsTheRoundedProbability) {
  EXPECT_EQ((Dropout{0.0, 1}.threshold()), 0u);
  EXPECT_EQ((Dropout{0.5, 1}.threshold()), 0x80000000u);
  EXPECT_EQ((Dropout{0.1, 1}.threshold()), 429496730u);
  EXPECT_EQ((Dropout{1 - 1e-12, 1}.threshold()), uint64_t(1) << 32);
}

TEST(Dropout, ABlockServesTwoKeysAndTwoQueriesAtDistance8) {
  Dropout dropout{0.5, 0x0123456789abcdef};
  for (uint32_t i = 0; i < 1000; ++i) {
    uint32_t batch = i % 3, head = i % 7, query = (i * 5) & ~8u, key = (i * 3) & ~8u;
    PhiloxCounter words = philox({key, query, head, batch}, {0x89abcdef, 0x01234567});
    for (uint32_t word = 0; word < 4; ++word)
      EXPECT_EQ(dropout.keeps(batch, head, query + 8 * (word / 2), key + 8 * (word % 2)), words[word] >= 0x80000000u);
  }
}

TEST(Dropout, FourKnownChoices) {
  // Random123's answer for the counter 0 and the key 0 is 6627e8d5 e169c58d bc57ac4c 9b00dbd8.
  Dropout below{0x6627e8d4 / 4294967296.0, 0}, above{0x6627e8d6 / 4294967296.0, 0}, higher{0xbc57ac4d / 4294967296.0, 0};
  EXPECT_TRUE(below.keeps(0, 0, 0, 0));
  EXPECT_FALSE(above.keeps(0, 0, 0, 0));
  EXPECT_TRUE(higher.keeps(0, 0, 0, 8));
  EXPECT_FALSE(higher.keeps(0, 0, 8, 0));
  EXPECT_FALSE(higher.keeps(0, 0, 8, 8));
}

TEST(Dropout, KeepsTheExpectedShare) {
  for (double probability : {0.0, 0.1, 0.5, 0.9}) {
    Dropout dropout{probability, 7};
    int kept = 0;
    for (int query = 0; query < 300; ++query)
      for (int key = 0; key < 300; ++key)
        kept += dropout.keeps(1, 2, query, key);
    EXPECT_NEAR(kept / 90000.0, 1 - probability, 0.01);
  }
}

TEST(Dropout, ChoiceChangesWithEveryCoordinateAndTheSeed) {
  Dropout dropout{0.5, 7}, high{0.5, 7 | uint64_t(1) << 40};
  int changed[5] = {};
  for (int i = 0; i < 200; ++i) {
    bool kept = dropout.keeps(0, 0, i, 2 * i);
    changed[0] += kept != dropout.keeps(1, 0, i, 2 * i);
    changed[1] += kept != dropout.keeps(0, 1, i, 2 * i);
    changed[2] += kept != dropout.keeps(0, 0, i + 1, 2 * i);
    changed[3] += kept != dropout.keeps(0, 0, i, 2 * i + 1);
    changed[4] += kept != high.keeps(0, 0, i, 2 * i);
  }
  for (int count : changed)
    EXPECT_NEAR(count, 100, 40);
}
