// The analysis as a whole: the places of rings and barriers, then a run for every bound that matters.
#include "Replay.h"
#include "Rotation.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"

#include "llvm/ADT/StringExtras.h"

#include <map>

using namespace mlir;
using namespace ::attn::analysis;

namespace {
/// Bytes of shared memory that an operation owns.
struct Extent {
  Operation *op;
  int64_t begin, end;
};
} // namespace

/// Rings, stages of stores and barriers lie apart from each other, where TMA and mbarriers can use them.
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
  kernel.walk([&](tile::AllocSharedOp tile) {
    add(tile, tile.getOffset(), cast<tile::SharedType>(tile.getType()).getBytes(), 1024);
  });
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

namespace {
/// Runs the program of a block with every combination of bounds, from every state that the programs before it can leave.
class Explorer {
public:
  explicit Explorer(const Program &program);

  /// Of a persistent kernel: has states whose counts differ by names alone stand for one another, where they do.
  void rotate();

  std::optional<ProtocolRefusal> run();
  int64_t runs = 0, events = 0;

private:
  /// A state between programs and how it came about.
  struct State {
    Replayer machine;
    SmallVector<int64_t> counts;
    int before;                   ///< number of the state before the last program, -1 for none
    SmallVector<int64_t, 2> bounds; ///< of that program
  };
  void addOwnBounds(const Parameter &parameter, std::vector<SmallVector<int64_t, 2>> &to);
  void addState(Replayer machine, ArrayRef<int64_t> counts, int before, ArrayRef<int64_t> bounds);
  std::optional<ProtocolRefusal> runFrom(int number);
  std::optional<ProtocolRefusal> runProgram(int number, ArrayRef<int64_t> bounds);
  std::optional<ProtocolRefusal> endAfter(Replayer &machine, const Traces &traces);
  std::optional<ProtocolRefusal> compareArrivals(ArrayRef<int64_t> bounds, ArrayRef<int64_t> counts, const Traces &traces);
  void noteBounds(ProtocolRefusal &refusal, int number, ArrayRef<int64_t> bounds);
  /// The events of a program with these bounds and counts. Many states have the same counts.
  const Traces &tracesOf(ArrayRef<int64_t> bounds, ArrayRef<int64_t> counts);

  const Program &program;
  std::vector<SmallVector<int64_t, 2>> allBounds; ///< every combination that a program is run with
  std::vector<Rotation> rotations; ///< by the number of a count, or none
  std::vector<State> states;
  std::map<std::vector<int64_t>, int> numbers; ///< of states by key
  std::vector<int> todo; ///< states that have to be run from
  std::map<std::vector<int64_t>, Traces> unrolled; ///< by bounds and counts
  std::map<std::vector<int64_t>, std::vector<int64_t>> arrivals; ///< of a consumer at each barrier, by shared bounds and counts
};
} // namespace

/// The values of the first parameter change the fastest.
Explorer::Explorer(const Program &program) : program(program), allBounds(1) {
  int64_t largest = program.period + 2 * windowOf(program);
  for (const Parameter &parameter : program.parameters) {
    std::vector<SmallVector<int64_t, 2>> longer;
    if (parameter.own) {
      addOwnBounds(parameter, longer);
    } else {
      for (int64_t bound = parameter.least; bound <= largest; ++bound)
        for (const auto &before : allBounds)
          longer.emplace_back(before).push_back(bound);
    }
    allBounds = std::move(longer);
  }
}

/// Every combination of what consumers may have less than the whole, counted as the digits of a number; the last digit is all.
void Explorer::addOwnBounds(const Parameter &parameter, std::vector<SmallVector<int64_t, 2>> &to) {
  int64_t digits = parameter.own->fewer + 2, combinations = 1;
  for (int consumer = 0; consumer < program.consumers; ++consumer)
    combinations *= digits;
  for (int64_t combination = 0; combination < combinations; ++combination)
    for (const auto &before : allBounds) {
      SmallVector<int64_t, 2> bounds(before);
      int64_t whole = before[parameter.own->whole], rest = combination;
      bool isNew = true; // no bound is below 0 unless the whole is
      for (int consumer = 0; consumer < program.consumers; ++consumer, rest /= digits) {
        int64_t fewer = rest % digits, bound = fewer < digits - 1 ? whole - fewer : 0;
        bounds.push_back(bound);
        isNew &= fewer == 0 || (fewer < digits - 1 ? bound >= 0 : whole > digits - 2);
      }
      if (isNew)
        to.push_back(std::move(bounds));
    }
}

/// About a second. Only persistent kernels with rings of many slots come near it.
static constexpr int64_t maxEvents = 32 << 20;

