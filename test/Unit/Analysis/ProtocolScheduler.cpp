// See ProtocolScheduler.h.
#include "ProtocolScheduler.h"

#include "llvm/ADT/STLExtras.h"

#include <deque>
#include <numeric>

using namespace ::attn::analysis;

namespace {
/// A product that is reading, or a copy that is writing.
struct Product {
  int number;
  const Event *event;
};
struct Copy {
  std::vector<int> parts;
  int barrier;
};

/// Barriers, slots and roles of all blocks of a cluster, one block after another. A slot has as many parts as there are blocks: what
/// a block copies for all of them is its part in each, what it copies for itself is all parts.
class Scheduler {
public:
  Scheduler(const Program &program, const Traces &traces, std::mt19937 &random)
      : random(random), program(program), roles((program.consumers + 1) * program.blocks), required(program.barrierCount),
        pending(program.barrierCount * program.blocks, 0), phases(pending), bytes(pending),
        writers(program.slotCount * program.blocks * program.blocks, 0), readers(writers), filled(writers.size(), false),
        turns(roles.size(), 0) {
    for (size_t i = 0; i < roles.size(); ++i) {
      int number = i % (program.consumers + 1);
      roles[i].trace = number == 0 ? &traces.producer : &traces.consumer(number - 1);
      turns[i] = number == 1;
    }
    for (const Program::Barriers &array : program.barriers)
      std::fill_n(required.begin() + array.base, array.count, array.arrivals);
  }

  std::string run();

private:
  struct Role {
    const Trace *trace;
    size_t next = 0;
    std::deque<Product> inFlight;
  };

  int blockOf(int role) const { return role / (program.consumers + 1); }
  int barrierIn(int block, const Event &event) const { return block * program.barrierCount + event.barrier; }
  /// Calls back for each block that an event of this one's reaches.
  void forBlocks(int block, const Event &event, llvm::function_ref<void(int)> visit) const {
    for (int other = 0; other < program.blocks; ++other)
      if (event.everywhere || other == block)
        visit(other);
  }
  std::vector<int> partsOf(int block, int slot) const {
    std::vector<int> parts(program.blocks);
    std::iota(parts.begin(), parts.end(), (block * program.slotCount + slot) * program.blocks);
    return parts;
  }
  void forRead(int block, const Event &event, llvm::function_ref<void(int)> visit) const {
    for (int slot : event.slots)
      if (slot >= 0)
        llvm::for_each(partsOf(block, slot), visit);
  }

  bool canStep(int number) const;
  void step(int number);
  void issue(int number, const Event &event);
  void copy(int block, const Event &event);
  void endProduct(int number);
  void endCopy(size_t index);
  void arrive(int barrier);
  void maybeEndPhase(int barrier);
  void fail(const char *what) {
    if (failure.empty())
      failure = what;
  }

  std::mt19937 &random;
  const Program &program;
  std::vector<Role> roles;
  std::vector<int64_t> required, pending, phases, bytes; ///< by barrier; bytes are counted in parts of slots
  std::vector<Copy> copies;
  std::vector<int> writers, readers; ///< by part
  std::vector<bool> filled;
  std::vector<int> turns; ///< by role
  std::string failure;
};
} // namespace

bool Scheduler::canStep(int number) const {
  const Role &role = roles[number];
  if (role.next == role.trace->size())
    return false;
  const Event &event = (*role.trace)[role.next];
  if (event.act == Act::Wait)
    return (phases[barrierIn(blockOf(number), event)] & 1) != event.parity;
  if (event.act == Act::TakeTurn)
    return turns[number] > 0;
  if (event.act == Act::Await)
    return role.inFlight.empty() || role.inFlight.front().number > event.product;
  return true;
}

void Scheduler::maybeEndPhase(int barrier) {
  if (pending[barrier] == required[barrier % program.barrierCount] && bytes[barrier] == 0) {
    pending[barrier] = 0;
    ++phases[barrier];
  }
}

void Scheduler::arrive(int barrier) {
  ++pending[barrier];
  maybeEndPhase(barrier);
}

void Scheduler::issue(int number, const Event &event) {
  roles[number].inFlight.push_back({event.product, &event});
  forRead(blockOf(number), event, [&](int part) {
    ++readers[part];
    if (!filled[part] || writers[part] != 0)
      fail("a product reads a slot that is not full");
  });
}

/// A block announces at its own barrier what all blocks bring there.
void Scheduler::copy(int block, const Event &event) {
  forBlocks(block, event, [&](int other) {
    std::vector<int> parts = partsOf(other, event.slots[0]);
    if (event.everywhere)
      parts = {parts[block]};
    for (int part : parts) {
      if (readers[part] != 0)
        fail("a copy writes a slot that is read");
      if (writers[part]++ != 0)
        fail("two copies write one slot");
    }
    copies.push_back({std::move(parts), barrierIn(other, event)});
  });
  bytes[barrierIn(block, event)] += program.blocks;
  arrive(barrierIn(block, event));
}

void Scheduler::endProduct(int number) {
  forRead(blockOf(number), *roles[number].inFlight.front().event, [&](int part) { --readers[part]; });
  roles[number].inFlight.pop_front();
}

void Scheduler::endCopy(size_t index) {
  Copy copy = copies[index];
  copies.erase(copies.begin() + index);
  for (int part : copy.parts) {
    --writers[part];
    filled[part] = true;
    --bytes[copy.barrier];
  }
  maybeEndPhase(copy.barrier);
}

void Scheduler::step(int number) {
  Role &role = roles[number];
  const Event &event = (*role.trace)[role.next++];
  int block = blockOf(number), first = block * (program.consumers + 1) + 1; // consumer
  if (event.act == Act::Arrive) {
    forBlocks(block, event, [&](int other) { arrive(barrierIn(other, event)); });
  } else if (event.act == Act::Copy) {
    copy(block, event);
  } else if (event.act == Act::Issue) {
    issue(number, event);
  } else if (event.act == Act::TakeTurn) {
    --turns[number];
  } else if (event.act == Act::PassTurn && ++turns[first + (number - first + 1) % program.consumers] > 1) {
    fail("a turn is passed twice");
  }
}

std::string Scheduler::run() {
  // Each role and each kind of asynchronous work has its own speed in a run, so that some lag far behind.
  std::vector<int> speeds;
  for (size_t i = 0; i < roles.size() + 2; ++i)
    speeds.push_back(1 << random() % 6);
  while (failure.empty()) {
    std::vector<std::pair<int, size_t>> moves; // kind (0 step, 1 product, 2 copy), which
    std::vector<int> weights;
    auto add = [&](int kind, size_t which, int weight) { moves.push_back({kind, which}), weights.push_back(weight); };
    for (size_t i = 0; i < roles.size(); ++i) {
      if (canStep(i))
        add(0, i, speeds[i]);
      if (!roles[i].inFlight.empty())
        add(1, i, speeds[roles.size()]);
    }
    for (size_t i = 0; i < copies.size(); ++i)
      add(2, i, speeds[roles.size() + 1]);
    if (moves.empty())
      break;
    auto [kind, which] = moves[std::discrete_distribution<size_t>(weights.begin(), weights.end())(random)];
    if (kind == 0)
      step(which);
    else if (kind == 1)
      endProduct(which);
    else
      endCopy(which);
  }
  for (const Role &role : roles)
    if (role.next != role.trace->size())
      fail("a role waits for ever");
  return failure;
}

namespace attn::test {
std::string runRandomly(const Program &program, const Traces &traces, std::mt19937 &random) {
  return Scheduler(program, traces, random).run();
}
} // namespace attn::test
