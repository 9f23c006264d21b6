// Tables of key blocks, in registers of a warp: lane n holds bits 32 n to 32 n + 31 of the present entries and of the full
// ones. A warp makes a table for itself, 32 entries at once, so that roles need not hand one on.
#include "KernelEmitter.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace mlir;
using namespace mlir::tile;

static constexpr int64_t kLanes = 32;
static_assert(TabulateOp::kEntries == kLanes * 32, "an entry is a bit of a register of a lane");

Value KernelEmitter::emitBallot(Value condition) {
  return NVVM::VoteSyncOp::create(b, loc, b.getI32Type(), i32(-1), condition, NVVM::VoteSyncKind::ballot);
}

Value KernelEmitter::emitFromLane(Value value, Value from) {
  return NVVM::ShflOp::create(b, loc, b.getI32Type(), i32(-1), value, from, i32(31), NVVM::ShflKind::idx, UnitAttr());
}

Value KernelEmitter::countBits(Value value) { return LLVM::CtPopOp::create(b, loc, value.getType(), value); }

/// Whether an entry of this lane is present and full: one of its blocks is, and all of them are.
LogicalResult KernelEmitter::emitEntry(TabulateOp op, const Table &table, Value entry, Value &present, Value &full) {
  Value width = arith::ShLIOp::create(b, loc, i32(1), table.shift);
  Value begin = add(table.first, arith::ShLIOp::create(b, loc, entry, table.shift));
  auto truth = [&](bool value) -> Value { return arith::ConstantOp::create(b, loc, b.getBoolAttr(value)); };
  auto loop = scf::ForOp::create(b, loc, i32(0), width, i32(1), ValueRange{truth(false), truth(true)});
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(loop.getBody());
    Value block = add(begin, loop.getInductionVar());
    Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, block, scalar(op.getLast()));
    scalars[op.getBody().getArgument(0)] = block;
    for (Operation &inner : op.getBody().front().without_terminator())
      if (failed(emitOperation(&inner)))
        return failure();
    auto kind = cast<KindOp>(op.getBody().front().getTerminator());
    Value some = arith::AndIOp::create(b, loc, inside, scalar(kind.getPresent()));
    Value all = arith::AndIOp::create(b, loc, inside, scalar(kind.getFull()));
    some = arith::OrIOp::create(b, loc, loop.getRegionIterArg(0), some);
    all = arith::AndIOp::create(b, loc, loop.getRegionIterArg(1), all);
    scf::YieldOp::create(b, loc, ValueRange{some, all});
  }
  present = loop.getResult(0), full = loop.getResult(1);
  return success();
}

LogicalResult KernelEmitter::emitTabulate(TabulateOp op) {
  Table table;
  table.first = emitFromLane(scalar(op.getFirst()), i32(0));
  auto sub = [&](Value left, Value right) -> Value { return arith::SubIOp::create(b, loc, left, right); };
  auto atLeast0 = [&](Value value) -> Value { return arith::MaxSIOp::create(b, loc, value, i32(0)); };
  Value blocks = atLeast0(sub(scalar(op.getLast()), table.first));
  // So many bits as the last block's number has beyond those of an entry's.
  Value zeros = LLVM::CountLeadingZerosOp::create(b, loc, b.getI32Type(), atLeast0(sub(blocks, i32(1))), /*is_zero_poison=*/false);
  // All lanes know both, but the assembler has to be told that uniform registers can hold them.
  table.shift = emitFromLane(atLeast0(sub(i32(32 - llvm::Log2_64(TabulateOp::kEntries)), zeros)), i32(0));
  Value rest = sub(arith::ShLIOp::create(b, loc, i32(1), table.shift), i32(1));
  Value entries = arith::ShRUIOp::create(b, loc, add(blocks, rest), table.shift);
  Value words = arith::ShRUIOp::create(b, loc, add(entries, i32(kLanes - 1)), i32(5));
  bool asksFull = llvm::any_of(op->getUsers(), [](Operation *user) { return isa<IsFullBlockOp>(user); });
  auto loop = scf::ForOp::create(b, loc, i32(0), words, i32(1), ValueRange{i32(0), i32(0), i32(0)});
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(loop.getBody());
    Value word = loop.getInductionVar(), present, full;
    if (failed(emitEntry(op, table, add(mul(word, i32(kLanes)), lane), present, full)))
      return failure();
    using P = arith::CmpIPredicate;
    auto select = [&](P predicate, Value yes, Value no) -> Value {
      return arith::SelectOp::create(b, loc, arith::CmpIOp::create(b, loc, predicate, word, lane), yes, no);
    };
    Value bits = emitBallot(present), before = loop.getRegionIterArg(0);
    Value kept = select(P::eq, bits, loop.getRegionIterArg(1)), keptFull = loop.getRegionIterArg(2);
    if (asksFull)
      keptFull = select(P::eq, emitBallot(full), keptFull);
    before = add(before, select(P::slt, countBits(bits), i32(0)));
    scf::YieldOp::create(b, loc, ValueRange{before, kept, keptFull});
  }
  table.before = loop.getResult(0), table.present = loop.getResult(1), table.full = loop.getResult(2);
  table.count = emitFromLane(add(table.before, countBits(table.present)), i32(kLanes - 1));
  tables[op.getResult()] = table;
  return success();
}

