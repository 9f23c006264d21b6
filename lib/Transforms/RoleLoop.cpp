// See RoleLoop.h.
#include "RoleLoop.h"

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::attn;

std::optional<RoleLoop> RoleLoop::find(Block &role) {
  auto isLoop = [](Operation &op) { return isa<scf::ForOp, scf::WhileOp>(op); };
  auto loops = llvm::make_filter_range(role, isLoop);
  return llvm::hasSingleElement(loops) ? std::optional(RoleLoop(&*loops.begin())) : std::nullopt;
}

Block *RoleLoop::body() const {
  auto drawn = dyn_cast<scf::WhileOp>(loop);
  return drawn ? drawn.getAfterBody() : cast<scf::ForOp>(loop).getBody();
}

ValueRange RoleLoop::results() const {
  return ValueRange(loop->getResults()).take_back(carried().size()); // of scf.while the first is the number
}

std::optional<unsigned> RoleLoop::findBase(Value count) const {
  if (auto add = count.getDefiningOp<arith::AddIOp>())
    count = add.getLhs();
  auto argument = dyn_cast<BlockArgument>(count);
  if (!argument || argument.getOwner() != body() || argument.getArgNumber() == 0)
    return std::nullopt;
  return argument.getArgNumber() - 1;
}

/// A value to begin with where nothing is carried yet: zeros, or an empty sum.
static Value createZero(OpBuilder &b, Location loc, Type type) {
  if (isa<tile::PartialType>(type))
    return tile::EmptySumOp::create(b, loc, type);
  return arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
}

/// Moves the operations of a block into one that has more arguments.
static void moveInto(Block *to, Block *from) {
  if (to->mightHaveTerminator())
    to->getTerminator()->erase();
  to->getOperations().splice(to->end(), from->getOperations());
  for (auto [old, next] : llvm::zip(from->getArguments(), to->getArguments()))
    old.replaceAllUsesWith(next);
}

RoleLoop RoleLoop::carryMore(OpBuilder &b, TypeRange types) const {
  b.setInsertionPoint(loop);
  SmallVector<Value> inits;
  for (Type type : types)
    inits.push_back(createZero(b, loc(), type));
  auto append = [&](Operation *terminator, Block *block) {
    terminator->insertOperands(terminator->getNumOperands(), ValueRange(block->getArguments()).take_back(types.size()));
  };
  Operation *longer;
  if (auto drawn = dyn_cast<scf::WhileOp>(loop)) {
    inits.insert(inits.begin(), drawn.getInits().begin(), drawn.getInits().end());
    auto nothing = [](OpBuilder &, Location, ValueRange) {};
    auto made = scf::WhileOp::create(b, loc(), ValueRange(inits).getTypes(), inits, nothing, nothing);
    moveInto(made.getBeforeBody(), drawn.getBeforeBody());
    moveInto(made.getAfterBody(), drawn.getAfterBody());
    append(made.getConditionOp(), made.getBeforeBody());
    longer = made;
  } else {
    auto dealt = cast<scf::ForOp>(loop);
    inits.insert(inits.begin(), dealt.getInitArgs().begin(), dealt.getInitArgs().end());
    auto made = scf::ForOp::create(b, loc(), dealt.getLowerBound(), dealt.getUpperBound(), dealt.getStep(), inits);
    moveInto(made.getBody(), dealt.getBody());
    longer = made;
  }
  RoleLoop result(longer);
  append(result.yield(), result.body());
  for (auto [old, next] : llvm::zip(loop->getResults(), longer->getResults()))
    old.replaceAllUsesWith(next);
  loop->erase();
  return result;
}
