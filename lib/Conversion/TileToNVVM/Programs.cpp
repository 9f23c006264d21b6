// Which program a block has: by its place in the grid, or drawn from a counter in the GPU's memory and passed from the producer to
// the consumers. (Persistent kernels whose programs are dealt have loops over them already, lib/Transforms/ProgramOrder.h.)
//
// The counter of a launch is one of an array that the code brings along, all 0 when it is loaded. How often all blocks together
// draw is known (lib/Transforms/ProgramOrder.h), so the counter, which goes back to 0 behind the last number, is 0 again at the
// end of each launch and nothing has to be cleared. Launches that may run at one time have to have counters of their own, so the
// launch says which (runtime/Counters.h).
#include "KernelEmitter.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Image/Image.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::tile;

LogicalResult KernelEmitter::emitForall(scf::ForallOp op) {
  if (op.getRank() != 3)
    return op.emitOpError("expects programs numbered by batch, head and query tile, got rank ") << op.getRank();
  Type type = b.getI32Type();
  Value batch = NVVM::BlockIdZOp::create(b, loc, type), head = NVVM::BlockIdYOp::create(b, loc, type);
  Value tile = NVVM::BlockIdXOp::create(b, loc, type);
  Value tiles = NVVM::GridDimXOp::create(b, loc, type), heads = NVVM::GridDimYOp::create(b, loc, type);
  auto sub = [&](Value left, Value right) -> Value { return arith::SubIOp::create(b, loc, left, right); };
  if (source->hasAttr(kGlobalFirstAttr)) {
    // Blocks start in the order of x, then y, then z: of this number. Where the first tile of a head is shared, its blocks stand
    // for it, and there may be more others than tiles, so that the blocks of a head are whole clusters.
    Value number = add(tile, mul(tiles, add(head, mul(heads, batch))));
    Value all = mul(heads, NVVM::GridDimZOp::create(b, loc, type)), blocks = blocksOfProgram();
    Value others = sub(tiles, blocks), firsts = plan.getSplit() > 1 ? mul(all, blocks) : all;
    Value isFirst = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, number, firsts);
    // Behind the first ones, lines of the other tiles of a head, or of the heads of a tile.
    bool together = source->hasAttr(kHeadsTogetherAttr);
    Value behind = sub(number, firsts), width = together ? all : arith::MaxUIOp::create(b, loc, others, i32(1));
    Value line = arith::DivUIOp::create(b, loc, behind, width);
    Value inLine = sub(behind, mul(line, width));
    Value place = sub(others, together ? line : inLine);
    line = together ? inLine : line;
    Value first = number;
    if (plan.getSplit() > 1) {
      first = sharePrograms(number);
      OpFoldResult end = op.getMixedUpperBound()[2];
      std::optional<int64_t> known = getConstantIntValue(end);
      Value isTile = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, place, known ? i32(*known) : scalar(cast<Value>(end)));
      Value alone = arith::SelectOp::create(b, loc, isTile, i32(0), i32(1)); // part 1 of 1 has no keys
      partNumber = arith::SelectOp::create(b, loc, isFirst, partNumber, alone);
      partCount = arith::SelectOp::create(b, loc, isFirst, partCount, i32(1));
    }
    tile = arith::SelectOp::create(b, loc, isFirst, i32(0), place);
    line = arith::SelectOp::create(b, loc, isFirst, first, line);
    batch = arith::DivUIOp::create(b, loc, line, heads);
    head = sub(line, mul(batch, heads));
  } else {
    if (plan.getSplit() > 1) {
      tile = sharePrograms(tile);
      tiles = arith::DivUIOp::create(b, loc, tiles, partCount);
    }
    if (source->hasAttr(kHeavyFirstAttr))
      tile = sub(sub(tiles, i32(1)), tile);
  }
  scalars[op.getInductionVar(0)] = batch;
  scalars[op.getInductionVar(1)] = head;
  scalars[op.getInductionVar(2)] = tile;
  return emitBlock(*op.getBody());
}

/// A loop over programs.
LogicalResult KernelEmitter::emitWhile(scf::WhileOp op) {
  SmallVector<Value> inits = flatten(op.getInits());
  SmallVector<Type> types(ValueRange(inits).getTypes());
  auto loop = scf::WhileOp::create(b, loc, types, inits);
  SmallVector<Location> locations(types.size(), loc);
  Block *before = b.createBlock(&loop.getBefore(), {}, types, locations);
  Block *after = b.createBlock(&loop.getAfter(), {}, types, locations);
  distribute(op.getBeforeArguments(), before->getArguments());
  distribute(op.getAfterArguments(), after->getArguments());
  b.setInsertionPointToEnd(before);
  for (Operation &inner : op.getBeforeBody()->without_terminator())
    if (failed(emitOperation(&inner)))
      return failure();
  scf::ConditionOp::create(b, loc, scalar(op.getConditionOp().getCondition()), flatten(op.getConditionOp().getArgs()));
  b.setInsertionPointAfter(loop);
  if (failed(emitLoopBody(op, *op.getAfterBody(), after, op.getYieldOp())))
    return failure();
  distribute(op.getResults(), loop.getResults());
  return success();
}

