// Where tiles live in a worker's scratch memory, and which operations share a loop. Tiles are values in the source and
// memory in the result; here they get their place, and values that may overwrite one another get the same one.
#ifndef ATTN_LIB_CONVERSION_TILETOCPU_STORAGE_H
#define ATTN_LIB_CONVERSION_TILETOCPU_STORAGE_H

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::tile::cpu {

/// How a tile lies in memory, as lines of 32-bit words (16-bit elements in Key with pairs, and in Output). A pair is two
/// 16-bit elements that a dot-product instruction takes together, neighbours along the axis that is summed over.
enum class Form {
  Rows,        ///< one line, a word a row
  Scores,      ///< a line a column (key), a word a row (query): reductions over keys run over whole vectors of queries
  Weights,     ///< a line a pair of columns, a word a row: scores as pairs, ready to be multiplied
  Accumulator, ///< a line a row, a word a column, columns padded to whole vectors
  Output,      ///< the same in the 16-bit type
  Query,       ///< a line a column (or pair), a word a row
  Key,         ///< a line a row, an element a column
  Value        ///< a line a row (or pair of rows), a word a column, padded to whole vectors
};

struct Storage {
  Form form = Form::Rows;
  int64_t offset = 0;   ///< bytes from the start of the scratch memory
  int64_t rows = 0, columns = 0;
  int64_t lines = 0, lineBytes = 0;
};

/// Elementwise operations and reductions over one index space, computed in one loop.
struct Group {
  Form space = Form::Rows; ///< Rows, Scores or Accumulator
  int64_t rows = 0, columns = 0;
  SmallVector<Operation *> operations;
  bool contains(Operation *op) const { return llvm::is_contained(operations, op); }
};

/// Constants, broadcasts and indices: recomputed where they are used, never stored.
bool isLeaf(Operation *op);
/// Conditions and integers are recomputed where another group needs them; only numbers are stored.
bool isRecomputed(Operation *op);
/// A value that this conversion turns into memory.
bool isTile(Type type);

class StoragePlan {
public:
  /// `lanes`: f32 elements of a vector. `pairs`: 16-bit products are taken by pairs.
  StoragePlan(int64_t lanes, bool pairs) : lanes(lanes), pairs(pairs) {}

  /// Plans a kernel's body; reports what has no place.
  LogicalResult plan(func::FuncOp kernel);

  const Storage *find(Value value) const {
    auto found = storages.find(value);
    return found == storages.end() ? nullptr : &found->second;
  }
  /// The group that an operation belongs to, or nothing.
  const Group *findGroup(Operation *op) const {
    auto found = groupOf.find(op);
    return found == groupOf.end() ? nullptr : &groups[found->second];
  }
  /// Bytes from the start of the scratch memory to a table: the present entries in order, then a byte for each entry, which
  /// says whether it is full.
  int64_t getOffset(TabulateOp table) const { return tables.lookup(table); }
  static constexpr int64_t kOrderBytes = 4 * TabulateOp::kEntries;
  int64_t getBytes() const { return bytes; }
  bool usesPairs() const { return pairs; }

private:
  LogicalResult inferSpaces(func::FuncOp kernel);
  bool unify(ArrayRef<Value> values);
  LogicalResult formGroups(Block &block);
  std::optional<Group> spaceOf(Operation *op);
  bool dependsOnReduction(Operation *op, const Group &group);

  LogicalResult place(Block &block);
  LogicalResult placeLoop(scf::ForOp loop);
  LogicalResult placeBranch(scf::IfOp branch);
  void placeYields(Block &block, ValueRange results);
  void placeProduct(MmaOp product);
  FailureOr<Form> loadForm(LoadOp load);
  bool isUsedOutside(Value value, const Group &group) const;
  Form formOf(Value value) const;
  Storage makeStorage(Form form, Type type);
  void assign(Value value) {
    if (!storages.count(value))
      storages[value] = makeStorage(formOf(value), value.getType());
  }
  void share(Value value, const Storage &storage) { storages.try_emplace(value, storage); }
  int64_t positionOf(Operation *op, Block &block) const;

  int64_t lanes;
  bool pairs;
  int64_t bytes = 0;
  DenseMap<Value, Form> spaces; ///< Scores or Accumulator, of matrices
  DenseMap<Value, Storage> storages;
  DenseMap<Operation *, int64_t> tables;
  SmallVector<Group> groups;
  DenseMap<Operation *, unsigned> groupOf;
};

} // namespace mlir::tile::cpu

#endif // ATTN_LIB_CONVERSION_TILETOCPU_STORAGE_H
