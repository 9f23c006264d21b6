// Parsing and distances.
#include "PlanTable.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/ADT/StringExtras.h"

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

::attn::analysis::PlanShape mlir::attn::shapeOfPlan(tile::PlanAttr plan) {
  return {plan.getKvTile(),   plan.getWarpgroups(), plan.getStages(),    plan.getOverlap(),     plan.getPingPong(),
          plan.getPersistent(), plan.getResidency(), plan.getPackedHeads(), plan.getStagedStores(), plan.getSumColumn()};
}

StringRef mlir::attn::stringifyPlanMask(PlanMask mask) {
  return mask == PlanMask::All ? "all" : mask == PlanMask::Causal ? "causal" : "window";
}

static LogicalResult refuse(Location at, Attribute found, const Twine &expected) {
  return emitError(at, "expects ") << expected << ", got " << found;
}

/// Reads a number where there is one.
static LogicalResult readNumber(Location at, DictionaryAttr entry, StringRef name, int64_t least, int64_t most, int64_t &number) {
  Attribute found = entry.get(name);
  auto integer = dyn_cast_or_null<IntegerAttr>(found);
  if (integer)
    number = integer.getInt();
  if (found ? !integer || number < least || number > most : number < least)
    return refuse(at, entry, "an entry of a plan table with " + name + " from " + Twine(least) + " to " + Twine(most));
  return success();
}

static FailureOr<PlanEntry> parseEntry(Location at, DictionaryAttr entry) {
  static constexpr StringLiteral known[] = {"head_dim", "value_dim", "group", "length", "mask", "type", "plan"};
  for (NamedAttribute field : entry)
    if (!llvm::is_contained(known, field.getName().getValue()))
      return refuse(at, entry, "an entry of a plan table without " + Twine(field.getName().getValue()));
  PlanEntry read;
  constexpr int64_t most = int64_t(1) << 30;
  if (failed(readNumber(at, entry, "head_dim", 16, 256, read.headDim)) ||
      failed(readNumber(at, entry, "value_dim", 16, 256, read.valueDim)) ||
      failed(readNumber(at, entry, "group", 1, most, read.group)) || failed(readNumber(at, entry, "length", 0, most, read.length)))
    return failure();
  auto mask = entry.getAs<StringAttr>("mask");
  if (!mask || (mask != "all" && mask != "causal" && mask != "window"))
    return refuse(at, entry, "an entry of a plan table with mask \"all\", \"causal\" or \"window\"");
  read.mask = mask == "all" ? PlanMask::All : mask == "causal" ? PlanMask::Causal : PlanMask::Window;
  auto type = entry.getAs<TypeAttr>("type");
  if (!type || !(type.getValue().isF16() || type.getValue().isBF16()))
    return refuse(at, entry, "an entry of a plan table with type f16 or bf16");
  read.type = type.getValue();
  read.plan = entry.getAs<tile::PlanAttr>("plan");
  if (!read.plan || !read.plan.isGpu())
    return refuse(at, entry, "an entry of a plan table with a #tile.plan for a GPU");
  return read;
}

namespace {
/// Walks through a table, and knows the line. The elements are attributes, which have no places of their own.
class TableParser {
public:
  TableParser(StringRef text, StringRef name, MLIRContext *context) : text(text), name(name), context(context) {}

  FailureOr<SmallVector<PlanEntry>> parse() {
    SmallVector<PlanEntry> entries;
    if (!take('['))
      return wants("a plan table to be an array of entries"), failure();
    if (take(']'))
      return finish(entries);
    do {
      Location at = here();
      Attribute element = parseElement();
      if (!element)
        return failure();
      auto dictionary = dyn_cast<DictionaryAttr>(element);
      if (!dictionary)
        return failure(refuse(at, element, "a plan table to hold dictionaries").failed());
      FailureOr<PlanEntry> entry = parseEntry(at, dictionary);
      if (failed(entry))
        return failure();
      entries.push_back(*entry);
    } while (take(','));
    if (!take(']'))
      return wants("a comma or the end of a plan table behind an entry"), failure();
    return finish(entries);
  }

private:
  FailureOr<SmallVector<PlanEntry>> finish(SmallVector<PlanEntry> &entries) {
    skip();
    if (at != text.size())
      return wants("nothing behind a plan table"), failure();
    return std::move(entries);
  }

