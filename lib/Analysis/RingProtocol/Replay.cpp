// Runs one list of events a role against each other and checks every event on what its role knows (RingProtocol.h). A
// clock has an entry for each role (its events) and one for each barrier (its completed phases).
#include "Program.h"

using namespace mlir;
using namespace ::attn::analysis;

namespace {
using Clock = SmallVector<uint32_t, 24>;

struct Role {
  const Trace *trace;
  size_t next = 0;
  Clock clock;
  std::vector<uint32_t> productEnds; ///< time of the await by product; 0 while in flight
  int awaited = -1;                  ///< last product that is over
  std::vector<int> lastRead;         ///< number of the copy last read, by ring
};

struct Barrier {
  const Program::Barriers *array;
  uint32_t completed = 0, pending = 0;
  Clock gathered;            ///< what the arrivals of this phase know
  SmallVector<int, 4> arrived;
  std::vector<Clock> phases; ///< what each completed phase tells
  struct Waiter {
    int role;
    uint32_t time;
    Operation *op;
  };
  SmallVector<Waiter, 8> waiters; ///< waits that passed since the last completion
};

struct Slot {
  int ring = 0, copy = -1; ///< number of the copy in it, -1 while it was never filled
  Operation *copyOp = nullptr;
  int barrier = 0;
  uint32_t phase = 0; ///< the copy has arrived when this many phases and one more are complete
  struct Read {
    int role, product;
    Operation *op;
  };
  SmallVector<Read, 8> reads;
};

struct Turn {
  bool given = false;
  Clock gift, taken;
};

class Replayer {
public:
  Replayer(const Program &program, const Traces &traces);
  std::optional<ProtocolRefusal> run();

private:
  bool refuse(ProtocolFault fault, Operation *op, const Twine &text, std::vector<ProtocolNote> notes = {});
  /// Executes the next event of a role. False when it has to wait or was refused.
  bool step(int number);
  bool wait(int number, const Event &event);
  bool arrive(int number, const Event &event);
  bool copy(int number, const Event &event);
  bool issue(int number, const Event &event);
  bool read(int number, const Event &event, Slot &slot);
  bool await(int number, const Event &event);
  bool turn(int number, const Event &event);
  bool complete(int number, Operation *op);
  void checkEnd();
  void refuseDeadlock();

  uint32_t &known(Clock &clock, int barrier) { return clock[roles.size() + barrier]; }
  static bool knows(const Clock &clock, const Clock &other) {
    return llvm::all_of(llvm::zip(clock, other), [](auto pair) { return std::get<0>(pair) >= std::get<1>(pair); });
  }
  static void join(Clock &clock, const Clock &other) {
    for (size_t i = 0; i < other.size(); ++i)
      clock[i] = std::max(clock[i], other[i]);
  }

  const Program &program;
  std::vector<Role> roles; ///< the producer, then the consumers
  std::vector<Barrier> barriers;
  std::vector<Slot> slots;
  std::vector<Turn> turns;  ///< by consumer
  std::vector<int> copies;  ///< made so far, by ring
  std::optional<ProtocolRefusal> refusal;
};
} // namespace

Replayer::Replayer(const Program &program, const Traces &traces)
    : program(program), roles(program.consumers + 1), barriers(program.barrierCount), slots(program.slotCount),
      turns(program.consumers), copies(program.rings.size(), 0) {
  Clock zero(roles.size() + barriers.size(), 0);
  for (auto [i, role] : llvm::enumerate(roles)) {
    role.trace = i == 0 ? &traces.producer : &traces.consumer;
    role.clock = zero;
    role.lastRead.assign(program.rings.size(), -1);
  }
  for (const Program::Barriers &array : program.barriers)
    for (int i = 0; i < array.count; ++i) {
      barriers[array.base + i].array = &array;
      barriers[array.base + i].gathered = zero;
    }
  for (auto [number, ring] : llvm::enumerate(program.rings))
    for (int i = 0; i < ring.count; ++i)
      slots[ring.base + i].ring = number;
  for (Turn &turn : turns)
    turn.gift = turn.taken = zero;
  turns[0].given = true; // the first consumer has the first turn
}

bool Replayer::refuse(ProtocolFault fault, Operation *op, const Twine &text, std::vector<ProtocolNote> notes) {
  if (!refusal)
    refusal = {fault, op, text.str(), std::move(notes)};
  return false;
}

