// The truth table of mask regions beside bands: what tile-split-ranges makes of them visits every pair that region and band
// allow, masks the others, and visits no block too many, for all lengths 0 to 12.
#include "MaskInterpreter.h"

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

#include <gtest/gtest.h>

#include <functional>

using ::attn::test::interpretMasks;
using ::attn::test::Visited;
using namespace mlir;

namespace {
constexpr int64_t kRows = 4, kColumns = 3, kLongest = 12;

struct Mask {
  const char *body; ///< operations from %q and %k to %m
  std::function<bool(int64_t, int64_t)> allowed;
};

class RegionTruthTable : public testing::Test {
protected:
  RegionTruthTable() {
    DialectRegistry registry;
    registry.insert<mlir::attn::AttnDialect, tile::TileDialect, func::FuncDialect, arith::ArithDialect>();
    context.appendDialectRegistry(registry);
    context.disableMultithreading();
  }

  /// Compiles a causal spec with the mask to stage `stepped`. Regions of masks are interpreted as they are.
  OwningOpRef<ModuleOp> compile(const Mask &mask) {
    std::string type = "tensor<?x1x?x16xf32>";
    std::string spec = "func.func @f(%q: " + type + ", %k: " + type + ", %v: " + type + ") -> " + type +
                       " {\n %o = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 1, kv = 1>) "
                       "causality(#attn.causality<top_left>) : (" +
                       type + ", " + type + ", " + type + ") -> " + type + "\n return %o : " + type + "\n}";
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(spec, &context);
    mlir::attn::AttnChoosePlanOptions plan;
    plan.plan = "#tile.plan<target = \"cpu\", query_tile = 4, kv_tile = 3, warpgroups = 0, stages = 0, overlap = false, "
                "ping_pong = false>";
    PassManager tiling(&context), splitting(&context);
    tiling.addNestedPass<func::FuncOp>(mlir::attn::createAttnChoosePlan(plan));
    tiling.addNestedPass<func::FuncOp>(mlir::attn::createAttnTileAttention());
    EXPECT_TRUE(module && succeeded(tiling.run(*module)));
    insertRegion(*module, mask);
    splitting.addNestedPass<func::FuncOp>(mlir::attn::createTileSplitRanges());
    splitting.addNestedPass<func::FuncOp>(mlir::attn::createTileExpandSoftmax());
    splitting.addPass(createCanonicalizerPass());
    EXPECT_TRUE(succeeded(splitting.run(*module)));
    return module;
  }

  void insertRegion(ModuleOp module, const Mask &mask) {
    std::string text = std::string("func.func @mask(%b: index, %h: index, %q: index, %k: index) -> i1 {\n") + mask.body +
                       "\n return %m : i1\n}";
    OwningOpRef<ModuleOp> parsed = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(parsed);
    Block &source = (*parsed->getOps<func::FuncOp>().begin()).getBody().front();
    module.walk([&](tile::BandMaskOp band) {
      OpBuilder b(band);
      auto grid = band->getParentOfType<scf::ForallOp>();
      auto region = tile::RegionMaskOp::create(b, band.getLoc(), band.getType(), band.getScores(), grid.getInductionVar(0),
                                               grid.getInductionVar(1), band.getQuery(), band.getKey(), ValueRange(),
                                               DenseI64ArrayAttr());
      Block *body = b.createBlock(&region.getBody());
      IRMapping mapping;
      for (BlockArgument argument : source.getArguments())
        mapping.map(argument, body->addArgument(argument.getType(), argument.getLoc()));
      for (Operation &op : source.without_terminator())
        b.clone(op, mapping);
      tile::YieldOp::create(b, band.getLoc(), mapping.lookup(source.getTerminator()->getOperand(0)));
      band.getScoresMutable().assign(region.getResult());
    });
  }

  void check(const Mask &mask) {
    OwningOpRef<ModuleOp> module = compile(mask);
    auto func = *module->getOps<func::FuncOp>().begin();
    for (int64_t queries = 0; queries <= kLongest; ++queries)
      for (int64_t keys = 0; keys <= kLongest; ++keys) {
        SCOPED_TRACE("Sq " + std::to_string(queries) + " Sk " + std::to_string(keys));
        auto allowed = [&](int64_t i, int64_t j) { return j < keys && j <= i && mask.allowed(i, j); };
        compare(interpretMasks(func, queries, keys), queries, keys, allowed);
      }
  }

  void compare(const Visited &visited, int64_t queries, int64_t keys, std::function<bool(int64_t, int64_t)> allowed) {
    ASSERT_EQ(visited.unknown, "");
    std::set<std::pair<int64_t, int64_t>> expected;
    int64_t present = 0, full = 0;
    for (int64_t q = 0; q < queries; q += kRows)
      for (int64_t k = 0; k < keys; k += kColumns) {
        int64_t count = 0;
        for (int64_t i = q; i < q + kRows; ++i)
          for (int64_t j = k; j < k + kColumns; ++j) {
            count += allowed(i, j);
            if (i < queries && allowed(i, j))
              expected.insert({i, j});
          }
        present += count > 0;
        full += count == kRows * kColumns;
      }
    EXPECT_EQ(visited.allowed, expected);
    EXPECT_EQ(visited.blocks, present);
    EXPECT_EQ(visited.blocks - visited.maskedBlocks, full);
  }

  MLIRContext context;
};
} // namespace

TEST_F(RegionTruthTable, Everything) {
  check({"%m = arith.constant true", [](int64_t, int64_t) { return true; }});
}

TEST_F(RegionTruthTable, Nothing) {
  check({"%m = arith.constant false", [](int64_t, int64_t) { return false; }});
}

TEST_F(RegionTruthTable, ChunkedLocal) {
  check({"%c = arith.constant 5 : index\n %x = arith.divui %q, %c : index\n %y = arith.divui %k, %c : index\n"
         "%m = arith.cmpi eq, %x, %y : index",
         [](int64_t i, int64_t j) { return i / 5 == j / 5; }});
}

TEST_F(RegionTruthTable, UnionOfAWindowAndTwoGlobals) {
  check({"%two = arith.constant 2 : index\n %three = arith.constant 3 : index\n %d = arith.subi %q, %k : index\n"
         "%w = arith.cmpi slt, %d, %two : index\n %x = arith.cmpi slt, %k, %three : index\n"
         "%y = arith.cmpi eq, %q, %three : index\n %0 = arith.ori %w, %x : i1\n %m = arith.ori %0, %y : i1",
         [](int64_t i, int64_t j) { return i - j < 2 || j < 3 || i == 3; }});
}

TEST_F(RegionTruthTable, OverlappingColumnsAreVisitedOnce) {
  // Keys below 2, from 4 to 5 and from 8 on, written with overlaps.
  check({"%one = arith.constant 1 : index\n %two = arith.constant 2 : index\n %four = arith.constant 4 : index\n"
         "%five = arith.constant 5 : index\n %eight = arith.constant 8 : index\n"
         "%a = arith.cmpi slt, %k, %two : index\n %b0 = arith.cmpi eq, %k, %four : index\n"
         "%c = arith.cmpi eq, %k, %five : index\n %d = arith.cmpi sge, %k, %eight : index\n"
         "%e = arith.cmpi slt, %k, %one : index\n"
         "%0 = arith.ori %a, %b0 : i1\n %1 = arith.ori %c, %d : i1\n %2 = arith.ori %0, %1 : i1\n"
         "%m = arith.ori %2, %e : i1",
         [](int64_t, int64_t j) { return j < 2 || j == 4 || j == 5 || j >= 8; }});
}
