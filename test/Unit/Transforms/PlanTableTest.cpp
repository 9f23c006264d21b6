// Plan tables: which entry is nearest to a kernel, and what is no table.
#include "PlanTable.h"

#include "attn/Analysis/PlanCost.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Diagnostics.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::attn;

namespace {

class PlanTable : public testing::Test {
protected:
  PlanTable() { context.loadDialect<tile::TileDialect>(); }

  static std::string entry(const std::string &key, int kvTile) {
    return "{" + key + ", plan = #tile.plan<target = \"sm_90a\", query_tile = 64, kv_tile = " + std::to_string(kvTile) +
           ", warpgroups = 1, stages = 2, overlap = true, ping_pong = false>}";
  }

  /// The key/value tile of the nearest entry, or 0.
  int64_t nearest(const std::string &table, int64_t headDim, PlanMask mask, int64_t length, int64_t group = 1) {
    FailureOr<SmallVector<PlanEntry>> entries = parsePlanTable(table, &context);
    EXPECT_TRUE(succeeded(entries));
    PlanEntry key;
    key.headDim = key.valueDim = headDim, key.mask = mask, key.length = length, key.group = group;
    key.type = BFloat16Type::get(&context);
    SmallVector<PlanEntry> found = findEntries(*entries, key);
    return found.empty() ? 0 : found[0].plan.getKvTile();
  }

  std::string refusal(const std::string &table) {
    std::string text;
    ScopedDiagnosticHandler collect(&context, [&](Diagnostic &diagnostic) {
      auto place = dyn_cast<FileLineColLoc>(diagnostic.getLocation());
      text += (place ? place.getFilename().str() + ":" + std::to_string(place.getLine()) + ":" : "nowhere:") + " " + diagnostic.str();
    });
    EXPECT_TRUE(failed(parsePlanTable(table, &context)));
    return text;
  }

  MLIRContext context;
};

const std::string all64 = "head_dim = 64, value_dim = 64, mask = \"all\", type = bf16";
const std::string causal64 = "head_dim = 64, value_dim = 64, mask = \"causal\", type = bf16";

} // namespace

TEST_F(PlanTable, TheNearestLengthByRatio) {
  std::string table = "// measured\n[" + entry(all64 + ", length = 512", 32) + ", " + entry(all64 + ", length = 8192", 48) + "]";
  EXPECT_EQ(nearest(table, 64, PlanMask::All, 1000), 32);
  EXPECT_EQ(nearest(table, 64, PlanMask::All, 4000), 48);
  EXPECT_EQ(nearest(table, 64, PlanMask::All, 0), 48); // not known: the longest
}

TEST_F(PlanTable, AnEntryWithoutALengthIsForUnknownOnes) {
  std::string table = "[" + entry(all64 + ", length = 8192", 48) + ", " + entry(all64, 64) + "]";
  EXPECT_EQ(nearest(table, 64, PlanMask::All, 0), 64);
  EXPECT_EQ(nearest(table, 64, PlanMask::All, 100), 48);
}

TEST_F(PlanTable, HeadDimsAreRoundedUpWithin64Columns) {
  std::string table = "[" + entry(all64, 48) + "]";
  EXPECT_EQ(nearest(table, 40, PlanMask::All, 0), 48);
  EXPECT_EQ(nearest(table, 72, PlanMask::All, 0), 0);
}

TEST_F(PlanTable, AWindowMayTakeACausalEntry) {
  std::string table = "[" + entry(causal64, 48) + "]";
  EXPECT_EQ(nearest(table, 64, PlanMask::Window, 0), 48);
  EXPECT_EQ(nearest(table, 64, PlanMask::All, 0), 0);
}

TEST_F(PlanTable, TheNearestGroup) {
  std::string table = "[" + entry(all64, 48) + ", " + entry(all64 + ", group = 8", 64) + "]";
  EXPECT_EQ(nearest(table, 64, PlanMask::All, 0, 4), 64);
  EXPECT_EQ(nearest(table, 64, PlanMask::All, 0, 2), 48);
}

TEST_F(PlanTable, TheCompilersOwnIsOne) { EXPECT_TRUE(succeeded(parsePlanTable(getBuiltInPlanTable(), &context))); }

TEST_F(PlanTable, EveryPlanOfTheCompilersOwnFits) {
  // attn-check leaves out what does not, so a plan that wrongly did not would be checked by nobody.
  FailureOr<SmallVector<PlanEntry>> entries = parsePlanTable(getBuiltInPlanTable(), &context);
  ASSERT_TRUE(succeeded(entries));
  for (const PlanEntry &entry : *entries) {
    ::attn::analysis::Workload workload;
    workload.headDim = entry.headDim, workload.valueDim = entry.valueDim, workload.group = entry.group;
    EXPECT_EQ(whyPlanDoesNotFit(workload, shapeOfPlan(entry.plan), ::attn::target::hopper, ::attn::analysis::fewestOtherRegisters), "")
        << entry.headDim << " " << entry.length;
  }
}

TEST_F(PlanTable, WhatIsNoTableGetsASentence) {
  auto holds = [&](const std::string &table, const std::string &words) {
    EXPECT_NE(refusal(table).find(words), std::string::npos) << refusal(table);
  };
  holds("{}", "expects a plan table to be an array of entries, got '{}'");
  holds("[1]", "expects a plan table to hold dictionaries, got 1");
  holds("[{}]", "expects an entry of a plan table with head_dim from 16 to 256, got {}");
  holds("[{head_dim = 64, value_dim = 300}]", "with value_dim from 16 to 256");
  holds("[{head_dim = 64, value_dim = 64, group = 0}]", "with group from 1 to");
  holds("[{head_dim = 64, value_dim = 64, length = -1}]", "with length from 0 to");
  holds("[{head_dim = 64, value_dim = 64, mask = \"none\"}]", "with mask \"all\", \"causal\" or \"window\"");
  holds("[{head_dim = 64, value_dim = 64, mask = \"all\", type = f32}]", "with type f16 or bf16");
  holds("[{head_dim = 64, value_dim = 64, mask = \"all\", type = f16, plan = 1}]", "with a #tile.plan for a GPU");
  holds("[{speed = 1}]", "expects an entry of a plan table without speed");
  holds("[", "plan-table:1: expected");
  holds("", "expects a plan table to be an array of entries, got its end");
  holds("[] 7", "expects nothing behind a plan table, got '7'");
}

TEST_F(PlanTable, ComplaintsBearTheLine) {
  std::string first = "// measured\n[" + entry(all64, 48);
  EXPECT_EQ(refusal(first + ",\n\n  {speed = 1}]").substr(0, 14), "plan-table:4: ");
  EXPECT_EQ(refusal(first + ", // next\n {head_dim = 64,\n  mask = }]").substr(0, 14), "plan-table:4: ");
  EXPECT_EQ(refusal(first + "\n  {}]"), "plan-table:3: expects a comma or the end of a plan table behind an entry, got '{}]'");
}
