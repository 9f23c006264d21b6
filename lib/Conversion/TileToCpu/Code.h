// A builder of the code that CPU kernels are made of: bytes at addresses, vectors of f32, loops with 64-bit counters.
#ifndef ATTN_LIB_CONVERSION_TILETOCPU_CODE_H
#define ATTN_LIB_CONVERSION_TILETOCPU_CODE_H

#include "attn/Target/Cpu.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"

namespace mlir::tile::cpu {

class Code {
public:
  Code(MLIRContext *context, Location loc, const ::attn::target::Cpu &cpu) : b(context), loc(loc), cpu(cpu) {}

  template <typename Op, typename... Args> auto make(Args &&...args) {
    return Op::create(b, loc, std::forward<Args>(args)...);
  }

  //===-- Types and constants --===//
  int64_t lanes() const { return cpu.vectorLanes; }
  VectorType vector(Type element, int64_t count) { return VectorType::get({count}, element); }
  VectorType f32s() { return vector(b.getF32Type(), lanes()); }
  VectorType i32s() { return vector(b.getI32Type(), lanes()); }
  Value i64(int64_t value) { return make<arith::ConstantOp>(b.getI64IntegerAttr(value)); }
  /// A vector of equal numbers.
  Value constant(float value) { return make<arith::ConstantOp>(DenseElementsAttr::get(f32s(), value)); }
  Value constant(int32_t value) { return make<arith::ConstantOp>(DenseElementsAttr::get(i32s(), value)); }
  Value zero(Type type) { return make<arith::ConstantOp>(b.getZeroAttr(type)); }

  //===-- Integers of 64 bits --===//
  Value add(Value left, Value right) { return b.createOrFold<arith::AddIOp>(loc, left, right); }
  Value add(Value left, int64_t right) { return right == 0 ? left : add(left, i64(right)); }
  Value mul(Value left, Value right) { return b.createOrFold<arith::MulIOp>(loc, left, right); }
  Value mul(Value left, int64_t right) { return mul(left, i64(right)); }
  Value less(Value left, Value right) { return make<arith::CmpIOp>(arith::CmpIPredicate::slt, left, right); }
  Value toI64(Value index) { return b.createOrFold<arith::IndexCastOp>(loc, b.getI64Type(), index); }
  Value toIndex(Value number) { return b.createOrFold<arith::IndexCastOp>(loc, b.getIndexType(), number); }

  //===-- Memory --===//
  Value offset(Value pointer, Value bytes);
  Value offset(Value pointer, int64_t bytes) { return bytes == 0 ? pointer : offset(pointer, i64(bytes)); }
  /// Alignment in bytes; 0 takes that of the type.
  Value load(Type type, Value pointer, unsigned alignment = 0) {
    return make<LLVM::LoadOp>(type, pointer, alignment);
  }
  void store(Value value, Value pointer, unsigned alignment = 0) { make<LLVM::StoreOp>(value, pointer, alignment); }

  //===-- Vectors --===//
  /// All lanes the scalar.
  Value splat(Value scalar, int64_t count);
  Value splat(Value scalar) { return splat(scalar, lanes()); }
  /// 0, 1, 2, … along the lanes.
  Value iota();
  Value extract(Value vector, int64_t lane);
  Value shuffle(Value left, Value right, ArrayRef<int32_t> mask);
  Value bitcast(Type type, Value value) { return b.createOrFold<LLVM::BitcastOp>(loc, type, value); }
  /// left * right + addend, fused where the processor can.
  Value multiplyAdd(Value left, Value right, Value addend);

  //===-- Loops --===//
  using Body = function_ref<SmallVector<Value>(Value counter, ValueRange carried)>;
  /// Runs a body for first, first + step, … below last; a range known to have one element becomes straight code.
  SmallVector<Value> loop(Value first, Value last, int64_t step, ValueRange carried, Body body);
  SmallVector<Value> loop(int64_t first, int64_t last, int64_t step, ValueRange carried, Body body);
  void loop(int64_t first, int64_t last, int64_t step, function_ref<void(Value)> body);
  void loop(Value first, Value last, function_ref<void(Value)> body);
  void branch(Value condition, function_ref<void()> whenTrue, function_ref<void()> whenFalse = nullptr);

  //===-- VectorMath.cpp --===//
  Value exp2(Value x);
  Value log2(Value x);
  Value tanh(Value x);
  /// f32 to the bits of a 16-bit type, rounded to nearest even, and back. Any number of lanes.
  Value narrow(Value x, Type type);
  Value widen(Value bits, Type type);

  OpBuilder b;
  Location loc;
  const ::attn::target::Cpu &cpu;

private:
  Value narrowBF16(Value bits);
  Value narrowF16(Value bits);
};

} // namespace mlir::tile::cpu

#endif // ATTN_LIB_CONVERSION_TILETOCPU_CODE_H
