// Mask regions run on integers; see MaskRegions.h.
#include "MaskRegions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/TypeSwitch.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace ::attn::analysis;
using namespace ::attn::test;

OwningOpRef<ModuleOp> attn::test::parseMask(MLIRContext &context, const std::string &captureTypes, const std::string &body) {
  std::string text = "func.func @mask(%b: index, %h: index, %q: index, %k: index" + captureTypes + ") -> i1 {\n" + body + "}";
  return parseSourceString<ModuleOp>(text, &context);
}

Block &attn::test::getRegion(ModuleOp module) { return (*module.getOps<func::FuncOp>().begin()).getBody().front(); }

namespace {
class Run {
public:
  Run(const Captures &captures, int64_t query, int64_t key) : captures(captures), query(query), key(key) {}

  int64_t value(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      unsigned n = argument.getArgNumber();
      int64_t known[] = {captures.batch, captures.head, query, key};
      return n < 4 ? known[n] : captures.tables[n - 4].front();
    }
    auto it = values.find(value);
    if (it != values.end())
      return it->second;
    int64_t result = operation(value.getDefiningOp());
    return values[value] = result;
  }

private:
  int64_t operation(Operation *op);
  int64_t at(Operation *op, unsigned operand) { return value(op->getOperand(operand)); }

  const Captures &captures;
  int64_t query, key;
  llvm::DenseMap<Value, int64_t> values;
};
} // namespace

static int64_t floorDivide(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a % b < 0) != (b < 0)); }

int64_t Run::operation(Operation *op) {
  return llvm::TypeSwitch<Operation *, int64_t>(op)
      .Case([&](arith::ConstantOp constant) {
        if (auto truth = dyn_cast<BoolAttr>(constant.getValue()))
          return int64_t(truth.getValue());
        return cast<IntegerAttr>(constant.getValue()).getInt();
      })
      .Case([&](arith::AddIOp) { return at(op, 0) + at(op, 1); })
      .Case([&](arith::SubIOp) { return at(op, 0) - at(op, 1); })
      .Case([&](arith::MulIOp) { return at(op, 0) * at(op, 1); })
      .Case([&](arith::FloorDivSIOp) { return floorDivide(at(op, 0), at(op, 1)); })
      .Case([&](arith::CeilDivSIOp) { return -floorDivide(-at(op, 0), at(op, 1)); })
      .Case([&](arith::DivSIOp) { return at(op, 0) / at(op, 1); })
      .Case([&](arith::DivUIOp) { return int64_t(uint64_t(at(op, 0)) / uint64_t(at(op, 1))); })
      .Case([&](arith::RemSIOp) { return at(op, 0) % at(op, 1); })
      .Case([&](arith::RemUIOp) { return int64_t(uint64_t(at(op, 0)) % uint64_t(at(op, 1))); })
      .Case([&](arith::MaxSIOp) { return std::max(at(op, 0), at(op, 1)); })
      .Case([&](arith::MinSIOp) { return std::min(at(op, 0), at(op, 1)); })
      .Case([&](arith::AndIOp) { return at(op, 0) & at(op, 1); })
      .Case([&](arith::OrIOp) { return at(op, 0) | at(op, 1); })
      .Case([&](arith::XOrIOp) { return at(op, 0) ^ at(op, 1); })
      .Case([&](arith::ShRUIOp) { return at(op, 0) >> at(op, 1); })
      .Case<arith::IndexCastOp, arith::ExtUIOp>([&](Operation *) { return at(op, 0); })
      .Case([&](arith::SelectOp) { return at(op, 0) ? at(op, 1) : at(op, 2); })
      .Case([&](arith::CmpIOp cmp) {
        APInt left(64, at(op, 0), true), right(64, at(op, 1), true);
        return int64_t(arith::applyCmpPredicate(cmp.getPredicate(), left, right));
      })
      .Case([&](tensor::ExtractOp extract) {
        const std::vector<int64_t> &table = captures.tables[cast<BlockArgument>(extract.getTensor()).getArgNumber() - 4];
        return table[size_t(at(op, 1)) % table.size()];
      })
      .Default([&](Operation *) -> int64_t { llvm::report_fatal_error("an operation that masks of tests do not use"); });
}

bool attn::test::isAllowed(Block &region, const Captures &captures, int64_t query, int64_t key) {
  return Run(captures, query, key).value(region.getTerminator()->getOperand(0)) & 1;
}

namespace {
struct Integers {
  using Value = int64_t;
  const Captures &captures;

