// Reads the one attn.attention of a spec.
#include "attn/Compiler/Describe.h"

#include "RegionProgram.h"
#include "Session.h"

#include "attn/Dialect/Attn/IR/Attn.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace attn::compiler {

static image::ElementType elementTypeOf(Type type) {
  if (type.isF16())
    return image::ElementType::F16;
  if (type.isInteger(32))
    return image::ElementType::I32;
  return type.isBF16() ? image::ElementType::BF16 : image::ElementType::F32;
}

static image::Argument argumentOf(image::Role role, RankedTensorType type) {
  image::Argument argument;
  argument.role = role;
  argument.type = elementTypeOf(type.getElementType());
  argument.rank = static_cast<uint32_t>(type.getRank());
  for (int64_t axis = 0; axis != type.getRank() && axis != 4; ++axis)
    argument.shape[axis] = type.isDynamicDim(axis) ? -1 : type.getDimSize(axis);
  return argument;
}

Result<SpecFacts> Session::describe() {
  func::FuncOp function = *root->getOps<func::FuncOp>().begin();
  mlir::attn::AttentionOp attention;
  function.walk([&](mlir::attn::AttentionOp op) { attention = op; });
  if (!attention) {
    function.emitOpError("expects an attn.attention in the kernel function");
    return failure(Status::InvalidSpec, "no attention");
  }
  SpecFacts facts;
  facts.symbol = function.getName().str();
  auto add = [&](image::Role role, Value value) {
    facts.arguments.push_back(argumentOf(role, cast<RankedTensorType>(value.getType())));
  };
  add(image::Role::Query, attention.getQuery());
  add(image::Role::Key, attention.getKey());
  add(image::Role::Value, attention.getValue());
  for (Value capture : attention.getCaptures())
    if (isa<RankedTensorType>(capture.getType()))
      add(image::Role::Capture, capture);
  // In the order of the operation's operands.
  unsigned captures = attention.getCaptures().size();
  auto addClause = [&](std::optional<unsigned> &place, Value buffer) {
    if (!buffer)
      return;
    place = captures++;
    add(image::Role::Capture, buffer);
  };
  addClause(facts.slopes, attention.getSlopes());
  addClause(facts.bias, attention.getBias());
  addClause(facts.prefix, attention.getPrefix());
  addClause(facts.documents, attention.getDocuments());
  addClause(facts.sinks, attention.getSinks());
  addClause(facts.seed, attention.getSeed());
  if (attention.getQueryLengths())
    add(image::Role::QueryLengths, attention.getQueryLengths());
  if (attention.getKvLengths())
    add(image::Role::KvLengths, attention.getKvLengths());
  if (attention.getQueryOffsets())
    add(image::Role::QueryOffsets, attention.getQueryOffsets());
  if (attention.getKvOffsets())
    add(image::Role::KvOffsets, attention.getKvOffsets());
  add(image::Role::Output, attention.getOutput());
  if (attention.getLse())
    add(image::Role::Lse, attention.getLse());
  facts.type = facts.arguments.front().type;
  facts.queryHeads = attention.getHeads().getQuery();
  facts.kvHeads = attention.getHeads().getKv();
  facts.headDim = attention.getHeadDim();
  facts.valueDim = attention.getValueDim();
  mlir::attn::CausalityAttr causality = attention.getCausalityOrNone();
  facts.causality = static_cast<CausalityKind>(causality.getKind());
  facts.left = causality.getLeft();
  facts.right = causality.getRight();
  facts.scale = attention.getScaleOrDefault();
  facts.hasLse = static_cast<bool>(attention.getLse());
  facts.hasScore = !attention.getScore().empty();
  facts.hasMask = !attention.getMask().empty();
  facts.score = scoreFunctionOf(attention.getScore());
  facts.mask = maskFunctionOf(attention.getMask());
  if (std::optional<mlir::attn::DropoutAttr> dropout = attention.getDropout()) {
    facts.hasDropout = true;
    facts.dropProbability = dropout->getProbability().getValueAsDouble();
    facts.dropSeed = dropout->getSeed();
  }
  if (std::optional<APFloat> cap = attention.getSoftcap())
    facts.softcap = cap->convertToFloat();
  facts.chunk = attention.getChunk();
  facts.hasCaptures = captures != 0;
  return facts;
}

Result<SpecFacts> describe(std::string_view spec, const std::string &sourceName) {
  CompileOptions options;
  options.sourceName = sourceName;
  Session session(options);
  if (Error error = session.parse(spec); error.status != Status::Ok)
    return error;
  return session.describe();
}

} // namespace attn::compiler
