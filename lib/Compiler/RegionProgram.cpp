// Interprets regions in double precision and 64-bit integers, one operation after another. It is what a result is held
// against, so nothing is clever here: no tiles, no rounding to f32, no reuse between pairs.
#include "RegionProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir;

namespace attn::compiler {
namespace {

/// A value of a region; its type says which member counts. Integers are sign-extended, i1 is 0 or 1.
struct Number {
  double real = 0;
  int64_t whole = 0;
};

using Step = std::function<Number(const Number *operands, const CaptureReader &captures)>;

struct Instruction {
  Step step;
  SmallVector<unsigned> operands;
};

struct Program {
  unsigned arguments = 0, result = 0;
  std::vector<Instruction> instructions;

  Number run(ArrayRef<Number> values, const CaptureReader &captures) const {
    SmallVector<Number, 64> numbers(values);
    numbers.resize(arguments);
    SmallVector<Number, 8> operands;
    for (const Instruction &instruction : instructions) {
      operands.clear();
      for (unsigned operand : instruction.operands)
        operands.push_back(numbers[operand]);
      numbers.push_back(instruction.step(operands.data(), captures));
    }
    return numbers[result];
  }
};

unsigned widthOf(Type type) { return type.isIndex() ? 64 : type.getIntOrFloatBitWidth(); }

/// Wraps to a type's width.
Number wholeOf(int64_t value, unsigned width) {
  Number number;
  number.whole = width == 1 ? value & 1 : width == 32 ? static_cast<int32_t>(value) : value;
  return number;
}

Number realOf(double value) {
  Number number;
  number.real = value;
  return number;
}

uint64_t unsignedOf(int64_t value, unsigned width) { return width == 64 ? value : value & ((uint64_t(1) << width) - 1); }

int64_t floorDivide(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a % b < 0) != (b < 0)); }

template <typename F> Step integers(Type type, F f) {
  unsigned width = widthOf(type);
  return [=](const Number *x, const CaptureReader &) { return wholeOf(f(x[0].whole, x[1].whole), width); };
}
template <typename F> Step unsignedIntegers(Type type, F f) {
  unsigned width = widthOf(type);
  return [=](const Number *x, const CaptureReader &) {
    uint64_t value = f(unsignedOf(x[0].whole, width), unsignedOf(x[1].whole, width));
    return wholeOf(static_cast<int64_t>(value), width);
  };
}
template <typename F> Step reals(F f) {
  return [=](const Number *x, const CaptureReader &) { return realOf(f(x[0].real, x[1].real)); };
}
template <typename F> Step real(F f) {
  return [=](const Number *x, const CaptureReader &) { return realOf(f(x[0].real)); };
}

bool comparesIntegers(arith::CmpIPredicate predicate, int64_t a, int64_t b, unsigned width) {
  APInt left(width, unsignedOf(a, width)), right(width, unsignedOf(b, width));
  return arith::applyCmpPredicate(predicate, left, right);
}

Step constantStep(arith::ConstantOp op) {
  Number number;
  if (auto value = dyn_cast<FloatAttr>(op.getValue()))
    number = realOf(value.getValueAsDouble());
  else
    number = wholeOf(cast<IntegerAttr>(op.getValue()).getInt(), widthOf(op.getType()));
  return [=](const Number *, const CaptureReader &) { return number; };
}

Step loadStep(tensor::ExtractOp op) {
  unsigned capture = cast<BlockArgument>(op.getTensor()).getArgNumber(), count = op.getIndices().size();
  Block *body = op->getBlock();
  for (BlockArgument argument : body->getArguments())
    capture -= !isa<TensorType>(argument.getType());
  bool isReal = isa<FloatType>(op.getType());
  return [=](const Number *x, const CaptureReader &captures) {
    int64_t indices[4] = {0, 0, 0, 0};
    for (unsigned i = 0; i != count; ++i)
      indices[i] = x[1 + i].whole;
    double value = captures(capture, indices);
    return isReal ? realOf(value) : wholeOf(static_cast<int64_t>(value), 64);
  };
}

Step bitcastStep(Type type) {
  bool toReal = isa<FloatType>(type);
  return [=](const Number *x, const CaptureReader &) {
    if (toReal)
      return realOf(llvm::bit_cast<float>(static_cast<int32_t>(x[0].whole)));
    return wholeOf(llvm::bit_cast<int32_t>(static_cast<float>(x[0].real)), 32);
  };
}

