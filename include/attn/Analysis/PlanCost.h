// What a plan costs on a GPU, by a model of a few formulas: cycles of a block of keys by resource (tensor pipe, shared
// memory, exponentials, issue slots), cycles of a program, and programs over the multiprocessors. No IR. Made to rank plans
// and to say what bounds them; PlanCostTest holds it against rates measured on an H200.
#ifndef ATTN_ANALYSIS_PLANCOST_H
#define ATTN_ANALYSIS_PLANCOST_H

#include "attn/Target/Gpu.h"

#include <cstdint>
#include <string>

namespace attn::analysis {

/// The value_dim whose values leave room beside them for a column of ones, so that the product can make the sums of the weights.
constexpr int64_t valueDimWithSums = 64;

/// What is computed. Lengths are in tokens; those that are not known are taken for a long sequence.
struct Workload {
  int64_t headDim = 128, valueDim = 128;
  int64_t queryLength = 8192, kvLength = 8192;
  int64_t batchHeads = 32; ///< batch times query heads
  int64_t group = 1;       ///< query heads of each key/value head
  bool causal = false;     ///< no keys behind the diagonal, which is aligned to the last key
  int64_t window = 0;      ///< keys of a causal window, the query's own included; 0: all
};

/// The fields of a plan that the model looks at.
struct PlanShape {
  int64_t kvTile = 128, warpgroups = 2, stages = 2;
  bool overlap = true, pingPong = false, persistent = false;
  int64_t residency = 1; ///< blocks that share a multiprocessor
  int64_t packedHeads = 1;
  bool stagedStores = false;
  bool sumColumn = false; ///< sums are columns of the accumulator, where value_dim is valueDimWithSums

  int64_t queryTile() const { return 64 * warpgroups; }
  int64_t queriesOfHead() const { return queryTile() / packedHeads; }
};

struct PlanCost {
  double tensor = 0, shared = 0, exponentials = 0, issue = 0; ///< cycles that one block of keys keeps each busy
  double block = 0;      ///< cycles of one block of keys in one program
  double cycles = 0;     ///< of the whole launch
  double milliseconds = 0, teraflops = 0;

  /// The resource that is busiest, as in "tensor pipe", or "start and end of programs" where those weigh more.
  std::string bound() const;
  double programOverhead = 0; ///< cycles of the launch that go into starts and ends
};

/// What a producer has to know before its copies, which takes registers.
enum class ProducerWork {
  Counts,   ///< where tiles lie follows from their numbers, and from its block's in a cluster
  Draws,    ///< and which program comes next, from a counter
  Reads,    ///< where its sequence lies, from memory
  Tabulates ///< a table of key blocks as well
};

/// Registers of a thread in the producer and in each consumer. A block is launched with a multiple of 8 for each thread, so
/// three warpgroups alone on a multiprocessor have 504 to share, two or four 512.
struct RegisterShares {
  int64_t producer, consumer;
};
RegisterShares shareRegisters(int64_t warpgroups, int64_t residency, ProducerWork work);

/// Registers of a thread that addresses and rows take beside tiles: for all that a spec may say, and in the simplest kernels, which
/// spill where tiles are larger (Gate.TilesFitByWhatSpills).
constexpr int64_t mostOtherRegisters = 32, fewestOtherRegisters = 16;

/// Registers of a thread that tiles may take.
int64_t registersForTiles(int64_t warpgroups, int64_t residency = 1, int64_t others = mostOtherRegisters);

/// Why a plan's tiles do not fit the heads, a block's shared memory or a thread's registers, or an empty string.
std::string whyPlanDoesNotFit(const Workload &workload, const PlanShape &plan, const target::Gpu &gpu,
                              int64_t others = mostOtherRegisters);

PlanCost estimatePlan(const Workload &workload, const PlanShape &plan, const target::Gpu &gpu);

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_PLANCOST_H
