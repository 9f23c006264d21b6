// The events of a run and what each must know; see Replay.h.
#include "Replay.h"

using namespace mlir;
using namespace ::attn::analysis;

template <typename Clock> static void join(Clock &clock, const Clock &other) {
  for (size_t i = 0; i < other.size(); ++i)
    clock[i] = std::max(clock[i], other[i]);
}

Replayer::Replayer(const Program &program)
    : program(program), roles(program.blocks * (program.consumers + 1)), barriers(program.blocks * program.barrierCount),
      slots(program.blocks * program.slotCount), turns(program.blocks * program.consumers),
      copies(program.blocks * program.rings.size(), 0) {
  Clock zero(barriers.size() + roles.size() * lines(), 0);
  for (Role &role : roles) {
    role.clock = zero;
    role.lastRead.assign(program.rings.size(), -1);
  }
  for (int block = 0; block < program.blocks; ++block) {
    for (const Program::Barriers &array : program.barriers)
      for (int i = 0; i < array.count; ++i) {
        Barrier &barrier = barriers[block * program.barrierCount + array.base + i];
        barrier.array = &array;
        barrier.arrivals = array.arrivals * array.parts;
        barrier.gathered = barrier.told = zero;
      }
    for (auto [number, ring] : llvm::enumerate(program.rings))
      for (int i = 0; i < ring.count; ++i)
        slotOf(block, ring.base + i).ring = block * program.rings.size() + number;
    turns[block * program.consumers].given = true; // the first consumer has the first turn
  }
  for (Turn &turn : turns)
    turn.gift = zero;
}

bool Replayer::refuse(ProtocolFault fault, Operation *op, const Twine &text, std::vector<ProtocolNote> notes) {
  if (!refusal)
    refusal = {fault, op, text.str(), std::move(notes)};
  return false;
}

bool Replayer::wait(int number, const Event &event) {
  Role &role = roles[number];
  int target = barrierOf(blockOf(number), event);
  Barrier &barrier = barriers[target];
  uint32_t phases = barrier.completed;
  if (int(phases & 1) == event.parity)
    return false;
  if (phases > 1 && known(role.clock, target) + 1 < phases)
    return refuse(ProtocolFault::PhaseMissed, event.op,
                  "may pass after an earlier phase of its barrier, which has the same parity",
                  {{barrier.array->op, "this barrier may be two phases ahead of what the wait knows"}});
  if (phases > 0)
    join(role.clock, barrier.told);
  barrier.waiters.push_back({number, ++known(role.clock, number, waitsAt(barrier)), event.op});
  return true;
}

/// Ends a phase: all of its arrivals are in.
bool Replayer::complete(int number, Operation *op) {
  Barrier &barrier = barriers[number];
  for (const Barrier::Waiter &waiter : barrier.waiters)
    if (known(barrier.gathered, waiter.role, waitsAt(barrier)) < waiter.time)
      return refuse(ProtocolFault::PhaseMissed, op, "may end a phase before a wait has seen the one before it",
                    {{waiter.op, "this wait may find the parity it waits for gone"}});
  known(barrier.gathered, number) = ++barrier.completed;
  barrier.told = barrier.gathered;
  barrier.waiters.clear();
  barrier.arrived.clear();
  barrier.pending = 0;
  return true;
}

/// Calls `act` for each block that an event reaches.
template <typename Act> static bool inBlocks(const Program &program, const Event &event, int own, Act act) {
  for (int block = 0; block < program.blocks; ++block)
    if ((event.everywhere || block == own) && !act(block))
      return false;
  return true;
}

bool Replayer::arrive(int number, const Event &event) {
  return inBlocks(program, event, blockOf(number),
                  [&](int block) { return arriveAt(number, event, barrierOf(block, event)); });
}

bool Replayer::arriveAt(int number, const Event &event, int target) {
  Role &role = roles[number];
  Barrier &barrier = barriers[target];
  if (known(role.clock, target) < barrier.completed)
    return refuse(ProtocolFault::WrongArrivals, event.op,
                  "may count in a phase before the one it is meant for: nothing orders it after the other arrivals",
                  {{barrier.array->op, ("this barrier ends a phase after " + Twine(barrier.arrivals) +
                                        " arrivals").str()}});
  if ((event.act == Act::Arrive || event.everywhere) && llvm::is_contained(barrier.arrived, number))
    return refuse(ProtocolFault::WrongArrivals, event.op, "arrives twice in one phase",
                  {{barrier.array->op, "at this barrier"}});
  barrier.arrived.push_back(number);
  join(barrier.gathered, role.clock);
  return ++barrier.pending < barrier.arrivals || complete(target, event.op);
}

bool Replayer::copy(int number, const Event &event) {
  return inBlocks(program, event, blockOf(number), [&](int block) { return copyTo(number, event, block); });
}

/// The whole copy or, of a tile that a cluster copies together, a part of it. Each part has to know that what was in the slot
/// is over.
bool Replayer::copyTo(int number, const Event &event, int target) {
  Role &role = roles[number];
  Slot &slot = slotOf(target, event.slots[0]);
  int barrier = barrierOf(target, event);
  if (slot.parts == 0) {
    slot.before = std::move(static_cast<Content &>(slot));
    static_cast<Content &>(slot) = {copies[slot.ring]++, event.op, barrier, barriers[barrier].completed, {}};
  }
  for (const Content::Read &read : slot.before.reads) {
    uint32_t end = endOf(read);
    if (end == 0 || known(role.clock, read.role, readsOf(ringInBlock(slot))) < end)
      return refuse(ProtocolFault::Overwrite, event.op, "may refill slot " + Twine(placeOf(slot)) + " while it is read",
                    {{read.op, "this product may still read the slot"}});
  }
  if (slot.before.copy >= 0 && known(role.clock, slot.before.barrier) <= slot.before.phase)
    return refuse(ProtocolFault::Overwrite, event.op, "may refill slot " + Twine(placeOf(slot)) + " before it was read",
                  {{slot.before.copyOp, "this copy into the slot may still be running"}});
  slot.parts = (slot.parts + 1) % (event.everywhere ? program.blocks : 1);
  return arriveAt(number, event, barrier);
}