Step integerStep(Operation *op) {
  Type type = op->getResult(0).getType();
  using I = int64_t;
  using U = uint64_t;
  return llvm::TypeSwitch<Operation *, Step>(op)
      .Case([&](arith::AddIOp) { return unsignedIntegers(type, [](U a, U b) { return a + b; }); })
      .Case([&](arith::SubIOp) { return unsignedIntegers(type, [](U a, U b) { return a - b; }); })
      .Case([&](arith::MulIOp) { return unsignedIntegers(type, [](U a, U b) { return a * b; }); })
      .Case([&](arith::DivSIOp) { return integers(type, [](I a, I b) { return b ? a / b : 0; }); })
      .Case([&](arith::RemSIOp) { return integers(type, [](I a, I b) { return b ? a % b : 0; }); })
      .Case([&](arith::FloorDivSIOp) { return integers(type, [](I a, I b) { return b ? floorDivide(a, b) : 0; }); })
      .Case([&](arith::CeilDivSIOp) { return integers(type, [](I a, I b) { return b ? -floorDivide(-a, b) : 0; }); })
      .Case([&](arith::DivUIOp) { return unsignedIntegers(type, [](U a, U b) { return b ? a / b : 0; }); })
      .Case([&](arith::RemUIOp) { return unsignedIntegers(type, [](U a, U b) { return b ? a % b : 0; }); })
      .Case([&](arith::CeilDivUIOp) { return unsignedIntegers(type, [](U a, U b) { return b ? a / b + (a % b != 0) : 0; }); })
      .Case([&](arith::AndIOp) { return integers(type, [](I a, I b) { return a & b; }); })
      .Case([&](arith::OrIOp) { return integers(type, [](I a, I b) { return a | b; }); })
      .Case([&](arith::XOrIOp) { return integers(type, [](I a, I b) { return a ^ b; }); })
      .Case([&](arith::ShLIOp) { return unsignedIntegers(type, [](U a, U b) { return b < 64 ? a << b : 0; }); })
      .Case([&](arith::ShRUIOp) { return unsignedIntegers(type, [](U a, U b) { return b < 64 ? a >> b : 0; }); })
      .Case([&](arith::ShRSIOp) { return integers(type, [](I a, I b) { return a >> (b & 63); }); })
      .Case([&](arith::MinSIOp) { return integers(type, [](I a, I b) { return std::min(a, b); }); })
      .Case([&](arith::MaxSIOp) { return integers(type, [](I a, I b) { return std::max(a, b); }); })
      .Case([&](arith::MinUIOp) { return unsignedIntegers(type, [](U a, U b) { return std::min(a, b); }); })
      .Case([&](arith::MaxUIOp) { return unsignedIntegers(type, [](U a, U b) { return std::max(a, b); }); })
      .Case([&](arith::CmpIOp compare) -> Step {
        unsigned width = widthOf(compare.getLhs().getType());
        return [=, predicate = compare.getPredicate()](const Number *x, const CaptureReader &) {
          return wholeOf(comparesIntegers(predicate, x[0].whole, x[1].whole, width), 1);
        };
      })
      .Case([&](math::AbsIOp) -> Step {
        return [](const Number *x, const CaptureReader &) { return wholeOf(std::abs(x[0].whole), 64); };
      })
      .Default(Step());
}

Step castStep(Operation *op) {
  Type from = op->getOperand(0).getType(), to = op->getResult(0).getType();
  unsigned width = to.isIntOrIndex() ? widthOf(to) : 0, source = from.isIntOrIndex() ? widthOf(from) : 0;
  return llvm::TypeSwitch<Operation *, Step>(op)
      .Case<arith::TruncIOp, arith::IndexCastOp>([&](auto) -> Step {
        return [=](const Number *x, const CaptureReader &) { return wholeOf(x[0].whole, width); };
      })
      .Case<arith::ExtUIOp, arith::IndexCastUIOp>([&](auto) -> Step {
        return [=](const Number *x, const CaptureReader &) { return wholeOf(unsignedOf(x[0].whole, source), width); };
      })
      .Case([&](arith::ExtSIOp) -> Step {
        return [=](const Number *x, const CaptureReader &) { return wholeOf(source == 1 ? -x[0].whole : x[0].whole, width); };
      })
      .Case([&](arith::SIToFPOp) -> Step {
        return [=](const Number *x, const CaptureReader &) { return realOf(source == 1 ? -x[0].whole : x[0].whole); };
      })
      .Case([&](arith::UIToFPOp) -> Step {
        return [=](const Number *x, const CaptureReader &) { return realOf(unsignedOf(x[0].whole, source)); };
      })
      .Case<arith::FPToSIOp, arith::FPToUIOp>([&](auto) -> Step {
        return [=](const Number *x, const CaptureReader &) { return wholeOf(static_cast<int64_t>(x[0].real), width); };
      })
      .Case([&](arith::ExtFOp) -> Step { return [](const Number *x, const CaptureReader &) { return x[0]; }; })
      .Case([&](arith::BitcastOp) { return bitcastStep(to); })
      .Default(Step());
}

