// Evaluates the ranges of a mask on integers, tile after tile, where tile-split-ranges emits them as index arithmetic.
#include "attn/Compiler/MaskPicture.h"

#include "Session.h"

#include "attn/Analysis/IntegerArithmetic.h"
#include "attn/Analysis/MaskRanges.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace attn::compiler {
namespace {

/// Values that are the same for the whole kernel, computed by folding: constants, extents, batch 0 and head 0.
class Folder {
public:
  Folder(int64_t queries, int64_t keys) : queries(queries), keys(keys) {}

  std::optional<int64_t> number(Value value) {
    auto integer = dyn_cast_or_null<IntegerAttr>(fold(value));
    return integer ? std::optional(integer.getInt()) : std::nullopt;
  }

private:
  Attribute fold(Value value);
  Attribute extent(memref::DimOp dim);

  int64_t queries, keys;
};

/// A body's argument for the value that stands outside of it.
Value outside(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  auto region = argument ? dyn_cast<tile::RegionMaskOp>(argument.getOwner()->getParentOp()) : tile::RegionMaskOp();
  return region ? region->getOperand(argument.getArgNumber() + 1) : value; // the scores come first
}

Attribute Folder::extent(memref::DimOp dim) {
  auto tensor = dyn_cast<BlockArgument>(outside(dim.getSource()));
  if (!tensor || dim.getConstantIndex() != 2 || tensor.getArgNumber() > 2)
    return {};
  return IntegerAttr::get(dim.getType(), tensor.getArgNumber() == 0 ? queries : keys);
}

Attribute Folder::fold(Value value) {
  value = outside(value);
  Attribute known;
  if (matchPattern(value, m_Constant(&known)))
    return known;
  if (isa<BlockArgument>(value)) // batch or head
    return value.getType().isIndex() ? IntegerAttr::get(value.getType(), 0) : Attribute();
  Operation *op = value.getDefiningOp();
  if (auto dim = dyn_cast<memref::DimOp>(op))
    return extent(dim);
  SmallVector<Attribute> operands;
  for (Value operand : op->getOperands())
    if (operands.push_back(fold(operand)); !operands.back())
      return {};
  SmallVector<OpFoldResult> results;
  if (op->getNumRegions() != 0 || failed(op->fold(operands, results)) || results.size() != 1)
    return {};
  Attribute result = dyn_cast<Attribute>(results.front());
  return result ? result : fold(cast<Value>(results.front()));
}

/// Scalars have the values that follow from lengths.
struct Integers : analysis::IntegerArithmetic {
  explicit Integers(Folder &folder) : folder(folder) {}
  Folder &folder;
  bool unknown = false; ///< whether a scalar has no value without a launch

  int64_t symbol(mlir::Value value) {
    std::optional<int64_t> number = folder.number(value);
    unknown |= !number;
    return number.value_or(0);
  }
  // What a buffer holds is known to a launch only.
  int64_t element(const analysis::TermTable::Atom &, int64_t) { return unknown = true, 0; }
  int64_t search(const analysis::TermTable::Atom &, int64_t) { return unknown = true, 0; }
};

using Kind = MaskPicture::Kind;

/// One row of tiles under a mask region and a band.
std::vector<Kind> classify(Integers &integers, const analysis::MaskRanges &ranges, int64_t query, int64_t diagonal,
                           int64_t keys) {
  analysis::MaskRangesOf<Integers> row(integers, ranges, query, diagonal, keys);
  int64_t columns = ranges.band().columns;
  std::vector<Kind> kinds(llvm::divideCeil(keys, columns), Kind::Absent);
  auto forbidden = row.forbidden();
  for (auto [first, count] : row.visited())
    for (int64_t block = first; block < first + count; ++block) {
      int64_t begin = block * columns, end = begin + columns;
      bool full = end <= keys;
      for (const auto &range : forbidden)
        full &= range.end <= range.begin || range.end <= begin || end <= range.begin;
      kinds[static_cast<size_t>(block)] = full ? Kind::Full : Kind::Partial;
    }
  return kinds;
}

Error unsupported(const std::string &name) {
  return {Status::Unsupported, name + ": expects a mask whose ranges follow from lengths alone for a picture, got one that "
                                      "depends on what a buffer holds"};
}

} // namespace

double MaskPicture::share(Kind kind) const {
  double all = 0, some = 0;
  for (const std::vector<Kind> &row : tiles)
    for (Kind found : row)
      ++all, some += found == kind;
  return all > 0 ? some / all : 0;
}

