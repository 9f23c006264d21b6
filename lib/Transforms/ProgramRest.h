// What tile-overlap-programs does to the loop over programs of either role.
#ifndef ATTN_LIB_TRANSFORMS_PROGRAMREST_H
#define ATTN_LIB_TRANSFORMS_PROGRAMREST_H

#include "RoleLoop.h"

namespace mlir::attn {

/// The count of the last tile that a ring has had when the count of its next one is `base`.
Value countBefore(OpBuilder &b, Location loc, Value base, Value ring);

/// Lets the producer's loop over programs load the last values of a program behind the queries of the next.
/// False where its form is not known, or where queries wait for the end of the program before.
bool loadInOrderOfPrograms(RoleLoop loop);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_PROGRAMREST_H
