// Reads formulas from arith operations. Integer arithmetic is taken as that of whole numbers: a region that overflows
// has no specified result.
#include "Formula.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace attn::analysis;
using namespace mlir;

static Formula make(FormulaNode node) { return std::make_shared<const FormulaNode>(std::move(node)); }
static Formula constant(bool value) {
  Formula yes = make({FormulaNode::True, {}, nullptr, nullptr});
  return value ? yes : make({FormulaNode::Not, {}, yes, nullptr});
}
static Formula negate(Formula f) { return make({FormulaNode::Not, {}, std::move(f), nullptr}); }
static Formula conjoin(Formula l, Formula r) { return make({FormulaNode::And, {}, std::move(l), std::move(r)}); }
static Formula disjoin(Formula l, Formula r) { return negate(conjoin(negate(std::move(l)), negate(std::move(r)))); }
static Formula atMostZero(Term term) { return make({FormulaNode::AtMostZero, std::move(term), nullptr, nullptr}); }
static Formula select(const Formula &condition, const Formula &yes, const Formula &no) {
  return disjoin(conjoin(condition, yes), conjoin(negate(condition), no));
}

static std::optional<int64_t> getConstant(Value value) {
  APInt result;
  if (!matchPattern(value, m_ConstantInt(&result)) || result.getSignificantBits() > 40)
    return std::nullopt;
  return result.getSExtValue();
}

/// Factors beyond this could overflow when terms are combined.
static bool isSmall(const Term &term) {
  constexpr int64_t kLimit = int64_t(1) << 40;
  return std::abs(term.constant) < kLimit && llvm::all_of(term.factors, [](const auto &part) {
           return std::abs(part.second) < (int64_t(1) << 31);
         });
}

Formula FormulaReader::unknown(const std::string &why) {
  if (reason.empty())
    reason = why;
  return make({FormulaNode::Unknown, {}, nullptr, nullptr});
}

Formula FormulaReader::read(Block &block) {
  region = &block;
  return readFormula(block.getTerminator()->getOperand(0));
}

/// Whether computing it beside a tile could fault: a region may divide by 0, and what it yields then is unspecified.
static bool mayTrap(Operation *op) {
  if (!isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp, arith::FloorDivSIOp, arith::CeilDivSIOp,
           arith::CeilDivUIOp>(op))
    return false;
  std::optional<int64_t> divisor = getConstant(op->getOperand(1));
  return !divisor || *divisor <= 0;
}

bool FormulaReader::isUniform(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return argument.getOwner() != region || (argument.getArgNumber() != 2 && argument.getArgNumber() != 3);
  auto [it, isNew] = uniform.try_emplace(value, false);
  if (!isNew)
    return it->second;
  Operation *op = value.getDefiningOp();
  bool result = op->getBlock() != region || (op->getNumRegions() == 0 && !mayTrap(op) &&
                                             llvm::all_of(op->getOperands(), [&](Value operand) { return isUniform(operand); }));
  return uniform[value] = result;
}

bool FormulaReader::isNonNegativeSymbol(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && argument.getOwner() == region && argument.getArgNumber() < 2;
}

Formula FormulaReader::readFormula(Value value) {
  if (auto it = formulas.find(value); it != formulas.end())
    return it->second;
  Operation *op = value.getDefiningOp();
  Formula formula = op && op->getBlock() == region ? readOperation(op) : nullptr;
  if (!formula && isUniform(value)) // true is 1 as a symbol, so 1 - symbol <= 0
    formula = atMostZero(Term(1) - terms.symbol(value, /*nonNegative=*/true));
  if (!formula)
    formula = unknown("the result of " + op->getName().getStringRef().str() + " depends on the pair in no form known here");
  return formulas[value] = formula;
}

Formula FormulaReader::readOperation(Operation *op) {
  auto read = [&](unsigned operand) { return readFormula(op->getOperand(operand)); };
  return llvm::TypeSwitch<Operation *, Formula>(op)
      .Case([&](arith::ConstantOp) { return constant(*getConstant(op->getResult(0)) != 0); })
      .Case([&](arith::AndIOp) { return conjoin(read(0), read(1)); })
      .Case([&](arith::OrIOp) { return disjoin(read(0), read(1)); })
      .Case([&](arith::XOrIOp) { return select(read(0), negate(read(1)), read(1)); })
      .Case([&](arith::SelectOp) { return select(read(0), read(1), read(2)); })
      .Case([&](arith::CmpIOp) { return compare(op); })
      .Default([](Operation *) { return nullptr; });
}