Step realStep(Operation *op) {
  using D = double;
  return llvm::TypeSwitch<Operation *, Step>(op)
      .Case([](arith::AddFOp) { return reals([](D a, D b) { return a + b; }); })
      .Case([](arith::SubFOp) { return reals([](D a, D b) { return a - b; }); })
      .Case([](arith::MulFOp) { return reals([](D a, D b) { return a * b; }); })
      .Case([](arith::DivFOp) { return reals([](D a, D b) { return a / b; }); })
      .Case<arith::MinNumFOp, arith::MinimumFOp>([](auto) { return reals([](D a, D b) { return std::fmin(a, b); }); })
      .Case<arith::MaxNumFOp, arith::MaximumFOp>([](auto) { return reals([](D a, D b) { return std::fmax(a, b); }); })
      .Case([](arith::NegFOp) { return real([](D a) { return -a; }); })
      .Case([](math::AbsFOp) { return real([](D a) { return std::fabs(a); }); })
      .Case([](math::ExpOp) { return real([](D a) { return std::exp(a); }); })
      .Case([](math::Exp2Op) { return real([](D a) { return std::exp2(a); }); })
      .Case([](math::LogOp) { return real([](D a) { return std::log(a); }); })
      .Case([](math::Log2Op) { return real([](D a) { return std::log2(a); }); })
      .Case([](math::TanhOp) { return real([](D a) { return std::tanh(a); }); })
      .Case([](math::SqrtOp) { return real([](D a) { return std::sqrt(a); }); })
      .Case([](math::RsqrtOp) { return real([](D a) { return 1 / std::sqrt(a); }); })
      .Case([](math::FmaOp) -> Step {
        return [](const Number *x, const CaptureReader &) { return realOf(x[0].real * x[1].real + x[2].real); };
      })
      .Case([](arith::CmpFOp compare) -> Step {
        return [predicate = compare.getPredicate()](const Number *x, const CaptureReader &) {
          return wholeOf(arith::applyCmpPredicate(predicate, APFloat(x[0].real), APFloat(x[1].real)), 1);
        };
      })
      .Default(Step());
}

Step stepOf(Operation *op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return constantStep(constant);
  if (auto extract = dyn_cast<tensor::ExtractOp>(op))
    return loadStep(extract);
  if (isa<arith::SelectOp>(op))
    return [](const Number *x, const CaptureReader &) { return x[0].whole ? x[1] : x[2]; };
  for (auto find : {integerStep, castStep, realStep})
    if (Step step = find(op))
      return step;
  return {};
}

std::optional<Program> programOf(Region &region) {
  Block &block = region.front();
  Program program;
  program.arguments = block.getNumArguments();
  DenseMap<Value, unsigned> numbers;
  for (BlockArgument argument : block.getArguments())
    numbers[argument] = argument.getArgNumber();
  for (Operation &op : block.without_terminator()) {
    if (op.getNumResults() != 1)
      return std::nullopt;
    Instruction instruction;
    instruction.step = stepOf(&op);
    if (!instruction.step)
      return std::nullopt;
    for (Value operand : op.getOperands())
      instruction.operands.push_back(numbers[operand]);
    numbers[op.getResult(0)] = program.arguments + program.instructions.size();
    program.instructions.push_back(std::move(instruction));
  }
  program.result = numbers[block.getTerminator()->getOperand(0)];
  return program;
}

} // namespace

ScoreFunction scoreFunctionOf(Region &region) {
  std::optional<Program> program = region.empty() ? std::nullopt : programOf(region);
  if (!program)
    return {};
  return [program](double score, int64_t b, int64_t h, int64_t i, int64_t j, const CaptureReader &captures) {
    Number arguments[] = {realOf(score), wholeOf(b, 64), wholeOf(h, 64), wholeOf(i, 64), wholeOf(j, 64)};
    return program->run(arguments, captures).real;
  };
}

MaskFunction maskFunctionOf(Region &region) {
  std::optional<Program> program = region.empty() ? std::nullopt : programOf(region);
  if (!program)
    return {};
  return [program](int64_t b, int64_t h, int64_t i, int64_t j, const CaptureReader &captures) {
    Number arguments[] = {wholeOf(b, 64), wholeOf(h, 64), wholeOf(i, 64), wholeOf(j, 64)};
    return program->run(arguments, captures).whole != 0;
  };
}

} // namespace attn::compiler
