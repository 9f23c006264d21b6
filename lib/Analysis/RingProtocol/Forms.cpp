// How index values depend on loop counters; see Forms.h.
#include "Forms.h"

#include "mlir/IR/Matchers.h"

#include <cstdlib>
#include <numeric>

using namespace mlir;
using ::attn::analysis::Form;
using ::attn::analysis::Forms;

static Form constantForm(int64_t value) {
  Form form;
  form.kind = Form::Linear;
  form.constant = value;
  return form;
}

static Form periodicForm(int64_t period) {
  Form form;
  form.kind = Form::Periodic;
  form.period = period;
  return form;
}

Form Forms::variable(Value value) {
  Form form;
  form.kind = Form::Linear;
  form.terms[value.getAsOpaquePointer()] = 1;
  return form;
}

void Forms::include(int64_t otherPeriod) { commonPeriod = std::lcm(commonPeriod, otherPeriod); }

Form Forms::get(Value value) {
  auto found = known.find(value);
  if (found != known.end())
    return found->second;
  known[value] = Form(); // ends the recursion of a value that is carried around a loop
  Form form = compute(value);
  if (form.kind == Form::Periodic)
    include(form.period);
  return known[value] = std::move(form);
}

Form Forms::computeArgument(BlockArgument argument) {
  auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
  if (!loop)
    return {};
  return argument == loop.getInductionVar() ? variable(argument) : computeCarried(loop, argument.getArgNumber() - 1);
}

/// A value that grows by a constant each time around a loop by 1 is linear in the loop's counter.
Form Forms::computeCarried(scf::ForOp loop, unsigned index) {
  Value argument = loop.getRegionIterArg(index), next = loop.getYieldedValues()[index];
  IntegerAttr growth;
  auto add = next.getDefiningOp<arith::AddIOp>();
  if (!add || add.getLhs() != argument || !matchPattern(add.getRhs(), m_Constant(&growth)) ||
      getConstantIntValue(loop.getStep()) != 1)
    return {};
  Form rounds = computeSum(variable(loop.getInductionVar()), get(loop.getLowerBound()), -1);
  return computeSum(get(loop.getInitArgs()[index]), computeScaled(rounds, constantForm(growth.getInt())), 1);
}

Form Forms::computeSum(const Form &left, const Form &right, int64_t sign) {
  if (left.kind != Form::Linear || right.kind != Form::Linear)
    return left.isPeriodic() && right.isPeriodic() ? periodicForm(std::lcm(left.period, right.period)) : Form();
  Form sum = left;
  sum.constant += sign * right.constant;
  for (auto [value, factor] : right.terms)
    if ((sum.terms[value] += sign * factor) == 0)
      sum.terms.erase(value);
  return sum;
}

Form Forms::computeScaled(const Form &left, const Form &right) {
  if (left.isPeriodic() && right.isPeriodic() && !(left.isConstant() && right.isConstant()))
    return periodicForm(std::lcm(left.period, right.period));
  const Form &factor = left.isConstant() ? left : right;
  Form product = left.isConstant() ? right : left;
  if (product.kind != Form::Linear || !factor.isConstant())
    return {};
  product.constant *= factor.constant;
  for (auto &[value, coefficient] : product.terms)
    coefficient *= factor.constant;
  return product;
}

Form Forms::computeQuotient(const Form &left, int64_t divisor) {
  if (left.isPeriodic())
    return periodicForm(left.period);
  if (left.kind != Form::Linear && left.kind != Form::Stair)
    return {};
  Form stair = left;
  stair.kind = Form::Stair;
  stair.period = (left.kind == Form::Stair ? left.period : 1) * divisor;
  return stair;
}

Form Forms::computeRemainder(const Form &left, int64_t divisor) {
  if (left.isPeriodic())
    return periodicForm(left.period);
  if (left.kind == Form::Linear)
    return periodicForm(divisor);
  return left.kind == Form::Stair ? periodicForm(left.period * divisor) : Form();
}

/// How far from an end of its range a comparison of `value` changes, if it is a counter's with a constant.
static int64_t distanceFromEnd(Value value, int64_t constant, int64_t factor) {
  auto argument = dyn_cast<BlockArgument>(value);
  auto loop = argument ? dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp()) : scf::ForOp();
  std::optional<int64_t> end = loop ? getConstantIntValue(loop.getUpperBound()) : std::nullopt;
  int64_t fromStart = std::abs(constant);
  return end ? std::min(fromStart, std::abs(*end + factor * constant)) : fromStart;
}

