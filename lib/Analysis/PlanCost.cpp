// The formulas. Per SM and cycle Hopper does 4096 operations on its tensor cores, 16 exponentials, 4 warp instructions and
// 128 bytes of shared memory (CUDA programming guide, table of arithmetic throughput; PTX ISA, wgmma). The constants that
// no manual tells were fitted to 22 rates measured on an H200 (docs/measured/h200-fit.json), which the model meets
// within 7 %, and those of persistent plans to rates of an H100, within 12 %.
#include "attn/Analysis/PlanCost.h"

#include <algorithm>
#include <cmath>

namespace attn::analysis {
namespace {

constexpr double tensorPerCycle = 4096, exponentialsPerCycle = 16, sharedBytesPerCycle = 128;
/// Bytes that the second-level cache gives a multiprocessor in a cycle where all ask; fitted to small tiles on an H100.
constexpr double cacheBytesPerCycle = 48;
/// Clock under load, in GHz: the card is bound by its power.
constexpr double clock = 1.4;
/// Units that work side by side hide each other but in part: their times add up as a norm. The higher, the better hidden.
constexpr double asyncNorm = 8, overlapNorm = 3, turnsNorm = 2.2, serialNorm = 1.2;
/// Cycles of one block of keys that nothing hides, and more for one with a mask; of a program's start and end.
constexpr double blockOverhead = 42, maskOverhead = 110, programOverhead = 7600;
/// A persistent block starts once and loads ahead of its next program, but each warpgroup stores its rows and starts afresh;
/// fitted to rates at 1024 keys of an H100 (docs/measured/h100-checks.md).
constexpr double persistentOverhead = 1000, persistentColumn = 11;
/// Share of the longest program for which, at the end of a launch, the other multiprocessors wait.
constexpr double tail = 0.35;

double norm(double p, std::initializer_list<double> values) {
  double sum = 0;
  for (double value : values)
    sum += std::pow(value, p);
  return std::pow(sum, 1 / p);
}

double roundUp(double value, double step) { return std::ceil(value / step) * step; }

/// Cycles of one block of keys, in which each block that shares the multiprocessor does one.
void estimateBlock(const Workload &workload, const PlanShape &plan, PlanCost &cost) {
  auto n = static_cast<double>(plan.kvTile), resident = static_cast<double>(plan.residency);
  double groups = static_cast<double>(plan.warpgroups) * resident; // of a multiprocessor
  double d = roundUp(static_cast<double>(workload.headDim), 16), v = static_cast<double>(workload.valueDim);
  cost.tensor = groups * 64 * n * (d + v) * 2 / tensorPerCycle;
  cost.exponentials = groups * 64 * n / exponentialsPerCycle;
  // A thread has n/2 scores: maximum, scaling, exponential, sum, and half an instruction each for rounding a pair; v/2
  // output elements to rescale; and about 28 more for rows, barriers and addresses.
  cost.issue = groups * (4.5 * n / 2 + v / 2 + 28);
  // Both operands of the score product lie in shared memory, and the values; key and value are also written there once.
  cost.shared = (groups * (2 * d * (64 + n) + 2 * n * v) + 2 * n * (d + v) * resident) / sharedBytesPerCycle;
  double cache = 2 * n * (d + v) * resident / cacheBytesPerCycle;
  double async = norm(asyncNorm, {cost.tensor, cost.shared, cache});
  double p = plan.overlap ? (groups > 1 ? overlapNorm : turnsNorm) : (groups > 1 ? turnsNorm : serialNorm);
  cost.block = norm(p, {async, cost.exponentials, cost.issue}) + blockOverhead;
}

struct Blocks {
  double visited = 0, masked = 0;
};

/// Blocks of keys that the program of query tile `tile` visits.
Blocks blocksOf(const Workload &workload, const PlanShape &plan, int64_t tile) {
  int64_t n = plan.kvTile, last = workload.kvLength, first = 0;
  if (!workload.causal)
    return {std::ceil(static_cast<double>(last) / static_cast<double>(n)), 0};
  int64_t shift = workload.kvLength - workload.queryLength;
  int64_t begin = tile * plan.queriesOfHead(), end = std::min(workload.queryLength, begin + plan.queriesOfHead());
  last = std::clamp<int64_t>(end + shift, 0, workload.kvLength);
  if (workload.window)
    first = std::clamp<int64_t>(begin + shift - workload.window + 1, 0, last);
  auto visited = static_cast<double>((last + n - 1) / n - first / n);
  double diagonal = std::ceil(static_cast<double>(plan.queriesOfHead()) / static_cast<double>(n));
  return {visited, std::min(visited, workload.window ? 2 * diagonal : diagonal)};
}

/// Operations that count: half of the square under a causal mask, as everyone counts them.
double operationsOf(const Workload &workload) {
  auto queries = static_cast<double>(workload.queryLength), keys = static_cast<double>(workload.kvLength);
  double pairs = queries * keys;
  if (workload.causal)
    pairs = workload.window ? queries * std::min(keys, static_cast<double>(workload.window))
                            : queries * std::max(keys - queries / 2, keys / 2);
  return 2 * static_cast<double>(workload.batchHeads) * pairs * static_cast<double>(workload.headDim + workload.valueDim);
}

} // namespace

std::string PlanCost::bound() const {
  if (programOverhead > cycles / 3)
    return "start and end of programs";
  double largest = std::max({tensor, shared, exponentials, issue});
  return largest == tensor ? "tensor pipe"
         : largest == issue ? "issue slots"
         : largest == exponentials ? "exponentials"
                                   : "shared memory";
}

RegisterShares shareRegisters(int64_t warpgroups, int64_t residency, ProducerWork work) {
  constexpr int64_t mostOfThread = 240, mostOfTable = 80;
  int64_t producer = work == ProducerWork::Tabulates ? 56
                     : work == ProducerWork::Reads || work == ProducerWork::Draws ? 40
                     : warpgroups >= 3 ? 32 : 24;
  int64_t threads = target::hopper.warpgroupThreads * (warpgroups + 1);
  int64_t all = target::hopper.registersOf(residency, threads) * (warpgroups + 1);
  int64_t consumer = std::min(mostOfThread, (all - producer) / warpgroups / 8 * 8);
  if (work == ProducerWork::Tabulates)
    producer = std::min(mostOfTable, (all - warpgroups * consumer) / 8 * 8);
  return {producer, consumer};
}

int64_t registersForTiles(int64_t warpgroups, int64_t residency, int64_t others) {
  return shareRegisters(warpgroups, residency, ProducerWork::Counts).consumer - others;
}

std::string whyPlanDoesNotFit(const Workload &workload, const PlanShape &plan, const target::Gpu &gpu, int64_t others) {
  if (workload.group % plan.packedHeads != 0)
    return "expects packed_heads to divide the " + std::to_string(workload.group) + " query heads of a key/value head, got " +
           std::to_string(plan.packedHeads);
  int64_t columns = (workload.headDim + 63) / 64 * 64, valueColumns = (workload.valueDim + 63) / 64 * 64;
  int64_t shared = plan.queryTile() * columns * 2 + plan.stages * plan.kvTile * (columns + valueColumns) * 2;
  if (plan.stagedStores)
    shared += plan.queryTile() * valueColumns * 2;
  if (plan.sumColumn && workload.valueDim == valueDimWithSums) // ones, in rows of 128 bytes
    shared += plan.kvTile * 128;
  int64_t room = gpu.sharedBytesOf(plan.residency) - 1024; // barriers
  if (shared > room)
    return "expects at most " + std::to_string(room) + " bytes of shared memory, needs " + std::to_string(shared);
  // Scores in f32, weights in 16 bits, where softmax and products overlap those of the block before too, and output in f32. (A column
  // of sums takes four more, and as many of those that else hold sums less.)
  int64_t registers = plan.kvTile * (plan.overlap ? 4 : 3) / 4 + workload.valueDim / 2;
  int64_t most = registersForTiles(plan.warpgroups, plan.residency, others);
  if (plan.warpgroups > 4 || registers > most)
    return "expects at most " + std::to_string(most) + " registers of a thread for tiles, needs " +
           std::to_string(registers);
  // The assembler holds one instruction's operands against the registers of the launch, whatever a role claims later.
  int64_t product = std::max(plan.kvTile, workload.valueDim) / 2 + 30;
  int64_t launch = gpu.registersOf(plan.residency, gpu.warpgroupThreads * (plan.warpgroups + 1));
  if (product > launch)
    return "expects at most " + std::to_string(launch) + " registers of a thread for a product, needs " + std::to_string(product);
  return "";
}

PlanCost estimatePlan(const Workload &workload, const PlanShape &plan, const target::Gpu &gpu) {
  PlanCost cost;
  estimateBlock(workload, plan, cost);
  int64_t tiles = (workload.queryLength + plan.queriesOfHead() - 1) / plan.queriesOfHead();
  double overhead = programOverhead;
  if (plan.persistent)
    overhead = static_cast<double>(plan.warpgroups) *
               (persistentOverhead + persistentColumn * static_cast<double>(workload.valueDim));
  double sum = 0, longest = 0;
  for (int64_t tile = 0; tile != tiles; ++tile) {
    Blocks blocks = blocksOf(workload, plan, tile);
    double program = overhead + blocks.visited * cost.block + blocks.masked * maskOverhead;
    sum += program;
    longest = std::max(longest, program);
  }
  auto processors = static_cast<double>(gpu.multiprocessors * plan.residency), heads = static_cast<double>(workload.batchHeads / plan.packedHeads);
  double programs = static_cast<double>(tiles) * heads;
  bool equal = !workload.causal || workload.window;
  if (equal)
    cost.cycles = std::ceil(programs / processors) * longest;
  else
    cost.cycles = std::max(longest, sum * heads / processors + tail * longest);
  cost.programOverhead = std::max(1.0, programs / processors) * overhead;
  cost.milliseconds = cost.cycles / clock / 1e6;
  cost.teraflops = cost.milliseconds > 0 ? operationsOf(workload) / cost.milliseconds / 1e9 : 0;
  return cost;
}

} // namespace attn::analysis
