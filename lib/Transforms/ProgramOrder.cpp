// Program orders as index arithmetic.
#include "ProgramOrder.h"

#include "attn/Dialect/Tile/IR/Layouts.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

using namespace mlir;
using namespace mlir::attn;

ProgramOrder ProgramOrder::create(OpBuilder &b, scf::ForallOp forall, tile::PlanAttr plan, bool heavyFirst, bool sharesRows) {
  IndexMath ops{b, forall.getLoc()};
  ProgramOrder order;
  SmallVector<Value> bounds = forall.getUpperBound(b);
  order.heavyFirst = heavyFirst, order.dynamic = plan.getDynamic(), order.cluster = plan.getCluster();
  order.heads = bounds[1], order.tiles = bounds[2];
  order.allHeads = ops.mul(bounds[0], order.heads);
  order.blocks = gpu::GridDimOp::create(b, ops.loc, gpu::Dimension::x);
  if (order.cluster == 1) {
    order.block = gpu::BlockIdOp::create(b, ops.loc, gpu::Dimension::x);
  } else {
    order.block = gpu::ClusterIdOp::create(b, ops.loc, gpu::Dimension::x);
    order.blocks = ops.divide(order.blocks, ops.constant(order.cluster));
    order.tiles = ops.divide(ops.add(order.tiles, ops.constant(order.cluster - 1)), ops.constant(order.cluster));
  }
  order.sideBySide = plan.getAscending();
  order.warpgroups = plan.getWarpgroups();
  if (heavyFirst)
    order.dealSections(ops);
  else
    order.upper = ops.mul(order.allHeads, order.tiles);
  if (order.dynamic)
    order.drawLast(ops);
  else if (!heavyFirst && sharesRows && order.cluster == 1)
    order.shareLastRound(ops);
  return order;
}

/// A block a warpgroup, or two blocks, where there are so many.
void ProgramOrder::shareLastRound(IndexMath ops) {
  wholeRounds = ops.mul(ops.divide(upper, blocks), blocks);
  Value left = ops.sub(upper, wholeRounds), one = ops.constant(1);
  auto fits = [&](int64_t ways) { return ops.less(ops.mul(left, ops.constant(ways)), ops.add(blocks, one)); };
  sharers = ops.select(fits(2), ops.constant(2), one);
  if (warpgroups > 2)
    sharers = ops.select(fits(warpgroups), ops.constant(warpgroups), sharers);
  upper = ops.add(wholeRounds, ops.mul(left, sharers));
}

/// How many numbers are between those of whole rounds and `number`; 0 for one of theirs.
Value ProgramOrder::behindWholeRounds(IndexMath ops, Value number) const {
  return ops.max(ops.sub(number, wholeRounds), ops.constant(0));
}

Value ProgramOrder::hasRows(OpBuilder &b, Location loc, Value number) const {
  IndexMath ops{b, loc};
  Value warpgroup = ops.divide(tile::OwnRowOp::create(b, loc), ops.constant(tile::kWarpgroupRows));
  Value part = ops.divide(ops.mul(warpgroup, sharers), ops.constant(warpgroups));
  Value mine = ops.remainder(behindWholeRounds(ops, number), sharers);
  Value isWhole = ops.less(number, wholeRounds);
  Value isMine = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, part, mine);
  return arith::OrIOp::create(b, loc, isWhole, isMine);
}

/// Cuts all heads into sections of `width` and a rest. Where `joins` is 1, the rest is the last whole section and what is left over.
Value ProgramOrder::cut(IndexMath ops, Value width, Value joins) {
  fullSections = ops.max(ops.sub(ops.divide(allHeads, width), joins), ops.constant(0));
  return ops.sub(allHeads, ops.mul(fullSections, width));
}

void ProgramOrder::dealSections(IndexMath ops) {
  // Below so many tiles a head, programs differ little, and a larger section costs more by what it reads than it gains.
  constexpr int64_t manyTiles = 8;
  Value one = ops.constant(1), zero = ops.constant(0), twoRounds = ops.mul(ops.constant(2), blocks);
  Value width = ops.min(ops.max(ops.divide(twoRounds, tiles), one), ops.max(allHeads, one));
  Value isLeft = ops.min(ops.remainder(allHeads, width), one);
  Value left = cut(ops, width, dynamic ? one : ops.select(ops.less(tiles, ops.constant(manyTiles)), zero, isLeft));
  whole = shareOf(ops, width);
  rest = shareOf(ops, left);
  upper = ops.mul(ops.add(ops.mul(fullSections, whole.programs), rest.programs), blocks);
  // A block without a program in whole sections divides by 1; none of its programs is in one.
  inWhole = ops.max(whole.programs, one);
  lone = ops.sub(twoRounds, ops.mul(width, tiles));
  moves = arith::AndIOp::create(ops.b, ops.loc, ops.less(ops.constant(-1), lone), ops.less(lone, ops.add(block, one)));
}

/// Where a block sits in a section: from one to the next, blocks with two programs move on by half as many ranks as share a tile, and in
/// every fourth they are back.
Value ProgramOrder::seatIn(IndexMath ops, Value section, Value isWhole) const {
  constexpr int64_t sections = 4;
  Value moving = ops.max(ops.sub(blocks, lone), ops.constant(0));
  // So that none moves past its own place.
  Value step = ops.min(ops.divide(whole.heads, ops.constant(2)), ops.divide(moving, ops.constant(sections)));
  Value place = ops.add(block, ops.mul(ops.remainder(section, ops.constant(sections)), step));
  Value moved = ops.select(ops.less(place, blocks), place, ops.sub(place, moving));
  return ops.select(arith::AndIOp::create(ops.b, ops.loc, isWhole, moves), moved, block);
}