Formula FormulaReader::compare(Operation *op) {
  auto cmp = cast<arith::CmpIOp>(op);
  using P = arith::CmpIPredicate;
  P predicate = cmp.getPredicate();
  if (cmp.getLhs().getType().isInteger(1)) {
    if (predicate != P::eq && predicate != P::ne)
      return nullptr;
    Formula left = readFormula(cmp.getLhs()), right = readFormula(cmp.getRhs());
    return predicate == P::eq ? select(left, right, negate(right)) : select(left, negate(right), right);
  }
  std::optional<Term> left = readTerm(cmp.getLhs()), right = readTerm(cmp.getRhs());
  if (!left || !right || !isSmall(*left) || !isSmall(*right))
    return nullptr;
  bool isUnsigned = predicate == P::ult || predicate == P::ule || predicate == P::ugt || predicate == P::uge;
  if (isUnsigned && (!terms.isNonNegative(*left) || !terms.isNonNegative(*right)))
    return nullptr;
  Term difference = *left - *right;
  Formula atMost = atMostZero(difference), atLeast = atMostZero(-1 * difference);
  switch (predicate) {
  case P::eq:
    return conjoin(atMost, atLeast);
  case P::ne:
    return negate(conjoin(atMost, atLeast));
  case P::sle:
  case P::ule:
    return atMost;
  case P::slt:
  case P::ult:
    return negate(atLeast);
  case P::sge:
  case P::uge:
    return atLeast;
  case P::sgt:
  case P::ugt:
    return negate(atMost);
  }
  return nullptr;
}

std::optional<Term> FormulaReader::readTerm(Value value) {
  if (auto it = values.find(value); it != values.end())
    return it->second;
  std::optional<Term> term;
  auto argument = dyn_cast<BlockArgument>(value);
  if (std::optional<int64_t> number = getConstant(value))
    term = Term(*number);
  else if (argument && !isUniform(value))
    term = terms.index(argument.getArgNumber() == 2 ? TermTable::kQuery : TermTable::kKey);
  else if (Operation *op = value.getDefiningOp(); op && op->getBlock() == region)
    term = isUniform(value) ? readUniform(op) : readTermOperation(op);
  if (term && !isSmall(*term))
    term.reset();
  if (!term && isUniform(value) && value.getType().isSignlessIntOrIndex())
    term = terms.symbol(value, isNonNegativeSymbol(value));
  return values[value] = term;
}

/// What is the same for all pairs of a tile is not taken apart into cases: a length that is clamped to its extent is a number
/// as good as any.
std::optional<Term> FormulaReader::readUniform(Operation *op) {
  if (!isa<arith::MinSIOp, arith::MaxSIOp, arith::MinUIOp, arith::MaxUIOp, arith::SelectOp>(op) ||
      !op->getResult(0).getType().isSignlessIntOrIndex())
    return readTermOperation(op);
  auto isNonNegative = [&](Value value) {
    std::optional<Term> term = readTerm(value);
    return term && terms.isNonNegative(*term);
  };
  OperandRange operands = isa<arith::SelectOp>(op) ? op->getOperands().drop_front() : op->getOperands();
  bool atLeastZero = isa<arith::MaxSIOp>(op) ? llvm::any_of(operands, isNonNegative) : llvm::all_of(operands, isNonNegative);
  return terms.symbol(op->getResult(0), atLeastZero);
}

Term FormulaReader::choose(Choice choice) {
  choices.push_back(std::move(choice));
  return terms.choice(choices.size() - 1);
}

std::optional<Term> FormulaReader::divide(const Term &term, int64_t divisor, bool isSigned) {
  if (divisor <= 0)
    return std::nullopt;
  Term floor = terms.quotient(term, divisor);
  if (terms.isNonNegative(term))
    return floor;
  if (!isSigned)
    return std::nullopt;
  Term negative = -1 * terms.quotient(-1 * term, divisor); // towards zero
  return choose({atMostZero(-1 * term), floor, negative, Choice::Select});
}

/// Conversions between integers keep the value where it fits: pairs and extents need 31 bits.
std::optional<Term> FormulaReader::readConversion(Operation *op) {
  Value source = op->getOperand(0);
  if (source.getType().isInteger(1)) {
    if (!isa<arith::ExtUIOp>(op))
      return std::nullopt;
    return choose({readFormula(source), Term(1), Term(0), Choice::Select});
  }
  std::optional<Term> term = readTerm(source);
  Type type = op->getResult(0).getType();
  if (!term || (!type.isIndex() && type.getIntOrFloatBitWidth() < 32))
    return std::nullopt;
  bool isUnsigned = isa<arith::IndexCastUIOp, arith::ExtUIOp>(op);
  return isUnsigned && !terms.isNonNegative(*term) ? std::nullopt : term;
}

