// Matrix products on wgmma (PTX ISA, "Asynchronous warpgroup level matrix instructions"). A product is one inline assembly:
// fence, every k-step of 16, commit. LLVM sees the accumulators go in and come out of one instruction and so cannot put
// anything between the steps, which would make ptxas serialise them.
#include "KernelEmitter.h"

using namespace mlir;
using namespace mlir::tile;

/// A matrix descriptor with 128-byte swizzle. `leadingBytes` is the stride between column chunks where the operand spans
/// several (MN-major); eight rows of 128 bytes are the stride between row groups.
Value KernelEmitter::descriptor(Value address, Value leadingBytes) {
  uint64_t fixed = (uint64_t(1) << 62) | (uint64_t(1024 / 16) << 32);
  Value field = arith::AndIOp::create(b, loc, arith::ShRUIOp::create(b, loc, address, i32(4)), i32(0x3fff));
  // In units of 16 bytes, from bit 16 on; shared memory is smaller than the 256 KB that the field can say.
  field = arith::OrIOp::create(b, loc, field, arith::ShLIOp::create(b, loc, leadingBytes, i32(16 - 4)));
  Value wide = arith::ExtUIOp::create(b, loc, b.getI64Type(), field);
  Value constant = arith::ConstantIntOp::create(b, loc, b.getI64Type(), static_cast<int64_t>(fixed));
  return arith::OrIOp::create(b, loc, wide, constant);
}

static std::string registerList(unsigned first, unsigned count) {
  std::string text = "{";
  for (unsigned i = 0; i < count; ++i)
    text += (i ? ", $" : "$") + std::to_string(first + i);
  return text + "}";
}

/// Offset in a descriptor (units of 16 bytes) of k-step `step` of a K-major operand: 32 bytes in its chunk.
static int64_t kMajorStep(SharedType type, int64_t step) { return step / 4 * (type.getChunkBytes() / 16) + step % 4 * 2; }

/// Whether what stands beside the right operand can be reached from all of its slots: a stride in a descriptor has no sign.
static bool isBehindRing(IssueMmaOp op) {
  auto tile = op.getBeside().getDefiningOp<AllocSharedOp>();
  auto view = op.getB().getDefiningOp<ViewOp>();
  auto ring = view ? view.getRing().getDefiningOp<AllocRingOp>() : AllocRingOp();
  int64_t bytes = ring ? cast<RingType>(ring.getType()).getBytes() : 0;
  return tile && ring && tile.getOffset().value_or(0) >= ring.getOffset().value_or(0) + bytes;
}

