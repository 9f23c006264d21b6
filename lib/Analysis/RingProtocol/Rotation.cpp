// Comparison of traces under a renaming that is found on the way.
#include "Rotation.h"

#include <numeric>

using namespace mlir;

namespace attn::analysis {

Renaming Renaming::none(const Program &program) {
  Renaming same{std::vector<int>(program.slotCount), std::vector<int>(program.barrierCount), std::vector<bool>(program.barrierCount)};
  std::iota(same.slots.begin(), same.slots.end(), 0);
  std::iota(same.barriers.begin(), same.barriers.end(), 0);
  return same;
}

void Renaming::follow(const Renaming &next) {
  for (int &slot : slots)
    slot = next.slots[slot];
  for (size_t i = 0; i < barriers.size(); ++i) {
    flips[i] = flips[i] != next.flips[barriers[i]];
    barriers[i] = next.barriers[barriers[i]];
  }
}

namespace {
/// A renaming of which some is known.
class Search {
public:
  explicit Search(const Program &program)
      : program(program), slots(program.slotCount, -1), barriers(program.barrierCount, -1), flips(program.barrierCount, -1) {}

  /// Whether the events of `to` are those of `from` by other names, which are the same for all that was compared before.
  bool compare(const Traces &from, const Traces &to) { return compareRoles(from, to) && compareRoles(from.end, to.end); }
  bool isIdentity() const;
  /// The way back, where the names are a permutation that keeps to rings and to arrays of barriers.
  std::optional<Renaming> inverse();

private:
  bool compareRoles(const RoleTraces &from, const RoleTraces &to) {
    return compare(from.producer, to.producer) &&
           llvm::all_of(llvm::zip_equal(from.consumers, to.consumers),
                        [&](auto each) { return compare(std::get<0>(each), std::get<1>(each)); });
  }
  bool compare(const Trace &from, const Trace &to);
  template <typename T> static bool learn(T &known, T found) {
    if (known < 0)
      known = found;
    return known == found;
  }

  const Program &program;
  std::vector<int> slots, barriers, flips;
};
} // namespace

bool Search::compare(const Trace &from, const Trace &to) {
  if (from.size() != to.size())
    return false;
  for (size_t i = 0; i < from.size(); ++i) {
    const Event &a = from[i], &b = to[i];
    if (a.act != b.act || a.op != b.op || a.everywhere != b.everywhere || a.product != b.product ||
        (a.barrier < 0) != (b.barrier < 0))
      return false;
    if (a.barrier >= 0 && !learn(barriers[a.barrier], b.barrier))
      return false;
    if (a.act == Act::Wait && !learn(flips[a.barrier], a.parity ^ b.parity))
      return false;
    for (int place : {0, 1})
      if ((a.slots[place] < 0) != (b.slots[place] < 0) || (a.slots[place] >= 0 && !learn(slots[a.slots[place]], b.slots[place])))
        return false;
  }
  return true;
}

/// Inverts the part of a permutation within one group of numbers; what is not known stays where it is.
static bool invert(MutableArrayRef<int> image, int base, int count, std::vector<int> &inverse) {
  for (int i = base; i < base + count; ++i) {
    if (image[i] < 0)
      image[i] = i;
    if (image[i] < base || image[i] >= base + count || inverse[image[i]] >= 0)
      return false;
    inverse[image[i]] = i;
  }
  return true;
}

bool Search::isIdentity() const {
  auto stays = [](const std::vector<int> &image) {
    return llvm::all_of(llvm::enumerate(image), [](auto each) { return each.value() < 0 || each.value() == int(each.index()); });
  };
  return stays(slots) && stays(barriers) && llvm::none_of(flips, [](int flip) { return flip > 0; });
}

std::optional<Renaming> Search::inverse() {
  Renaming back{std::vector<int>(slots.size(), -1), std::vector<int>(barriers.size(), -1), std::vector<bool>(barriers.size())};
  for (const Program::Ring &ring : program.rings)
    if (!invert(slots, ring.base, ring.count, back.slots))
      return std::nullopt;
  for (const Program::Barriers &array : program.barriers)
    if (!invert(barriers, array.base, array.count, back.barriers))
      return std::nullopt;
  for (size_t i = 0; i < barriers.size(); ++i)
    back.flips[barriers[i]] = flips[i] > 0;
  return back;
}

/// How many counts of a role are numbers; its flags come behind them.
static size_t countNumbers(ArrayRef<Program::Count> counts) {
  return llvm::count_if(counts, [](const Program::Count &count) { return !count.isFlag; });
}

namespace {
/// All counts, of which both roles have the same numbers.
class Counts {
public:
  explicit Counts(const Program &program)
      : ofProducer(program.producerCounts.size()), groups(countNumbers(program.producerCounts)), all(ofProducer + program.consumerCounts.size()) {
    for (size_t place = groups; place < ofProducer; ++place)
      flags.push_back(place);
    for (size_t place = ofProducer + countNumbers(program.consumerCounts); place < all.size(); ++place)
      flags.push_back(place);
  }
  void set(size_t group, int64_t value) { all[group] = all[ofProducer + group] = value; }
  /// Calls `act` with every choice of flags.
  bool forFlags(llvm::function_ref<bool()> act) {
    for (size_t choice = 0; choice < size_t(1) << flags.size(); ++choice) {
      for (auto [bit, place] : llvm::enumerate(flags))
        all[place] = choice >> bit & 1;
      if (!act())
        return false;
    }
    return true;
  }