bool Replayer::read(int number, const Event &event, int operand) {
  Role &role = roles[number];
  Slot &slot = slotOf(blockOf(number), event.slots[operand]);
  int place = placeOf(slot), ring = ringInBlock(slot);
  if (slot.copy < 0)
    return refuse(ProtocolFault::ReadBeforeFull, event.op, "reads slot " + Twine(place) + ", which nothing has filled yet",
                  {{program.rings[ring].op, "of this ring"}});
  if (known(role.clock, slot.barrier) <= slot.phase)
    return refuse(ProtocolFault::ReadBeforeFull, event.op,
                  "may read slot " + Twine(place) + " before its copy has arrived",
                  {{slot.copyOp, "no wait before the product sees the end of this copy"}});
  int &last = role.lastRead[ring];
  if (slot.copy < last)
    return refuse(ProtocolFault::ReadBeforeFull, event.op,
                  "may read slot " + Twine(place) + " before copy " + Twine(last + 1) + " of the ring is in it",
                  {{slot.copyOp, ("what is in it is copy " + Twine(slot.copy) + " of this").str()}});
  if (slot.copy > last + 1)
    return refuse(ProtocolFault::ReadOutOfOrder, event.op,
                  "reads copy " + Twine(slot.copy) + " of the ring and passes over copy " + Twine(last + 1),
                  {{program.rings[ring].op, "copies to this ring are counted from 0"}});
  last = slot.copy;
  slot.reads.push_back({number, event.product, operand, event.op});
  return true;
}

bool Replayer::issue(int number, const Event &event) {
  Role &role = roles[number];
  role.products.push_back({&event});
  for (int operand : {0, 1})
    if (event.slots[operand] >= 0 && !read(number, event, operand))
      return false;
  return true;
}

/// Products end in the order in which they were issued, so a wait for one is a wait for all before it.
bool Replayer::await(int number, const Event &event) {
  Role &role = roles[number];
  while (role.awaited < event.product) {
    Role::Product &over = role.products[++role.awaited];
    for (int operand : {0, 1})
      if (int slot = over.event->slots[operand]; slot >= 0)
        over.ends[operand] = ++known(role.clock, number, readsOf(ringInBlock(slotOf(blockOf(number), slot))));
  }
  return true;
}

bool Replayer::turn(int number, const Event &event) {
  Role &role = roles[number];
  int block = blockOf(number), first = block * program.consumers, before = block * (program.consumers + 1);
  int consumer = number - before - 1;
  if (event.act == Act::TakeTurn) {
    Turn &turn = turns[first + consumer];
    if (!turn.given)
      return false;
    turn.given = false;
    join(role.clock, turn.gift);
    turn.taken = ++known(role.clock, number, turnsTaken());
    return true;
  }
  int next = (consumer + 1) % program.consumers;
  Turn &turn = turns[first + next];
  if (turn.given || known(role.clock, before + 1 + next, turnsTaken()) < turn.taken)
    return refuse(ProtocolFault::TurnOutOfOrder, event.op, "may pass the turn before the next warpgroup took the last one");
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
    bool producer = isProducer(&role - roles.data());
    if (!first) {
      first = event.op;
    } else if (event.op != first) {
      notes.push_back({event.op, producer ? "the producer waits here" : "another warpgroup waits here"});
    }
    if (event.act == Act::Wait && first == event.op && notes.empty()) {
      const Barrier &barrier = barriers[barrierOf(blockOf(&role - roles.data()), event)];
      notes.push_back({barrier.array->op,
                       (Twine(barrier.pending) + " of " + Twine(barrier.arrivals) +
                        " arrivals came in the phase after " + Twine(barrier.completed) + " phases").str()});
    }
  }
  if (first)
    refuse(ProtocolFault::Deadlock, first, "waits for ever", std::move(notes));
}

std::optional<ProtocolRefusal> Replayer::run(const RoleTraces &traces) {
  for (auto [number, role] : llvm::enumerate(roles)) {
    role.trace = isProducer(number) ? &traces.producer : &traces.consumer(number % (program.consumers + 1) - 1);
    role.next = 0;
    role.products.clear();
    role.awaited = -1;
  }
  for (bool progress = true; progress && !refusal;) {
    progress = false;
    for (size_t number = 0; number < roles.size() && !refusal; ++number)
      for (Role &role = roles[number]; role.next < role.trace->size() && step(number); ++role.next)
        progress = true;
  }
  refuseDeadlock();
  for (const Role &role : roles)
    for (const Event &event : *role.trace)
      if (event.act == Act::Issue && event.product > role.awaited)
        refuse(ProtocolFault::StillInFlight, event.op, "is not awaited before the kernel ends");
  closeReads();
  return refusal;
}

std::optional<ProtocolRefusal> Replayer::end() {
  for (const Barrier &barrier : barriers)
    if (barrier.pending != 0)
      refuse(ProtocolFault::WrongArrivals, barrier.array->op,
             "ends with " + Twine(barrier.pending) + " of " + Twine(barrier.arrivals) + " arrivals in a phase");
  for (const Slot &slot : slots)
    if (slot.copy >= 0 &&
        llvm::none_of(roles, [&](Role &role) { return known(role.clock, slot.barrier) > slot.phase; }))
      refuse(ProtocolFault::StillInFlight, slot.copyOp, "may still run when the kernel ends");
  return refusal;
}
