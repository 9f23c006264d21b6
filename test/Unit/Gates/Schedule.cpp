// Both schedules are flat lists in program order, loops and branches included once: the assembler lays a kernel's blocks
// out in that order too, and where it did not, the comparison would say so.
#include "Schedule.h"

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace attn::gates {

static void addExponentials(Schedule &schedule, int64_t count) {
  if (!schedule.empty() && schedule.back().kind == Event::Exponentials)
    schedule.back().value += count;
  else
    schedule.push_back({Event::Exponentials, count, 0});
}

static Event eventOf(tile::IssueMmaOp issue) {
  auto right = cast<tile::SharedType>(issue.getB().getType());
  int64_t depth = issue.getTransposeB() ? right.getColumns() : right.getRows();
  bool shared = isa<tile::SharedType>(issue.getA().getType());
  return {shared ? Event::FromShared : Event::FromRegisters,
          cast<tile::PendingType>(issue.getType()).getTile().getDimSize(1), (depth + 15) / 16};
}

Schedule scheduleOf(ModuleOp module) {
  Schedule schedule;
  SmallVector<Value> inFlight;
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto issue = dyn_cast<tile::IssueMmaOp>(op)) {
      schedule.push_back(eventOf(issue));
      inFlight.push_back(issue.getResult());
    } else if (auto await = dyn_cast<tile::AwaitOp>(op)) {
      auto *place = llvm::find(inFlight, await.getPending());
      schedule.push_back({Event::Wait, inFlight.end() - place - 1, 0});
      inFlight.erase(inFlight.begin(), place + 1);
    } else if (auto exp = dyn_cast<math::Exp2Op>(op)) {
      auto type = cast<RankedTensorType>(exp.getType());
      addExponentials(schedule, type.getRank() == 2 ? type.getDimSize(1) / 2 : 2);
    }
  });
  return schedule;
}

Schedule scheduleOf(const emit::CubinKernel &kernel) {
  Schedule schedule;
  auto product = [&](Event::Kind kind, int64_t n, bool first) {
    if (!first && !schedule.empty() && schedule.back().kind == kind && schedule.back().value == n)
      ++schedule.back().steps;
    else
      schedule.push_back({kind, n, 1});
  };
  bool first = true; // a fence stands before each product; the steps of one follow each other without
  for (const emit::SassInstruction &instruction : kernel.instructions) {
    switch (instruction.kind) {
    case emit::SassKind::ProductFromShared:
      product(Event::FromShared, instruction.value, first);
      break;
    case emit::SassKind::ProductFromRegisters:
      product(Event::FromRegisters, instruction.value, first);
      break;
    case emit::SassKind::WarpgroupWait:
      schedule.push_back({Event::Wait, instruction.value, 0});
      continue;
    case emit::SassKind::WarpgroupArrive:
      first = true;
      continue;
    case emit::SassKind::Exp2:
      addExponentials(schedule, 1);
      continue;
    default:
      continue;
    }
    first = false;
  }
  return schedule;
}

static std::string toString(const Event &event) {
  switch (event.kind) {
  case Event::FromShared:
    return "SS " + std::to_string(event.value) + " x" + std::to_string(event.steps);
  case Event::FromRegisters:
    return "RS " + std::to_string(event.value) + " x" + std::to_string(event.steps);
  case Event::Wait:
    return "wait " + std::to_string(event.value);
  case Event::Exponentials:
    return "exp " + std::to_string(event.value);
  }
  return "";
}

std::string toString(const Schedule &schedule) {
  std::string text;
  for (const Event &event : schedule)
    text += (text.empty() ? "" : ", ") + toString(event);
  return text;
}

/// Splits a schedule into its products and waits, and the exponentials in front of each (and behind the last).
static std::pair<Schedule, std::vector<int64_t>> separate(const Schedule &schedule) {
  Schedule points;
  std::vector<int64_t> exponentials(1, 0);
  for (const Event &event : schedule) {
    if (event.kind == Event::Exponentials) {
      exponentials.back() += event.value;
      continue;
    }
    points.push_back(event);
    exponentials.push_back(0);
  }
  return {points, exponentials};
}

std::string compare(const Schedule &expected, const Schedule &found) {
  auto [expectedPoints, expectedExponentials] = separate(expected);
  auto [foundPoints, foundExponentials] = separate(found);
  std::string texts = "\n  scheduled: " + toString(expected) + "\n  found:     " + toString(found);
  auto same = [](const Event &left, const Event &right) {
    return left.kind == right.kind && left.value == right.value && left.steps == right.steps;
  };
  if (!std::equal(expectedPoints.begin(), expectedPoints.end(), foundPoints.begin(), foundPoints.end(), same))
    return "products and waits are not in the scheduled order" + texts;
  for (size_t i = 0; i != expectedExponentials.size(); ++i)
    if (4 * foundExponentials[i] < 3 * expectedExponentials[i])
      return "exponentials have left their place between products and waits" + texts;
  return "";
}

} // namespace attn::gates
