// Emits one GPU kernel from a function at stage `checked`. A tile becomes the registers that one thread holds of it
// ("pieces"); everything else is cloned with 32-bit indices. The parts of the class are in files by what they emit.
// Which elements the pieces are is in attn/Dialect/Tile/IR/Layouts.h.
#ifndef ATTN_CONVERSION_TILETONVVM_KERNELEMITTER_H
#define ATTN_CONVERSION_TILETONVVM_KERNELEMITTER_H

#include "attn/Dialect/Tile/IR/Layouts.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <array>
#include <map>

namespace mlir::tile {

class KernelEmitter {
public:
  KernelEmitter(func::FuncOp source, PlanAttr plan, gpu::GPUModuleOp module);

  /// Emits the kernel; on failure the reason has been reported at the operation.
  LogicalResult emit();

private:
  using Pieces = SmallVector<Value>;

  //===-- KernelShell.cpp: the function, its parameters, control flow --===//
  LogicalResult checkPlan();
  LogicalResult collectTensorMaps();
  void emitStart();
  LLVM::LLVMFuncOp createFunction();
  void emitThreadIndices();
  LogicalResult emitBlock(Block &block);
  LogicalResult emitOperation(Operation *op);
  void emitEnd();
  LogicalResult emitFor(scf::ForOp op);
  LogicalResult emitIf(scf::IfOp op);
  LogicalResult emitRegion(Block &from, Block *to, Operation *terminator);
  LogicalResult emitLoopBody(Operation *loop, Block &from, Block *to, Operation *terminator);
  llvm::SmallVector<Value> flatten(ValueRange values);
  void distribute(ValueRange originals, ValueRange flat);
  void placeThread(Value number);
  void placeThreadAnew();
  LogicalResult emitRoles(RolesOp op);

  //===-- Scalars.cpp: numbers of the index type --===//
  void emitDim(Operation *dim);
  LogicalResult emitOwnRow(OwnRowOp op);
  void emitOwnBound(OwnBoundOp op);
  LogicalResult emitScalar(Operation *op);
  Value divideByInvariant(Value dividend, Value divisor);

  //===-- Elementwise.cpp: arithmetic on tiles --===//
  LogicalResult emitElementwise(Operation *op);
  bool isDeferred(Operation *op);
  Value piece(Value tile, size_t i);
  SmallVector<Value> emitElement(Operation *op, size_t i);
  Value emitPiece(Operation *op, ValueRange operands, Type type);
  LogicalResult emitConstant(arith::ConstantOp op);
  void emitTruncate(arith::TruncFOp op);
  Value emitPair(arith::TruncFOp op, Value left, Value right);
  void emitRowMax(RowMaxOp op);
  void emitRowTotal(RowTotalOp op);
  void emitBroadcast(BroadcastRowsOp op);
  void emitDetachSums(DetachSumsOp op);
  bool holdsHeads(int64_t rowsOfHead);
  Value headOfWarp(Value first, int64_t rowsOfHead);
  Value rowOfHead(Value row, Value first, int64_t rowsOfHead);
  Value rowOfThread(Value first, int64_t rowsOfHead);
  void emitIndices(IndicesOp op);
  void emitDistances(DistancesOp op);
  Value reduceQuad(Value value, function_ref<Value(Value, Value)> combine);

  //===-- Weights.cpp: exponentials and their sums --===//
  struct WeightChain;
  using RowParts = std::array<Value, kRowPieces>; ///< one value for each of a lane's rows
  bool isPartOfWeights(Operation *op);
  void emitRowAccumulate(RowAccumulateOp op);
  void emitRowCeiling(RowCeilingOp op);
  using StripLook = function_ref<RowParts(size_t first, ArrayRef<Value> weights)>;
  void emitStrips(const WeightChain &chain, StripLook look);
  void emitPairs(arith::TruncFOp op, ArrayRef<Value> weights, Pieces &pairs);
  Pieces emitExponents(math::FmaOp op, size_t first, size_t last, const RowParts *earlier);
  void emitStripSums(RowAccumulateOp op, ArrayRef<Value> strip, size_t first, RowParts &even, RowParts &odd);
  void emitCombineSums(CombineSumsOp op);
  void emitAnyAbove(AnyAboveOp op);
  void emitRowsAbove(RowsAboveOp op);
  Value emitIsAbove(Value part, FloatAttr limit, Value fresh);
  Value emitAfter(Value value, Value earlier);
  void emitTakeOver(TakeOverOp op);

  //===-- Products.cpp: wgmma --===//
  LogicalResult emitIssue(IssueMmaOp op);
  LogicalResult emitAwait(AwaitOp op);
  Value descriptor(Value address, Value leadingBytes);

  //===-- Memory.cpp: shared memory, barriers, tensor maps --===//
  LogicalResult emitMemory(Operation *op);
  void emitWait(WaitOp op);
  void emitOnce(function_ref<void()> emit);
  LogicalResult emitFills();
  void emitBarriers(ArrayRef<AllocBarriersOp> barriers);
  void emitClusterSync(bool release = false);
  void emitArrive(ArriveOp op);
  SmallVector<Value> placeOfCopy(CopyOp op);
  void emitCopy(CopyOp op);
  void emitTurn(TurnOp op);