void KernelEmitter::emitCountBlocks(CountBlocksOp op) {
  const Table &table = tables[op.getTable()];
  scalars[op.getResult()] = arith::ShLIOp::create(b, loc, table.count, table.shift);
}

/// The lane that holds the bit is the last with no more entries before it; the bit is found by halving its word.
void KernelEmitter::emitFindBlock(FindBlockOp op) {
  const Table &table = tables[op.getTable()];
  Value number = scalar(op.getNumber());
  Value at = arith::ShRUIOp::create(b, loc, number, table.shift);
  Value from = emitBallot(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, table.before, at));
  from = add(countBits(from), i32(-1));
  Value word = emitFromLane(table.present, from), position = mul(from, i32(32));
  Value left = arith::SubIOp::create(b, loc, at, emitFromLane(table.before, from));
  for (int64_t width = 16; width >= 1; width /= 2) {
    Value low = countBits(arith::AndIOp::create(b, loc, word, i32((int64_t(1) << width) - 1)));
    Value above = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, left, low);
    auto move = [&](Value yes, Value no) -> Value { return arith::SelectOp::create(b, loc, above, yes, no); };
    left = move(arith::SubIOp::create(b, loc, left, low), left);
    word = move(arith::ShRUIOp::create(b, loc, word, i32(width)), word);
    position = move(add(position, i32(width)), position);
  }
  Value inEntry = arith::SubIOp::create(b, loc, number, arith::ShLIOp::create(b, loc, at, table.shift));
  Value begin = add(table.first, arith::ShLIOp::create(b, loc, position, table.shift));
  scalars[op.getResult()] = add(begin, inEntry);
}

void KernelEmitter::emitIsFullBlock(IsFullBlockOp op) {
  const Table &table = tables[op.getTable()];
  Value block = arith::SubIOp::create(b, loc, scalar(op.getBlock()), table.first);
  Value entry = arith::ShRUIOp::create(b, loc, block, table.shift);
  Value word = emitFromLane(table.full, arith::ShRUIOp::create(b, loc, entry, i32(5)));
  Value bit = arith::ShRUIOp::create(b, loc, word, arith::AndIOp::create(b, loc, entry, i32(31)));
  scalars[op.getResult()] = arith::TruncIOp::create(b, loc, b.getI1Type(), bit);
}

/// Elements that a lane reads at once, so that it waits for memory that much less often.
static constexpr int64_t kReads = 4;

/// In the body of a table each lane has a box of its own; outside of it all lanes have the same box and share its last axis.
void KernelEmitter::emitExtremes(ExtremesOp op) {
  auto firsts = llvm::map_to_vector(op.getFirst(), [&](Value index) { return scalar(index); });
  auto lasts = llvm::map_to_vector(op.getLast(), [&](Value index) { return scalar(index); });
  int64_t inner = static_cast<int64_t>(firsts.size()) - 1; // the last axis on which the box is longer than 1
  while (inner >= 0 && firsts[inner] == lasts[inner])
    --inner;
  bool shared = inner >= 0 && !isa<TabulateOp>(op->getParentOp());
  SmallVector<Value> indices(firsts), found{i32(std::numeric_limits<int32_t>::max()), i32(std::numeric_limits<int32_t>::min())};
  auto take = [&] {
    Value element = loadElement(op.getSource(), indices);
    found = {arith::MinSIOp::create(b, loc, found[0], element), arith::MaxSIOp::create(b, loc, found[1], element)};
  };
  std::function<void(int64_t)> visit = [&](int64_t axis) {
    if (axis > inner)
      return take();
    if (firsts[axis] == lasts[axis])
      return visit(axis + 1);
    bool strided = shared && axis == inner, several = !shared && axis == inner;
    auto loop = scf::ForOp::create(b, loc, strided ? add(firsts[axis], lane) : firsts[axis], add(lasts[axis], i32(1)),
                                   i32(strided ? kLanes : several ? kReads : 1), found);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToEnd(loop.getBody());
      found.assign(loop.getRegionIterArgs().begin(), loop.getRegionIterArgs().end());
      for (int64_t i = 0; i < (several ? kReads : 1); ++i) { // the last element again rather than one behind it
        Value index = i == 0 ? loop.getInductionVar() : add(loop.getInductionVar(), i32(i));
        indices[axis] = i == 0 ? index : arith::MinSIOp::create(b, loc, index, lasts[axis]).getResult();
        visit(axis + 1);
      }
      scf::YieldOp::create(b, loc, found);
    }
    found.assign(loop.getResults().begin(), loop.getResults().end());
  };
  visit(0);
  auto reduce = [&](Value value, NVVM::ReduxKind kind) -> Value {
    return shared ? NVVM::ReduxOp::create(b, loc, b.getI32Type(), value, kind, i32(-1)).getResult() : value;
  };
  scalars[op.getLeast()] = reduce(found[0], NVVM::ReduxKind::MIN);
  scalars[op.getMost()] = reduce(found[1], NVVM::ReduxKind::MAX);
}
