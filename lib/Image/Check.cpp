// The rules for values in an image, the same for its maker and its reader. Whether the facts describe a kernel that a
// device can launch is the runtime's question, not asked here.
#include "Format.h"

#include <cstring>

namespace attn::image {

Error invalid(std::string message) { return {Status::InvalidImage, std::move(message)}; }

static Error expects(const std::string &subject, const std::string &expected, uint64_t found) {
  return invalid("image expects " + subject + " to be " + expected + ", got " + std::to_string(found));
}

Error checkKind(Kind kind) {
  if (kind != Kind::CpuObject && kind != Kind::Cubin && kind != Kind::Ptx)
    return expects("its kind", "1 (CPU object), 2 (cubin) or 3 (PTX)", static_cast<uint32_t>(kind));
  return {};
}

static bool isSymbolCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && std::strchr("_$.", c));
}

static Error checkText(const char *subject, const std::string &text, size_t maxBytes) {
  if (text.size() > maxBytes)
    return expects("the size of its " + std::string(subject), "at most " + std::to_string(maxBytes), text.size());
  for (char c : text)
    if (c < 0x20 || c > 0x7e)
      return invalid("image expects its " + std::string(subject) + " to be printable ASCII, got byte " +
                     std::to_string(static_cast<unsigned char>(c)));
  return {};
}

static Error checkSymbol(const std::string &symbol) {
  if (symbol.empty() || symbol.size() > maxSymbolBytes)
    return expects("the size of its symbol", "1 to 255", symbol.size());
  for (char c : symbol)
    if (!isSymbolCharacter(c))
      return invalid("image expects its symbol to hold letters, digits, '_', '$' and '.', got byte " +
                     std::to_string(static_cast<unsigned char>(c)));
  return {};
}

static Error checkArgument(const Argument &argument, size_t index) {
  std::string subject = " of argument " + std::to_string(index);
  if (argument.role < Role::Query || argument.role > Role::KvOffsets)
    return expects("the role" + subject, "1 to 10", static_cast<uint32_t>(argument.role));
  if (argument.type < ElementType::F16 || argument.type > ElementType::I32 ||
      (argument.type == ElementType::I32 && argument.role < Role::Capture))
    return expects("the element type" + subject, "1 (f16), 2 (bf16), 3 (f32), or 4 (i32) of a captured buffer, lengths or offsets",
                   static_cast<uint32_t>(argument.type));
  if (argument.rank < 1 || argument.rank > maxRank)
    return expects("the rank" + subject, "1 to 4", argument.rank);
  if (argument.boxRows > maxBox || (argument.boxRows == 0) != (argument.boxColumns == 0))
    return expects("the box rows" + subject, "1 to 256, or 0 with 0 box columns", argument.boxRows);
  if (argument.boxColumns > maxBox)
    return expects("the box columns" + subject, "at most 256", argument.boxColumns);
  for (uint32_t axis = 0; axis < argument.rank; ++axis)
    if (argument.shape[axis] < -1)
      return invalid("image expects extents" + subject + " to be at least 0, or -1 for a dynamic one, got " +
                     std::to_string(argument.shape[axis]));
  return {};
}

Error checkFacts(const LaunchFacts &facts) {
  Error error = checkSymbol(facts.symbol);
  if (error.status == Status::Ok)
    error = checkText("architecture", facts.architecture, maxArchitectureBytes);
  if (error.status == Status::Ok)
    error = checkText("producer", facts.producer, maxProducerBytes);
  if (error.status != Status::Ok)
    return error;
  if (facts.arguments.size() > maxArguments)
    return expects("the number of arguments", "at most 64", facts.arguments.size());
  if (facts.headsPerGroup == 0)
    return expects("the number of query heads per kv head", "at least 1", 0);
  if (facts.queryTile == 0)
    return expects("the query tile", "at least 1", 0);
  if (facts.packedHeads == 0 || facts.packedHeads > maxBox || facts.headsPerGroup % facts.packedHeads != 0)
    return expects("the number of heads of a program", "a divisor of the " + std::to_string(facts.headsPerGroup) +
                                                           " query heads per kv head, of at most 256", facts.packedHeads);
  if (facts.dynamic && !facts.persistent)
    return expects("a kernel that draws its programs", "persistent", 0);
  if (facts.split == 0 || facts.split > maxSplit || (facts.split & (facts.split - 1)) != 0)
    return expects("the number of blocks that share a program", "1, 2, 4 or 8", facts.split);
  if (facts.split > 1 && facts.persistent)
    return expects("a kernel whose programs are shared", "not persistent", 1);
  if (facts.splitsFirstTile && facts.split == 1)
    return expects("a kernel whose first tiles are shared", "shared by 2 blocks or more", 1);
  if (facts.partKeys > 0 && facts.split == 1)
    return expects("a kernel whose launches decide on shared programs", "shared by up to 2 blocks or more", 1);
  for (size_t i = 0; i < facts.arguments.size() && error.status == Status::Ok; ++i)
    error = checkArgument(facts.arguments[i], i);
  return error;
}

Error check(const Image &image) {
  Error error = checkKind(image.kind);
  if (error.status == Status::Ok)
    error = checkFacts(image.facts);
  if (error.status == Status::Ok && (image.payload.empty() || image.payload.size() > maxPayloadBytes))
    error = expects("the size of its payload", "1 to " + std::to_string(maxPayloadBytes), image.payload.size());
  return error;
}

} // namespace attn::image
