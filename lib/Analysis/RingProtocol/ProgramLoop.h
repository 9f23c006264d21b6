// The loop of a role over the programs of its block, whichever operation it is: scf.for where programs are dealt out, scf.while
// where they are drawn.
#ifndef ATTN_ANALYSIS_RINGPROTOCOL_PROGRAMLOOP_H
#define ATTN_ANALYSIS_RINGPROTOCOL_PROGRAMLOOP_H

#include "mlir/Dialect/SCF/IR/SCF.h"

#include <optional>

namespace attn::analysis {

struct ProgramLoop {
  mlir::Operation *op;
  mlir::Block *body;
  mlir::Value number; ///< of the program, an argument of the body
  /// Carried from program to program besides: arguments of the body, what they begin with, what they become.
  struct Carried {
    mlir::BlockArgument argument;
    mlir::Value init, next;
    mlir::Value result; ///< what it is behind the loop
    bool isFlag() const { return argument.getType().isInteger(1); }
  };
  llvm::SmallVector<Carried, 4> carried;
  /// Loops with equal values here have the same programs: bounds and step, or the first number and the end.
  llvm::SmallVector<mlir::Value, 3> bounds;
  mlir::Value nextNumber; ///< of scf.while

  /// Nothing where `op` is no such loop.
  static std::optional<ProgramLoop> of(mlir::Operation *op);
  /// Whether the consumers' loop goes on with the number that the producer's has sent it, the one drawn for its own next
  /// program. Loops over dealt programs count by themselves.
  bool followsFrom(const ProgramLoop &producer) const;
};

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_RINGPROTOCOL_PROGRAMLOOP_H
