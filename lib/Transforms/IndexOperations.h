// The arithmetic of the templates in attn/Analysis as index operations of the IR.
#ifndef ATTN_LIB_TRANSFORMS_INDEXOPERATIONS_H
#define ATTN_LIB_TRANSFORMS_INDEXOPERATIONS_H

#include "attn/Analysis/KeyTerms.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::attn {

/// The arithmetic of BandRanges and MaskRangesOf as index operations.
struct IndexOperations {
  using Value = mlir::Value;
  OpBuilder &b;
  Location loc;
  IRMapping outside; ///< what stands outside a region for its arguments and for operations already copied

  Value constant(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value add(Value left, Value right) { return b.createOrFold<arith::AddIOp>(loc, left, right); }
  Value add(Value left, int64_t right) { return right == 0 ? left : add(left, constant(right)); }
  Value sub(Value left, Value right) { return b.createOrFold<arith::SubIOp>(loc, left, right); }
  Value max(Value left, Value right) { return arith::MaxSIOp::create(b, loc, left, right); }
  Value min(Value left, Value right) { return arith::MinSIOp::create(b, loc, left, right); }
  Value multiply(Value value, int64_t by) { return b.createOrFold<arith::MulIOp>(loc, value, constant(by)); }
  Value divide(Value value, int64_t by) { return b.createOrFold<arith::DivUIOp>(loc, value, constant(by)); }
  Value selectGreater(Value left, Value right, Value yes, Value no) {
    Value greater = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, left, right);
    return arith::SelectOp::create(b, loc, greater, yes, no);
  }
  Value selectAtMost(Value left, Value right, Value yes, Value no) { return selectGreater(left, right, no, yes); }
  Value floorDivide(Value value, int64_t by) {
    if (llvm::isPowerOf2_64(by))
      return arith::ShRSIOp::create(b, loc, value, constant(llvm::Log2_64(by)));
    // A division towards zero; a negative dividend is moved so that it rounds down.
    Value moved = selectGreater(constant(0), value, add(value, 1 - by), value);
    return arith::DivSIOp::create(b, loc, moved, constant(by));
  }
  Value symbol(Value value);
  using Atom = ::attn::analysis::TermTable::Atom;
  Value element(const Atom &atom, Value index);
  Value search(const Atom &atom, Value value);
  Value copy(Value value);
  Value load(memref::LoadOp op);
};

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_INDEXOPERATIONS_H
