// Emits one CPU kernel from a function at stage `stepped`. Tiles live in scratch memory where StoragePlan put them;
// everything else is cloned. The parts of the class are in files by what they emit.
#ifndef ATTN_LIB_CONVERSION_TILETOCPU_CPUEMITTER_H
#define ATTN_LIB_CONVERSION_TILETOCPU_CPUEMITTER_H

#include "Code.h"
#include "Storage.h"

#include "mlir/IR/IRMapping.h"

namespace mlir::tile::cpu {

class CpuEmitter {
public:
  CpuEmitter(func::FuncOp kernel, const ::attn::target::Cpu &cpu, bool pairs)
      : kernel(kernel), plan(cpu.vectorLanes, pairs), c(kernel.getContext(), kernel.getLoc(), cpu) {}

  /// Replaces the kernel's body and type. On failure the reason has been reported and the kernel is to be dropped.
  LogicalResult emit();

private:
  /// An argument of the kernel, as its words in the argument block.
  struct Tensor {
    Value base;
    SmallVector<Value> sizes, strides; ///< i64
    Type element;
  };
  /// The vectors of one element position of a group's loop.
  struct Position {
    Value line;                   ///< i64: line of the space
    Value word;                   ///< i64: word in the line, of the first lane
    DenseMap<Value, Value> values;
  };

  //===-- Control.cpp: the function, programs, loops and branches --===//
  void bindArguments(Block &entry, Value block);
  LogicalResult emitPrograms(scf::ForallOp forall, Value first, Value last);
  LogicalResult emitBlock(Block &block);
  LogicalResult emitOperation(Operation *op);
  LogicalResult emitScalar(Operation *op);
  LogicalResult emitFor(scf::ForOp op);
  LogicalResult emitIf(scf::IfOp op);
  LogicalResult emitBranch(scf::IfOp op, Region &region, Block *target);
  /// Makes a value stand in a place, by a copy where it is not there yet.
  LogicalResult emitInto(Value value, const Storage &target);

  //===-- Groups of elementwise operations: Elementwise.cpp --===//
  LogicalResult emitGroup(const Group &group);
  LogicalResult emitScoresGroup(const Group &group);
  LogicalResult emitLinesGroup(const Group &group);
  LogicalResult evaluate(const Group &group, Position &at);
  Value get(const Group &group, Position &at, Value value);
  Value evaluateLeaf(const Group &group, Position &at, Operation *op);
  Value rowOfHead(Value row, int64_t packed, int64_t rowsOfHead);
  Value evaluateIndices(const Group &group, Position &at, IndicesOp op);
  Value evaluatePart(DistancesOp op, bool rowsAlongLanes, Value row, Value column);
  Value evaluateDistances(const Group &group, Position &at, DistancesOp op);
  Value localIndices(const Group &group, Position &at, bool rows);
  Value evaluateDeal(const Group &group, Position &at, DealOp op);
  FailureOr<Value> evaluateOperation(const Group &group, Position &at, Operation *op);
  /// Gather.cpp
  FailureOr<Value> evaluateGather(const Group &group, Position &at, GatherOp op);
  Value loadElement(const Tensor &source, ArrayRef<Value> indices);
  void emitElement(ElementOp op);
  void emitSearch(SearchOp op);
  //===-- Table.cpp: tables of key blocks --===//
  struct Table {
    Value count, first, shift; ///< present entries; the first block; an entry stands for 2^shift blocks
    Value order, full;         ///< addresses
  };
  LogicalResult emitTable(Operation *op);
  LogicalResult emitTabulate(TabulateOp op);
  FailureOr<SmallVector<Value>> emitEntry(TabulateOp op, const Table &table, Value entry, Value count);
  void emitFindBlock(FindBlockOp op);
  void emitIsFullBlock(IsFullBlockOp op);
  void emitExtremes(ExtremesOp op);
  void storeResults(const Group &group, MutableArrayRef<Position> positions);
  void loadInvariants(const Group &group, Position &at);

  //===-- Movement.cpp --===//
  LogicalResult emitLoad(LoadOp op);
  LogicalResult emitStore(StoreOp op);
  void forEachHead(const Tensor &tensor, Value start, int64_t heads, int64_t rows, function_ref<void(Value, Value)> body);
  void packQuery(const Storage &target, const Tensor &source, Value address, Value valid, Value first, int64_t rows);
  void packKey(const Storage &target, const Tensor &source, Value address, Value valid);
  void packValue(const Storage &target, const Tensor &source, Value address, Value valid);
  Value rowAddress(const Tensor &tensor, Value batch, Value head, Value row);
  Value countValidRows(const Tensor &tensor, Value row, int64_t rows, Value end);
  Value loadElements(const Tensor &source, Value address, int64_t column, int64_t count);
  void zeroLine(const Storage &target, Value line);

  //===-- Products.cpp --===//
  LogicalResult emitProduct(MmaOp op);
  struct ProductShape;
  void emitProductBlock(const ProductShape &shape, Value line, int64_t lines, Value vectorIndex, int64_t vectors,
                        Value first, Value last);
  void emitProductRange(const ProductShape &shape, Value first, Value last);
  Value multiplyPairs(Value acc, Value left, Value right);

  Value address(const Storage &storage) { return c.offset(scratch, storage.offset); }
  Value address(const Storage &storage, Value line, Value word);

  func::FuncOp kernel;
  StoragePlan plan;
  Code c;
  IRMapping mapping;
  DenseMap<Value, Tensor> tensors;
  DenseMap<Value, Table> tables;
  Value scratch;
};

} // namespace mlir::tile::cpu

#endif // ATTN_LIB_CONVERSION_TILETOCPU_CPUEMITTER_H