/// A counter less its own loop's bound, or one value less a constant, changes sign near an end only.
Form Forms::computeComparison(const Form &left, const Form &right) {
  if (left.isPeriodic() && right.isPeriodic())
    return periodicForm(std::lcm(left.period, right.period));
  Form difference = computeSum(left, right, -1);
  if (left.kind != Form::Linear || right.kind != Form::Linear || difference.terms.empty() || difference.terms.size() > 2 ||
      hasCarriedCount(difference))
    return {};
  SmallVector<Value, 2> values;
  int64_t sum = 0;
  for (auto [value, factor] : difference.terms) {
    values.push_back(Value::getFromOpaquePointer(value));
    sum += factor;
    if (std::abs(factor) != 1)
      return {};
  }
  int64_t distance = std::abs(difference.constant);
  if (values.size() == 1)
    distance = distanceFromEnd(values[0], difference.constant, sum);
  else if (sum != 0 || (!isCounterBelow(values[0], values[1]) && !isCounterBelow(values[1], values[0])))
    return {};
  farthest = std::max(farthest, distance);
  Form edge;
  edge.kind = Form::Edge;
  return edge;
}

bool Forms::isCounterBelow(Value counter, Value bound) {
  auto argument = dyn_cast<BlockArgument>(counter);
  auto loop = argument ? dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp()) : scf::ForOp();
  return loop && argument == loop.getInductionVar() &&
         get(loop.getUpperBound()).terms.count(bound.getAsOpaquePointer());
}

Form Forms::compute(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return computeArgument(argument);
  IntegerAttr constant;
  if (matchPattern(value, m_Constant(&constant)))
    return constantForm(value.getType().isInteger(1) ? constant.getValue().getZExtValue() : constant.getInt());
  return combine(value.getDefiningOp());
}

Form Forms::combine(Operation *op) {
  if (op->getNumRegions() != 0 || !isa<arith::ArithDialect>(op->getDialect()) || op->getNumOperands() == 0)
    return {};
  SmallVector<Form, 3> of;
  for (Value operand : op->getOperands())
    of.push_back(get(operand));
  bool positive = of.size() == 2 && of[1].isConstant() && of[1].constant > 0;
  if (isa<arith::AddIOp>(op))
    return computeSum(of[0], of[1], 1);
  if (isa<arith::SubIOp>(op))
    return computeSum(of[0], of[1], -1);
  if (isa<arith::MulIOp>(op))
    return computeScaled(of[0], of[1]);
  if (isa<arith::DivUIOp, arith::DivSIOp>(op))
    return positive ? computeQuotient(of[0], of[1].constant) : Form();
  if (isa<arith::ShRUIOp, arith::ShRSIOp>(op))
    return positive && of[1].constant < 32 ? computeQuotient(of[0], int64_t(1) << of[1].constant) : Form();
  if (isa<arith::RemUIOp, arith::RemSIOp>(op))
    return positive ? computeRemainder(of[0], of[1].constant) : Form();
  bool mask = positive && llvm::isPowerOf2_64(of[1].constant + 1);
  if (isa<arith::AndIOp>(op) && mask && !of[0].isCondition())
    return computeRemainder(of[0], of[1].constant + 1);
  if (isa<arith::CmpIOp>(op))
    return computeComparison(of[0], of[1]);
  if (isa<arith::IndexCastOp, arith::ExtUIOp>(op))
    return of[0];
  if (!isa<arith::AndIOp, arith::OrIOp, arith::XOrIOp, arith::SelectOp, arith::MinSIOp, arith::MaxSIOp>(op))
    return {};
  if (!llvm::all_of(of, [](const Form &form) { return form.isCondition(); }))
    return {};
  int64_t period = 1;
  bool edge = false;
  for (const Form &form : of) {
    edge |= form.kind == Form::Edge;
    period = std::lcm(period, form.isConstant() ? 1 : form.period);
  }
  Form result = periodicForm(period);
  // A number chosen by an edge is not periodic; a condition made of edges is an edge.
  if (edge)
    result.kind = op->getResult(0).getType().isInteger(1) ? Form::Edge : Form::Other;
  return result;
}
