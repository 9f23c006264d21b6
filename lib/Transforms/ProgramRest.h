// What tile-overlap-programs does to the loop over programs of either role.
#ifndef ATTN_LIB_TRANSFORMS_PROGRAMREST_H
#define ATTN_LIB_TRANSFORMS_PROGRAMREST_H

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::attn {

/// In the place of `loop` one that carries more values around, which begin with zeros, or empty sums, and are yielded as they came
/// so far.
scf::ForOp carryMore(OpBuilder &b, scf::ForOp loop, TypeRange types);
/// The count of the last tile that a ring has had when the count of its next one is `base`.
Value countBefore(OpBuilder &b, Location loc, Value base, Value ring);
/// Which value that the loop over programs carries is the base in a count.
std::optional<unsigned> findBase(Value count, scf::ForOp loop);

/// Lets the producer's loop over programs load the last values of a program behind the queries of the next.
/// False where its form is not known, or where queries wait for the end of the program before.
bool loadInOrderOfPrograms(scf::ForOp loop);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_PROGRAMREST_H
