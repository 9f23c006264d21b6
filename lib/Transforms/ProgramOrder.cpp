// Program orders as index arithmetic.
#include "ProgramOrder.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

using namespace mlir;
using namespace mlir::attn;

ProgramOrder ProgramOrder::create(OpBuilder &b, scf::ForallOp forall, bool heavyFirst) {
  IndexMath ops{b, forall.getLoc()};
  ProgramOrder order;
  SmallVector<Value> bounds = forall.getUpperBound(b);
  order.heavyFirst = heavyFirst;
  order.heads = bounds[1], order.tiles = bounds[2];
  order.allHeads = ops.mul(bounds[0], order.heads);
  order.block = gpu::BlockIdOp::create(b, ops.loc, gpu::Dimension::x);
  order.blocks = gpu::GridDimOp::create(b, ops.loc, gpu::Dimension::x);
  if (heavyFirst)
    order.dealSections(ops);
  else
    order.upper = ops.mul(order.allHeads, order.tiles);
  return order;
}

void ProgramOrder::dealSections(IndexMath ops) {
  Value one = ops.constant(1);
  Value fitting = ops.divide(ops.mul(ops.constant(2), blocks), tiles);
  Value width = ops.min(ops.max(fitting, one), allHeads);
  fullSections = ops.divide(allHeads, width);
  whole = shareOf(ops, width);
  rest = shareOf(ops, ops.remainder(allHeads, width));
  upper = ops.mul(ops.add(ops.mul(fullSections, whole.programs), rest.programs), blocks);
}

/// Rounds alternate in direction; a block takes part in the last one if its rank there exists.
ProgramOrder::Share ProgramOrder::shareOf(IndexMath ops, Value sectionHeads) const {
  Value programs = ops.mul(sectionHeads, tiles);
  Value rounds = ops.divide(programs, blocks);
  Value more = ops.less(rankOf(ops, rounds), programs);
  return {ops.add(rounds, ops.select(more, ops.constant(1), ops.constant(0))), sectionHeads};
}

Value ProgramOrder::rankOf(IndexMath ops, Value round) const {
  Value back = ops.remainder(round, ops.constant(2));
  Value mirrored = ops.sub(ops.sub(blocks, ops.constant(1)), block);
  Value odd = ops.less(ops.constant(0), back);
  return ops.add(ops.mul(round, blocks), ops.select(odd, mirrored, block));
}

ProgramOrder::Program ProgramOrder::at(OpBuilder &b, Location loc, Value number) const {
  IndexMath ops{b, loc};
  Value head, tile;
  if (!heavyFirst) {
    head = ops.divide(number, tiles);
    tile = ops.sub(number, ops.mul(head, tiles));
  } else {
    Value index = ops.divide(number, blocks); // of the programs of this block
    // A block without a program in whole sections divides by 1; none of its programs is in one.
    Value inWhole = ops.max(whole.programs, ops.constant(1));
    Value section = ops.min(ops.divide(index, inWhole), fullSections);
    Value rank = rankOf(ops, ops.sub(index, ops.mul(section, whole.programs)));
    Value isWhole = ops.less(section, fullSections);
    Value width = ops.select(isWhole, whole.heads, rest.heads);
    Value fromLast = ops.divide(rank, width);
    head = ops.add(ops.mul(section, whole.heads), ops.sub(rank, ops.mul(fromLast, width)));
    tile = ops.sub(ops.sub(tiles, ops.constant(1)), fromLast);
  }
  Value batch = ops.divide(head, heads);
  return {batch, ops.sub(head, ops.mul(batch, heads)), tile};
}