std::string MaskPicture::svg() const {
  size_t across = tiles.empty() ? 0 : tiles.front().size();
  int64_t most = static_cast<int64_t>(std::max(across, tiles.size()));
  double cell = most ? std::min(16.0, 1024.0 / static_cast<double>(most)) : 16;
  double width = std::max(420.0, cell * static_cast<double>(across) + 20), height = cell * static_cast<double>(tiles.size()) + 60;
  constexpr const char *colours[] = {"#f0f0f0", "#f2a33a", "#3a7bd5"};
  std::string text = llvm::formatv(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:F0}\" height=\"{1:F0}\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
      "<text x=\"10\" y=\"18\">{2}: {3} queries down, {4} keys across, tiles of {5} x {6}</text>\n"
      "<text x=\"10\" y=\"36\">absent {7:F1} %, <tspan fill=\"{10}\">partial {8:F1} %</tspan>, <tspan fill=\"{11}\">full "
      "{9:F1} %</tspan></text>\n",
      width, height, symbol, queries, keys, rows, columns, 100 * share(Kind::Absent), 100 * share(Kind::Partial),
      100 * share(Kind::Full), colours[1], colours[2]);
  for (size_t row = 0; row != tiles.size(); ++row)
    for (size_t first = 0, last; first != across; first = last) {
      for (last = first; last != across && tiles[row][last] == tiles[row][first];)
        ++last;
      text += llvm::formatv("<rect x=\"{0:F2}\" y=\"{1:F2}\" width=\"{2:F2}\" height=\"{3:F2}\" fill=\"{4}\"/>\n",
                            10 + cell * static_cast<double>(first), 50 + cell * static_cast<double>(row),
                            cell * static_cast<double>(last - first), cell,
                            colours[static_cast<size_t>(tiles[row][first])]);
    }
  return text + "</svg>\n";
}

Result<MaskPicture> drawMask(std::string_view spec, const CompileOptions &given, int64_t queries, int64_t keys) {
  CompileOptions options = given;
  options.emit = Emit::Mlir;
  options.stopAfter = "tiled"; // masks are still operations there
  Session session(options);
  if (Error error = session.parse(spec); error.status != Status::Ok)
    return error;
  MaskPicture picture;
  picture.symbol = (*session.module().getOps<func::FuncOp>().begin()).getName().str();
  if (Error error = session.runPipeline(); error.status != Status::Ok)
    return error;
  tile::BandMaskOp mask;
  session.module().walk([&](tile::BandMaskOp op) { mask = op; });
  picture.queries = queries, picture.keys = keys;
  picture.rows = mask.getRowsOfHead(), picture.columns = cast<RankedTensorType>(mask.getType()).getDimSize(1);
  int64_t down = llvm::divideCeil(queries, picture.rows), across = llvm::divideCeil(keys, picture.columns);
  if (down * across > maxPictureTiles)
    return Error{Status::InvalidArgument, "mask picture, expects at most " + std::to_string(maxPictureTiles) +
                                              " tiles, got " + std::to_string(down * across)};
  Folder folder(queries, keys);
  Integers integers(folder);
  std::optional<int64_t> diagonal = folder.number(mask.getDiagonal()), count = folder.number(mask.getKeyCount());
  if (!diagonal || !count || mask.getQueryCount())
    return unsupported(options.sourceName);
  analysis::TiledBand band{picture.rows, picture.columns, mask.getLower(), mask.getUpper()};
  auto region = mask.getScores().getDefiningOp<tile::RegionMaskOp>();
  analysis::BlockMask plain(band, keys, *diagonal);
  std::optional<analysis::MaskRanges> ranges;
  if (region) {
    ranges = analysis::MaskRanges::derive(region.getBody().front(), band, region.getSorted().value_or(ArrayRef<int64_t>()));
    picture.why = ranges->why();
  }
  for (int64_t row = 0; row != down; ++row) {
    std::vector<Kind> kinds;
    for (int64_t block = 0; block != across && !ranges; ++block)
      kinds.push_back(static_cast<Kind>(plain.classify(row * picture.rows, block)));
    picture.tiles.push_back(ranges ? classify(integers, *ranges, row * picture.rows, *diagonal, keys) : kinds);
  }
  if (integers.unknown)
    return unsupported(options.sourceName);
  return picture;
}

} // namespace attn::compiler