void Explorer::noteBounds(ProtocolRefusal &refusal, int number, ArrayRef<int64_t> bounds) {
  int first = 0;
  for (const Parameter &parameter : program.parameters) {
    int count = program.valuesOf(parameter);
    auto valuesIn = [&](ArrayRef<int64_t> bounds) {
      return llvm::join(llvm::map_range(bounds.slice(first, count), [](int64_t bound) { return std::to_string(bound); }), " and ");
    };
    std::string text = "found with " + valuesIn(bounds) + " as the upper bound of this loop", earlier;
    for (int state = number; states[state].before >= 0; state = states[state].before)
      earlier = valuesIn(states[state].bounds) + (earlier.empty() ? "" : ", ") + earlier;
    if (!earlier.empty())
      text += ", and in earlier programs " + earlier;
    refusal.notes.push_back({parameter.loop, text});
    first += count;
  }
}

const Traces &Explorer::tracesOf(ArrayRef<int64_t> bounds, ArrayRef<int64_t> counts) {
  std::vector<int64_t> key(bounds.begin(), bounds.end());
  key.insert(key.end(), counts.begin(), counts.end());
  auto [found, isNew] = unrolled.try_emplace(std::move(key));
  if (isNew)
    found->second = unroll(program, bounds, counts);
  return found->second;
}

/// One consumer stands for all of them only where each arrives as often, however many blocks are its own: else those of others
/// are missing in a phase.
std::optional<ProtocolRefusal> Explorer::compareArrivals(ArrayRef<int64_t> bounds, ArrayRef<int64_t> counts, const Traces &traces) {
  std::vector<int64_t> key(counts.begin(), counts.end()), arrived;
  int first = 0;
  for (const Parameter &parameter : program.parameters) {
    if (!parameter.own)
      key.push_back(bounds[first]);
    first += program.valuesOf(parameter);
  }
  const Event *last = nullptr;
  for (const Event &event : traces.consumer(0))
    if (event.act == Act::Arrive) {
      arrived.resize(std::max<size_t>(arrived.size(), event.barrier + 1));
      ++arrived[event.barrier];
      last = &event;
    }
  auto [known, isNew] = arrivals.try_emplace(std::move(key), arrived);
  if (isNew || known->second == arrived)
    return std::nullopt;
  return ProtocolRefusal{ProtocolFault::WrongArrivals, last ? last->op : tile::AllocRingOp(program.rings.front().op).getOperation(),
                         "is reached by a consumer as often as it has blocks of its own", {}};
}

std::optional<ProtocolRefusal> Explorer::runProgram(int number, ArrayRef<int64_t> bounds) {
  const Traces &traces = tracesOf(bounds, states[number].counts);
  ++runs;
  events += program.blocks * traces.producer.size();
  for (int consumer = 0; consumer < program.consumers; ++consumer)
    events += program.blocks * traces.consumer(consumer).size();
  if (traces.refusal)
    return traces.refusal;
  if (program.consumers == 1) // which may stand for others
    if (std::optional<ProtocolRefusal> refusal = compareArrivals(bounds, states[number].counts, traces))
      return refusal;
  Replayer machine = states[number].machine;
  if (std::optional<ProtocolRefusal> refusal = machine.run(traces))
    return refusal;
  std::optional<ProtocolRefusal> refusal = endAfter(machine, traces); // any program may be the last
  if (!refusal && program.persistent)
    addState(std::move(machine), traces.counts, number, bounds);
  return refusal;
}

/// What is wrong when the roles end behind `traces`.
std::optional<ProtocolRefusal> Explorer::endAfter(Replayer &machine, const Traces &traces) {
  if (!program.hasEnd())
    return machine.end();
  Replayer last = machine;
  std::optional<ProtocolRefusal> refusal = last.run(traces.end);
  return refusal ? refusal : last.end();
}

/// One state stands for all with its key: it knows what all of them know.
void Explorer::addState(Replayer machine, ArrayRef<int64_t> given, int before, ArrayRef<int64_t> bounds) {
  SmallVector<int64_t> counts(given);
  size_t groups = rotations.size(), ofProducer = program.producerCounts.size();
  // Counts that were compared: those of both roles are equal, and below their period.
  bool rotates = given.take_front(groups) == given.slice(ofProducer, groups) &&
                 llvm::all_of(llvm::zip_first(rotations, given), [](auto each) { return std::get<1>(each) < std::get<0>(each).period; });
  if (rotates && llvm::any_of(given.take_front(groups), [](int64_t count) { return count > 0; })) {
    Renaming back = Renaming::none(program);
    for (size_t i = 0; i < groups; ++i) {
      for (; counts[i] > 0; --counts[i])
        back.follow(rotations[i].back);
      counts[ofProducer + i] = 0;
    }
    machine.rename(back);
  }
  machine.canonicalise();
  std::vector<int64_t> key = machine.key();
  key.insert(key.end(), counts.begin(), counts.end());
  auto [known, isNew] = numbers.try_emplace(key, states.size());
  int number = known->second;
  if (isNew)
    states.push_back({std::move(machine), SmallVector<int64_t>(counts), before, SmallVector<int64_t, 2>(bounds)});
  else if (!states[number].machine.forgetWhatIsUnknownTo(machine) || llvm::is_contained(todo, number))
    return;
  todo.push_back(number);
}

