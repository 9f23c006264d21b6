// Syntax of the tile dialect's types: !tile.shared<128x64xbf16>, !tile.ring<2, 128x64xbf16>, !tile.partial<128xf32>.
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::tile;

#define GET_TYPEDEF_CLASSES
#include "attn/Dialect/Tile/IR/TileTypes.cpp.inc"

void TileDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "attn/Dialect/Tile/IR/TileTypes.cpp.inc"
      >();
}

/// Parses `d0xd1x…xtype` with exactly `rank` positive extents.
static FailureOr<Type> parseShape(AsmParser &parser, unsigned rank, SmallVectorImpl<int64_t> &shape) {
  SMLoc loc = parser.getCurrentLocation();
  Type elementType;
  if (parser.parseDimensionList(shape, /*allowDynamic=*/false) || parser.parseType(elementType))
    return failure();
  if (shape.size() != rank || llvm::any_of(shape, [](int64_t extent) { return extent <= 0; })) {
    parser.emitError(loc, "expects ") << rank << " positive extents";
    return failure();
  }
  if (!elementType.isIntOrFloat()) {
    parser.emitError(loc, "expects an integer or float element type, got ") << elementType;
    return failure();
  }
  return elementType;
}

Type SharedType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  if (parser.parseLess())
    return {};
  FailureOr<Type> elementType = parseShape(parser, 2, shape);
  if (failed(elementType) || parser.parseGreater())
    return {};
  return get(parser.getContext(), shape[0], shape[1], *elementType);
}

void SharedType::print(AsmPrinter &printer) const {
  printer << "<" << getRows() << "x" << getColumns() << "x" << getElementType() << ">";
}

Type RingType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  int64_t stages;
  if (parser.parseLess() || parser.parseInteger(stages) || parser.parseComma())
    return {};
  FailureOr<Type> elementType = parseShape(parser, 2, shape);
  if (failed(elementType) || parser.parseGreater())
    return {};
  return get(parser.getContext(), stages, SharedType::get(parser.getContext(), shape[0], shape[1], *elementType));
}

void RingType::print(AsmPrinter &printer) const {
  SharedType slot = getSlot();
  printer << "<" << getStages() << ", " << slot.getRows() << "x" << slot.getColumns() << "x" << slot.getElementType()
          << ">";
}

Type PartialType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  if (parser.parseLess())
    return {};
  FailureOr<Type> elementType = parseShape(parser, 1, shape);
  if (failed(elementType) || parser.parseGreater())
    return {};
  return get(parser.getContext(), shape[0], *elementType);
}

void PartialType::print(AsmPrinter &printer) const { printer << "<" << getRows() << "x" << getElementType() << ">"; }