bool Replayer::wait(int number, const Event &event) {
  Role &role = roles[number];
  Barrier &barrier = barriers[event.barrier];
  uint32_t phases = barrier.completed;
  if (int(phases & 1) == event.parity)
    return false;
  if (phases > 1 && known(role.clock, event.barrier) + 1 < phases)
    return refuse(ProtocolFault::PhaseMissed, event.op,
                  "may pass after an earlier phase of its barrier, which has the same parity",
                  {{barrier.array->op, "this barrier may be two phases ahead of what the wait knows"}});
  if (phases > 0)
    join(role.clock, barrier.phases.back());
  barrier.waiters.push_back({number, ++role.clock[number], event.op});
  return true;
}

/// Ends a phase: all of its arrivals are in.
bool Replayer::complete(int number, Operation *op) {
  Barrier &barrier = barriers[number];
  for (const Barrier::Waiter &waiter : barrier.waiters)
    if (barrier.gathered[waiter.role] < waiter.time)
      return refuse(ProtocolFault::PhaseMissed, op, "may end a phase before a wait has seen the one before it",
                    {{waiter.op, "this wait may find the parity it waits for gone"}});
  known(barrier.gathered, number) = ++barrier.completed;
  barrier.phases.push_back(barrier.gathered);
  barrier.waiters.clear();
  barrier.arrived.clear();
  barrier.pending = 0;
  return true;
}

bool Replayer::arrive(int number, const Event &event) {
  Role &role = roles[number];
  Barrier &barrier = barriers[event.barrier];
  if (known(role.clock, event.barrier) < barrier.completed)
    return refuse(ProtocolFault::WrongArrivals, event.op,
                  "may count in a phase before the one it is meant for: nothing orders it after the other arrivals",
                  {{barrier.array->op, ("this barrier ends a phase after " + Twine(barrier.array->arrivals) +
                                        " arrivals").str()}});
  if (event.act == Act::Arrive && llvm::is_contained(barrier.arrived, number))
    return refuse(ProtocolFault::WrongArrivals, event.op, "arrives twice in one phase",
                  {{barrier.array->op, "at this barrier"}});
  ++role.clock[number];
  barrier.arrived.push_back(number);
  join(barrier.gathered, role.clock);
  return ++barrier.pending < barrier.array->arrivals || complete(event.barrier, event.op);
}

bool Replayer::copy(int number, const Event &event) {
  Role &role = roles[number];
  Slot &slot = slots[event.slots[0]];
  int place = event.slots[0] - program.rings[slot.ring].base;
  for (const Slot::Read &read : slot.reads) {
    uint32_t end = roles[read.role].productEnds[read.product];
    if (end == 0 || role.clock[read.role] < end)
      return refuse(ProtocolFault::Overwrite, event.op, "may refill slot " + Twine(place) + " while it is read",
                    {{read.op, "this product may still read the slot"}});
  }
  if (slot.copy >= 0 && known(role.clock, slot.barrier) <= slot.phase)
    return refuse(ProtocolFault::Overwrite, event.op, "may refill slot " + Twine(place) + " before it was read",
                  {{slot.copyOp, "this copy into the slot may still be running"}});
  slot.reads.clear();
  slot.copy = copies[slot.ring]++;
  slot.copyOp = event.op;
  slot.barrier = event.barrier;
  slot.phase = barriers[event.barrier].completed;
  return arrive(number, event);
}

bool Replayer::read(int number, const Event &event, Slot &slot) {
  Role &role = roles[number];
  int place = &slot - &slots[program.rings[slot.ring].base];
  if (slot.copy < 0)
    return refuse(ProtocolFault::ReadBeforeFull, event.op, "reads slot " + Twine(place) + ", which nothing has filled yet",
                  {{program.rings[slot.ring].op, "of this ring"}});
  if (known(role.clock, slot.barrier) <= slot.phase)
    return refuse(ProtocolFault::ReadBeforeFull, event.op,
                  "may read slot " + Twine(place) + " before its copy has arrived",
                  {{slot.copyOp, "no wait before the product sees the end of this copy"}});
  int &last = role.lastRead[slot.ring];
  if (slot.copy < last)
    return refuse(ProtocolFault::ReadBeforeFull, event.op,
                  "may read slot " + Twine(place) + " before copy " + Twine(last + 1) + " of the ring is in it",
                  {{slot.copyOp, ("what is in it is copy " + Twine(slot.copy) + " of this").str()}});
  if (slot.copy > last + 1)
    return refuse(ProtocolFault::ReadOutOfOrder, event.op,
                  "reads copy " + Twine(slot.copy) + " of the ring and passes over copy " + Twine(last + 1),
                  {{program.rings[slot.ring].op, "copies to this ring are counted from 0"}});
  last = slot.copy;
  slot.reads.push_back({number, event.product, event.op});
  return true;
}

