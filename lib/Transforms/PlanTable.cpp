// Parsing and distances.
#include "PlanTable.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/SmallVectorExtras.h"

#include <cmath>
#include <tuple>

using namespace mlir;
using namespace mlir::attn;

StringRef mlir::attn::getBuiltInPlanTable() {
  static constexpr char text[] =
#include "BuiltInPlans.inc"
      ;
  return text;
}

StringRef mlir::attn::stringifyPlanMask(PlanMask mask) {
  return mask == PlanMask::All ? "all" : mask == PlanMask::Causal ? "causal" : "window";
}

static LogicalResult refuse(Attribute found, const Twine &expected) {
  return emitError(UnknownLoc::get(found.getContext()), "expects ") << expected << ", got " << found;
}

/// Reads a number where there is one.
static LogicalResult readNumber(DictionaryAttr entry, StringRef name, int64_t least, int64_t most, int64_t &number) {
  Attribute found = entry.get(name);
  auto integer = dyn_cast_or_null<IntegerAttr>(found);
  if (integer)
    number = integer.getInt();
  if (found ? !integer || number < least || number > most : number < least)
    return refuse(entry, "an entry of a plan table with " + name + " from " + Twine(least) + " to " + Twine(most));
  return success();
}

static FailureOr<PlanEntry> parseEntry(DictionaryAttr entry) {
  static constexpr StringLiteral known[] = {"head_dim", "value_dim", "group", "length", "mask", "type", "plan"};
  for (NamedAttribute field : entry)
    if (!llvm::is_contained(known, field.getName().getValue()))
      return refuse(entry, "an entry of a plan table without " + Twine(field.getName().getValue()));
  PlanEntry read;
  constexpr int64_t most = int64_t(1) << 30;
  if (failed(readNumber(entry, "head_dim", 16, 256, read.headDim)) ||
      failed(readNumber(entry, "value_dim", 16, 256, read.valueDim)) ||
      failed(readNumber(entry, "group", 1, most, read.group)) || failed(readNumber(entry, "length", 0, most, read.length)))
    return failure();
  auto mask = entry.getAs<StringAttr>("mask");
  if (!mask || (mask != "all" && mask != "causal" && mask != "window"))
    return refuse(entry, "an entry of a plan table with mask \"all\", \"causal\" or \"window\"");
  read.mask = mask == "all" ? PlanMask::All : mask == "causal" ? PlanMask::Causal : PlanMask::Window;
  auto type = entry.getAs<TypeAttr>("type");
  if (!type || !(type.getValue().isF16() || type.getValue().isBF16()))
    return refuse(entry, "an entry of a plan table with type f16 or bf16");
  read.type = type.getValue();
  read.plan = entry.getAs<tile::PlanAttr>("plan");
  if (!read.plan || !read.plan.isGpu())
    return refuse(entry, "an entry of a plan table with a #tile.plan for a GPU");
  return read;
}

FailureOr<SmallVector<PlanEntry>> mlir::attn::parsePlanTable(StringRef text, MLIRContext *context) {
  // The parser skips comments, but counts what it read from behind those in front.
  for (text = text.ltrim(); text.starts_with("//"); text = text.ltrim())
    text = text.drop_until([](char c) { return c == '\n'; });
  Attribute attribute = parseAttribute(text, context);
  if (!attribute)
    return failure();
  auto array = dyn_cast<ArrayAttr>(attribute);
  if (!array)
    return failure(refuse(attribute, "a plan table to be an array of entries").failed());
  SmallVector<PlanEntry> entries;
  for (Attribute element : array) {
    auto dictionary = dyn_cast<DictionaryAttr>(element);
    if (!dictionary)
      return failure(refuse(element, "a plan table to hold dictionaries").failed());
    FailureOr<PlanEntry> entry = parseEntry(dictionary);
    if (failed(entry))
      return failure();
    entries.push_back(*entry);
  }
  return entries;
}

PlanEntry mlir::attn::keyOf(AttentionOp op) {
  PlanEntry key;
  key.headDim = op.getHeadDim();
  key.valueDim = op.getValueDim();
  key.group = op.getHeads().getQuery() / op.getHeads().getKv();
  auto keyType = cast<RankedTensorType>(op.getKey().getType());
  key.type = keyType.getElementType();
  key.length = keyType.isDynamicDim(2) ? 0 : keyType.getDimSize(2);
  CausalityAttr causality = op.getCausalityOrNone();
  if (causality.isUnbounded())
    key.mask = PlanMask::All;
  else if (causality.getKind() != CausalityKind::None && !causality.getLeft() && !causality.getRight())
    key.mask = PlanMask::Causal;
  else
    key.mask = PlanMask::Window;
  return key;
}

static double ratio(int64_t a, int64_t b) {
  return std::abs(std::log2(static_cast<double>(a) / static_cast<double>(b)));
}

/// Length 0 of an entry is for kernels of unknown length. Others then take the longest, since long ones are measured best.
static double lengthDistance(int64_t entry, int64_t wanted) {
  if (entry == 0)
    return wanted == 0 ? -1 : 100;
  return wanted == 0 ? 64 - std::log2(static_cast<double>(entry)) : ratio(entry, wanted);
}

using Distance = std::tuple<int, int64_t, int, double, double>;

/// Smaller is nearer; nothing where the entry does not suit.
static std::optional<Distance> distanceOf(const PlanEntry &entry, const PlanEntry &key) {
  auto fits = [](int64_t measured, int64_t wanted) {
    return measured >= wanted && (measured + 63) / 64 == (wanted + 63) / 64;
  };
  bool window = key.mask == PlanMask::Window && entry.mask == PlanMask::Causal;
  if (!fits(entry.headDim, key.headDim) || !fits(entry.valueDim, key.valueDim) || (entry.mask != key.mask && !window))
    return std::nullopt;
  int64_t columns = entry.headDim - key.headDim + entry.valueDim - key.valueDim;
  return Distance(int(window), columns, int(entry.type != key.type), ratio(entry.group, key.group),
                  lengthDistance(entry.length, key.length));
}

SmallVector<PlanEntry> mlir::attn::findEntries(ArrayRef<PlanEntry> table, const PlanEntry &key) {
  SmallVector<std::pair<Distance, size_t>> suitable;
  for (auto [index, entry] : llvm::enumerate(table))
    if (std::optional<Distance> distance = distanceOf(entry, key))
      suitable.push_back({*distance, index});
  llvm::sort(suitable);
  return llvm::map_to_vector(suitable, [&](const auto &place) { return table[place.second]; });
}