std::optional<ProtocolRefusal> Explorer::runFrom(int number) {
  for (ArrayRef<int64_t> bounds : allBounds) {
    std::optional<ProtocolRefusal> refusal = runProgram(number, bounds);
    if (!refusal && events > maxEvents)
      refusal = {ProtocolFault::NotUnderstood, program.rings.front().op,
                 "is left in too many ways by a program; give rings fewer stages", {}};
    if (refusal) {
      noteBounds(*refusal, number, bounds);
      return refusal;
    }
  }
  return std::nullopt;
}

void Explorer::rotate() {
  auto traces = [&](ArrayRef<int64_t> bounds, ArrayRef<int64_t> counts) -> const Traces & { return tracesOf(bounds, counts); };
  rotations = findRotations(program, allBounds, traces).value_or(std::vector<Rotation>());
}

std::optional<ProtocolRefusal> Explorer::run() {
  if (!program.persistent) {
    states.push_back({Replayer(program), {}, -1, {}});
    return runFrom(0);
  }
  Traces none = unrollNone(program); // a block may have no program at all
  Replayer idle(program);
  std::optional<ProtocolRefusal> refusal = none.refusal ? none.refusal : endAfter(idle, none);
  if (refusal)
    return refusal;
  addState(Replayer(program), none.counts, -1, {});
  while (!todo.empty()) {
    int number = todo.front();
    todo.erase(todo.begin());
    if (std::optional<ProtocolRefusal> refusal = runFrom(number))
      return refusal;
  }
  return std::nullopt;
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

/// The program with one of its consumers, where each decides for itself: they meet nobody but the producer, since none of them
/// takes turns or waits at a barrier that consumers arrive at.
static std::optional<Program> withOneConsumer(const Program &program) {
  auto isArrivedAt = [](Program::Barriers &array) {
    return llvm::any_of(array.op->getUsers(), [](Operation *user) { return isa<tile::ArriveOp>(user); });
  };
  Program one = program;
  one.consumers = 1;
  for (Program::Barriers &array : one.barriers) {
    if (!isArrivedAt(array))
      continue;
    if (array.arrivals % program.consumers != 0)
      return std::nullopt;
    array.arrivals /= program.consumers;
  }
  std::function<bool(ArrayRef<Node>)> meetsOthers = [&](ArrayRef<Node> nodes) {
    return llvm::any_of(nodes, [&](const Node &node) {
      bool waits = node.act == Act::Wait && llvm::any_of(one.barriers, [&](Program::Barriers &array) {
                     return array.base == node.barrier.base && isArrivedAt(array);
                   });
      return waits || node.act == Act::TakeTurn || node.act == Act::PassTurn || meetsOthers(node.body) || meetsOthers(node.orElse);
    });
  };
  if (program.consumers == 1 || meetsOthers(program.consumer))
    return std::nullopt;
  return one;
}

RingProtocol::RingProtocol(func::FuncOp kernel, bool all) {
  Extraction extraction = extractProgram(kernel);
  const Program &program = extraction.program;
  if (extraction.empty)
    return;
  reason = extraction.refusal ? extraction.refusal : checkPlacement(kernel, program);
  if (reason)
    return;
  auto decide = [&](const Program &program, bool rotates) {
    Explorer explorer(program);
    if (rotates && program.persistent)
      explorer.rotate();
    reason = explorer.run();
    runCount += explorer.runs, eventCount += explorer.events;
    return !reason;
  };
  std::optional<Program> one = all ? std::nullopt : withOneConsumer(program);
  if (all || !decide(one ? *one : program, /*rotates=*/true))
    decide(program, /*rotates=*/false);
}

RingProtocol::Answer RingProtocol::answer() const {
  if (!reason)
    return Answer::Safe;
  return reason->fault == ProtocolFault::NotUnderstood ? Answer::Undecided : Answer::Unsafe;
}

} // namespace attn::analysis
