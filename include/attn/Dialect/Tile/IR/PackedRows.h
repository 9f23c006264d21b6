// The trait of operations on tiles whose rows may be the queries of several heads.
#ifndef ATTN_DIALECT_TILE_IR_PACKEDROWS_H
#define ATTN_DIALECT_TILE_IR_PACKEDROWS_H

#include "mlir/IR/OpDefinition.h"

namespace mlir::tile {

/// PK1 of the dialect: `packed` divides the rows of the operation's tile.
LogicalResult verifyPackedRows(Operation *op);

/// Rows of each head in the operation's tile.
int64_t countRowsOfHead(Operation *op);

template <typename ConcreteOp> class PackedRows : public OpTrait::TraitBase<ConcreteOp, PackedRows> {
public:
  static LogicalResult verifyTrait(Operation *op) { return verifyPackedRows(op); }
  int64_t getRowsOfHead() { return countRowsOfHead(this->getOperation()); }
};

} // namespace mlir::tile

#endif // ATTN_DIALECT_TILE_IR_PACKEDROWS_H
