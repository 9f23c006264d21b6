// Tiles between the caller's tensors and scratch memory. Rows beyond a tensor read as zero and are not written.
#include "CpuEmitter.h"

using namespace mlir;
using namespace mlir::tile;
using namespace mlir::tile::cpu;

/// The address of the first element of a row. 64 bits throughout, so tensors may have more than 2^31 elements.
Value CpuEmitter::rowAddress(const Tensor &tensor, Value batch, Value head, Value row) {
  Value numbers[] = {batch, head, row};
  Value elements = c.i64(0);
  for (int i = 0; i != 3; ++i)
    elements = c.add(elements, c.mul(c.toI64(mapping.lookup(numbers[i])), tensor.strides[i]));
  return c.offset(tensor.base, c.mul(elements, tensor.element.getIntOrFloatBitWidth() / 8));
}

/// How many of a tile's rows the tensor has below `end`, where that is given: from 0 to `rows`.
Value CpuEmitter::countValidRows(const Tensor &tensor, Value row, int64_t rows, Value end) {
  Value last = tensor.sizes[2];
  if (end)
    last = c.make<arith::MinSIOp>(last, c.toI64(mapping.lookup(end)));
  Value left = c.make<arith::SubIOp>(last, c.toI64(mapping.lookup(row)));
  left = c.make<arith::MinSIOp>(left, c.i64(rows));
  return c.make<arith::MaxSIOp>(left, c.i64(0));
}

/// Splits a multiple of 4 (head dimensions are multiples of 8, pairs of them of 4) into vectors of at most 32 elements.
static SmallVector<std::pair<int64_t, int64_t>> chunksOf(int64_t columns) {
  SmallVector<std::pair<int64_t, int64_t>> chunks;
  for (int64_t at = 0; at != columns;) {
    int64_t left = columns - at, width = left >= 32 ? 32 : left >= 16 ? 16 : left >= 8 ? 8 : 4;
    chunks.push_back({at, width});
    at += width;
  }
  return chunks;
}

/// Elements of a row as the products want them: bits of 16-bit elements for pairs, else f32.
Value CpuEmitter::loadElements(const Tensor &source, Value address, int64_t column, int64_t count) {
  unsigned bytes = source.element.getIntOrFloatBitWidth() / 8;
  Value at = c.offset(address, column * bytes);
  if (source.element.isF32())
    return c.load(c.vector(source.element, count), at, bytes);
  Value bits = c.load(c.vector(c.b.getI16Type(), count), at, bytes);
  return plan.usesPairs() ? bits : c.widen(bits, source.element);
}

void CpuEmitter::zeroLine(const Storage &target, Value line) {
  for (auto [at, width] : chunksOf(target.lineBytes / 4))
    c.store(c.zero(c.vector(c.b.getI32Type(), width)), address(target, line, c.i64(at)), 4);
}

/// Calls `body` for the heads of a tile, with the first row of each in the tile, and its address. `start` is that of the first.
void CpuEmitter::forEachHead(const Tensor &tensor, Value start, int64_t heads, int64_t rows,
                             function_ref<void(Value, Value)> body) {
  if (heads == 1)
    return body(c.i64(0), start);
  int64_t bytes = tensor.element.getIntOrFloatBitWidth() / 8;
  c.loop(0, heads, 1, [&](Value head) {
    body(c.mul(head, rows), c.offset(start, c.mul(c.mul(head, tensor.strides[1]), bytes)));
  });
}

/// Transposes: line d (or pair of d), word r. Done once for a query tile, so element by element. `rows` rows from `first` on
/// are those of one head.
void CpuEmitter::packQuery(const Storage &target, const Tensor &source, Value start, Value valid, Value first, int64_t rows) {
  bool pairs = plan.usesPairs();
  int64_t words = pairs ? 4 : 8;
  int64_t bytes = source.element.getIntOrFloatBitWidth() / 8;
  Type type = pairs ? Type(c.b.getI32Type()) : Type(c.b.getF32Type());
  c.loop(0, rows, 1, [&](Value row) {
    Value word = c.add(first, row);
    Value from = c.offset(start, c.mul(c.mul(row, source.strides[2]), bytes));
    c.branch(
        c.less(row, valid),
        [&] {
          c.loop(0, target.lines, words, [&](Value line) {
            Value column = c.mul(line, bytes * (pairs ? 2 : 1));
            Value elements = loadElements(source, c.offset(from, column), 0, 8);
            if (pairs)
              elements = c.bitcast(c.vector(type, words), elements);
            for (int64_t i = 0; i != words; ++i)
              c.store(c.extract(elements, i), address(target, c.add(line, i), word));
          });
        },
        [&] { c.loop(0, target.lines, 1, [&](Value line) { c.store(c.zero(type), address(target, line, word)); }); });
  });
}