  //===-- Programs.cpp: which program a block has --===//
  LogicalResult emitForall(scf::ForallOp op);
  LogicalResult emitWhile(scf::WhileOp op);
  Value counterAddress();
  void emitDraw(DrawOp op);
  void emitSend(SendOp op);
  void emitReceive(ReceiveOp op);

  //===-- Parts.cpp: programs that the blocks of a cluster share --===//
  void emitPart(PartOp op);
  Value blocksOfProgram();
  Value sharePrograms(Value place);
  Value stateAddress();
  int64_t stateStep();
  LogicalResult emitPublish(PublishOp op);
  void emitPeer(PeerOp op);

  //===-- Stores.cpp: results to global memory --===//
  LogicalResult emitStore(StoreOp op);
  void emitMatrixRow(StoreOp op, Value row, Value inside, ArrayRef<Value> words);
  Value emitRowAddress(StoreOp op, Value row);
  void emitStoreByRows(StoreOp op);
  Value rowOfStage(StoreOp op);
  void emitStagedStore(StoreOp op);
  void writeStage(const Pieces &tile, SharedType stage, Value address);
  void transposeQuad(MutableArrayRef<Value> words);
  void emitGuarded(Value condition, function_ref<void()> emit);

  //===-- Gather.cpp: captured buffers --===//
  void emitGather(GatherOp op);
  Value loadElement(Value memref, ArrayRef<Value> indices);
  void emitElement(ElementOp op);
  Value emitGuardedLoad(Type element, Value address, Value inside, Type result);

  //===-- Search.cpp: searches of sorted buffers --===//
  void joinSearches();
  Value isBelowAt(SearchOp op, Value place);
  LogicalResult emitSearch(SearchOp op);

  //===-- Table.cpp: tables of key blocks --===//
  struct Table {
    Value first, shift;          ///< the first block; an entry stands for 2^shift blocks
    Value present, full, before; ///< bits of this lane; present entries of the lanes before it
    Value count;                 ///< present entries of all
  };
  LogicalResult emitTabulate(TabulateOp op);
  LogicalResult emitEntry(TabulateOp op, const Table &table, Value entry, Value &present, Value &full);
  void emitCountBlocks(CountBlocksOp op);
  void emitFindBlock(FindBlockOp op);
  void emitIsFullBlock(IsFullBlockOp op);
  void emitExtremes(ExtremesOp op);
  Value emitBallot(Value condition);
  Value countBits(Value value);
  Value emitFromLane(Value value, Value from);

  Value sharedAddress(Value base, Value index, int64_t bytes);

  //===-- Words used everywhere --===//
  Value i32(int64_t value);
  Value add(Value left, Value right) { return arith::AddIOp::create(b, loc, left, right); }
  Value mul(Value left, Value right) { return arith::MulIOp::create(b, loc, left, right); }
  /// Word `index` of tensor `argument` in the argument block: 0 the address, then sizes, then strides.
  Value argumentWord(unsigned argument, int64_t index);
  /// Inline assembly with one result (or none for a null type). It is volatile when it has an effect.
  Value assembly(StringRef text, StringRef constraints, ValueRange operands, Type result, bool effect);
  Value scalar(Value value) { return scalars.lookup(value); }
  bool isTile(Type type) const { return isa<RankedTensorType, PartialType, PendingType>(type); }
  /// Registers of one thread for a tile type, and the type of each.
  SmallVector<Type> pieceTypes(Type type);
  unsigned argumentOf(Value memref) { return cast<BlockArgument>(memref).getArgNumber(); }

  func::FuncOp source;
  PlanAttr plan;
  gpu::GPUModuleOp module;
  OpBuilder b;
  Location loc;
  DenseMap<Value, Value> scalars;
  DenseMap<Value, Pieces> pieces;
  DenseMap<Value, Table> tables;
  DenseMap<Operation *, SmallVector<SearchOp>> searchGroups; ///< by the first of those that are made together
  using Known = std::map<SmallVector<void *>, SmallVector<Value>>;
  DenseMap<Operation *, Known> known; ///< results of an elementwise operation by its operands
  struct Box {
    SharedType slot;
    int64_t rows; ///< of a head that one copy brings: of a tile that a cluster loads together, a part
    bool operator==(const Box &other) const { return slot == other.slot && rows == other.rows; }
  };
  DenseMap<unsigned, Box> boxes; ///< of tensor maps, by argument
  DenseMap<unsigned, Value> tensorMapPointers;
  DenseMap<Value, Value> reciprocals; ///< of divisors, times 2^32
  SmallVector<Value> inFlight; ///< issued products of this block in order
  bool wholeWarp = false;      ///< in a producer that is a warp, because it needs tables of key blocks or searches
  Value unknownZero; ///< a 0 that the assembler cannot know
  Value partNumber, partCount; ///< of the block's program, where programs are shared
  Value argumentBlock, sharedBase, thread, lane, warpgroup, consumer, threadColumn;
  Value peerBase; ///< in a cluster, where the shared memory of the block with the lane's number begins
  Value warpRow, threadRow; ///< first rows of the warp and of the thread
};

} // namespace mlir::tile

#endif // ATTN_CONVERSION_TILETONVVM_KERNELEMITTER_H
