// The named points of the compiler's pipeline. Each has a promise that tile-verify-stage checks.
#ifndef ATTN_TRANSFORMS_STAGES_H
#define ATTN_TRANSFORMS_STAGES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace mlir::attn {

/// Stages in pipeline order. The CPU path goes from Stepped to Lowered, the GPU path through all of them.
enum class Stage { Problem, Planned, Tiled, Split, Stepped, LaidOut, Specialized, Overlapped, Placed, Checked, Lowered };

/// "problem", "planned", "tiled", "split", "stepped", "laid-out", "specialized", "overlapped", "placed", "checked",
/// "lowered".
llvm::StringRef stringifyStage(Stage stage);

/// The stage of that name, or nothing.
std::optional<Stage> symbolizeStage(llvm::StringRef name);

/// All stages in order.
llvm::ArrayRef<Stage> getAllStages();

} // namespace mlir::attn

#endif // ATTN_TRANSFORMS_STAGES_H
