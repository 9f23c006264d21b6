// Interprets the abstract program of each role for given loop bounds and lists its events. Roles never read a barrier to
// decide where to go, so each list is the same in every interleaving.
#include "Program.h"

using namespace mlir;
using namespace ::attn::analysis;

/// The value of an unsigned operation on a negative number; a barrier or a branch that reads it is out of range.
static constexpr int64_t poison = std::numeric_limits<int64_t>::min();

static bool isUnsigned(arith::CmpIPredicate predicate) {
  return predicate == arith::CmpIPredicate::ult || predicate == arith::CmpIPredicate::ule ||
         predicate == arith::CmpIPredicate::ugt || predicate == arith::CmpIPredicate::uge;
}

static bool compare(arith::CmpIPredicate predicate, int64_t a, int64_t b) {
  switch (predicate) {
  case arith::CmpIPredicate::eq: return a == b;
  case arith::CmpIPredicate::ne: return a != b;
  case arith::CmpIPredicate::slt: case arith::CmpIPredicate::ult: return a < b;
  case arith::CmpIPredicate::sle: case arith::CmpIPredicate::ule: return a <= b;
  case arith::CmpIPredicate::sgt: case arith::CmpIPredicate::ugt: return a > b;
  case arith::CmpIPredicate::sge: case arith::CmpIPredicate::uge: return a >= b;
  }
  return false;
}

static int64_t evaluate(const Node &node, ArrayRef<int64_t> values) {
  auto operand = [&](int i) { return node.operands[i] < 0 ? 0 : values[node.operands[i]]; };
  int64_t a = operand(0), b = operand(1);
  if (node.code != Code::Constant && (a == poison || b == poison))
    return poison;
  switch (node.code) {
  case Code::Constant: return node.constant;
  case Code::Add: return a + b;
  case Code::Sub: return a - b;
  case Code::Mul: return a * b;
  case Code::Div: return a < 0 ? poison : a / b;
  case Code::Rem: return a < 0 ? poison : a % b;
  case Code::And: return a & b;
  case Code::Or: return a | b;
  case Code::Xor: return a ^ b;
  case Code::ShiftRight: return a < 0 ? poison : a >> b;
  case Code::Min: return std::min(a, b);
  case Code::Max: return std::max(a, b);
  case Code::Select: return a ? b : operand(2);
  case Code::Compare: return isUnsigned(node.predicate) && (a < 0 || b < 0) ? poison : compare(node.predicate, a, b);
  case Code::Same: return a;
  }
  return poison;
}

namespace {
class Unroller {
public:
  Unroller(const Program &program, ArrayRef<int64_t> values) : program(program), values(values) {}

  Trace run(const std::vector<Node> &nodes) {
    visit(nodes);
    return std::move(trace);
  }
  std::vector<int64_t> &environment() { return values; }
  std::optional<ProtocolRefusal> refusal;

private:
  void visit(const std::vector<Node> &nodes);
  void visitLoop(const Node &loop);
  void visitBranch(const Node &node);
  void visitEvent(const Node &node);
  /// The number of a slot or barrier, -1 where there is none.
  int resolve(const Place &place, const Node &node, StringRef what);

  const Program &program;
  std::vector<int64_t> values;
  Trace trace;
  int products = 0;
};
} // namespace

int Unroller::resolve(const Place &place, const Node &node, StringRef what) {
  if (place.index < 0)
    return -1;
  int64_t index = values[place.index];
  if (index >= 0 && index < place.count)
    return place.base + index;
  std::string found = index == poison ? "one that follows from a negative count" : std::to_string(index);
  if (!refusal)
    refusal = {ProtocolFault::OutOfRange, node.op,
               ("names a " + what + " from 0 to " + Twine(place.count - 1) + ", got " + found).str(), {}};
  return -1;
}

void Unroller::visitEvent(const Node &node) {
  Event event(node.act, node.op);
  event.everywhere = node.everywhere;
  event.barrier = resolve(node.barrier, node, "barrier");
  for (auto [i, slot] : llvm::enumerate(node.slots))
    event.slots[i] = resolve(slot, node, "slot");
  if (node.act == Act::Wait) {
    event.parity = values[node.operands[0]];
    if (event.parity != 0 && event.parity != 1 && !refusal)
      refusal = {ProtocolFault::OutOfRange, node.op, "expects a parity of 0 or 1, got " + std::to_string(event.parity), {}};
  } else if (node.act == Act::Issue) {
    event.product = values[node.result] = products++;
  } else if (node.act == Act::Await) {
    event.product = values[node.operands[0]];
  }
  trace.push_back(event);
}

void Unroller::visitLoop(const Node &loop) {
  int64_t upper = values[loop.operands[1]], whole = values[loop.whole], window = windowOf(program), skipAt = program.period + window;
  SmallVector<int64_t, 2> growth(loop.carried.size(), 0);
  for (const Node::Carried &carried : loop.carried)
    values[carried.argument] = values[carried.init];
  for (int64_t i = values[loop.operands[0]]; i < upper && !refusal; ++i) {
    // Far from both ends all periods are alike: whole ones are left out, of all roles the same.
    if (i == skipAt && whole - window > i) {
      int64_t skipped = (whole - window - i) / program.period * program.period;
      i += skipped;
      for (auto [carried, each] : llvm::zip(loop.carried, growth))
        values[carried.argument] += each * skipped;
    }
    values[loop.result] = i;
    visit(loop.body);
    for (auto [carried, each] : llvm::zip(loop.carried, growth))
      each = values[carried.next] - values[carried.argument];
    for (auto [carried, each] : llvm::zip(loop.carried, growth))
      values[carried.argument] += each;
  }
}

