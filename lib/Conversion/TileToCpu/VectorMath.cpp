// Functions on vectors without a mathematical library, which an object without undefined symbols cannot call.
#include "Code.h"

#include <cstring>
#include <limits>

using namespace mlir;
using namespace mlir::tile::cpu;

/// 2^x. With n the nearest integer, 2^x = 2^n * 2^(x - n), |x - n| <= 1/2; the second factor is a polynomial of degree 6
/// (minimax in relative error, 2e-9 before rounding). NaN stays NaN; below 2^-127 the result is 0, above 2^128 infinity.
Value Code::exp2(Value x) {
  // Written so that x86's min and max, which yield their second operand on NaN, keep a NaN.
  auto clamp = [&](arith::CmpFPredicate predicate, float bound) {
    Value limit = constant(bound);
    x = make<arith::SelectOp>(make<arith::CmpFOp>(predicate, x, limit), limit, x);
  };
  clamp(arith::CmpFPredicate::OLT, -127.0f);
  clamp(arith::CmpFPredicate::OGT, 128.0f);
  // Adding 1.5 * 2^23 rounds to an integer; with 127 more, its low bits are the exponent of 2^n.
  constexpr float shift = 12582912.0f + 127.0f;
  Value rounded = make<arith::AddFOp>(x, constant(shift));
  Value fraction = make<arith::SubFOp>(x, make<arith::SubFOp>(rounded, constant(shift)));
  Value power = bitcast(f32s(), make<arith::ShLIOp>(bitcast(i32s(), rounded), constant(int32_t(23))));
  constexpr float coefficients[] = {1.0f,          0.69314718f,   0.24022646f,    0.055503286f,
                                    0.0096184891f, 0.0013399931f, 0.000153458124f};
  Value result = constant(coefficients[6]);
  for (int i = 5; i >= 0; --i)
    result = multiplyAdd(result, fraction, constant(coefficients[i]));
  return make<arith::MulFOp>(result, power);
}

/// log2, NaN below 0. With x = 2^e * m, m in [sqrt(1/2), sqrt(2)), log2 m = 2/ln 2 * artanh((m - 1)/(m + 1)) by its series.
Value Code::log2(Value x) {
  Value bits = bitcast(i32s(), x);
  Value exponent = make<arith::ShRSIOp>(make<arith::SubIOp>(bits, constant(int32_t(0x3f3504f3))), constant(int32_t(23)));
  Value scaled = make<arith::SubIOp>(bits, make<arith::ShLIOp>(exponent, constant(int32_t(23))));
  Value m = bitcast(f32s(), scaled);
  Value s = make<arith::DivFOp>(make<arith::SubFOp>(m, constant(1.0f)), make<arith::AddFOp>(m, constant(1.0f)));
  Value square = make<arith::MulFOp>(s, s);
  constexpr float coefficients[] = {2.88539008f, 0.961796694f, 0.577078016f, 0.412198583f, 0.320598898f};
  Value series = constant(coefficients[4]);
  for (int i = 3; i >= 0; --i)
    series = multiplyAdd(series, square, constant(coefficients[i]));
  Value whole = make<arith::SIToFPOp>(f32s(), exponent);
  Value result = multiplyAdd(s, series, whole);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  Value finite = make<arith::CmpFOp>(arith::CmpFPredicate::OLT, x, constant(infinity));
  result = make<arith::SelectOp>(finite, result, x);
  Value none = make<arith::CmpFOp>(arith::CmpFPredicate::OEQ, x, constant(0.0f));
  result = make<arith::SelectOp>(none, constant(-infinity), result);
  Value negative = make<arith::CmpFOp>(arith::CmpFPredicate::OLT, x, constant(0.0f));
  return make<arith::SelectOp>(negative, constant(std::numeric_limits<float>::quiet_NaN()), result);
}

/// tanh. Below 5/8 an odd polynomial (Cephes, tanhf), where the difference from 1 would cancel; else 1 - 2 / (e^2|x| + 1)
/// with the sign of x.
Value Code::tanh(Value x) {
  Value square = make<arith::MulFOp>(x, x);
  constexpr float coefficients[] = {-0.333332819422f, 0.133314422036f, -0.0537397155531f, 0.0206390887954f,
                                    -0.00570498872745f};
  Value series = constant(coefficients[4]);
  for (int i = 3; i >= 0; --i)
    series = multiplyAdd(series, square, constant(coefficients[i]));
  Value small = multiplyAdd(make<arith::MulFOp>(x, square), series, x);
  Value magnitude = bitcast(f32s(), make<arith::AndIOp>(bitcast(i32s(), x), constant(int32_t(0x7fffffff))));
  Value power = exp2(make<arith::MulFOp>(magnitude, constant(2.88539008f)));
  Value rest = make<arith::DivFOp>(constant(2.0f), make<arith::AddFOp>(power, constant(1.0f)));
  Value sign = make<arith::AndIOp>(bitcast(i32s(), x), constant(std::numeric_limits<int32_t>::min()));
  Value large = make<arith::OrIOp>(bitcast(i32s(), make<arith::SubFOp>(constant(1.0f), rest)), sign);
  Value isSmall = make<arith::CmpFOp>(arith::CmpFPredicate::OLT, magnitude, constant(0.625f));
  return make<arith::SelectOp>(isSmall, small, bitcast(f32s(), large));
}