LogicalResult KernelEmitter::emitIssue(IssueMmaOp op) {
  auto result = cast<PendingType>(op.getType()).getTile();
  auto aShared = dyn_cast<SharedType>(op.getA().getType());
  auto bShared = dyn_cast<SharedType>(op.getB().getType());
  bool transposed = op.getTransposeB();
  if (op.getBeside() && bShared && bShared.getColumns() != bShared.getChunkColumns())
    return op.emitOpError("has no form on wgmma: expects ") << bShared.getChunkColumns() << " columns where an operand stands beside them, got "
           << bShared;
  if (!bShared || (aShared && !transposed) || bShared.getElementType().isF32())
    return op.emitOpError("has no form on wgmma: expects 16-bit operands, the right one in shared memory, got ")
           << op.getA().getType() << " and " << op.getB().getType();
  if (op.getBeside() && !isBehindRing(op))
    return op.emitOpError("expects what stands beside its right operand to lie in shared memory behind the ring of that operand");
  int64_t n = result.getDimSize(1), registers = n / 2;
  int64_t depth = transposed ? bShared.getColumns() : bShared.getRows();
  StringRef element = bShared.getElementType().isBF16() ? "bf16" : "f16";

  // Operands: A (a descriptor or 4 registers a step), B, then the accumulators tied to the results.
  SmallVector<Value> operands;
  std::string constraints;
  for (int64_t i = 0; i < registers; ++i)
    constraints += op.getAcc() ? "=f," : "=&f,"; // early-clobber: the first step writes before the last one reads
  if (aShared) {
    // Consumer warpgroup g multiplies rows 64g to 64g + 63 of the shared tile.
    Value address = add(scalar(op.getA()), mul(consumer, i32(64 * 128)));
    operands.push_back(descriptor(address, i32(16)));
    constraints += "l,";
  } else {
    llvm::append_range(operands, pieces[op.getA()]);
    for (size_t i = 0; i < operands.size(); ++i)
      constraints += "r,";
  }
  unsigned bIndex = registers + operands.size();
  Value right = scalar(op.getB()), leading = i32(transposed ? 16 : bShared.getChunkBytes());
  if (Value beside = op.getBeside())
    leading = arith::SubIOp::create(b, loc, scalar(beside), right);
  operands.push_back(descriptor(right, leading));
  constraints += "l";
  if (op.getAcc()) {
    llvm::append_range(operands, pieces[op.getAcc()]);
    for (int64_t i = 0; i < registers; ++i)
      constraints += "," + std::to_string(i);
  }

  std::string text = "{\n.reg .pred p;\n.reg .b64 a, b;\nwgmma.fence.sync.aligned;\n";
  std::string shape = ("wgmma.mma_async.sync.aligned.m64n" + Twine(n) + "k16.f32." + element + "." + element + " ").str();
  for (int64_t step = 0; step * 16 < depth; ++step) {
    text += "setp.ne.b32 p, " + std::string(step || op.getAcc() ? "1" : "0") + ", 0;\n";
    // MN-major: a step is 16 rows of 128 bytes.
    int64_t bOffset = transposed ? kMajorStep(bShared, step) : step * 16 * 128 / 16;
    text += "add.s64 b, $" + std::to_string(bIndex) + ", " + std::to_string(bOffset) + ";\n";
    if (aShared)
      text += "add.s64 a, $" + std::to_string(registers) + ", " + std::to_string(kMajorStep(aShared, step)) + ";\n";
    text += shape + registerList(0, registers) + ", " + (aShared ? "a" : registerList(registers + 4 * step, 4)) + ", b, p, 1, 1" +
            (aShared ? ", 0" : "") + (transposed ? ", 0" : ", 1") + ";\n";
  }
  text += "wgmma.commit_group.sync.aligned;\n}";

  auto structure = LLVM::LLVMStructType::getLiteral(b.getContext(), SmallVector<Type>(registers, b.getF32Type()));
  Value all = assembly(text, constraints, operands, structure, /*effect=*/true);
  Pieces out;
  for (int64_t i = 0; i < registers; ++i)
    out.push_back(LLVM::ExtractValueOp::create(b, loc, all, i));
  pieces[op.getResult()] = std::move(out);
  inFlight.push_back(op.getResult());
  return success();
}

/// Waits until at most as many products run as were issued behind this one. The accumulators of all of them pass through
/// the wait, so that no use can move above it.
LogicalResult KernelEmitter::emitAwait(AwaitOp op) {
  auto *place = llvm::find(inFlight, op.getPending());
  if (place == inFlight.end())
    return op.emitOpError("expects a product issued in the same block and not awaited yet");
  int64_t behind = inFlight.end() - place - 1;
  SmallVector<Value> operands;
  for (Value pending : inFlight)
    llvm::append_range(operands, pieces[pending]);
  std::string constraints;
  for (size_t i = 0; i < operands.size(); ++i)
    constraints += "=f,";
  for (size_t i = 0; i < operands.size(); ++i)
    constraints += (i ? "," : "") + std::to_string(i);
  auto structure = LLVM::LLVMStructType::getLiteral(b.getContext(), SmallVector<Type>(operands.size(), b.getF32Type()));
  Value all = assembly(("wgmma.wait_group.sync.aligned " + Twine(behind) + ";").str(), constraints, operands, structure,
                       /*effect=*/true);
  int64_t next = 0;
  for (Value pending : inFlight)
    for (Value &piece : pieces[pending])
      piece = LLVM::ExtractValueOp::create(b, loc, all, next++);
  Pieces usable = pieces[op.getPending()];
  pieces[op.getResult()] = std::move(usable);
  inFlight.erase(inFlight.begin(), place + 1);
  return success();
}
