// Which programs a block of a persistent kernel runs, and in which order. Blocks share the work out by arithmetic on their
// number: no counter in memory has to be cleared before a launch, and a launch is repeatable.
//
// Programs of equal work are dealt in rounds, the query tiles of a head in order, so that blocks that run at the same time
// read the same keys. Where warpgroups have ends of their own, and the last round has programs for half of the blocks or fewer, two
// blocks share each of them, or one a warpgroup: a part of the warpgroups has rows in each, and the others visit no keys.
//
// Under a causal mask a later query tile has more work. There, a *section* of heads has as many programs
// as two rounds hold; they are ranked by their tile, the last first, and dealt out and back: a block gets rank c and rank
// 2*blocks - 1 - c, which together are the same work for every block, or a tile more or less, by where c is among the ranks of one
// tile: so from one whole section to the next the blocks move on by half as many ranks as share a tile. (Ranks beyond the section
// do not exist; the blocks that miss one are those with the heaviest first, which do not move.) A section's heads also bound what the
// level-2 cache has to hold. Heads that are left over are dealt with the last section: by themselves they would be too few programs
// to even out.
//
// All heavy programs of a section read its keys for the first time, and all light ones read them again. Where tiles begin with
// their first block of keys, every other block therefore runs its light program before its heavy one, so that the
// device's memory is read evenly (docs/measured/h100-checks.md, "Heavy and light programs side by side").
//
// Multiprocessors differ by some per cent in what they get done, by how soon the memory answers them. So a dynamic plan deals
// all programs but the last ones, and those are drawn: a block takes the next one when it is ready. Of equal work they are those behind
// the last full round but one. Under a causal mask the last section has the heads that are left over besides; of its ranks full
// rounds are dealt as long as three quarters of a round are left, and the lightest programs are drawn, the heavier of them first.
//
// The blocks of a cluster are dealt to as one, as many neighbouring query tiles at a time as they are; where the tiles of a head
// end within a cluster, the blocks behind work on rows that are not there.
#ifndef ATTN_LIB_TRANSFORMS_PROGRAMORDER_H
#define ATTN_LIB_TRANSFORMS_PROGRAMORDER_H

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::attn {

/// Index arithmetic, folded where it can be.
struct IndexMath {
  OpBuilder &b;
  Location loc;

  Value constant(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value add(Value left, Value right) { return b.createOrFold<arith::AddIOp>(loc, left, right); }
  Value sub(Value left, Value right) { return b.createOrFold<arith::SubIOp>(loc, left, right); }
  Value mul(Value left, Value right) { return b.createOrFold<arith::MulIOp>(loc, left, right); }
  Value divide(Value left, Value right) { return b.createOrFold<arith::DivUIOp>(loc, left, right); }
  Value remainder(Value left, Value right) { return b.createOrFold<arith::RemUIOp>(loc, left, right); }
  Value min(Value left, Value right) { return arith::MinSIOp::create(b, loc, left, right); }
  Value max(Value left, Value right) { return arith::MaxSIOp::create(b, loc, left, right); }
  Value less(Value left, Value right) {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, left, right);
  }
  Value select(Value condition, Value yes, Value no) { return arith::SelectOp::create(b, loc, condition, yes, no); }
};

class ProgramOrder {
public:
  struct Program {
    Value batch, head, tile;
  };

  /// Emits what does not depend on the program before `forall`, an scf.forall over (batch, head, query tile). `sharesRows`: whether
  /// warpgroups can be left out of a program.
  static ProgramOrder create(OpBuilder &b, scf::ForallOp forall, tile::PlanAttr plan, bool heavyFirst, bool sharesRows);

  /// The loop of a block (or cluster): from its number on by how many there are.
  Value first() const { return block; }
  Value end() const { return upper; }
  Value step() const { return blocks; }
  /// The program that a block runs at `number` of that loop.
  Program at(OpBuilder &b, Location loc, Value number) const;
  /// Of a dynamic plan: the number of this block's next program.
  Value draw(OpBuilder &b, Location loc, Value number) const;
  /// Whether blocks may share programs; if so, whether the consumer warpgroup that comes here has rows in the one at `number`.
  bool sharesRows() const { return bool(sharers); }
  Value hasRows(OpBuilder &b, Location loc, Value number) const;

private:
  struct Share {
    Value programs; ///< of this block in a section
    Value heads;    ///< of a section
  };
  void shareLastRound(IndexMath ops);
  Value behindWholeRounds(IndexMath ops, Value number) const;
  void dealSections(IndexMath ops);
  void drawLast(IndexMath ops);
  Value cut(IndexMath ops, Value width, Value joins);
  Program inBatch(IndexMath ops, Value head, Value tile) const;
  Share shareOf(IndexMath ops, Value sectionHeads) const;
  Value seatIn(IndexMath ops, Value section, Value isWhole) const;
  Value rankOf(IndexMath ops, Value seat, Value round) const;
  Value exchanged(IndexMath ops, Value seat, Value round, Value programs) const;

  bool heavyFirst = false, dynamic = false, sideBySide = false;
  int64_t cluster = 1;
  Value heads, tiles, allHeads;
  Value block, blocks; ///< this block's number, or its cluster's, and how many there are
  Value upper;
  Value dealt, lowest, firstDrawn, draws; ///< of a dynamic plan: the operands of tile.draw, and the lowest number that is drawn
  Value dealtOfRest; ///< how many programs of the last section are dealt, all in full rounds
  int64_t warpgroups = 0;
  Value wholeRounds, sharers; ///< programs of whole rounds, and how many blocks share one behind them; null where none may
  Value fullSections; ///< sections of `whole`; the rest of the heads are one more
  Share whole, rest;
  Value inWhole; ///< programs of this block in a whole section, but at least 1
  Value lone, moves; ///< how many blocks have one program in a whole section, and whether this is another
};

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_PROGRAMORDER_H
