// Bounds of scores read off tile arithmetic, written as text.
#include "attn/Analysis/ScoreBound.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;

namespace {
class ScoreBound : public testing::Test {
protected:
  ScoreBound() { context.loadDialect<arith::ArithDialect, func::FuncDialect, math::MathDialect, scf::SCFDialect>(); }

  /// The bound of %y, which some lines compute from unknown scores %s and a choice %c.
  std::optional<double> boundOf(const std::string &lines) {
    std::string text = "func.func @f(%s: tensor<4xf32>, %c: tensor<4xi1>, %p: i1) -> tensor<4xf32> {\n"
                       "  %none = arith.constant dense<0xFF800000> : tensor<4xf32>\n"
                       "  %one = arith.constant dense<1.0> : tensor<4xf32>\n"
                       "  %five = arith.constant dense<5.0> : tensor<4xf32>\n"
                       "  %minus = arith.constant dense<-3.0> : tensor<4xf32>\n"
                       "  %t = math.tanh %s : tensor<4xf32>\n" +
                       lines + "\n  return %y : tensor<4xf32>\n}";
    module = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(bool(module)) << text;
    auto function = cast<func::FuncOp>(module->getBody()->front());
    return attn::analysis::boundOfScores(function.getBody().front().getTerminator()->getOperand(0));
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};
} // namespace

TEST_F(ScoreBound, OfWhatIsNotUnderstoodIsNone) {
  EXPECT_FALSE(boundOf("%y = arith.addf %s, %one : tensor<4xf32>"));
  EXPECT_FALSE(boundOf("%y = arith.addf %t, %s : tensor<4xf32>"));
  EXPECT_FALSE(boundOf("%y = math.log %t : tensor<4xf32>"));
  EXPECT_FALSE(boundOf("%y = math.exp %s : tensor<4xf32>")); // bounded on one side
}

TEST_F(ScoreBound, OfTanhIsThatOfItsFactor) {
  EXPECT_EQ(boundOf("%y = arith.mulf %t, %five : tensor<4xf32>"), 5);
  EXPECT_EQ(boundOf("%y = arith.mulf %minus, %t : tensor<4xf32>"), 3);
  EXPECT_EQ(boundOf("%y = math.fma %t, %five, %minus : tensor<4xf32>"), 8);
  EXPECT_EQ(boundOf("%y = arith.subf %t, %minus : tensor<4xf32>"), 4);
  EXPECT_EQ(boundOf("%y = arith.divf %t, %minus : tensor<4xf32>"), 1.0 / 3);
}

TEST_F(ScoreBound, OfAClampIsItsEnds) {
  EXPECT_EQ(boundOf("%x = arith.minnumf %s, %five : tensor<4xf32>\n%y = arith.maxnumf %x, %minus : tensor<4xf32>"), 5);
  EXPECT_EQ(boundOf("%x = arith.maximumf %minus, %s : tensor<4xf32>\n%y = arith.minimumf %one, %x : tensor<4xf32>"), 3);
  EXPECT_FALSE(boundOf("%y = arith.minnumf %s, %five : tensor<4xf32>"));
}

TEST_F(ScoreBound, OfASigmoidIsOne) {
  EXPECT_EQ(boundOf("%n = arith.negf %s : tensor<4xf32>\n%e = math.exp %n : tensor<4xf32>\n"
                    "%d = arith.addf %e, %one : tensor<4xf32>\n%y = arith.divf %one, %d : tensor<4xf32>"),
            1);
}

TEST_F(ScoreBound, OfAQuotientNeedsADivisorAwayFromZero) {
  EXPECT_FALSE(boundOf("%y = arith.divf %one, %t : tensor<4xf32>"));
  EXPECT_EQ(boundOf("%d = arith.subf %t, %minus : tensor<4xf32>\n%y = arith.divf %five, %d : tensor<4xf32>"), 2.5);
}

TEST_F(ScoreBound, OfMaskedScoresIsThatOfTheOthers) {
  EXPECT_EQ(boundOf("%y = arith.select %c, %t, %none : tensor<4xi1>, tensor<4xf32>"), 1);
  EXPECT_EQ(boundOf("%y = arith.select %c, %none, %five : tensor<4xi1>, tensor<4xf32>"), 5);
  EXPECT_EQ(boundOf("%y = scf.if %p -> tensor<4xf32> {\n scf.yield %t : tensor<4xf32>\n} else {\n"
                    "%m = arith.select %c, %five, %none : tensor<4xi1>, tensor<4xf32>\nscf.yield %m : tensor<4xf32>\n}"),
            5);
}

// Turning a masked score around makes +inf of it.
TEST_F(ScoreBound, OfArithmeticBehindAMaskIsNone) {
  EXPECT_FALSE(boundOf("%m = arith.select %c, %t, %none : tensor<4xi1>, tensor<4xf32>\n%y = arith.negf %m : tensor<4xf32>"));
  EXPECT_EQ(boundOf("%m = arith.select %c, %s, %none : tensor<4xi1>, tensor<4xf32>\n%y = math.tanh %m : tensor<4xf32>"), 1);
}

TEST_F(ScoreBound, LooksAtEveryValueOnce) {
  std::string lines = "%x0 = math.tanh %t : tensor<4xf32>\n";
  for (int i = 0; i < 60; ++i)
    lines += "%x" + std::to_string(i + 1) + " = arith.mulf %x" + std::to_string(i) + ", %x" + std::to_string(i) + " : tensor<4xf32>\n";
  EXPECT_EQ(*boundOf(lines + "%y = arith.mulf %x60, %five : tensor<4xf32>"), 0); // tanh(1) to the power of 2^60
}