bool Replayer::issue(int number, const Event &event) {
  Role &role = roles[number];
  ++role.clock[number];
  role.productEnds.push_back(0);
  for (int slot : event.slots)
    if (slot >= 0 && !read(number, event, slots[slot]))
      return false;
  return true;
}

/// Products end in the order in which they were issued, so a wait for one is a wait for all before it.
bool Replayer::await(int number, const Event &event) {
  Role &role = roles[number];
  uint32_t now = ++role.clock[number];
  for (; role.awaited < event.product; ++role.awaited)
    role.productEnds[role.awaited + 1] = now;
  return true;
}

bool Replayer::turn(int number, const Event &event) {
  Role &role = roles[number];
  if (event.act == Act::TakeTurn) {
    Turn &turn = turns[number - 1];
    if (!turn.given)
      return false;
    turn.given = false;
    join(role.clock, turn.gift);
    ++role.clock[number];
    turn.taken = role.clock;
    return true;
  }
  Turn &turn = turns[number % turns.size()];
  if (turn.given || !knows(role.clock, turn.taken))
    return refuse(ProtocolFault::TurnOutOfOrder, event.op, "may pass the turn before the next warpgroup took the last one");
  ++role.clock[number];
  turn.given = true;
  turn.gift = role.clock;
  return true;
}

bool Replayer::step(int number) {
  const Event &event = (*roles[number].trace)[roles[number].next];
  switch (event.act) {
  case Act::Wait: return wait(number, event);
  case Act::Arrive: return arrive(number, event);
  case Act::Copy: return copy(number, event);
  case Act::Issue: return issue(number, event);
  case Act::Await: return await(number, event);
  case Act::TakeTurn: case Act::PassTurn: return turn(number, event);
  case Act::Compute: case Act::Loop: case Act::Branch: break;
  }
  llvm_unreachable("not an event");
}

void Replayer::refuseDeadlock() {
  Operation *first = nullptr;
  std::vector<ProtocolNote> notes;
  for (const Role &role : llvm::reverse(roles)) { // consumers first: what they wait for is seldom their own doing
    if (role.next == role.trace->size())
      continue;
    const Event &event = (*role.trace)[role.next];
    bool isProducer = &role == &roles.front();
    if (!first) {
      first = event.op;
    } else if (event.op != first) {
      notes.push_back({event.op, isProducer ? "the producer waits here" : "another warpgroup waits here"});
    }
    if (event.act == Act::Wait && first == event.op && notes.empty()) {
      const Barrier &barrier = barriers[event.barrier];
      notes.push_back({barrier.array->op,
                       (Twine(barrier.pending) + " of " + Twine(barrier.array->arrivals) +
                        " arrivals came in the phase after " + Twine(barrier.completed) + " phases").str()});
    }
  }
  if (first)
    refuse(ProtocolFault::Deadlock, first, "waits for ever", std::move(notes));
}

void Replayer::checkEnd() {
  refuseDeadlock();
  for (const Role &role : roles)
    for (const Event &event : *role.trace)
      if (event.act == Act::Issue && event.product > role.awaited)
        refuse(ProtocolFault::StillInFlight, event.op, "is not awaited before the kernel ends");
  for (const Barrier &barrier : barriers)
    if (barrier.pending != 0)
      refuse(ProtocolFault::WrongArrivals, barrier.array->op,
             "ends with " + Twine(barrier.pending) + " of " + Twine(barrier.array->arrivals) + " arrivals in a phase");
  for (const Slot &slot : slots)
    if (slot.copy >= 0 &&
        llvm::none_of(roles, [&](Role &role) { return known(role.clock, slot.barrier) > slot.phase; }))
      refuse(ProtocolFault::StillInFlight, slot.copyOp, "may still run when the kernel ends");
}

std::optional<ProtocolRefusal> Replayer::run() {
  for (bool progress = true; progress && !refusal;) {
    progress = false;
    for (size_t number = 0; number < roles.size() && !refusal; ++number)
      for (Role &role = roles[number]; role.next < role.trace->size() && step(number); ++role.next)
        progress = true;
  }
  if (!refusal)
    checkEnd();
  return refusal;
}

namespace attn::analysis {
std::optional<ProtocolRefusal> replay(const Program &program, const Traces &traces) {
  return Replayer(program, traces).run();
}
} // namespace attn::analysis
