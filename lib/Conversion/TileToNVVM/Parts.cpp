// Programs that the blocks of a cluster share: which part a block has, and the softmax states that the blocks behind the first show
// it in their shared memory. Rings hold nothing by then (the proof of the protocol says so), so a state lies where they did.
#include "KernelEmitter.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::tile;

/// Registers that go together in one access of shared memory.
static constexpr int64_t kWords = 4;

void KernelEmitter::emitPart(PartOp op) {
  scalars[op.getNumber()] = partNumber;
  scalars[op.getCount()] = partCount;
}

/// How many blocks share a program: those of a cluster, which the launch may have decided.
Value KernelEmitter::blocksOfProgram() {
  return plan.getLeastPart() > 0 ? NVVM::ClusterDimBlocksXOp::create(b, loc, b.getI32Type()).getResult() : i32(plan.getSplit());
}

/// Every tile is shared: neighbours in the grid have its parts.
Value KernelEmitter::sharePrograms(Value place) {
  Value split = blocksOfProgram(), tile = arith::DivUIOp::create(b, loc, place, split);
  partCount = split;
  partNumber = arith::SubIOp::create(b, loc, place, mul(tile, split));
  return tile;
}

/// Where this thread's part of a published state begins: groups of registers, and in each the threads one behind another.
Value KernelEmitter::stateAddress() {
  Value place = arith::SubIOp::create(b, loc, thread, i32(128)); // among the consumers
  return add(sharedBase, mul(place, i32(4 * kWords)));
}

int64_t KernelEmitter::stateStep() { return 128 * plan.getWarpgroups() * 4 * kWords; }

LogicalResult KernelEmitter::emitPublish(PublishOp op) {
  Pieces words;
  for (Value value : op.getOperands())
    llvm::append_range(words, pieces[value]);
  auto acc = cast<RankedTensorType>(op.getAcc().getType());
  int64_t needed = getStateBytes(acc.getDimSize(0), acc.getDimSize(1));
  auto placed = source->getAttrOfType<IntegerAttr>(kSharedBytesAttr);
  if (!placed || needed > placed.getInt())
    return op.emitOpError("expects ") << needed << " bytes of shared memory for the state, got "
                                      << (placed ? placed.getInt() : 0) << "; run tile-place-shared first";
  // The other warps of this block may still read its rings. Producers are no part of this: they have ended or will, and a barrier
  // waits for those that have not.
  emitClusterSync(/*release=*/true);
  emitGuarded(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, partNumber, i32(0)), [&] {
    Value address = stateAddress();
    for (size_t first = 0; first < words.size(); first += kWords) {
      SmallVector<Value> operands = {add(address, i32(first / kWords * stateStep()))};
      llvm::append_range(operands, ArrayRef<Value>(words).slice(first, kWords));
      assembly("st.shared.v4.f32 [$0], {$1, $2, $3, $4};", "r,f,f,f,f,~{memory}", operands, Type(), /*effect=*/true);
    }
  });
  emitClusterSync(/*release=*/true);
  return success();
}

void KernelEmitter::emitPeer(PeerOp op) {
  Type i32Type = b.getI32Type(), f32 = b.getF32Type();
  Value address = assembly("mapa.shared::cluster.u32 $0, $1, $2;", "=r,r,r", {stateAddress(), scalar(op.getNumber())}, i32Type,
                           /*effect=*/false);
  SmallVector<Type> types;
  for (Type type : op.getResultTypes())
    llvm::append_range(types, pieceTypes(type));
  auto group = LLVM::LLVMStructType::getLiteral(b.getContext(), SmallVector<Type>(kWords, f32));
  Pieces words;
  for (size_t first = 0; first < types.size(); first += kWords) {
    Value read = assembly("ld.shared::cluster.v4.f32 {$0, $1, $2, $3}, [$4];", "=f,=f,=f,=f,r,~{memory}",
                          {add(address, i32(first / kWords * stateStep()))}, group, /*effect=*/true);
    for (int64_t i = 0; i < kWords; ++i)
      words.push_back(LLVM::ExtractValueOp::create(b, loc, read, i));
  }
  ArrayRef<Value> rest = words;
  for (Value result : op.getResults()) {
    size_t count = pieceTypes(result.getType()).size();
    pieces[result] = Pieces(rest.take_front(count));
    rest = rest.drop_front(count);
  }
}
