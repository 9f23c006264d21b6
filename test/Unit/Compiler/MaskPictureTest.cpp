// Pictures of the gallery's masks against brute force over all pairs: an absent tile holds no allowed pair, a full one no
// forbidden pair, and where ranges are derived there is no tile too many.
#include "attn/Compiler/Describe.h"
#include "attn/Compiler/MaskPicture.h"
#include "attn/Reference/Problem.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace attn;
using compiler::MaskPicture;
using Kind = MaskPicture::Kind;

namespace {
std::string read(const std::filesystem::path &path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// What the oracle says of the pairs of a spec; buffers hold numbers that follow from the indices.
reference::Problem problemOf(const compiler::SpecFacts &facts, int64_t queries, int64_t keys) {
  reference::Problem problem;
  problem.queryLength = queries, problem.kvLength = keys;
  problem.causality = {static_cast<reference::CausalityKind>(facts.causality), facts.left, facts.right};
  problem.chunk = facts.chunk;
  compiler::CaptureReader reader = [](unsigned, const int64_t *indices) {
    return static_cast<double>(indices[0] / 50);
  };
  if (facts.documents)
    problem.document = [](int64_t, int64_t at) { return at / 70; };
  if (facts.mask)
    problem.mask = [mask = facts.mask, reader](int64_t b, int64_t h, int64_t i, int64_t j) {
      return mask(b, h, i, j, reader);
    };
  return problem;
}

/// Allowed pairs of a tile, and all pairs of it that exist.
std::pair<int64_t, int64_t> countPairs(const MaskPicture &picture, const reference::Problem &problem, size_t row, size_t column) {
  int64_t allowed = 0, all = 0;
  int64_t firstQuery = static_cast<int64_t>(row) * picture.rows, firstKey = static_cast<int64_t>(column) * picture.columns;
  for (int64_t i = firstQuery; i < std::min(picture.queries, firstQuery + picture.rows); ++i)
    for (int64_t j = firstKey; j < std::min(picture.keys, firstKey + picture.columns); ++j, ++all)
      allowed += reference::allowed(problem, 0, 0, i, j);
  return {allowed, all};
}

compiler::CompileOptions smallTiles() {
  compiler::CompileOptions options;
  options.plan = "#tile.plan<target = \"cpu\", query_tile = 32, kv_tile = 16, warpgroups = 0, stages = 0, overlap = false, "
                 "ping_pong = false>";
  return options;
}
} // namespace

TEST(MaskPicture, IsRightForTheGallery) {
  unsigned derived = 0;
  for (const auto &entry : std::filesystem::directory_iterator(ATTN_EXAMPLES)) {
    std::string text = read(entry.path());
    Result<compiler::SpecFacts> facts = compiler::describe(text);
    ASSERT_TRUE(bool(facts)) << facts.error().message;
    for (auto [queries, keys] : {std::pair<int64_t, int64_t>{320, 320}, {96, 480}, {100, 333}, {0, 5}}) {
      SCOPED_TRACE(entry.path().filename().string() + " " + std::to_string(queries) + "x" + std::to_string(keys));
      Result<MaskPicture> picture = compiler::drawMask(text, smallTiles(), queries, keys);
      if (!picture && picture.error().status == Status::Unsupported)
        continue;
      ASSERT_TRUE(bool(picture)) << picture.error().message;
      reference::Problem problem = problemOf(*facts, queries, keys);
      bool whole = queries % picture->rows == 0; // rows beyond the last query count like any other
      ASSERT_EQ(picture->tiles.size(), static_cast<size_t>((queries + 31) / 32));
      for (size_t row = 0; row != picture->tiles.size(); ++row)
        for (size_t column = 0; column != picture->tiles[row].size(); ++column) {
          Kind kind = picture->tiles[row][column];
          auto [allowed, all] = countPairs(*picture, problem, row, column);
          ASSERT_TRUE(kind != Kind::Absent || allowed == 0) << row << ", " << column;
          ASSERT_TRUE(kind != Kind::Full || allowed == all) << row << ", " << column;
          if (picture->why.empty() && whole)
            ASSERT_EQ(kind == Kind::Absent, allowed == 0) << row << ", " << column << ": a tile too many";
        }
      derived += picture->why.empty();
    }
  }
  EXPECT_GE(derived, 40u);
}

TEST(MaskPicture, SaysWhatItNeeds) {
  std::string text = read(std::string(ATTN_EXAMPLES) + "/padding.mlir");
  Result<MaskPicture> picture = compiler::drawMask(text, smallTiles(), 64, 64);
  ASSERT_FALSE(bool(picture));
  EXPECT_EQ(picture.error().status, Status::Unsupported);
  EXPECT_NE(picture.error().message.find("depends on what a buffer holds"), std::string::npos);
}

TEST(MaskPicture, DrawsRunsOfTiles) {
  MaskPicture picture;
  picture.symbol = "mask", picture.queries = 64, picture.keys = 48, picture.rows = 32, picture.columns = 16;
  picture.tiles = {{Kind::Full, Kind::Full, Kind::Absent}, {Kind::Full, Kind::Partial, Kind::Absent}};
  std::string svg = picture.svg();
  EXPECT_NE(svg.find("mask: 64 queries down, 48 keys across, tiles of 32 x 16"), std::string::npos);
  EXPECT_NE(svg.find("full 50.0 %"), std::string::npos);
  EXPECT_NE(svg.find("<rect x=\"10.00\" y=\"50.00\" width=\"32.00\" height=\"16.00\" fill=\"#3a7bd5\"/>"), std::string::npos);
  EXPECT_NE(svg.find("<rect x=\"26.00\" y=\"66.00\" width=\"16.00\" height=\"16.00\" fill=\"#f2a33a\"/>"), std::string::npos);
}
