// Where the scores of a softmax come from.
#include "ScoreSources.h"

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::attn;

void ScoreSources::collect(Value scores) {
  if (!values.insert(scores))
    return;
  if (auto choice = scores.getDefiningOp<arith::SelectOp>(); choice && matchPattern(choice.getFalseValue(), m_NegInfFloat())) {
    masks.insert(choice);
    return collect(choice.getTrueValue());
  }
  if (auto mask = scores.getDefiningOp<tile::BandMaskOp>()) {
    masks.insert(mask);
    return collect(mask.getScores());
  }
  auto branch = scores.getDefiningOp<scf::IfOp>();
  if (!branch)
    return found.push_back(scores);
  unsigned number = cast<OpResult>(scores).getResultNumber();
  for (scf::YieldOp yield : {branch.thenYield(), branch.elseYield()}) {
    masks.insert(yield);
    collect(yield.getOperand(number));
  }
}

bool ScoreSources::areOnlyMasked() const {
  return llvm::all_of(values, [&](Value value) {
    return llvm::all_of(value.getUsers(), [&](Operation *user) { return isa<tile::SoftmaxStepOp>(user) || masks.contains(user); });
  });
}
