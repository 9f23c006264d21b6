// Stores to global memory. From registers: the four lanes of a quad hold each row in pairs of columns, 4 bytes a lane and chunk of 8
// columns; they exchange pairs first, so that a lane stores a chunk of 16 bytes and a quad 64 bytes in a row. By way of a stage: a
// warp writes its rows to shared memory as 8x8 matrices, and one lane has them copied.
#include "KernelEmitter.h"

#include "llvm/Support/SaveAndRestore.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::tile;

/// Chunks that a quad stores together, one a lane.
static constexpr int64_t kQuadChunks = 4;
static constexpr int64_t kChunkColumns = 8;

/// Address of the first element of a row; offsets are 64-bit, since products with strides can pass 2^31.
Value KernelEmitter::emitRowAddress(StoreOp op, Value row) {
  Value head = headOfWarp(scalar(op.getHead()), op.getRowsOfHead());
  unsigned argument = argumentOf(op.getTarget());
  auto target = cast<MemRefType>(op.getTarget().getType());
  Type i64 = b.getI64Type();
  Value offset, indices[] = {scalar(op.getBatch()), head, row};
  for (auto [axis, index] : llvm::enumerate(indices)) {
    Value term = mul(arith::ExtUIOp::create(b, loc, i64, index), argumentWord(argument, 1 + target.getRank() + axis));
    offset = offset ? add(offset, term) : term;
  }
  auto global = LLVM::LLVMPointerType::get(b.getContext(), 1);
  Value base = LLVM::IntToPtrOp::create(b, loc, global, argumentWord(argument, 0));
  return LLVM::GEPOp::create(b, loc, global, target.getElementType(), base, ArrayRef<LLVM::GEPArg>{offset});
}

/// Transposes a 4x4 matrix whose rows are the four lanes of a quad: two rounds in which lanes swap what is the other's.
void KernelEmitter::transposeQuad(MutableArrayRef<Value> words) {
  Value quadLane = arith::AndIOp::create(b, loc, lane, i32(kQuadChunks - 1));
  for (int64_t distance : {1, 2}) {
    Value bit = arith::AndIOp::create(b, loc, quadLane, i32(distance));
    Value upper = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, bit, i32(0));
    for (int64_t i = 0; i < kQuadChunks; ++i) {
      if (i & distance)
        continue;
      Value &low = words[i], &high = words[i + distance];
      Value sent = arith::SelectOp::create(b, loc, upper, low, high);
      Value received = NVVM::ShflOp::create(b, loc, b.getI32Type(), i32(-1), sent, i32(distance), i32(31),
                                            NVVM::ShflKind::bfly, UnitAttr());
      low = arith::SelectOp::create(b, loc, upper, received, low);
      high = arith::SelectOp::create(b, loc, upper, high, received);
    }
  }
}

/// Runs `emit` where the condition holds.
void KernelEmitter::emitGuarded(Value condition, function_ref<void()> emit) {
  auto guard = scf::IfOp::create(b, loc, TypeRange(), condition, /*addThenBlock=*/true, /*addElseBlock=*/false);
  OpBuilder::InsertionGuard insertion(b);
  b.setInsertionPointToStart(guard.thenBlock());
  emit();
  scf::YieldOp::create(b, loc);
}

/// One row of a matrix; `words` are its pairs of columns that this lane holds, chunk by chunk.
void KernelEmitter::emitMatrixRow(StoreOp op, Value row, Value inside, ArrayRef<Value> words) {
  int64_t chunks = words.size();
  SmallVector<Value> padded(words);
  padded.resize(llvm::alignTo(chunks, kQuadChunks), i32(0));
  MutableArrayRef<Value> all = padded;
  for (size_t first = 0; first < padded.size(); first += kQuadChunks)
    transposeQuad(all.slice(first, kQuadChunks));
  Value quadLane = arith::AndIOp::create(b, loc, lane, i32(kQuadChunks - 1));
  Type element = cast<MemRefType>(op.getTarget().getType()).getElementType();
  auto vector = VectorType::get({kQuadChunks}, b.getI32Type());
  emitGuarded(inside, [&] {
    Value address = emitRowAddress(op, row);
    Value column = arith::ExtUIOp::create(b, loc, b.getI64Type(), mul(quadLane, i32(kChunkColumns)));
    address = LLVM::GEPOp::create(b, loc, address.getType(), element, address, ArrayRef<LLVM::GEPArg>{column});
    for (int64_t first = 0; first < chunks; first += kQuadChunks) {
      Value chunk = LLVM::UndefOp::create(b, loc, vector);
      for (int64_t i = 0; i < kQuadChunks; ++i)
        chunk = LLVM::InsertElementOp::create(b, loc, chunk, padded[first + i], i32(i));
      Value place = LLVM::GEPOp::create(b, loc, address.getType(), element, address,
                                        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(first * kChunkColumns)});
      auto store = [&] { LLVM::StoreOp::create(b, loc, chunk, place, /*alignment=*/16); };
      if (chunks - first >= kQuadChunks)
        store();
      else
        emitGuarded(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, quadLane, i32(chunks - first)), store);
    }
  });
}