/// Rows as they are, close together.
void CpuEmitter::packKey(const Storage &target, const Tensor &source, Value start, Value valid) {
  int64_t bytes = source.element.getIntOrFloatBitWidth() / 8;
  int64_t packedBytes = plan.usesPairs() ? 2 : 4;
  c.loop(c.i64(0), valid, [&](Value row) {
    Value from = c.offset(start, c.mul(c.mul(row, source.strides[2]), bytes));
    Value to = address(target, row, c.i64(0));
    for (auto [column, width] : chunksOf(target.columns))
      c.store(loadElements(source, from, column, width), c.offset(to, column * packedBytes), 8);
  });
  c.loop(valid, c.i64(target.rows), [&](Value row) { zeroLine(target, row); });
}

/// Rows as they are, or two rows interleaved; columns are padded with zeros to whole vectors.
void CpuEmitter::packValue(const Storage &target, const Tensor &source, Value start, Value valid) {
  bool pairs = plan.usesPairs();
  int64_t bytes = source.element.getIntOrFloatBitWidth() / 8, perLine = pairs ? 2 : 1;
  auto rowAt = [&](Value row) { return c.offset(start, c.mul(c.mul(row, source.strides[2]), bytes)); };
  auto interleave = [&](Value first, Value second, int64_t width) {
    SmallVector<int32_t> mask;
    for (int64_t i = 0; i != width; ++i)
      mask.append({static_cast<int32_t>(i), static_cast<int32_t>(width + i)});
    return c.shuffle(first, second, mask);
  };
  auto writeLine = [&](Value line, Value first, Value second) {
    Value to = address(target, line, c.i64(0));
    for (auto [column, width] : chunksOf(target.columns)) {
      Value elements = loadElements(source, first, column, width);
      if (pairs)
        elements = interleave(elements, second ? loadElements(source, second, column, width)
                                               : c.zero(c.vector(c.b.getI16Type(), width)), width);
      c.store(elements, c.offset(to, column * 4), 8);
    }
    if (int64_t pad = target.lineBytes / 4 - target.columns)
      c.store(c.zero(c.vector(c.b.getI32Type(), pad)), c.offset(to, target.columns * 4), 8);
  };
  Value whole = pairs ? c.make<arith::ShRUIOp>(valid, c.i64(1)) : valid;
  c.loop(c.i64(0), whole, [&](Value line) {
    Value row = c.mul(line, perLine);
    writeLine(line, rowAt(row), pairs ? rowAt(c.add(row, 1)) : Value());
  });
  c.loop(whole, c.i64(target.lines), [&](Value line) {
    if (!pairs)
      return zeroLine(target, line);
    Value row = c.mul(line, 2);
    c.branch(c.less(row, valid), [&] { writeLine(line, rowAt(row), Value()); }, [&] { zeroLine(target, line); });
  });
}

LogicalResult CpuEmitter::emitLoad(LoadOp op) {
  const Tensor &source = tensors[op.getSource()];
  const Storage &target = *plan.find(op.getResult());
  Value start = rowAddress(source, op.getBatch(), op.getHead(), op.getRow());
  int64_t rows = op.getRowsOfHead();
  Value valid = countValidRows(source, op.getRow(), rows, op.getEnd());
  if (op.getPacked() > 1 && target.form != Form::Query)
    return op.emitOpError("expects rows of several heads to be queries");
  if (target.form == Form::Query)
    forEachHead(source, start, op.getPacked(), rows, [&](Value first, Value from) { packQuery(target, source, from, valid, first, rows); });
  else if (target.form == Form::Key)
    packKey(target, source, start, valid);
  else
    packValue(target, source, start, valid);
  return success();
}

LogicalResult CpuEmitter::emitStore(StoreOp op) {
  const Tensor &target = tensors[op.getTarget()];
  const Storage *source = plan.find(op.getTile());
  if (!source)
    return op.emitOpError("expects a tile that was computed, got a constant");
  if (source->form != Form::Rows && source->form != Form::Output && source->form != Form::Accumulator)
    return op.emitOpError("expects a tile of rows to store, got scores");
  Value start = rowAddress(target, op.getBatch(), op.getHead(), op.getRow());
  int64_t rows = op.getRowsOfHead();
  Value valid = countValidRows(target, op.getRow(), rows, op.getEnd());
  int64_t bytes = target.element.getIntOrFloatBitWidth() / 8;
  Type word = bytes == 2 ? Type(c.b.getI16Type()) : Type(c.b.getI32Type());
  auto storeRow = [&](Value row, Value to) {
    if (source->form == Form::Rows)
      return c.store(c.load(word, address(*source, c.i64(0), row)), to, bytes);
    Value from = address(*source, row, c.i64(0));
    for (auto [column, width] : chunksOf(source->columns)) {
      VectorType type = c.vector(word, width);
      c.store(c.load(type, c.offset(from, column * bytes), bytes), c.offset(to, column * bytes), bytes);
    }
  };
  forEachHead(target, start, op.getPacked(), rows, [&](Value first, Value head) {
    c.loop(c.i64(0), valid, [&](Value row) {
      storeRow(c.add(first, row), c.offset(head, c.mul(c.mul(row, target.strides[2]), bytes)));
    });
  });
  return success();
}
