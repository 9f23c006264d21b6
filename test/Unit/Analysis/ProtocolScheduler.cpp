// See ProtocolScheduler.h.
#include "ProtocolScheduler.h"

#include <deque>

using namespace ::attn::analysis;

namespace {
/// A product that is reading, or a copy that is writing.
struct Product {
  int number;
  const Event *event;
};
struct Copy {
  int slot, barrier;
};

class Scheduler {
public:
  Scheduler(const Program &program, const Traces &traces, std::mt19937 &random)
      : random(random), roles(program.consumers + 1), required(program.barrierCount),
        pending(program.barrierCount, 0), phases(program.barrierCount, 0), bytes(program.barrierCount, 0),
        writers(program.slotCount, 0), readers(program.slotCount, 0), filled(program.slotCount, false),
        turns(program.consumers, 0) {
    for (size_t i = 0; i < roles.size(); ++i)
      roles[i].trace = i == 0 ? &traces.producer : &traces.consumer(i - 1);
    for (const Program::Barriers &array : program.barriers)
      std::fill_n(required.begin() + array.base, array.count, array.arrivals);
    turns[0] = 1;
  }

  std::string run();

private:
  struct Role {
    const Trace *trace;
    size_t next = 0;
    std::deque<Product> inFlight;
  };

  bool canStep(int number) const;
  void step(int number);
  void issue(Role &role, const Event &event);
  void copy(const Event &event);
  void endProduct(Role &role);
  void endCopy(size_t index);
  void maybeEndPhase(int barrier);
  void fail(const char *what) {
    if (failure.empty())
      failure = what;
  }

  std::mt19937 &random;
  std::vector<Role> roles;
  std::vector<int64_t> required, pending, phases, bytes; ///< by barrier; bytes are counted in copies
  std::vector<Copy> copies;
  std::vector<int> writers, readers; ///< by slot
  std::vector<bool> filled;
  std::vector<int> turns;
  std::string failure;
};
} // namespace

bool Scheduler::canStep(int number) const {
  const Role &role = roles[number];
  if (role.next == role.trace->size())
    return false;
  const Event &event = (*role.trace)[role.next];
  if (event.act == Act::Wait)
    return (phases[event.barrier] & 1) != event.parity;
  if (event.act == Act::TakeTurn)
    return turns[number - 1] > 0;
  if (event.act == Act::Await)
    return role.inFlight.empty() || role.inFlight.front().number > event.product;
  return true;
}

void Scheduler::maybeEndPhase(int barrier) {
  if (pending[barrier] == required[barrier] && bytes[barrier] == 0) {
    pending[barrier] = 0;
    ++phases[barrier];
  }
}

void Scheduler::issue(Role &role, const Event &event) {
  role.inFlight.push_back({event.product, &event});
  for (int slot : event.slots) {
    if (slot < 0)
      continue;
    ++readers[slot];
    if (!filled[slot] || writers[slot] != 0)
      fail("a product reads a slot that is not full");
  }
}

void Scheduler::copy(const Event &event) {
  int slot = event.slots[0];
  if (readers[slot] != 0)
    fail("a copy writes a slot that is read");
  if (writers[slot]++ != 0)
    fail("two copies write one slot");
  copies.push_back({slot, event.barrier});
  ++bytes[event.barrier];
  ++pending[event.barrier];
}

void Scheduler::endProduct(Role &role) {
  for (int slot : role.inFlight.front().event->slots)
    if (slot >= 0)
      --readers[slot];
  role.inFlight.pop_front();
}

void Scheduler::endCopy(size_t index) {
  Copy copy = copies[index];
  copies.erase(copies.begin() + index);
  --writers[copy.slot];
  filled[copy.slot] = true;
  --bytes[copy.barrier];
  maybeEndPhase(copy.barrier);
}

void Scheduler::step(int number) {
  Role &role = roles[number];
  const Event &event = (*role.trace)[role.next++];
  if (event.act == Act::Arrive) {
    ++pending[event.barrier];
    maybeEndPhase(event.barrier);
  } else if (event.act == Act::Copy) {
    copy(event);
  } else if (event.act == Act::Issue) {
    issue(role, event);
  } else if (event.act == Act::TakeTurn) {
    --turns[number - 1];
  } else if (event.act == Act::PassTurn && ++turns[number % turns.size()] > 1) {
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
      endProduct(roles[which]);
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
