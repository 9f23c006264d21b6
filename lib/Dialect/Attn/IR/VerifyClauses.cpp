// Checks of clauses. Each bears the number of its constraint in AttnOps.td.
#include "VerifyClauses.h"

using namespace mlir;
using namespace mlir::attn;

static LogicalResult verifySeed(AttentionOp op) {
  std::optional<DropoutAttr> dropout = op.getDropout();
  bool attribute = dropout && dropout->getSeed(), operand = static_cast<bool>(op.getSeed());
  if (dropout && attribute == operand) // D2
    return op.emitOpError("expects dropout to have one seed, in #attn.dropout or as an operand behind it, got ")
           << (attribute ? "both" : "none");
  if (!operand)
    return success();
  auto type = dyn_cast<RankedTensorType>(op.getSeed().getType());
  if (!type || type.getRank() != 1 || type.getDimSize(0) != 2 || !type.getElementType().isInteger(32)) // D3
    return op.emitOpError("expects the seed to be a tensor<2xi32>, low word first, got ") << op.getSeed().getType();
  return success();
}

namespace {
/// An axis of a clause's buffer: what it counts, and its extent in the attention's tensors.
struct BufferAxis {
  StringRef what;
  int64_t extent;
  bool mayBeOne;
};
} // namespace

/// Checks the type of a buffer against the axes that it is to have.
static LogicalResult verifyBuffer(AttentionOp op, StringRef name, Type type, StringRef elements, bool isElement(Type),
                                  ArrayRef<BufferAxis> axes) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  auto describe = [&](InFlightDiagnostic diagnostic) -> LogicalResult {
    diagnostic << "expects the " << name << " to be a tensor of " << elements << " with the axes ";
    llvm::interleave(
        axes, [&](const BufferAxis &axis) { diagnostic << axis.what << (axis.mayBeOne ? " (or 1)" : ""); },
        [&] { diagnostic << ", "; });
    return diagnostic << ", got " << type;
  };
  if (!tensor || tensor.getRank() != static_cast<int64_t>(axes.size()) || !isElement(tensor.getElementType()))
    return describe(op.emitOpError());
  for (auto [extent, axis] : llvm::zip(tensor.getShape(), axes)) {
    bool fits = ShapedType::isDynamic(extent) || ShapedType::isDynamic(axis.extent) || extent == axis.extent;
    if (!fits && !(axis.mayBeOne && extent == 1))
      return describe(op.emitOpError());
  }
  return success();
}

static bool isReal(Type type) { return type.isF32() || type.isF16() || type.isBF16(); }
static bool isF32(Type type) { return type.isF32(); }
static bool isI32(Type type) { return type.isInteger(32); }

static LogicalResult verifyScores(AttentionOp op, int64_t batch, int64_t queries, int64_t keys) {
  int64_t heads = op.getHeads().getQuery();
  auto headExtent = cast<RankedTensorType>(op.getQuery().getType()).getDimSize(1);
  int64_t fixedHeads = ShapedType::isDynamic(headExtent) ? ShapedType::kDynamic : heads;
  if (std::optional<APFloat> cap = op.getSoftcap(); cap && !(cap->isFinite() && cap->convertToFloat() > 0)) // S1
    return op.emitOpError("expects a finite and positive softcap, got ") << cap->convertToFloat();
  if (op.getSlopes() && failed(verifyBuffer(op, "slopes", op.getSlopes().getType(), "f32", isF32, // S2
                                            {{"query heads", fixedHeads, false}})))
    return failure();
  if (op.getBias() && failed(verifyBuffer(op, "bias", op.getBias().getType(), "f32, f16 or bf16", isReal, // S3
                                          {{"batches", batch, true},
                                           {"query heads", fixedHeads, true},
                                           {"queries", queries, true},
                                           {"keys", keys, true}})))
    return failure();
  if (op.getSinks()) // S4
    return verifyBuffer(op, "sinks", op.getSinks().getType(), "f32", isF32, {{"query heads", fixedHeads, false}});
  return success();
}

static LogicalResult verifyMasks(AttentionOp op, int64_t batch, int64_t keys) {
  if (op.getPrefix()) {
    if (op.getCausalityOrNone().isUnbounded()) // M1
      return op.emitOpError("expects a causality or window where there is a prefix, which widens it, got none");
    if (failed(verifyBuffer(op, "prefix lengths", op.getPrefix().getType(), "i32", isI32, {{"batches", batch, true}})))
      return failure(); // M1
  }
  if (std::optional<int64_t> chunk = op.getChunk(); chunk && (*chunk < 1 || *chunk >= int64_t(1) << 30)) // M2
    return op.emitOpError("expects a chunk of 1 to 2^30 - 1 positions, got ") << *chunk;
  if (op.getDocumentsSorted() && !op.getDocuments()) // O2
    return op.emitOpError("expects document ids where documents are sorted, got none");
  if (op.getDocuments()) // M3
    return verifyBuffer(op, "document ids", op.getDocuments().getType(), "i32", isI32,
                        {{"batches", batch, true}, {"keys", keys, false}});
  return success();
}

LogicalResult attn::verifyClauses(AttentionOp op) {
  auto query = cast<RankedTensorType>(op.getQuery().getType()), key = cast<RankedTensorType>(op.getKey().getType());
  // Sequences of packed tensors are counted by offsets, of which the launch knows.
  int64_t batch = op.getQueryOffsets() ? ShapedType::kDynamic : query.getDimSize(0), queries = query.getDimSize(2), keys = key.getDimSize(2);
  if (failed(verifySeed(op)) || failed(verifyScores(op, batch, queries, keys)))
    return failure();
  return verifyMasks(op, batch, keys);
}
