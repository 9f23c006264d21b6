// The table of key blocks: bounds of the mask region over a tile (attn/Analysis/TileBounds.h) as index operations, in the body
// of a tile.tabulate where they depend on the block, and before it where they do not.
#include "BlockTable.h"

#include "attn/Analysis/TileBounds.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::attn;
using ::attn::analysis::TileRegion;

namespace {
/// The arithmetic of TileBoundsOf as operations in or before a body.
class TableOperations {
public:
  using Value = mlir::Value;
  using Truth = mlir::Value;

  TableOperations(tile::TabulateOp table, const IRMapping &outside)
      : table(table), b(table), body(&table.getBody().front()), ops{b, table.getLoc(), outside} {}

  Value constant(int64_t value) { return at({}).constant(value); }
  Value add(Value left, Value right) { return at({left, right}).add(left, right); }
  Value add(Value left, int64_t right) { return at({left}).add(left, right); }
  Value sub(Value left, Value right) { return at({left, right}).sub(left, right); }
  Value min(Value left, Value right) { return left == right ? left : at({left, right}).min(left, right); }
  Value max(Value left, Value right) { return left == right ? left : at({left, right}).max(left, right); }
  Value multiply(Value value, int64_t by) { return at({value}).multiply(value, by); }
  Value divide(Value value, int64_t by) { return by == 1 ? value : at({value}).divide(value, by); }
  Value floorDivide(Value value, int64_t by) { return by == 1 ? value : at({value}).floorDivide(value, by); }
  Value symbol(Value value) { return at({}).symbol(value); }

  Truth truth(bool value) { return at({}), arith::ConstantOp::create(b, table.getLoc(), b.getBoolAttr(value)); }
  Truth both(Truth left, Truth right) { return at({left, right}), b.createOrFold<arith::AndIOp>(table.getLoc(), left, right); }
  Truth either(Truth left, Truth right) { return at({left, right}), b.createOrFold<arith::OrIOp>(table.getLoc(), left, right); }
  Truth invert(Truth value) {
    Truth yes = truth(true);
    return at({value}), b.createOrFold<arith::XOrIOp>(table.getLoc(), value, yes);
  }
  Truth compare(arith::CmpIPredicate predicate, Value left, Value right) {
    return at({left, right}), b.createOrFold<arith::CmpIOp>(table.getLoc(), predicate, left, right);
  }
  Truth atMost(Value left, Value right) { return compare(arith::CmpIPredicate::sle, left, right); }
  Truth equal(Value left, Value right) { return compare(arith::CmpIPredicate::eq, left, right); }
  std::pair<Value, Value> extremes(Value buffer, ArrayRef<std::pair<Value, Value>> box, bool single);

private:
  /// Goes to where an operation on these values belongs.
  IndexOperations &at(ArrayRef<Value> values) {
    bool inside = llvm::any_of(values, [&](Value value) { return value.getParentBlock() == body; });
    if (inside)
      b.setInsertionPointToEnd(body);
    else
      b.setInsertionPoint(table);
    return ops;
  }

  tile::TabulateOp table;
  OpBuilder b;
  Block *body;
  IndexOperations ops;
};
} // namespace

std::pair<Value, Value> TableOperations::extremes(Value buffer, ArrayRef<std::pair<Value, Value>> box, bool single) {
  Location loc = table.getLoc();
  SmallVector<Value> first = llvm::map_to_vector(box, [](auto range) { return range.first; });
  SmallVector<Value> last = llvm::map_to_vector(box, [](auto range) { return range.second; });
  SmallVector<Value> all(first);
  llvm::append_range(all, last);
  at(all);
  Value source = ops.outside.lookup(buffer);
  auto toIndex = [&](Value number) -> Value { return arith::IndexCastOp::create(b, loc, b.getIndexType(), number); };
  if (single) {
    Value element = toIndex(tile::ElementOp::create(b, loc, b.getI32Type(), source, first));
    return {element, element};
  }
  auto found = tile::ExtremesOp::create(b, loc, b.getI32Type(), b.getI32Type(), source, first, last);
  return {toIndex(found.getLeast()), toIndex(found.getMost())};
}

BlockTable mlir::attn::emitBlockTable(IndexOperations &ops, tile::RegionMaskOp region, tile::BandMaskOp mask,
                                const ::attn::analysis::TiledBand &band, const KnownRanges &known) {
  Value first = known.visited.front().first, last = ops.add(first, known.visited.front().count);
  for (const RegionRanges::Blocks &range : llvm::drop_begin(known.visited)) {
    first = ops.min(first, range.first);
    last = ops.max(last, ops.add(range.first, range.count));
  }
  using Band = ::attn::analysis::BandRanges<IndexOperations>;
  Band::Full inBand = Band(ops, band, mask.getQuery(), mask.getDiagonal(), known.fullEnd).full();
  auto table = tile::TabulateOp::create(ops.b, ops.loc, tile::BlockTableType::get(ops.b.getContext()), first, last);
  Block *body = ops.b.createBlock(&table.getBody(), {}, ops.b.getIndexType(), ops.loc);
  Value block = body->getArgument(0);

  TableOperations a(table, ops.outside);
  TileRegion tiles(region.getBody().front(), band.rows, band.columns);
  ::attn::analysis::TileBoundsOf<TableOperations> bounds(a, tiles);
  Value key = a.multiply(block, band.columns), end = a.add(key, band.columns);
  auto [present, full] = bounds.classify(mask.getQuery(), key, mask.getKeyCount());
  bool tells = !matchPattern(present, m_One());
  if (known.visited.size() > 1) {
    Value within = a.truth(false);
    for (const RegionRanges::Blocks &range : known.visited)
      within = a.either(within, a.both(a.atMost(range.first, block), a.atMost(a.add(block, 1), a.add(range.first, range.count))));
    present = a.both(present, within);
  }
  full = a.both(full, a.atMost(end, inBand.end));
  if (inBand.begin)
    full = a.both(full, a.atMost(*inBand.begin, key));
  Value apart = a.truth(true);
  for (const RegionRanges::Keys &range : known.forbidden)
    apart = a.both(apart, a.either(a.atMost(range.end, key), a.atMost(end, range.begin)));
  full = a.both(a.either(full, apart), a.atMost(end, known.fullEnd));
  ops.b.setInsertionPointToEnd(body);
  tile::KindOp::create(ops.b, ops.loc, present, full);
  ops.b.setInsertionPointAfter(table);
  if (tells)
    return {table, ""};
  ops.b.setInsertionPoint(table->getNextNode());
  table.erase();
  return {nullptr, bounds.reason};
}
