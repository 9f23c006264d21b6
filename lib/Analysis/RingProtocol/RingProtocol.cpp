// The analysis as a whole: the places of rings and barriers, then a run for every bound that matters.
#include "Program.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"

using namespace mlir;
using namespace ::attn::analysis;

namespace {
/// Bytes of shared memory that an operation owns.
struct Extent {
  Operation *op;
  int64_t begin, end;
};
} // namespace

/// Rings and barriers lie apart from each other, where TMA and mbarriers can use them.
static std::optional<ProtocolRefusal> checkPlacement(func::FuncOp kernel, const Program &program) {
  std::vector<Extent> extents;
  std::optional<ProtocolRefusal> refusal;
  auto add = [&](Operation *op, std::optional<int64_t> offset, int64_t bytes, int64_t alignment) {
    if (!offset || *offset % alignment != 0) {
      std::string found = offset ? std::to_string(*offset) : "none";
      refusal = {ProtocolFault::NotPlaced, op,
                 "must have an offset that is a multiple of " + std::to_string(alignment) + ", got " + found, {}};
    }
    extents.push_back({op, offset.value_or(0), offset.value_or(0) + bytes});
  };
  for (const Program::Ring &ring : program.rings) {
    tile::AllocRingOp op = ring.op;
    add(op, op.getOffset(), cast<tile::RingType>(op.getType()).getBytes(), 1024);
  }
  for (const Program::Barriers &barriers : program.barriers) {
    tile::AllocBarriersOp op = barriers.op;
    add(op, op.getOffset(), 8 * barriers.count, 8);
  }
  llvm::sort(extents, [](const Extent &a, const Extent &b) { return a.begin < b.begin; });
  for (size_t i = 1; i < extents.size() && !refusal; ++i)
    if (extents[i - 1].end > extents[i].begin)
      refusal = {ProtocolFault::NotPlaced, extents[i].op, "shares bytes of shared memory with another",
                 {{extents[i - 1].op, "with this"}}};
  auto total = kernel->getAttrOfType<IntegerAttr>(tile::kSharedBytesAttr);
  if (!refusal && total && !extents.empty() && extents.back().end > total.getInt())
    refusal = {ProtocolFault::NotPlaced, extents.back().op,
               "must end within the kernel's " + std::to_string(total.getInt()) + " bytes of shared memory, got " +
                   std::to_string(extents.back().end), {}};
  return refusal;
}

static void noteBounds(ProtocolRefusal &refusal, const Program &program, ArrayRef<int64_t> bounds) {
  for (auto [parameter, bound] : llvm::zip(program.parameters, bounds))
    refusal.notes.push_back({parameter.loop, "found with " + std::to_string(bound) + " as the upper bound of this loop"});
}

namespace attn::analysis {

llvm::StringRef stringifyProtocolFault(ProtocolFault fault) {
  switch (fault) {
  case ProtocolFault::Deadlock: return "deadlock";
  case ProtocolFault::Overwrite: return "overwrite";
  case ProtocolFault::ReadBeforeFull: return "read before full";
  case ProtocolFault::ReadOutOfOrder: return "read out of order";
  case ProtocolFault::PhaseMissed: return "phase missed";
  case ProtocolFault::WrongArrivals: return "wrong arrivals";
  case ProtocolFault::WrongBytes: return "wrong bytes";
  case ProtocolFault::NotInitialised: return "not initialised";
  case ProtocolFault::NotPlaced: return "not placed";
  case ProtocolFault::OutOfRange: return "out of range";
  case ProtocolFault::StillInFlight: return "still in flight";
  case ProtocolFault::TurnOutOfOrder: return "turn out of order";
  case ProtocolFault::NotUnderstood: return "not decided";
  }
  llvm_unreachable("not a fault");
}

RingProtocol::RingProtocol(func::FuncOp kernel) {
  Extraction extraction = extractProgram(kernel);
  const Program &program = extraction.program;
  if (extraction.empty)
    return;
  reason = extraction.refusal ? extraction.refusal : checkPlacement(kernel, program);
  // Every combination of bounds; -1 stands for all that are below 0.
  int64_t largest = program.period + 2 * windowOf(program);
  SmallVector<int64_t, 2> bounds(program.parameters.size(), -1);
  while (!reason) {
    Traces traces = unroll(program, bounds);
    reason = traces.refusal ? traces.refusal : replay(program, traces);
    ++runCount;
    eventCount += traces.producer.size() + program.consumers * traces.consumer.size();
    if (reason)
      noteBounds(*reason, program, bounds);
    auto next = llvm::find_if(bounds, [&](int64_t bound) { return bound < largest; });
    std::fill(bounds.begin(), next, -1);
    if (next == bounds.end())
      break;
    ++*next;
  }
}

RingProtocol::Answer RingProtocol::answer() const {
  if (!reason)
    return Answer::Safe;
  return reason->fault == ProtocolFault::NotUnderstood ? Answer::Undecided : Answer::Unsafe;
}

} // namespace attn::analysis
