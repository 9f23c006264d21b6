// The canonical form of a state between programs. Later events ask of a clock only whether it knows of events that slots,
// barriers and turns remember (a read, a wait, a turn taken, a copy's phase, the last two phases of a barrier), or of later
// ones, which nobody knows of yet. So an entry of a clock is replaced by how many of those remembered it covers.
#include "Replay.h"

using namespace mlir;
using namespace ::attn::analysis;

/// Products of this list are over, so their numbers may be used again. What a program copied and did not read (a query
/// without keys) is no part of the next one.
void Replayer::closeReads() {
  if (refusal)
    return;
  for (auto [number, role] : llvm::enumerate(roles))
    for (auto [ring, last] : llvm::enumerate(role.lastRead))
      if (!isProducer(number))
        last = copies[blockOf(number) * program.rings.size() + ring] - 1;
  for (Slot &slot : slots) {
    SmallVector<Content::Read, 8> last; // one a role: a refill has to know of the last
    for (const Content::Read &read : slot.reads) {
      auto found = llvm::find_if(last, [&](const Content::Read &other) { return other.role == read.role; });
      if (found == last.end())
        found = last.insert(last.end(), {read.role, -1, 0, read.op, 0});
      if (endOf(read) >= found->end)
        found->end = endOf(read), found->op = read.op;
    }
    llvm::sort(last, [](const Content::Read &a, const Content::Read &b) { return a.role < b.role; });
    slot.reads = std::move(last);
  }
}

/// Copies are compared with each other only: the oldest that is still known of gets number 0.
void Replayer::renumberCopies() {
  for (auto [ring, count] : llvm::enumerate(copies)) {
    int oldest = count;
    for (const Slot &slot : slots)
      if (slot.ring == int(ring) && slot.copy >= 0)
        oldest = std::min(oldest, slot.copy);
    size_t block = ring / program.rings.size(), inBlock = ring % program.rings.size();
    auto consumers = MutableArrayRef(roles).slice(block * (program.consumers + 1) + 1, program.consumers);
    for (const Role &role : consumers)
      oldest = std::min(oldest, role.lastRead[inBlock] + 1);
    count -= oldest;
    for (Slot &slot : slots)
      if (slot.ring == int(ring) && slot.copy >= 0)
        slot.copy -= oldest;
    for (Role &role : consumers)
      role.lastRead[inBlock] -= oldest;
  }
}

template <typename Visit> void Replayer::visitClocks(Visit visit) {
  for (Role &role : roles)
    visit(role.clock);
  for (Barrier &barrier : barriers)
    visit(barrier.gathered), visit(barrier.told);
  for (Turn &turn : turns)
    visit(turn.gift);
}

namespace {
/// How many of some thresholds, which are few, a value reaches.
class Ranks {
public:
  void add(uint32_t threshold) {
    if (!llvm::is_contained(thresholds, threshold))
      thresholds.push_back(threshold);
  }
  uint32_t of(uint32_t value) const {
    uint32_t rank = 0;
    for (uint32_t threshold : thresholds)
      rank += threshold <= value;
    return rank;
  }

private:
  SmallVector<uint32_t, 16> thresholds;
};
} // namespace

template <typename Visit> void Replayer::compressTimes(int role, int line, Visit visitTimes) {
  Ranks ranks;
  visitTimes([&](uint32_t &time) {
    if (time != 0)
      ranks.add(time);
  });
  visitTimes([&](uint32_t &time) { time = ranks.of(time); });
  visitClocks([&](Clock &clock) { known(clock, role, line) = ranks.of(known(clock, role, line)); });
}

/// What a clock says of a role matters only where an event of that role is still to be known of.
void Replayer::compressRole(int number) {
  for (size_t ring = 0; ring < program.rings.size(); ++ring)
    compressTimes(number, readsOf(ring), [&](auto visit) {
      for (int i = 0; i < program.rings[ring].count; ++i)
        for (Content::Read &read : slotOf(blockOf(number), program.rings[ring].base + i).reads)
          if (read.role == number)
            visit(read.end);
    });
  for (const Program::Barriers &array : program.barriers) {
    MutableArrayRef<Barrier> own = MutableArrayRef(barriers).slice(blockOf(number) * program.barrierCount + array.base, array.count);
    compressTimes(number, waitsAt(own.front()), [&](auto visit) {
      for (Barrier &barrier : own)
        for (Barrier::Waiter &waiter : barrier.waiters)
          if (waiter.role == number)
            visit(waiter.time);
    });
  }
  compressTimes(number, turnsTaken(), [&](auto visit) {
    if (!isProducer(number))
      visit(turns[number - 1 - blockOf(number)].taken);
  });
}