/// Writes the rows of a warp, whose accumulator pieces are 8x8 matrices as `stmatrix` takes them: of 16 rows and, in the upper
/// lanes' addresses, of the next 8 columns. `address` is that of the stage.
void KernelEmitter::writeStage(const Pieces &tile, SharedType stage, Value address) {
  constexpr size_t most = 4;
  Value row = arith::AndIOp::create(b, loc, lane, i32(kWarpRows - 1)), upper = arith::ShRUIOp::create(b, loc, lane, i32(4));
  Value swizzled = arith::XOrIOp::create(b, loc, upper, arith::AndIOp::create(b, loc, lane, i32(7)));
  Value first = add(add(address, mul(add(warpRow, row), i32(128))), mul(swizzled, i32(16)));
  auto layout = NVVM::MMALayoutAttr::get(b.getContext(), NVVM::MMALayout::row);
  auto shape = NVVM::LdStMatrixShapeAttr::get(b.getContext(), 8, 8);
  auto type = NVVM::LdStMatrixEltTypeAttr::get(b.getContext(), NVVM::LdStMatrixEltType::B16);
  auto pointer = LLVM::LLVMPointerType::get(b.getContext(), 3);
  for (size_t i = 0; i < tile.size(); i += most) {
    int64_t unit = i / kRowPieces; // of 8 columns, 16 bytes; an even one
    Value target = add(arith::XOrIOp::create(b, loc, first, i32(unit % 8 * 16)), i32(unit / 8 * stage.getChunkBytes()));
    Pieces matrices(ArrayRef<Value>(tile).slice(i, std::min(most, tile.size() - i)));
    NVVM::StMatrixOp::create(b, loc, LLVM::IntToPtrOp::create(b, loc, pointer, target), matrices, layout, shape, type);
  }
}

/// The first of the rows that a warp has, in the tensor.
Value KernelEmitter::rowOfStage(StoreOp op) { return rowOfHead(warpRow, scalar(op.getRow()), op.getRowsOfHead()); }

/// By way of the stage, of which each warp has its own rows: so no warp waits for another, and only for copies of its own last store.
void KernelEmitter::emitStagedStore(StoreOp op) {
  auto stage = cast<SharedType>(op.getStage().getType());
  Value address = scalar(op.getStage());
  NVVM::CpAsyncBulkWaitGroupOp::create(b, loc, 0, /*read=*/UnitAttr::get(b.getContext()));
  assembly("bar.warp.sync -1;", "~{memory}", {}, Type(), /*effect=*/true);
  writeStage(pieces[op.getTile()], stage, address);
  // Copies are made by the asynchronous proxy, which has to see what the warp wrote.
  assembly("fence.proxy.async.shared::cta;\nbar.warp.sync -1;", "~{memory}", {}, Type(), /*effect=*/true);
  Value place[] = {rowOfStage(op), headOfWarp(scalar(op.getHead()), op.getRowsOfHead()), scalar(op.getBatch())};
  Value first = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, lane, i32(0));
  emitGuarded(first, [&] {
    auto pointer = LLVM::LLVMPointerType::get(b.getContext(), 3);
    Value map = tensorMapPointers[argumentOf(op.getTarget())], own = add(address, mul(warpRow, i32(128)));
    for (int64_t chunk = 0; chunk < stage.getChunks(); ++chunk) {
      SmallVector<Value> coordinates{i32(chunk * stage.getChunkColumns())};
      llvm::append_range(coordinates, place);
      Value from = LLVM::IntToPtrOp::create(b, loc, pointer, add(own, i32(chunk * stage.getChunkBytes())));
      NVVM::CpAsyncBulkTensorSharedCTAToGlobalOp::create(b, loc, map, from, coordinates, /*l2CacheHint=*/Value(),
                                                         NVVM::TMAStoreMode::TILE, /*predicate=*/Value());
    }
    NVVM::CpAsyncBulkCommitGroupOp::create(b, loc);
  });
}

/// From registers, each row for itself.
void KernelEmitter::emitStoreByRows(StoreOp op) {
  auto type = cast<RankedTensorType>(op.getTile().getType());
  Value rows = op.getEnd() ? scalar(op.getEnd())
                           : arith::TruncIOp::create(b, loc, b.getI32Type(), argumentWord(argumentOf(op.getTarget()), 3));
  const Pieces &tile = pieces[op.getTile()];
  for (int64_t half = 0; half < kRowPieces; ++half) {
    Value row = add(rowOfThread(scalar(op.getRow()), op.getRowsOfHead()), i32(getRowOffset(half)));
    Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, row, rows);
    if (type.getRank() == 2) {
      SmallVector<Value> words;
      for (size_t i = half; i < tile.size(); i += kRowPieces)
        words.push_back(tile[i]);
      emitMatrixRow(op, row, inside, words);
      continue;
    }
    // One lane of the quad that holds the row.
    Value first = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, threadColumn, i32(0));
    emitGuarded(arith::AndIOp::create(b, loc, inside, first), [&] {
      LLVM::StoreOp::create(b, loc, tile[half], emitRowAddress(op, row), /*alignment=*/4);
    });
  }
}

/// A copy leaves out the rows beyond the tensor, but not those beyond an end of its own: a warp that has such goes by rows. (Maps that
/// lead backwards, as those of loads that end early, do not do for stores: the GPU stops with an illegal instruction.)
LogicalResult KernelEmitter::emitStore(StoreOp op) {
  // Where a thread stores is known before the loop over programs, through which there are no registers to keep it in.
  llvm::SaveAndRestore keepLane(lane), keepWarp(warpRow), keepRow(threadRow), keepColumn(threadColumn);
  placeThreadAnew();
  if (!op.getStage())
    return emitStoreByRows(op), success();
  if (!op.getEnd())
    return emitStagedStore(op), success();
  Value behind = add(rowOfStage(op), i32(kWarpRows));
  Value whole = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, behind, scalar(op.getEnd()));
  auto branch = scf::IfOp::create(b, loc, TypeRange(), whole, /*addThenBlock=*/true, /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  emitStagedStore(op);
  scf::YieldOp::create(b, loc);
  b.setInsertionPointToStart(branch.elseBlock());
  emitStoreByRows(op);
  scf::YieldOp::create(b, loc);
  return success();
}
