// Where the scores of a softmax come from.
#ifndef ATTN_LIB_TRANSFORMS_SCORESOURCES_H
#define ATTN_LIB_TRANSFORMS_SCORESOURCES_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::attn {

/// What scores are before masks: between them and the softmax stand choices between a score and -inf, and branches.
class ScoreSources {
public:
  /// Walks up from the scores of a step to those that no mask has made.
  void collect(Value scores);

  ArrayRef<Value> sources() const { return found; }
  /// Whether nothing but masks and softmax steps reads the sources, or what masks make of them.
  bool areOnlyMasked() const;

private:
  llvm::SmallVector<Value> found;
  llvm::SetVector<Value> values; ///< the sources and what masks make of them
  llvm::DenseSet<Operation *> masks;
};

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_SCORESOURCES_H
