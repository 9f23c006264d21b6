// The kinds of tiles that bounds of a region's values find, against brute force: random masks that read tables, and masks
// that attention is used with.
#include "MaskRegions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace ::attn::test;
using ::attn::analysis::TileRegion;

namespace {
class TileBounds : public testing::Test {
protected:
  TileBounds() {
    context.loadDialect<arith::ArithDialect, func::FuncDialect, tensor::TensorDialect>();
    context.disableMultithreading();
  }

  Comparison check(const std::string &types, const std::string &body, int64_t rows, int64_t columns, int64_t length,
                   std::vector<std::vector<int64_t>> tables) {
    OwningOpRef<ModuleOp> module = parseMask(context, types, body);
    TileRegion tiles(getRegion(*module), rows, columns);
    Comparison result = compare(tiles, {length, length, 0, {0, 0, std::move(tables)}});
    EXPECT_EQ(result.wrong, "");
    return result;
  }

  MLIRContext context;
};
} // namespace

TEST_F(TileBounds, NeverLoseAPairOfRandomTables) {
  int64_t visited = 0, needed = 0, all = 0, full = 0, couldBeFull = 0;
  for (unsigned seed = 0; seed < 2400; ++seed) {
    std::mt19937 random(seed);
    auto draw = [&](int64_t from, int64_t to) { return std::uniform_int_distribution<int64_t>(from, to)(random); };
    OwningOpRef<ModuleOp> module = drawTableMask(context, random);
    ASSERT_TRUE(module);
    TileRegion tiles(getRegion(*module), draw(1, 6), draw(1, 6));
    for (int launch = 0; launch < 6; ++launch) {
      std::vector<int64_t> table(static_cast<size_t>(draw(1, 24)));
      for (int64_t &number : table)
        number = draw(-1, 12);
      auto scalar = [&] { return std::vector<int64_t>{draw(0, 14)}; };
      Captures captures{draw(0, 2), draw(0, 2), {scalar(), scalar(), {3, 8, 11}, table}};
      Launch lengths{draw(0, 14), draw(0, 14), 0, captures};
      Comparison result = compare(tiles, lengths);
      if (!result.wrong.empty()) {
        module->dump();
        FAIL() << "seed " << seed << ": " << result.wrong;
      }
      visited += result.visited, needed += result.needed, full += result.full, couldBeFull += result.couldBeFull;
      all += (lengths.queries + tiles.rows - 1) / tiles.rows * ((lengths.keys + tiles.columns - 1) / tiles.columns);
    }
  }
  printf("%ld tiles, %ld visited, %ld needed; %ld full, %ld could be\n", all, visited, needed, full, couldBeFull);
  EXPECT_LE(visited, all * 9 / 10);
}

/// BigBird in blocks of 8, of docs/examples/bigbird.mlir.
static const char *const kBigBird = R"(
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %two = arith.constant 2 : index
    %three = arith.constant 3 : index
    %size = arith.constant 8 : index
    %from = arith.divui %q, %size : index
    %to = arith.divui %k, %size : index
    %first_query = arith.cmpi eq, %from, %zero : index
    %first_key = arith.cmpi eq, %to, %zero : index
    %global = arith.ori %first_query, %first_key : i1
    %after = arith.addi %from, %one : index
    %above = arith.cmpi sle, %to, %after : index
    %behind = arith.addi %to, %one : index
    %below = arith.cmpi sle, %from, %behind : index
    %window = arith.andi %above, %below : i1
    %near = arith.ori %global, %window : i1
    %base = arith.muli %from, %three : index
    %p1 = arith.addi %base, %one : index
    %p2 = arith.addi %base, %two : index
    %t0 = tensor.extract %random[%base] : tensor<?xindex>
    %t1 = tensor.extract %random[%p1] : tensor<?xindex>
    %t2 = tensor.extract %random[%p2] : tensor<?xindex>
    %m0 = arith.cmpi eq, %to, %t0 : index
    %m1 = arith.cmpi eq, %to, %t1 : index
    %m2 = arith.cmpi eq, %to, %t2 : index
    %m01 = arith.ori %m0, %m1 : i1
    %drawn = arith.ori %m01, %m2 : i1
    %m = arith.ori %near, %drawn : i1
    return %m : i1
  )";

