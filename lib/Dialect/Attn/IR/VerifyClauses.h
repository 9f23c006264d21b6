// The constraints of the clauses of attn.attention besides its tensors and regions: dropout, scores, masks, sinks.
#ifndef ATTN_LIB_DIALECT_ATTN_VERIFYCLAUSES_H
#define ATTN_LIB_DIALECT_ATTN_VERIFYCLAUSES_H

#include "attn/Dialect/Attn/IR/Attn.h"

namespace mlir::attn {

LogicalResult verifyClauses(AttentionOp op);

} // namespace mlir::attn

#endif // ATTN_LIB_DIALECT_ATTN_VERIFYCLAUSES_H