void ProgramOrder::drawLast(IndexMath ops) {
  Value zero = ops.constant(0), one = ops.constant(1), count;
  if (heavyFirst) {
    // At least three quarters of a round are drawn.
    Value quarters = ops.divide(ops.mul(blocks, ops.constant(3)), ops.constant(4)), all = ops.mul(rest.heads, tiles);
    Value rounds = ops.divide(ops.max(ops.sub(all, quarters), zero), blocks);
    dealtOfRest = ops.mul(rounds, blocks);
    count = ops.sub(all, dealtOfRest);
    dealt = ops.add(ops.mul(ops.mul(fullSections, whole.programs), blocks), dealtOfRest);
    // No number that is dealt to any block is as high as the first that is drawn.
    Value most = ops.add(ops.divide(ops.mul(whole.heads, tiles), blocks), one);
    lowest = ops.add(ops.mul(ops.mul(fullSections, most), blocks), dealtOfRest);
    upper = ops.add(lowest, count);
  } else {
    lowest = dealt = ops.mul(ops.max(ops.sub(ops.divide(upper, blocks), one), zero), blocks);
    count = ops.sub(upper, lowest);
  }
  // Each block draws once in vain. Where none is dealt a program, each has the one of its own number without drawing.
  Value own = ops.select(ops.less(zero, lowest), zero, blocks);
  firstDrawn = ops.add(lowest, own);
  draws = ops.sub(ops.add(count, blocks), own);
}

Value ProgramOrder::draw(OpBuilder &b, Location loc, Value number) const {
  return tile::DrawOp::create(b, loc, number, dealt, firstDrawn, draws);
}

/// Rounds alternate in direction; a block takes part in the last one if its rank there exists.
ProgramOrder::Share ProgramOrder::shareOf(IndexMath ops, Value sectionHeads) const {
  Value programs = ops.mul(sectionHeads, tiles);
  Value rounds = ops.divide(programs, blocks);
  Value more = ops.less(rankOf(ops, block, rounds), programs);
  return {ops.add(rounds, ops.select(more, ops.constant(1), ops.constant(0))), sectionHeads};
}

Value ProgramOrder::rankOf(IndexMath ops, Value seat, Value round) const {
  Value back = ops.remainder(round, ops.constant(2));
  Value mirrored = ops.sub(ops.sub(blocks, ops.constant(1)), seat);
  Value odd = ops.less(ops.constant(0), back);
  return ops.add(ops.mul(round, blocks), ops.select(odd, mirrored, seat));
}

/// Every other seat has the two rounds of a pair the other way round, if there is a program in both.
Value ProgramOrder::exchanged(IndexMath ops, Value seat, Value round, Value programs) const {
  Value one = ops.constant(1), two = ops.constant(2);
  Value other = ops.sub(ops.add(round, one), ops.mul(ops.remainder(round, two), two));
  Value isOther = ops.less(ops.constant(0), ops.remainder(seat, two));
  Value hasBoth = ops.less(rankOf(ops, seat, ops.max(round, other)), programs);
  return ops.select(arith::AndIOp::create(ops.b, ops.loc, isOther, hasBoth), other, round);
}

ProgramOrder::Program ProgramOrder::at(OpBuilder &b, Location loc, Value number) const {
  IndexMath ops{b, loc};
  if (sharers) {
    Value shared = ops.add(wholeRounds, ops.divide(behindWholeRounds(ops, number), sharers));
    number = ops.select(ops.less(number, wholeRounds), number, shared);
  }
  if (!heavyFirst) {
    Value head = ops.divide(number, tiles);
    return inBatch(ops, head, ops.sub(number, ops.mul(head, tiles)));
  }
  Value index = ops.divide(number, blocks);
  Value section = ops.min(ops.divide(index, inWhole), fullSections);
  Value inSection = ops.sub(index, ops.mul(section, whole.programs));
  Value isWhole = ops.less(section, fullSections);
  Value width = ops.select(isWhole, whole.heads, rest.heads);
  Value seat = seatIn(ops, section, isWhole);
  Value inRounds = dynamic ? ops.select(isWhole, ops.mul(width, tiles), dealtOfRest) : ops.mul(width, tiles);
  Value rank = rankOf(ops, seat, sideBySide ? exchanged(ops, seat, inSection, inRounds) : inSection);
  if (dynamic)
    rank = ops.select(ops.less(number, lowest), rank, ops.add(dealtOfRest, ops.sub(number, lowest)));
  Value fromLast = ops.divide(rank, width);
  Value head = ops.add(ops.mul(section, whole.heads), ops.sub(rank, ops.mul(fromLast, width)));
  return inBatch(ops, head, ops.sub(ops.sub(tiles, ops.constant(1)), fromLast));
}

/// The program of a head of all batches and a query tile, or as many tiles as there are blocks in a cluster.
ProgramOrder::Program ProgramOrder::inBatch(IndexMath ops, Value head, Value tile) const {
  if (cluster > 1)
    tile = ops.add(ops.mul(tile, ops.constant(cluster)), gpu::ClusterBlockIdOp::create(ops.b, ops.loc, gpu::Dimension::x));
  Value batch = ops.divide(head, heads);
  return {batch, ops.sub(head, ops.mul(batch, heads)), tile};
}