static std::vector<int64_t> drawBlocks(int64_t blocks, int64_t each) {
  std::mt19937 random(7);
  std::vector<int64_t> table;
  for (int64_t i = 0; i != blocks * each; ++i)
    table.push_back(std::uniform_int_distribution<int64_t>(0, blocks - 1)(random));
  return table;
}

TEST_F(TileBounds, BigBirdVisitsTheBlocksOfItsTable) {
  for (auto [rows, columns] : {std::pair{8, 8}, {16, 8}, {8, 16}, {24, 8}, {16, 16}, {32, 4}}) {
    Comparison result = check(", %random: tensor<?xindex>", kBigBird, rows, columns, 512, {drawBlocks(64, 3)});
    EXPECT_EQ(result.visited, result.needed) << rows << " x " << columns;
    EXPECT_LE(result.visited, (512 / rows) * (512 / columns) / 2);
    // Where a tile is wider than a block, two clauses may allow it together that do not alone.
    EXPECT_GE(result.full, columns > 8 ? result.couldBeFull * 9 / 10 : result.couldBeFull) << rows << " x " << columns;
  }
}

TEST_F(TileBounds, ABlockMaskVisitsItsBlocks) {
  // One number for each pair of blocks of 16, 64 a row.
  std::mt19937 random(3);
  std::vector<int64_t> table(64 * 64);
  for (int64_t &number : table)
    number = random() % 8 == 0;
  for (auto [rows, columns] : {std::pair{16, 16}, {32, 16}, {64, 32}, {16, 8}}) {
    Comparison result = check(", %blocks: tensor<?xindex>", R"(
      %size = arith.constant 16 : index
      %width = arith.constant 64 : index
      %zero = arith.constant 0 : index
      %from = arith.divui %q, %size : index
      %to = arith.divui %k, %size : index
      %row = arith.muli %from, %width : index
      %place = arith.addi %row, %to : index
      %number = tensor.extract %blocks[%place] : tensor<?xindex>
      %m = arith.cmpi ne, %number, %zero : index
      return %m : i1
    )",
                              rows, columns, 256, {table});
    EXPECT_EQ(result.visited, result.needed) << rows << " x " << columns;
    EXPECT_EQ(result.full, result.couldBeFull) << rows << " x " << columns;
  }
}

TEST_F(TileBounds, DocumentsThatAreNotSortedSkipTilesApart) {
  std::vector<int64_t> ids;
  for (int64_t id : {9, 2, 7, 4, 30, 1})
    ids.insert(ids.end(), 43, id);
  Comparison result = check(", %ids: tensor<?xindex>", R"(
    %i = tensor.extract %ids[%q] : tensor<?xindex>
    %j = tensor.extract %ids[%k] : tensor<?xindex>
    %m = arith.cmpi eq, %i, %j : index
    return %m : i1
  )",
                            16, 8, 256, {ids});
  // A tile across an end has all numbers between two.
  EXPECT_LE(result.visited, result.needed * 8 / 5);
  EXPECT_EQ(result.full, result.couldBeFull);
}

TEST_F(TileBounds, KeysOfARangeOfEachQueryAreVisited) {
  // From start[i] to i, as FlashMask has it.
  std::vector<int64_t> start;
  for (int64_t i = 0; i != 256; ++i)
    start.push_back(std::max<int64_t>(0, i - 20 - i * 37 % 30));
  Comparison result = check(", %start: tensor<?xindex>", R"(
    %first = tensor.extract %start[%q] : tensor<?xindex>
    %behind = arith.cmpi sge, %k, %first : index
    %causal = arith.cmpi sle, %k, %q : index
    %m = arith.andi %behind, %causal : i1
    return %m : i1
  )",
                            16, 8, 256, {start});
  EXPECT_EQ(result.visited, result.needed);
}

TEST_F(TileBounds, ATreeIsVisitedWhereItsBitsAreNotKnown) {
  OwningOpRef<ModuleOp> module = parseMask(context, ", %above: tensor<?xindex>", R"(
    %set = tensor.extract %above[%q] : tensor<?xindex>
    %bits = arith.shrui %set, %k : index
    %one = arith.constant 1 : index
    %bit = arith.andi %bits, %one : index
    %m = arith.cmpi eq, %bit, %one : index
    return %m : i1
  )");
  TileRegion tiles(getRegion(*module), 8, 8);
  Comparison result = compare(tiles, {16, 16, 0, {0, 0, {{1, 3, 5, 7}}}});
  EXPECT_EQ(result.wrong, "");
  EXPECT_EQ(result.visited, 4);
}