/// And what it says of a barrier, where a copy is still to be known of, or for the last phase and the one before.
void Replayer::compressBarrier(int number) {
  Barrier &barrier = barriers[number];
  auto visitPhases = [&](auto visit) { // that a reader of a slot has to know of, less 1
    for (Slot &slot : slots)
      if (slot.copy >= 0 && slot.barrier == number)
        visit(slot.phase);
  };
  Ranks ranks; // of phases and 1, so that there is one before the last
  ranks.add(barrier.completed);
  ranks.add(barrier.completed + 1);
  visitPhases([&](uint32_t &phase) { ranks.add(phase + 2); });
  // What is even stays even.
  uint32_t more = (ranks.of(barrier.completed + 1) ^ barrier.completed) & 1;
  auto compress = [&](uint32_t phases) { return ranks.of(phases + 1) + more; };
  visitClocks([&](Clock &clock) { known(clock, number) = compress(known(clock, number)); });
  visitPhases([&](uint32_t &phase) { phase = compress(phase + 1) - 1; });
  barrier.completed = compress(barrier.completed);
}

void Replayer::canonicalise() {
  renumberCopies();
  for (Barrier &barrier : barriers) {
    llvm::sort(barrier.arrived);
    // One waiter a role: the end of a phase has to know of the last.
    llvm::sort(barrier.waiters, [](const auto &a, const auto &b) {
      return a.role != b.role ? a.role < b.role : a.time > b.time;
    });
    auto end = std::unique(barrier.waiters.begin(), barrier.waiters.end(),
                           [](const auto &a, const auto &b) { return a.role == b.role; });
    barrier.waiters.erase(end, barrier.waiters.end());
  }
  for (size_t number = 0; number < roles.size(); ++number)
    compressRole(number);
  for (size_t number = 0; number < barriers.size(); ++number)
    compressBarrier(number);
}

/// A phase more at a barrier, for all that is known of it, changes parities and nothing else.
void Replayer::rename(const Renaming &renaming) {
  std::vector<Barrier> oldBarriers(barriers);
  std::vector<Slot> oldSlots(slots);
  for (size_t i = 0; i < barriers.size(); ++i) {
    Barrier &barrier = barriers[renaming.barriers[i]] = std::move(oldBarriers[i]);
    barrier.completed += renaming.flips[i];
  }
  for (size_t i = 0; i < slots.size(); ++i) {
    Slot &slot = slots[renaming.slots[i]] = std::move(oldSlots[i]);
    if (slot.copy < 0)
      continue;
    slot.phase += renaming.flips[slot.barrier];
    slot.barrier = renaming.barriers[slot.barrier];
  }
  visitClocks([&](Clock &clock) {
    Clock old = clock;
    for (size_t i = 0; i < barriers.size(); ++i)
      known(clock, renaming.barriers[i]) = known(old, i) + renaming.flips[i];
  });
}

std::vector<int64_t> Replayer::key() const {
  std::vector<int64_t> key(copies.begin(), copies.end());
  auto addAll = [&](const auto &values) {
    key.push_back(values.size());
    key.insert(key.end(), values.begin(), values.end());
  };
  for (const Role &role : roles)
    addAll(role.lastRead);
  for (const Barrier &barrier : barriers) {
    key.insert(key.end(), {barrier.completed, barrier.pending});
    addAll(barrier.arrived);
    key.push_back(barrier.waiters.size());
    for (const Barrier::Waiter &waiter : barrier.waiters)
      key.insert(key.end(), {waiter.role, waiter.time});
  }
  for (const Slot &slot : slots) {
    key.insert(key.end(), {slot.copy, slot.barrier, slot.phase});
    key.push_back(slot.reads.size());
    for (const Content::Read &read : slot.reads)
      key.insert(key.end(), {read.role, read.end});
  }
  for (const Turn &turn : turns) {
    key.push_back(turn.given);
    key.push_back(turn.taken);
  }
  return key;
}

bool Replayer::forgetWhatIsUnknownTo(Replayer &other) {
  SmallVector<Clock *> clocks;
  visitClocks([&](Clock &clock) { clocks.push_back(&clock); });
  size_t next = 0;
  bool changed = false;
  other.visitClocks([&](Clock &clock) {
    for (auto [mine, theirs] : llvm::zip(*clocks[next++], clock)) {
      changed |= theirs < mine;
      mine = std::min(mine, theirs);
    }
  });
  return changed;
}