/// An element of a sorted buffer whose place changes with the pair along the last axis alone.
std::optional<Term> FormulaReader::readElement(Operation *op) {
  auto buffer = dyn_cast<BlockArgument>(op->getOperand(0));
  if (!buffer || buffer.getArgNumber() < 4 || !llvm::is_contained(sorted, buffer.getArgNumber() - 4))
    return std::nullopt;
  OperandRange between = op->getOperands().drop_front().drop_back();
  std::vector<Value> leading(between.begin(), between.end());
  Value last = op->getOperands().back();
  if (isUniform(last) || !llvm::all_of(leading, [&](Value index) { return isUniform(index); }))
    return std::nullopt;
  std::optional<Term> index = readTerm(last);
  return index ? std::optional(terms.element(buffer, std::move(leading), *index)) : std::nullopt;
}

std::optional<Term> FormulaReader::readTermOperation(Operation *op) {
  if (isa<memref::LoadOp, tensor::ExtractOp>(op))
    return readElement(op);
  SmallVector<std::optional<Term>> operand;
  for (Value value : op->getOperands())
    operand.push_back(value.getType().isInteger(1) ? std::nullopt : readTerm(value));
  auto have = [&](unsigned n) { return n < operand.size() && operand[n] && isSmall(*operand[n]); };
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp>(op))
    return readConversion(op);
  if (isa<arith::SelectOp>(op))
    return have(1) && have(2) ? std::optional(choose({readFormula(op->getOperand(0)), *operand[1], *operand[2], Choice::Select}))
                              : std::nullopt;
  if (!have(0) || !have(1))
    return std::nullopt;
  const Term &left = *operand[0], &right = *operand[1];
  bool byNumber = right.isConstant() && right.constant > 0;
  bool bothNonNegative = terms.isNonNegative(left) && terms.isNonNegative(right);
  auto remainder = [&](std::optional<Term> quotient) -> std::optional<Term> {
    return quotient ? std::optional(left - right.constant * *quotient) : std::nullopt;
  };
  return llvm::TypeSwitch<Operation *, std::optional<Term>>(op)
      .Case([&](arith::AddIOp) { return left + right; })
      .Case([&](arith::SubIOp) { return left - right; })
      .Case([&](arith::MulIOp) -> std::optional<Term> {
        if (right.isConstant())
          return right.constant * left;
        return left.isConstant() ? std::optional(left.constant * right) : std::nullopt;
      })
      .Case<arith::MinSIOp, arith::MaxSIOp, arith::MinUIOp, arith::MaxUIOp>([&](Operation *) -> std::optional<Term> {
        if (isa<arith::MinUIOp, arith::MaxUIOp>(op) && !bothNonNegative)
          return std::nullopt;
        bool minimum = isa<arith::MinSIOp, arith::MinUIOp>(op);
        return choose({atMostZero(left - right), minimum ? left : right, minimum ? right : left,
                       minimum ? Choice::Minimum : Choice::Maximum});
      })
      .Case([&](arith::FloorDivSIOp) { return byNumber ? std::optional(terms.quotient(left, right.constant)) : std::nullopt; })
      .Case([&](arith::CeilDivSIOp) {
        return byNumber ? std::optional(terms.quotient(left + (right.constant - 1), right.constant)) : std::nullopt;
      })
      .Case([&](arith::DivSIOp) { return byNumber ? divide(left, right.constant, true) : std::nullopt; })
      .Case([&](arith::DivUIOp) { return byNumber ? divide(left, right.constant, false) : std::nullopt; })
      .Case([&](arith::RemSIOp) { return byNumber ? remainder(divide(left, right.constant, true)) : std::nullopt; })
      .Case([&](arith::RemUIOp) { return byNumber ? remainder(divide(left, right.constant, false)) : std::nullopt; })
      .Case<arith::ShRSIOp, arith::ShRUIOp>([&](Operation *) -> std::optional<Term> {
        if (!right.isConstant() || right.constant < 0 || right.constant > 30)
          return std::nullopt;
        return isa<arith::ShRSIOp>(op) ? terms.quotient(left, int64_t(1) << right.constant)
                                       : *divide(left, int64_t(1) << right.constant, false);
      })
      .Default([](Operation *) { return std::nullopt; });
}
