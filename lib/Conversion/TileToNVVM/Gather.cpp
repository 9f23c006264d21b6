// Reads of captured buffers: one predicated load a piece, and one for all pieces that read the same element.
#include "KernelEmitter.h"

#include <map>

using namespace mlir;
using namespace mlir::tile;

/// The load of one element, 0 where it is not inside, as f32 or i32. It is not ld.global.nc, though nothing writes what is read while
/// the kernel runs: ptxas moves such loads above the wait for the launches before (emitStart), which may still write.
Value KernelEmitter::emitGuardedLoad(Type element, Value address, Value inside, Type result) {
  if (element.isF32())
    return assembly("{\n.reg .pred p;\nsetp.ne.u32 p, $2, 0;\nmov.f32 $0, 0f00000000;\n@p ld.global.f32 $0, [$1];\n}",
                    "=&f,l,r", {address, inside}, result, /*effect=*/false);
  if (element.isInteger(32))
    return assembly("{\n.reg .pred p;\nsetp.ne.u32 p, $2, 0;\nmov.b32 $0, 0;\n@p ld.global.b32 $0, [$1];\n}", "=&r,l,r",
                    {address, inside}, result, /*effect=*/false);
  StringRef convert = element.isBF16() ? "cvt.f32.bf16" : "cvt.f32.f16";
  std::string text = ("{\n.reg .pred p;\n.reg .b16 h;\nsetp.ne.u32 p, $2, 0;\nmov.b16 h, 0;\n@p ld.global.b16 h, [$1];\n" +
                      convert + " $0, h;\n}")
                         .str();
  return assembly(text, "=f,l,r", {address, inside}, result, /*effect=*/false);
}

/// Offsets are summed in 64 bits, axis by axis: an axis whose index is the same for several pieces is multiplied once. An index
/// below zero, whose offset is wrong, is not inside, and nothing is read for it.
void KernelEmitter::emitGather(GatherOp op) {
  unsigned argument = argumentOf(op.getSource());
  auto source = cast<MemRefType>(op.getSource().getType());
  Type element = source.getElementType(), i32Type = b.getI32Type(), i64 = b.getI64Type();
  int64_t rank = source.getRank();
  Value bytes = arith::ConstantIntOp::create(b, loc, i64, element.getIntOrFloatBitWidth() / 8);
  SmallVector<Value> sizes, strides;
  for (int64_t axis = 0; axis != rank; ++axis) {
    sizes.push_back(arith::TruncIOp::create(b, loc, i32Type, argumentWord(argument, 1 + axis)));
    strides.push_back(mul(argumentWord(argument, 1 + rank + axis), bytes));
  }
  using Place = std::pair<Value, Value>; // whether inside, offset
  SmallVector<DenseMap<Value, Place>> places(rank);
  auto placeOf = [&](int64_t axis, Value index) {
    Place &place = places[axis][index];
    if (!place.first)
      place = {arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, index, sizes[axis]),
               mul(arith::ExtUIOp::create(b, loc, i64, index), strides[axis])};
    return place;
  };
  SmallVector<Type> types = pieceTypes(op.getType());
  // Where an index is the same for all pieces and outside, nothing is inside along the others.
  auto isShared = [&](int64_t axis) {
    Value index = op.getIndices()[axis], first = piece(index, 0);
    return llvm::all_of(llvm::seq<size_t>(types.size()), [&](size_t i) { return piece(index, i) == first; });
  };
  SmallVector<int64_t> shared, others;
  for (int64_t axis = 0; axis != rank; ++axis)
    (isShared(axis) ? shared : others).push_back(axis);
  if (!others.empty())
    for (int64_t axis : shared) {
      Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, piece(op.getIndices()[axis], 0), sizes[axis]);
      Value &size = sizes[others.front()];
      size = arith::SelectOp::create(b, loc, inside, size, i32(0));
    }
  std::map<SmallVector<void *>, Value> known;
  Pieces result;
  for (auto [i, type] : llvm::enumerate(types)) {
    SmallVector<Value> at;
    for (Value index : op.getIndices())
      at.push_back(piece(index, i));
    auto key = llvm::map_to_vector(at, [](Value index) { return index.getAsOpaquePointer(); });
    Value &loaded = known[key];
    if (!loaded) {
      Value inside, address = argumentWord(argument, 0);
      for (int64_t axis = 0; axis != rank; ++axis) {
        Place place = placeOf(axis, at[axis]);
        address = add(address, place.second);
        if (others.empty() || llvm::is_contained(others, axis))
          inside = inside ? arith::AndIOp::create(b, loc, inside, place.first).getResult() : place.first;
      }
      loaded = emitGuardedLoad(element, address, arith::ExtUIOp::create(b, loc, i32Type, inside), type);
    }
    result.push_back(loaded);
  }
  pieces[op.getResult()] = std::move(result);
}

/// One element at i32 indices, 0 outside of the extents; f16 and bf16 as f32.
Value KernelEmitter::loadElement(Value memref, ArrayRef<Value> indices) {
  unsigned argument = argumentOf(memref);
  auto source = cast<MemRefType>(memref.getType());
  Type element = source.getElementType(), i32Type = b.getI32Type(), i64 = b.getI64Type();
  Value bytes = arith::ConstantIntOp::create(b, loc, i64, element.getIntOrFloatBitWidth() / 8);
  Value inside, address = argumentWord(argument, 0);
  for (auto [axis, index] : llvm::enumerate(indices)) {
    Value size = arith::TruncIOp::create(b, loc, i32Type, argumentWord(argument, 1 + axis));
    Value fits = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, index, size);
    inside = inside ? arith::AndIOp::create(b, loc, inside, fits).getResult() : fits;
    Value stride = mul(argumentWord(argument, 1 + source.getRank() + axis), bytes);
    address = add(address, mul(arith::ExtSIOp::create(b, loc, i64, index), stride));
  }
  Type result = element.isInteger(32) ? i32Type : Type(b.getF32Type());
  return emitGuardedLoad(element, address, arith::ExtUIOp::create(b, loc, i32Type, inside), result);
}

void KernelEmitter::emitElement(ElementOp op) {
  auto indices = llvm::map_to_vector(op.getIndices(), [&](Value index) { return scalar(index); });
  scalars[op.getResult()] = loadElement(op.getSource(), indices);
}