/// Address of the first counter of the kernel's module.
Value KernelEmitter::counterAddress() {
  std::string name = source.getName().str() + "_counters";
  auto counters = module.lookupSymbol<LLVM::GlobalOp>(name);
  if (!counters) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    auto type = LLVM::LLVMArrayType::get(b.getI32Type(), ::attn::image::counters);
    counters = LLVM::GlobalOp::create(b, loc, type, /*isConstant=*/false, LLVM::Linkage::Internal, name,
                                      LLVM::ZeroAttr::get(b.getContext()), /*alignment=*/128, /*addrSpace=*/1);
  }
  return LLVM::AddressOfOp::create(b, loc, counters);
}

/// In the last word of the argument block stands which counter, or -1 for a launch without one.
void KernelEmitter::emitDraw(DrawOp op) {
  Type i32Type = b.getI32Type(), i64 = b.getI64Type();
  Value which = argumentWord(source.getNumArguments(), 0);
  Value bytes = arith::ShLIOp::create(b, loc, which, arith::ConstantIntOp::create(b, loc, i64, 2));
  Value base = LLVM::PtrToIntOp::create(b, loc, i64, counterAddress());
  Value address = arith::AddIOp::create(b, loc, base, bytes);
  Value last = arith::SubIOp::create(b, loc, scalar(op.getDraws()), i32(1));
  Value after = scalar(op.getAfter()), dealt = scalar(op.getDealt()), blocks = NVVM::GridDimXOp::create(b, loc, i32Type);
  Value block = NVVM::BlockIdXOp::create(b, loc, i32Type);
  auto less = [&](Value left, Value right) { return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, left, right); };
  Value next = add(after, blocks), isDealt = less(next, dealt);
  Value byNumber = arith::SelectOp::create(b, loc, less(after, dealt), add(scalar(op.getFirst()), block), next);
  // Where the producer is a warp, its first lane draws for all.
  Value isLeader = wholeWarp ? lane : i32(0);
  Value leaves = arith::SelectOp::create(b, loc, isDealt, i32(1), isLeader);
  Value number = assembly("{\n.reg .pred p;\nsetp.ge.s64 p, $2, 0;\nsetp.eq.and.u32 p, $6, 0, p;\nmov.b32 $0, $3;\n"
                          "@p atom.relaxed.gpu.global.inc.u32 $0, [$1], $4;\n@p add.u32 $0, $0, $5;\n}",
                          "=&r,l,l,r,r,r,r,~{memory}", {address, which, byNumber, last, scalar(op.getFirst()), leaves}, i32Type,
                          /*effect=*/true);
  if (wholeWarp)
    number = NVVM::ShflOp::create(b, loc, i32Type, i32(-1), number, i32(0), i32(31), NVVM::ShflKind::idx, UnitAttr());
  scalars[op.getResult()] = arith::SelectOp::create(b, loc, isDealt, next, number);
}

void KernelEmitter::emitSend(SendOp op) {
  int64_t bytes = cast<RingType>(op.getRing().getType()).getSlot().getBytes();
  Value address = sharedAddress(op.getRing(), op.getPlace(), bytes), barrier = sharedAddress(op.getBarriers(), op.getPlace(), 8);
  assembly("st.shared.b32 [$0], $1;\nmbarrier.arrive.shared::cta.b64 _, [$2];", "r,r,r,~{memory}",
           {address, scalar(op.getNumber()), barrier}, Type(), /*effect=*/true);
}

/// Every lane reads; a shuffle from lane 0 says that they have one number, and that all have read it before one gives it back.
void KernelEmitter::emitReceive(ReceiveOp op) {
  Type i32Type = b.getI32Type();
  int64_t bytes = cast<RingType>(op.getRing().getType()).getSlot().getBytes();
  Value number = assembly("ld.shared.b32 $0, [$1];", "=r,r,~{memory}", {sharedAddress(op.getRing(), op.getPlace(), bytes)},
                          i32Type, /*effect=*/true);
  scalars[op.getResult()] =
      NVVM::ShflOp::create(b, loc, i32Type, i32(-1), number, i32(0), i32(31), NVVM::ShflKind::idx, UnitAttr());
}
