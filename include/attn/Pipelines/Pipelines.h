// The whole pass order, from a spec to code for a target.
#ifndef ATTN_PIPELINES_PIPELINES_H
#define ATTN_PIPELINES_PIPELINES_H

#include "attn/Target/Cpu.h"
#include "attn/Transforms/Stages.h"

#include <optional>
#include <string>

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace mlir::attn {

struct PipelineOptions {
  std::string target = "cpu";     ///< "cpu" or "sm_90a"
  ::attn::target::Cpu cpu = ::attn::target::getHostCpu(); ///< what CPU code may use
  std::string plan;               ///< a #tile.plan attribute to use instead of choosing one
  std::string planTable;          ///< text of a table of plans to look into before the compiler's own
  int64_t lengthHint = 0;         ///< keys to plan for where the spec leaves their extent open; 0: not known
  std::optional<Stage> stopAfter; ///< the last stage to run; all of them when absent
};

/// Appends the passes of a target to a pipeline over modules. Each stage ends with tile-verify-stage, which fails the
/// pipeline where a pass broke the stage's promise. A stage that the target does not have is passed over.
void buildPipeline(OpPassManager &pm, const PipelineOptions &options);

/// Registers `attn-cuda` and `attn-cpu` for attn-opt, each with the options `plan`, `plan-table`, `length-hint` and
/// `stop-after`.
void registerPipelines();

} // namespace mlir::attn

#endif // ATTN_PIPELINES_PIPELINES_H