  /// Kernels for a GPU compute in 32 bits.
  static int64_t narrow(int64_t value) {
    EXPECT_EQ(value, int64_t(int32_t(value))) << "leaves 32 bits";
    return value;
  }
  int64_t constant(int64_t value) { return narrow(value); }
  int64_t add(int64_t left, int64_t right) { return narrow(left + right); }
  int64_t sub(int64_t left, int64_t right) { return narrow(left - right); }
  int64_t multiply(int64_t value, int64_t by) { return narrow(value * by); }
  int64_t min(int64_t left, int64_t right) { return std::min(left, right); }
  int64_t max(int64_t left, int64_t right) { return std::max(left, right); }
  int64_t floorDivide(int64_t value, int64_t by) { return ::floorDivide(value, by); }
  int64_t divide(int64_t value, int64_t by) {
    EXPECT_GE(value, 0) << "an unsigned division of a negative value";
    return value / by;
  }
  int64_t selectAtMost(int64_t a, int64_t b, int64_t yes, int64_t no) { return a <= b ? yes : no; }
  int64_t symbol(mlir::Value value) { return Run(captures, 0, 0).value(value); }
  const std::vector<int64_t> &table(const TermTable::Atom &atom) {
    return captures.tables[cast<BlockArgument>(atom.symbol).getArgNumber() - 4];
  }
  int64_t element(const TermTable::Atom &atom, int64_t index) {
    auto size = static_cast<int64_t>(table(atom).size());
    return table(atom)[static_cast<size_t>(std::clamp<int64_t>(index, 0, size - 1))];
  }
  using Truth = bool;
  bool truth(bool value) { return value; }
  bool both(bool left, bool right) { return left && right; }
  bool either(bool left, bool right) { return left || right; }
  bool invert(bool value) { return !value; }
  bool atMost(int64_t left, int64_t right) { return left <= right; }
  bool equal(int64_t left, int64_t right) { return left == right; }
  /// Tables of tests have one axis, around which indices go.
  std::pair<int64_t, int64_t> extremes(mlir::Value buffer, ArrayRef<std::pair<int64_t, int64_t>> box, bool single) {
    const std::vector<int64_t> &table = captures.tables[cast<BlockArgument>(buffer).getArgNumber() - 4];
    EXPECT_TRUE(!single || box[0].first == box[0].second || box[0].first > box[0].second) << "more than one element";
    std::pair<int64_t, int64_t> result{std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()};
    for (int64_t i = box[0].first; i <= box[0].second; ++i) {
      int64_t element = table[static_cast<size_t>(i) % table.size()];
      result = {std::min(result.first, element), std::max(result.second, element)};
    }
    return result.first <= result.second ? result : std::pair<int64_t, int64_t>{0, 0};
  }
  int64_t search(const TermTable::Atom &atom, int64_t value) {
    return std::lower_bound(table(atom).begin(), table(atom).end(), value) - table(atom).begin();
  }
};
} // namespace

Comparison attn::test::compare(const MaskRanges &mask, Block &region, const Launch &launch) {
  Comparison result;
  auto [rows, columns, lower, upper] = mask.band();
  auto allowed = [&](int64_t query, int64_t key) {
    int64_t offset = key - query - launch.diagonal;
    bool inBand = (!mask.band().lower || offset >= *mask.band().lower) && (!mask.band().upper || offset <= *mask.band().upper);
    return inBand && isAllowed(region, launch.captures, query, key);
  };
  for (int64_t query = 0; query < launch.queries; query += rows) {
    Integers integers{launch.captures};
    MaskRangesOf<Integers> ranges(integers, mask, query, launch.diagonal, launch.keys);
    int64_t blockCount = (launch.keys + columns - 1) / columns;
    std::vector<int64_t> visits(blockCount);
    for (auto [first, count] : ranges.visited())
      for (int64_t block = first; block < first + count; ++block) {
        if (block < 0 || block >= blockCount || visits[block]++) {
          result.wrong = "block " + std::to_string(block) + " of query " + std::to_string(query) + " is visited twice or does not exist";
          return result;
        }
      }
    auto forbidden = ranges.forbidden();
    for (int64_t block = 0; block < blockCount; ++block) {
      int64_t key = block * columns, any = 0;
      for (int64_t i = query; i < query + rows; ++i)
        for (int64_t j = key; j < std::min(key + columns, launch.keys); ++j)
          any += allowed(i, j);
      bool all = any == rows * columns, full = key + columns <= launch.keys;
      for (auto [begin, end] : forbidden)
        full &= end <= begin || end <= key || begin >= key + columns;
      result.needed += any > 0;
      result.visited += visits[block];
      result.couldBeFull += all;
      result.full += full && visits[block];
      if ((any && !visits[block]) || (full && !all && visits[block]))
        result.wrong = std::string(any && !visits[block] ? "an allowed pair is absent" : "a forbidden pair is full") + " in block " +
                       std::to_string(block) + " of query " + std::to_string(query);
    }
  }
  return result;
}

Comparison attn::test::compare(TileRegion &tiles, const Launch &launch) {
  Comparison result;
  Integers integers{launch.captures};
  TileBoundsOf<Integers> bounds(integers, tiles);
  for (int64_t query = 0; query < launch.queries; query += tiles.rows)
    for (int64_t key = 0; key < launch.keys; key += tiles.columns) {
      auto [present, full] = bounds.classify(query, key, launch.keys);
      full &= key + tiles.columns <= launch.keys;
      int64_t any = 0;
      for (int64_t i = query; i < query + tiles.rows; ++i)
        for (int64_t j = key; j < std::min(key + tiles.columns, launch.keys); ++j)
          any += isAllowed(tiles.region, launch.captures, i, j);
      bool all = any == tiles.rows * tiles.columns;
      result.needed += any > 0, result.visited += present, result.couldBeFull += all, result.full += full && present;
      if ((any && !present) || (full && !all && present))
        result.wrong = std::string(full ? "a forbidden pair is full" : "an allowed pair is absent") + " in the tile of query " +
                       std::to_string(query) + " and key " + std::to_string(key);
    }
  return result;
}
