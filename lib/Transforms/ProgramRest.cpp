// The producer's part of tile-overlap-programs. A loop over keys that loads the keys of a block, then the
// values of the block before, has a last round for values alone. They are loaded behind the next program's queries instead, which
// have a free slot early: when the last scores are made, the queries of the next ones are there.
#include "ProgramRest.h"

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::attn;

Value mlir::attn::countBefore(OpBuilder &b, Location loc, Value base, Value ring) {
  int64_t rounds = 2 * cast<tile::RingType>(ring.getType()).getStages(); // slot and phase repeat after two, so no count is below 0
  return arith::AddIOp::create(b, loc, base, arith::ConstantIndexOp::create(b, loc, rounds - 1));
}

namespace {
class ProducerRest {
public:
  explicit ProducerRest(RoleLoop loop) : loop(loop), b(loop.op()), loc(loop.loc()) {}
  bool analyse();
  void run();

private:
  void move(unsigned firstPlace, unsigned count);

  RoleLoop loop;
  scf::ForOp keys;
  OpBuilder b;
  Location loc;
  tile::PutOp put;         ///< of values
  scf::IfOp front, branch; ///< around the put of keys, and around it
  Value blocks;            ///< of a program
  unsigned base = 0;       ///< which value that the loop carries counts the tiles of values
};
} // namespace

bool ProducerRest::analyse() {
  for (auto found : loop.body()->getOps<scf::ForOp>()) {
    if (keys)
      return false;
    keys = found;
  }
  auto more = keys ? keys.getUpperBound().getDefiningOp<arith::AddIOp>() : arith::AddIOp();
  if (!more || getConstantIntValue(more.getRhs()) != 1)
    return false;
  blocks = more.getLhs();
  for (auto queries : loop.body()->getOps<tile::PutOp>())
    if (cast<tile::RingType>(queries.getRing().getType()).getStages() < 2) // it would wait for the end of the program before
      return false;
  SmallVector<scf::IfOp, 2> branches(keys.getBody()->getOps<scf::IfOp>());
  if (branches.size() != 2)
    return false;
  front = branches[0], branch = branches[1];
  auto compares = [&](scf::IfOp branch, arith::CmpIPredicate predicate) {
    auto compare = branch.getCondition().getDefiningOp<arith::CmpIOp>();
    bool isRound = compare && compare.getPredicate() == predicate && compare.getLhs() == keys.getInductionVar();
    return isRound ? compare.getRhs() : Value();
  };
  Value start = compares(branch, arith::CmpIPredicate::sgt);
  auto puts = branch.thenBlock()->getOps<tile::PutOp>();
  if (compares(front, arith::CmpIPredicate::slt) != blocks || !start || getConstantIntValue(start) != 0 || !llvm::hasSingleElement(puts))
    return false;
  put = *puts.begin();
  std::optional<unsigned> found = loop.findBase(put.getCount());
  base = found.value_or(0);
  // Places of the last values are computed once more behind the loop.
  auto isArithmetic = [&](Operation &op) {
    return isa<arith::ArithDialect>(op.getDialect()) || isa<scf::YieldOp>(op) || &op == front || &op == branch || &op == put;
  };
  return found && llvm::all_of(*keys.getBody(), isArithmetic) && llvm::all_of(*branch.thenBlock(), isArithmetic);
}

void ProducerRest::run() {
  constexpr unsigned firstPlace = 3; // of a put: batch, head, row and, where one is given, the end of rows
  SmallVector<Type> types(1 + put->getNumOperands() - firstPlace, b.getIndexType());
  types[0] = b.getI1Type();
  ProducerRest longer(loop.carryMore(b, types));
  bool same = longer.analyse();
  assert(same && "carrying values changes no form");
  (void)same;
  longer.move(firstPlace, types.size());
}

void ProducerRest::move(unsigned firstPlace, unsigned count) {
  ValueRange arguments = loop.carried().take_back(count);
  Value hasRest = arguments.front();
  auto placesOf = [&](Operation *op) { return op->getOpOperands().drop_front(firstPlace); };

  // The rest that this program leaves: its last values, as a round more of the loop over keys would load them.
  b.setInsertionPoint(keys);
  Value hasBlocks = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, blocks, arith::ConstantIndexOp::create(b, loc, 0));
  Operation *yield = loop.yield();
  b.setInsertionPoint(yield);
  SmallVector<Value> next{arith::OrIOp::create(b, loc, hasRest, hasBlocks)};
  IRMapping behind;
  behind.map(keys.getInductionVar(), blocks);
  for (Block *block : {keys.getBody(), branch.thenBlock()})
    for (Operation &op : *block)
      if (isa<arith::ArithDialect>(op.getDialect()))
        b.clone(op, behind);
  for (auto [place, carried] : llvm::zip(placesOf(put), arguments.drop_front()))
    next.push_back(arith::SelectOp::create(b, loc, hasBlocks, behind.lookupOrDefault(place.get()), carried));
  yield->setOperands(yield->getNumOperands() - count, count, next);

  // The rest of the program before comes between the queries and the keys, and no round is left for this one's.
  keys.setUpperBound(blocks);
  b.setInsertionPoint(front);
  front.getConditionMutable().assign(arith::ConstantIntOp::create(b, loc, b.getI1Type(), 1));
  auto putRest = [&](Value isLeft, Value next, ValueRange places) {
    auto left = scf::IfOp::create(b, loc, isLeft, /*withElseRegion=*/false);
    b.setInsertionPointToStart(left.thenBlock());
    Value count = countBefore(b, loc, next, put.getRing());
    auto rest = cast<tile::PutOp>(b.clone(*put));
    rest.getCountMutable().assign(count);
    for (auto [place, value] : llvm::zip(placesOf(rest), places))
      place.set(value);
  };
  b.setInsertionPoint(keys);
  putRest(arith::AndIOp::create(b, loc, hasRest, hasBlocks), loop.carried()[base], arguments.drop_front());
  b.setInsertionPointAfter(loop.op());
  ValueRange left = loop.results().take_back(count);
  putRest(left.front(), loop.results()[base], left.drop_front());
}

bool mlir::attn::loadInOrderOfPrograms(RoleLoop loop) {
  ProducerRest rest(loop);
  if (!rest.analyse())
    return false;
  rest.run();
  return true;
}
