// The exhaustive truth table of the mask: all lengths 0 to 9, all alignments, windows from none to wider than the lengths.
// The left side is what the lowered tile IR does; the right side is the definition of #attn.causality in five lines.
#include "MaskInterpreter.h"

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>

using ::attn::test::interpretMasks;
using ::attn::test::Visited;
using namespace mlir;

namespace {
struct Mask {
  std::string kind;
  std::optional<int64_t> left, right;

  std::string text() const {
    std::string result = "#attn.causality<" + kind;
    if (left)
      result += ", left = " + std::to_string(*left);
    if (right)
      result += ", right = " + std::to_string(*right);
    return result + ">";
  }

  bool allowed(int64_t i, int64_t j, int64_t queryLength, int64_t kvLength) const {
    int64_t d = kind == "top_left" ? 0 : kvLength - queryLength;
    bool causal = kind == "none" || j <= i + d;
    return causal && (!left || j >= i + d - *left) && (!right || j <= i + d + *right);
  }
};

class MaskTruthTable : public testing::Test {
protected:
  MaskTruthTable() {
    DialectRegistry registry;
    registry.insert<mlir::attn::AttnDialect, tile::TileDialect, func::FuncDialect>();
    context.appendDialectRegistry(registry);
    context.disableMultithreading();
  }

  /// Compiles a spec with the mask to stage `stepped`, with tiles of 4 queries and 3 keys so that every edge occurs.
  OwningOpRef<ModuleOp> compile(const Mask &mask) {
    std::string type = "tensor<?x1x?x16xf32>";
    std::string spec = "func.func @f(%q: " + type + ", %k: " + type + ", %v: " + type + ") -> " + type +
                       " {\n %o = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 1, kv = 1>) causality(" +
                       mask.text() + ") : (" + type + ", " + type + ", " + type + ") -> " + type +
                       "\n return %o : " + type + "\n}";
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(spec, &context);
    PassManager pm(&context);
    mlir::attn::AttnChoosePlanOptions plan;
    plan.plan = "#tile.plan<target = \"cpu\", query_tile = 4, kv_tile = 3, warpgroups = 0, stages = 0, overlap = false, "
                "ping_pong = false>";
    pm.addNestedPass<func::FuncOp>(mlir::attn::createAttnChoosePlan(plan));
    pm.addNestedPass<func::FuncOp>(mlir::attn::createAttnTileAttention());
    pm.addNestedPass<func::FuncOp>(mlir::attn::createTileSplitRanges());
    pm.addNestedPass<func::FuncOp>(mlir::attn::createTileExpandSoftmax());
    pm.addPass(createCanonicalizerPass());
    EXPECT_TRUE(module && succeeded(pm.run(*module)));
    return module;
  }

  void check(const Mask &mask) {
    OwningOpRef<ModuleOp> module = compile(mask);
    auto func = *module->getOps<func::FuncOp>().begin();
    for (int64_t queryLength = 0; queryLength <= 9; ++queryLength)
      for (int64_t kvLength = 0; kvLength <= 9; ++kvLength) {
        SCOPED_TRACE(mask.text() + " Sq " + std::to_string(queryLength) + " Sk " + std::to_string(kvLength));
        compare(interpretMasks(func, queryLength, kvLength), mask, queryLength, kvLength);
      }
  }

  void compare(const Visited &visited, const Mask &mask, int64_t queryLength, int64_t kvLength) {
    ASSERT_EQ(visited.unknown, "");
    std::set<std::pair<int64_t, int64_t>> expected;
    for (int64_t i = 0; i < queryLength; ++i)
      for (int64_t j = 0; j < kvLength; ++j)
        if (mask.allowed(i, j, queryLength, kvLength))
          expected.insert({i, j});
    EXPECT_EQ(visited.allowed, expected);
    checkBlocks(visited, mask, queryLength, kvLength);
  }

  /// Absent blocks are not visited and full ones are not masked: counts against brute force over whole tiles.
  void checkBlocks(const Visited &visited, const Mask &mask, int64_t queryLength, int64_t kvLength) {
    int64_t present = 0, full = 0;
    for (int64_t q = 0; q < queryLength; q += 4)
      for (int64_t k = 0; k < kvLength; k += 3) {
        int64_t count = 0;
        for (int64_t i = q; i < q + 4; ++i) // rows past the end count as rows: the kernel does not know them apart
          for (int64_t j = k; j < k + 3; ++j)
            count += j < kvLength && mask.allowed(i, j, queryLength, kvLength);
        present += count > 0;
        full += count == 12;
      }
    EXPECT_EQ(visited.blocks, present);
    EXPECT_EQ(visited.blocks - visited.maskedBlocks, full);
  }

  MLIRContext context;
};
} // namespace

TEST_F(MaskTruthTable, EveryAlignmentAndWindow) {
  std::vector<std::optional<int64_t>> windows = {std::nullopt, 0, 1, 2, 3, 5, 9, 1000};
  for (const char *kind : {"none", "top_left", "bottom_right"})
    for (std::optional<int64_t> left : windows)
      for (std::optional<int64_t> right : windows)
        check({kind, left, right});
}

TEST_F(MaskTruthTable, EquivalentMasksVisitTheSameBlocks) {
  // Causal is a right window of 0; a window wider than the lengths is no window.
  auto visit = [&](const Mask &mask) {
    OwningOpRef<ModuleOp> module = compile(mask);
    return interpretMasks(*module->getOps<func::FuncOp>().begin(), 7, 9);
  };
  Visited causal = visit({"bottom_right", std::nullopt, std::nullopt});
  for (const Mask &mask : {Mask{"none", std::nullopt, 0}, Mask{"bottom_right", 9, 5}, Mask{"none", 1 << 29, 0}}) {
    Visited other = visit(mask);
    EXPECT_EQ(causal.allowed, other.allowed) << mask.text();
    EXPECT_EQ(causal.blocks, other.blocks) << mask.text();
  }
}
