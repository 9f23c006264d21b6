// The loop over programs, whichever operation it is.
#ifndef ATTN_LIB_TRANSFORMS_ROLELOOP_H
#define ATTN_LIB_TRANSFORMS_ROLELOOP_H

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::attn {

/// The loop over the programs of a role, as tile-loop-programs leaves it: scf.for where they are dealt, scf.while where the last ones
/// are drawn. In both the first argument of the body is the number of the program; the others are carried.
class RoleLoop {
public:
  /// The one that `role` has; nothing where it has none, or several.
  static std::optional<RoleLoop> find(Block &role);

  Operation *op() const { return loop; }
  Location loc() const { return loop->getLoc(); }
  Block *body() const;
  bool holds(Value value) const { return body()->getParent()->isAncestor(value.getParentRegion()); }
  ValueRange carried() const { return ValueRange(body()->getArguments()).drop_front(); }
  Operation *yield() const { return body()->getTerminator(); }
  /// What the carried values are behind the loop.
  ValueRange results() const;
  /// Which value that the loop carries is the base in a count.
  std::optional<unsigned> findBase(Value count) const;
  /// In its place one that carries more values around, which begin with zeros, or empty sums, and are yielded as they came so far.
  RoleLoop carryMore(OpBuilder &b, TypeRange types) const;

private:
  explicit RoleLoop(Operation *loop) : loop(loop) {}
  Operation *loop;
};

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_ROLELOOP_H