void Unroller::visitBranch(const Node &node) {
  int64_t condition = values[node.operands[0]];
  if (condition == poison)
    refusal = {ProtocolFault::OutOfRange, node.op, "compares a negative count as if it had no sign", {}};
  else
    visit(condition ? node.body : node.orElse);
}

void Unroller::visit(const std::vector<Node> &nodes) {
  for (const Node &node : nodes) {
    if (refusal)
      return;
    if (node.act == Act::Compute)
      values[node.result] = evaluate(node, values);
    else if (node.act == Act::Loop)
      visitLoop(node);
    else if (node.act == Act::Branch)
      visitBranch(node);
    else
      visitEvent(node);
  }
}

namespace attn::analysis {
int64_t windowOf(const Program &program) {
  int64_t longest = 1;
  for (const Program::Ring &ring : program.rings)
    longest = std::max<int64_t>(longest, ring.count);
  return longest + program.reach + 2;
}

SmallVector<int64_t> firstCounts(const Program &program) {
  SmallVector<int64_t> counts;
  for (const auto *of : {&program.producerCounts, &program.consumerCounts})
    for (const Program::Count &count : *of)
      counts.push_back(count.init);
  return counts;
}

/// The end of a role, in the environment of its last program, or of none.
static Trace unrollEnd(const Program &program, const std::vector<Node> &nodes, ArrayRef<Program::Count> carried,
                       ArrayRef<int64_t> counts, std::vector<int64_t> values, std::optional<ProtocolRefusal> &refusal) {
  Unroller end(program, values);
  for (auto [count, value] : llvm::zip(carried, counts))
    if (count.result >= 0)
      end.environment()[count.result] = value;
  Trace trace = end.run(nodes);
  if (!refusal)
    refusal = end.refusal;
  return trace;
}

Traces unroll(const Program &program, ArrayRef<int64_t> bounds, ArrayRef<int64_t> counts) {
  Traces traces;
  auto runRole = [&](const std::vector<Node> &nodes, const std::vector<Node> &end, const std::vector<Program::Count> &carried,
                     ArrayRef<int64_t> before, int consumer, Trace &atEnd, SmallVectorImpl<int64_t> &after) {
    std::vector<int64_t> values(program.values, 0);
    ArrayRef<int64_t> rest = bounds;
    for (const Parameter &parameter : program.parameters) {
      for (ValueId id : parameter.ids)
        values[id] = rest[parameter.own ? consumer : 0];
      rest = rest.drop_front(program.valuesOf(parameter));
    }
    Unroller prelude(program, values);
    prelude.run(program.prelude);
    Unroller role(program, prelude.environment());
    for (auto [count, value] : llvm::zip(carried, before))
      role.environment()[count.argument] = value;
    Trace trace = role.run(nodes);
    if (!traces.refusal)
      traces.refusal = role.refusal;
    size_t first = after.size();
    for (const Program::Count &count : carried) {
      int64_t next = role.environment()[count.next];
      if (next < 0 && !traces.refusal)
        traces.refusal = {ProtocolFault::OutOfRange, count.loop, "carries a negative count to the next program", {}};
      after.push_back(next < 0 ? 0 : next % program.period);
    }
    atEnd = unrollEnd(program, end, carried, ArrayRef(after).drop_front(first), role.environment(), traces.refusal);
    return trace;
  };
  size_t ofProducer = program.producerCounts.size();
  traces.producer = runRole(program.producer, program.producerEnd, program.producerCounts, counts.take_front(ofProducer), 0,
                            traces.end.producer, traces.counts);
  bool alike = llvm::none_of(program.parameters, [](const Parameter &parameter) { return parameter.own.has_value(); });
  SmallVector<int64_t> first;
  for (int consumer = 0; consumer < (alike ? 1 : program.consumers); ++consumer) {
    SmallVector<int64_t> next;
    Trace &end = traces.end.consumers.emplace_back();
    traces.consumers.push_back(runRole(program.consumer, program.consumerEnd, program.consumerCounts, counts.drop_front(ofProducer),
                                       consumer, end, next));
    if (consumer == 0)
      first = next;
    else if (next != first && !traces.refusal)
      traces.refusal = {ProtocolFault::NotUnderstood, program.consumerCounts.front().loop,
                        "carries counts to the next program in which warpgroups differ", {}};
  }
  llvm::append_range(traces.counts, first);
  return traces;
}

Traces unrollNone(const Program &program) {
  Traces none;
  none.counts = firstCounts(program);
  size_t ofProducer = program.producerCounts.size();
  Unroller prelude(program, std::vector<int64_t>(program.values, 0));
  prelude.run(program.prelude);
  ArrayRef<int64_t> counts = none.counts;
  none.end.producer = unrollEnd(program, program.producerEnd, program.producerCounts, counts.take_front(ofProducer),
                                prelude.environment(), none.refusal);
  none.end.consumers.push_back(unrollEnd(program, program.consumerEnd, program.consumerCounts, counts.drop_front(ofProducer),
                                         prelude.environment(), none.refusal));
  return none;
}
} // namespace attn::analysis