namespace {
/// Integer arithmetic on vectors of one width, for the conversions.
struct Words {
  Code &code;
  int64_t count;
  VectorType type() { return code.vector(code.b.getI32Type(), count); }
  Value number(uint32_t value) {
    return code.make<arith::ConstantOp>(DenseElementsAttr::get(type(), static_cast<int32_t>(value)));
  }
  Value add(Value left, Value right) { return code.make<arith::AddIOp>(left, right); }
  Value conjoin(Value left, uint32_t right) { return code.make<arith::AndIOp>(left, number(right)); }
  Value right(Value left, uint32_t bits) { return code.make<arith::ShRUIOp>(left, number(bits)); }
  Value left(Value value, uint32_t bits) { return code.make<arith::ShLIOp>(value, number(bits)); }
  Value choose(arith::CmpIPredicate predicate, Value left, uint32_t right, Value yes, Value no) {
    return code.make<arith::SelectOp>(code.make<arith::CmpIOp>(predicate, left, number(right)), yes, no);
  }
  Value floats(Value bits) { return code.bitcast(code.vector(code.b.getF32Type(), count), bits); }
  Value low(Value words) { return code.make<arith::TruncIOp>(code.vector(code.b.getI16Type(), count), words); }
};
} // namespace

static int64_t countOf(Value vector) { return cast<VectorType>(vector.getType()).getNumElements(); }

/// Adds just below half a unit of the last place, and one more when that place is odd.
Value Code::narrowBF16(Value bits) {
  Words w{*this, countOf(bits)};
  Value odd = w.conjoin(w.right(bits, 16), 1);
  Value rounded = w.right(w.add(w.add(bits, w.number(0x7fff)), odd), 16);
  Value quiet = make<arith::OrIOp>(w.right(bits, 16), w.number(0x40));
  return w.low(w.choose(arith::CmpIPredicate::ugt, w.conjoin(bits, 0x7fffffff), 0x7f800000, quiet, rounded));
}

/// Normal results by rebiasing the exponent with rounding in the last place; small ones by an addition that lets the
/// processor round at the place where they end; large ones are infinity, NaN stays.
Value Code::narrowF16(Value bits) {
  using Predicate = arith::CmpIPredicate;
  Words w{*this, countOf(bits)};
  Value magnitude = w.conjoin(bits, 0x7fffffff);
  Value odd = w.conjoin(w.right(magnitude, 13), 1);
  Value normal = w.right(w.add(w.add(magnitude, w.number(0xc8000fff)), odd), 13);
  Value half = w.number(0x3f000000);
  Value sum = make<arith::AddFOp>(w.floats(magnitude), w.floats(half));
  Value small = make<arith::SubIOp>(bitcast(w.type(), sum), half);
  Value result = w.choose(Predicate::ult, magnitude, 0x38800000, small, normal);
  result = w.choose(Predicate::uge, magnitude, 0x47800000, w.number(0x7c00), result);
  result = w.choose(Predicate::ugt, magnitude, 0x7f800000, w.number(0x7e00), result);
  return w.low(make<arith::OrIOp>(result, w.conjoin(w.right(bits, 16), 0x8000)));
}

Value Code::narrow(Value x, Type type) {
  int64_t count = countOf(x);
  VectorType bits = vector(b.getI16Type(), count);
  bool native = type.isBF16() ? cpu.hasAvx512Bf16 : cpu.hasF16c;
  if (native)
    return bitcast(bits, make<arith::TruncFOp>(vector(type, count), x));
  Value words = bitcast(vector(b.getI32Type(), count), x);
  return type.isBF16() ? narrowBF16(words) : narrowF16(words);
}

Value Code::widen(Value bits, Type type) {
  Words w{*this, countOf(bits)};
  VectorType floats = vector(b.getF32Type(), w.count);
  if (type.isF16() && cpu.hasF16c)
    return make<arith::ExtFOp>(floats, bitcast(vector(type, w.count), bits));
  Value words = make<arith::ExtUIOp>(w.type(), bits);
  if (type.isBF16())
    return w.floats(w.left(words, 16));
  // The exponent is rebiased; infinity and NaN need as much again, and small numbers are normalised by a subtraction.
  Value moved = w.left(w.conjoin(words, 0x7fff), 13);
  Value exponent = w.conjoin(moved, 0x0f800000);
  Value result = w.add(moved, w.number((127 - 15) << 23));
  Value special = w.add(result, w.number((128 - 16) << 23));
  result = w.choose(arith::CmpIPredicate::eq, exponent, 0x0f800000, special, result);
  Value above = w.floats(w.add(result, w.number(1 << 23)));
  Value small = make<arith::SubFOp>(above, w.floats(w.number(113 << 23)));
  result = w.choose(arith::CmpIPredicate::eq, exponent, 0, bitcast(w.type(), small), result);
  return w.floats(make<arith::OrIOp>(result, w.left(w.conjoin(words, 0x8000), 16)));
}