  size_t ofProducer, groups;
  SmallVector<size_t, 2> flags;
  SmallVector<int64_t> all;
};
} // namespace

/// The count by which the names are those of the count 0 again.
static int64_t periodOf(const Program &program, size_t group, ArrayRef<SmallVector<int64_t, 2>> bounds, TracesOf tracesOf) {
  for (int64_t period = 1; period < program.period; ++period) {
    Search search(program);
    Counts zero(program), counts(program);
    bool same = program.period % period == 0 && counts.forFlags([&] {
      counts.set(group, 0);
      zero.all = counts.all;
      counts.set(group, period);
      return llvm::all_of(bounds, [&](ArrayRef<int64_t> each) { return search.compare(tracesOf(each, zero.all), tracesOf(each, counts.all)); });
    });
    if (same && search.isIdentity())
      return period;
  }
  return program.period;
}

std::optional<std::vector<Rotation>> findRotations(const Program &program, ArrayRef<SmallVector<int64_t, 2>> bounds, TracesOf tracesOf) {
  constexpr int64_t most = 64; // combinations of counts that are compared
  Counts counts(program);
  size_t groups = counts.groups;
  if (groups == 0 || groups != countNumbers(program.consumerCounts) || program.blocks > 1 || counts.flags.size() > 2)
    return std::nullopt;
  SmallVector<int64_t> periods;
  int64_t combinations = 1;
  for (size_t group = 0; group < groups && combinations <= most; ++group)
    combinations *= periods.emplace_back(periodOf(program, group, bounds, tracesOf));
  if (combinations > most)
    return std::nullopt;
  std::vector<Search> searches(groups, Search(program));
  /// Whether one more of a count gives the same program by other names, and leaves one more.
  auto rotates = [&](size_t group, ArrayRef<int64_t> bounds, ArrayRef<int64_t> less, ArrayRef<int64_t> more) {
    const Traces &from = tracesOf(bounds, less), &to = tracesOf(bounds, more);
    if (from.refusal || to.refusal || !searches[group].compare(from, to))
      return false;
    for (size_t role : {size_t(0), counts.ofProducer})
      for (size_t i = 0; i < groups; ++i)
        if ((from.counts[role + i] + (i == group) - to.counts[role + i]) % periods[i] != 0)
          return false;
    return llvm::all_of(counts.flags, [&](size_t flag) { return from.counts[flag] == to.counts[flag]; });
  };
  for (int64_t combination = 0; combination < combinations; ++combination) {
    Counts more(program);
    auto set = [&](Counts &to) {
      for (int64_t group = 0, rest = combination; group < int64_t(groups); rest /= periods[group++])
        to.set(group, rest % periods[group]);
    };
    set(counts);
    bool all = counts.forFlags([&] {
      for (size_t group = 0; group < groups; ++group) {
        more.all = counts.all;
        more.set(group, (counts.all[group] + 1) % periods[group]);
        if (!llvm::all_of(bounds, [&](ArrayRef<int64_t> each) { return rotates(group, each, counts.all, more.all); }))
          return false;
      }
      return true;
    });
    if (!all)
      return std::nullopt;
  }
  std::vector<Rotation> rotations;
  for (auto [search, period] : llvm::zip(searches, periods)) {
    std::optional<Renaming> back = search.inverse();
    if (!back)
      return std::nullopt;
    rotations.push_back({std::move(*back), period});
  }
  return rotations;
}

} // namespace attn::analysis
