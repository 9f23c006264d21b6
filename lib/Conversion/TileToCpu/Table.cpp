// Tables of key blocks, in scratch memory: the numbers of the present entries in order, and whether each entry is full.
#include "CpuEmitter.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace mlir;
using namespace mlir::tile;
using namespace mlir::tile::cpu;

LogicalResult CpuEmitter::emitTable(Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](TabulateOp table) { return emitTabulate(table); })
      .Case([&](CountBlocksOp count) {
        Table &table = tables[count.getTable()];
        return mapping.map(count.getResult(), c.toIndex(c.make<arith::ShLIOp>(table.count, table.shift))), success();
      })
      .Case([&](FindBlockOp find) { return emitFindBlock(find), success(); })
      .Case([&](IsFullBlockOp full) { return emitIsFullBlock(full), success(); })
      .Case([&](ExtremesOp extremes) { return emitExtremes(extremes), success(); })
      .Default([](Operation *other) { return other->emitOpError("is not known to the CPU conversion"); });
}

/// The blocks of one entry: it is present where one of them is, and full where all are. Appends it to the present ones and
/// returns how many these are.
FailureOr<SmallVector<Value>> CpuEmitter::emitEntry(TabulateOp op, const Table &table, Value entry, Value count) {
  Value no = c.zero(c.b.getI1Type()), yes = c.make<arith::ConstantOp>(c.b.getBoolAttr(true));
  Value width = c.make<arith::ShLIOp>(c.i64(1), table.shift);
  Value begin = c.add(table.first, c.make<arith::ShLIOp>(entry, table.shift));
  Value last = c.toI64(mapping.lookup(op.getLast()));
  LogicalResult result = success();
  SmallVector<Value> kind = c.loop(c.i64(0), width, 1, {no, yes}, [&](Value place, ValueRange so) {
    Value block = c.add(begin, place), inside = c.less(block, last);
    mapping.map(op.getBody().getArgument(0), c.toIndex(block));
    for (Operation &inner : op.getBody().front().without_terminator())
      if (succeeded(result))
        result = emitOperation(&inner);
    if (failed(result))
      return SmallVector<Value>(so);
    auto end = cast<KindOp>(op.getBody().front().getTerminator());
    Value present = c.make<arith::AndIOp>(inside, mapping.lookup(end.getPresent()));
    Value full = c.make<arith::AndIOp>(inside, mapping.lookup(end.getFull()));
    return SmallVector<Value>{c.make<arith::OrIOp>(so[0], present), c.make<arith::AndIOp>(so[1], full)};
  });
  if (failed(result))
    return failure();
  c.store(c.make<arith::TruncIOp>(c.b.getI32Type(), entry), c.offset(table.order, c.mul(count, 4)), 4);
  c.store(c.make<arith::ExtUIOp>(c.b.getI8Type(), kind[1]), c.offset(table.full, entry), 1);
  return SmallVector<Value>{c.add(count, c.make<arith::ExtUIOp>(c.b.getI64Type(), kind[0]))};
}

LogicalResult CpuEmitter::emitTabulate(TabulateOp op) {
  Table table;
  table.first = c.toI64(mapping.lookup(op.getFirst()));
  Value blocks = c.make<arith::SubIOp>(c.toI64(mapping.lookup(op.getLast())), table.first);
  blocks = c.make<arith::MaxSIOp>(blocks, c.i64(0));
  // So many bits as the last block's number has beyond those of an entry's.
  Value before = c.make<arith::MaxSIOp>(c.add(blocks, -1), c.i64(0));
  Value bits = c.make<arith::SubIOp>(c.i64(64 - llvm::Log2_64(TabulateOp::kEntries)), c.make<math::CountLeadingZerosOp>(before));
  table.shift = c.make<arith::MaxSIOp>(bits, c.i64(0));
  Value rest = c.add(c.make<arith::ShLIOp>(c.i64(1), table.shift), -1);
  Value entries = c.make<arith::ShRUIOp>(c.add(blocks, rest), table.shift);
  table.order = c.offset(scratch, plan.getOffset(op));
  table.full = c.offset(table.order, StoragePlan::kOrderBytes);
  bool failed = false;
  table.count = c.loop(c.i64(0), entries, 1, {c.i64(0)}, [&](Value entry, ValueRange count) {
    FailureOr<SmallVector<Value>> next = emitEntry(op, table, entry, count[0]);
    failed |= mlir::failed(next);
    return mlir::failed(next) ? SmallVector<Value>(count) : *next;
  })[0];
  tables[op.getResult()] = table;
  return failure(failed);
}

void CpuEmitter::emitFindBlock(FindBlockOp op) {
  const Table &table = tables[op.getTable()];
  Value number = c.toI64(mapping.lookup(op.getNumber()));
  Value at = c.make<arith::ShRUIOp>(number, table.shift);
  Value rest = c.make<arith::SubIOp>(number, c.make<arith::ShLIOp>(at, table.shift));
  Value entry = c.make<arith::ExtUIOp>(c.b.getI64Type(), c.load(c.b.getI32Type(), c.offset(table.order, c.mul(at, 4)), 4));
  Value begin = c.add(table.first, c.make<arith::ShLIOp>(entry, table.shift));
  mapping.map(op.getResult(), c.toIndex(c.add(begin, rest)));
}

void CpuEmitter::emitIsFullBlock(IsFullBlockOp op) {
  const Table &table = tables[op.getTable()];
  Value block = c.make<arith::SubIOp>(c.toI64(mapping.lookup(op.getBlock())), table.first);
  Value entry = c.make<arith::ShRUIOp>(block, table.shift);
  Value full = c.load(c.b.getI8Type(), c.offset(table.full, entry), 1);
  mapping.map(op.getResult(), c.make<arith::TruncIOp>(c.b.getI1Type(), full));
}

void CpuEmitter::emitExtremes(ExtremesOp op) {
  const Tensor &source = tensors[op.getSource()];
  auto number = [&](int32_t value) -> Value { return c.make<arith::ConstantOp>(c.b.getI32IntegerAttr(value)); };
  SmallVector<Value> indices;
  std::function<SmallVector<Value>(ValueRange)> visit = [&](ValueRange so) -> SmallVector<Value> {
    size_t axis = indices.size();
    if (axis == op.getFirst().size()) {
      Value element = loadElement(source, indices);
      return {c.make<arith::MinSIOp>(so[0], element), c.make<arith::MaxSIOp>(so[1], element)};
    }
    Value first = c.toI64(mapping.lookup(op.getFirst()[axis])), last = c.toI64(mapping.lookup(op.getLast()[axis]));
    auto inner = [&](Value index, ValueRange before) {
      indices.push_back(index);
      SmallVector<Value> after = visit(before);
      indices.pop_back();
      return after;
    };
    return first == last ? inner(first, so) : c.loop(first, c.add(last, 1), 1, so, inner);
  };
  SmallVector<Value> found =
      visit(ValueRange{number(std::numeric_limits<int32_t>::max()), number(std::numeric_limits<int32_t>::min())});
  mapping.map(op.getLeast(), found[0]);
  mapping.map(op.getMost(), found[1]);
}