  void skip() {
    while (at != text.size())
      if (llvm::isSpace(text[at]))
        ++at;
      else if (text.substr(at).starts_with("//"))
        at = std::min(text.find('\n', at), text.size());
      else
        return;
  }

  bool take(char wanted) {
    skip();
    if (at == text.size() || text[at] != wanted)
      return false;
    ++at;
    return true;
  }

  /// The place of what comes next.
  Location here() {
    skip();
    StringRef before = text.take_front(at);
    size_t line = before.rfind('\n');
    return FileLineColLoc::get(context, name, static_cast<unsigned>(before.count('\n') + 1),
                               static_cast<unsigned>(line == StringRef::npos ? at + 1 : at - line));
  }

  void wants(const Twine &what) {
    Location place = here();
    StringRef found = text.substr(at, 20).take_until([](char c) { return c == '\n'; });
    emitError(place, "expects ") << what << ", got " << (found.empty() ? "its end" : "'" + found.str() + "'");
  }

  Attribute parseElement() {
    Location begin = here();
    // The parser takes a text by itself for a file by the name of that text.
    SmallVector<std::pair<Location, std::string>> errors;
    Attribute element;
    size_t read = 0;
    {
      ScopedDiagnosticHandler collect(context, [&](Diagnostic &diagnostic) {
        errors.push_back({shift(diagnostic.getLocation(), begin), diagnostic.str()});
      });
      element = parseAttribute(text.substr(at), context, Type(), &read);
    }
    for (auto &[place, sentence] : errors)
      emitError(place, sentence);
    at += read;
    return element;
  }

  Location shift(Location inner, Location begin) {
    auto place = dyn_cast<FileLineColLoc>(inner);
    auto origin = cast<FileLineColLoc>(begin);
    if (!place)
      return begin;
    unsigned column = place.getLine() == 1 ? place.getColumn() + origin.getColumn() - 1 : place.getColumn();
    return FileLineColLoc::get(context, name, place.getLine() + origin.getLine() - 1, column);
  }

  StringRef text, name;
  MLIRContext *context;
  size_t at = 0;
};
} // namespace

FailureOr<SmallVector<PlanEntry>> mlir::attn::parsePlanTable(StringRef text, MLIRContext *context, StringRef name) {
  return TableParser(text, name, context).parse();
}

PlanEntry mlir::attn::keyOf(AttentionOp op, int64_t lengthHint) {
  PlanEntry key;
  key.headDim = op.getHeadDim();
  key.valueDim = op.getValueDim();
  key.group = op.getHeads().getQuery() / op.getHeads().getKv();
  auto keyType = cast<RankedTensorType>(op.getKey().getType());
  key.type = keyType.getElementType();
  key.length = keyType.isDynamicDim(2) ? lengthHint : keyType.getDimSize(2);
  CausalityAttr causality = op.getCausalityOrNone();
  if (causality.isUnbounded())
    key.mask = PlanMask::All;
  else if (causality.getKind() != CausalityKind::None && !causality.getLeft() && !causality.getRight())
    key.mask = PlanMask::Causal;
  else
    key.mask = PlanMask::Window;
  if (std::optional<int64_t> lower = causality.getLowerOffset(), upper = causality.getUpperOffset(); lower && upper)
    key.width = *upper - *lower + 1;
  return key;
}

/// The number of keys that an entry's is held against.
static int64_t keysFor(const PlanEntry &entry, const PlanEntry &key) {
  if (entry.mask != PlanMask::Window || key.width == 0)
    return key.length;
  return key.length > 0 ? std::min(key.length, key.width) : key.width;
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
                  lengthDistance(entry.length, keysFor(entry, key)));
}

SmallVector<PlanEntry> mlir::attn::findEntries(ArrayRef<PlanEntry> table, const PlanEntry &key) {
  SmallVector<std::pair<Distance, size_t>> suitable;
  for (auto [index, entry] : llvm::enumerate(table))
    if (std::optional<Distance> distance = distanceOf(entry, key))
      suitable.push_back({*distance, index});
  llvm::sort(suitable);
  return llvm::map_to_vector(suitable, [&](const auto &place) { return table[place.second]; });
}
