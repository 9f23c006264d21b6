// Which values two roles compute alike: tables of key blocks, whose bodies have to be the same.
#include "RingProtocol/SameValue.h"

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;

/// Two tables whose bodies compare the block with a value.
static bool areSame(const std::string &first, const std::string &second) {
  MLIRContext context;
  context.loadDialect<arith::ArithDialect, func::FuncDialect, tile::TileDialect>();
  std::string text = "func.func @tables(%n: index, %i: index, %j: index) {\n";
  for (const std::string &body : {first, second})
    text += "  %t = tile.tabulate %i to %n {\n  ^bb0(%block: index):\n    " + body + "\n    tile.kind present %x full %x\n  }\n" +
            "  %c = tile.count_blocks %t\n";
  for (const char *name : {"%t", "%c"})
    text.replace(text.rfind(std::string("  ") + name + " = "), 4, std::string("  ") + name + "2");
  text.replace(text.rfind("count_blocks %t"), 15, "count_blocks %t2");
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text + "  return\n}\n", &context);
  EXPECT_TRUE(module) << text;
  if (!module)
    return false;
  SmallVector<Value> counts;
  module->walk([&](tile::CountBlocksOp op) { counts.push_back(op.getResult()); });
  return ::attn::analysis::computeSameValue(counts[0], counts[1], {});
}

TEST(SameValue, TablesOfOneBodyAreTheSame) {
  EXPECT_TRUE(areSame("%x = arith.cmpi slt, %block, %j : index", "%x = arith.cmpi slt, %block, %j : index"));
}

TEST(SameValue, TablesOfDifferentBodiesAreNot) {
  const char *body = "%x = arith.cmpi slt, %block, %j : index";
  EXPECT_FALSE(areSame(body, "%x = arith.cmpi slt, %block, %i : index"));
  EXPECT_FALSE(areSame(body, "%x = arith.cmpi sle, %block, %j : index"));
  EXPECT_FALSE(areSame(body, "%x = arith.cmpi slt, %j, %block : index"));
}
