// The limits on spec text: what people write passes, hostile text gets a sentence.
#include "SpecText.h"

#include "attn/Compiler/Compiler.h"

#include <gtest/gtest.h>

using namespace attn;
using namespace attn::compiler;

static std::string check(const std::string &text) { return checkSpecText(text, "spec").message; }

static std::string repeat(const std::string &piece, size_t count) {
  std::string out;
  for (size_t i = 0; i != count; ++i)
    out += piece;
  return out;
}

TEST(SpecText, AcceptsWhatPeopleWrite) {
  EXPECT_EQ(check(""), "");
  EXPECT_EQ(check("!q = tensor<?x8x?x64xf16>\n#h = #attn.head_grouping<query = 8, kv = 8>\n"
                  "func.func @f(%q: !q) -> !q { // a > b, \"quote\n  return %q : !q\n}\n"),
            "");
  EXPECT_EQ(check("\"a string with ((((( and \\\" in it\""), "");
  EXPECT_EQ(check(repeat("(", 256) + repeat(")", 256)), "");
  EXPECT_EQ(check(repeat("#s = affine_set<(d) : (d >= 0)>\n", 1000)), "");
}

TEST(SpecText, RefusesDeepNestingOfEveryBracket) {
  for (const char *bracket : {"(", "[", "{", "<", "tuple<", "affine_map<(d)->("})
    EXPECT_NE(check(repeat(bracket, 257)).find("nested at most 256 deep"), std::string::npos) << bracket;
}

TEST(SpecText, RefusesNestingThroughAliases) {
  std::string text = "!a0 = i1\n";
  for (int i = 1; i != 300; ++i)
    text += "!a" + std::to_string(i) + " = tuple<!a" + std::to_string(i - 1) + ">\n";
  EXPECT_NE(check(text).find("nested at most 256 deep"), std::string::npos);
}

TEST(SpecText, RefusesTextThatExplodesThroughAliases) {
  std::string text = "!a0 = i1\n";
  for (int i = 1; i != 60; ++i) {
    std::string before = "!a" + std::to_string(i - 1);
    text += "!a" + std::to_string(i) + " = tuple<" + before + ", " + before + ">\n";
  }
  EXPECT_NE(check(text).find("with aliases in place"), std::string::npos);
  for (char &c : text) // the same on one line
    c = c == '\n' ? ' ' : c;
  EXPECT_NE(check(text).find("with aliases in place"), std::string::npos);
}

TEST(SpecText, RefusesOtherHostileText) {
  EXPECT_NE(check(std::string(maxSpecBytes + 1, ' ')).find("bytes of text"), std::string::npos);
  EXPECT_NE(check(repeat("- ", 100)).find("signs in a row"), std::string::npos);
  EXPECT_NE(check("{-# dialect_resources: {} #-}").find("resource section"), std::string::npos);
  EXPECT_NE(check("\"open").find("closing quote"), std::string::npos);
  EXPECT_NE(check(std::string("a\0b", 3)).find("zero byte"), std::string::npos);
  EXPECT_NE(check("ML\xefR\x01").find("bytecode"), std::string::npos);
}

TEST(SpecText, NamesTheLine) { EXPECT_EQ(check("\n\n" + repeat("(", 257)).substr(0, 7), "spec:3:"); }
