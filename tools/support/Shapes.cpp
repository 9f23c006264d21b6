// A table of seven sizes. Each source writes into it in turn, and the first that disagrees with an earlier one is told
// which.
#include "Shapes.h"

#include <algorithm>
#include <cstdlib>

namespace attn::tools {
namespace {

enum Size { Batch, QueryHeads, KvHeads, QueryLength, KvLength, HeadDim, ValueDim, sizeCount };

constexpr const char *sizeNames[] = {"batch",  "number of query heads", "number of kv heads", "query length",
                                     "kv length", "head_dim", "head_dim of v"};

/// The sizes on the axes of q, k and v.
constexpr Size inputSizes[3][4] = {{Batch, QueryHeads, QueryLength, HeadDim},
                                   {Batch, KvHeads, KvLength, HeadDim},
                                   {Batch, KvHeads, KvLength, ValueDim}};

constexpr int64_t maxExtent = (int64_t(1) << 30) - 1;

Error invalid(std::string sentence) { return {Status::InvalidArgument, std::move(sentence)}; }

class SizeTable {
public:
  Error set(Size size, int64_t extent, const std::string &source) {
    Entry &entry = entries[size];
    if (entry.extent < 0)
      entry = {extent, source};
    else if (entry.extent != extent)
      return invalid(source + ", expects " + sizeNames[size] + " " + std::to_string(entry.extent) + " as in " +
                     entry.source + ", got " + std::to_string(extent));
    return {};
  }
  Error set(unsigned input, const int64_t *shape, const std::string &source) {
    for (int axis = 0; axis != 4; ++axis)
      if (shape[axis] >= 0)
        if (Error error = set(inputSizes[input][axis], shape[axis], source); error.status != Status::Ok)
          return error;
    return {};
  }
  void setDefault(Size size, int64_t extent) {
    if (entries[size].extent < 0)
      entries[size] = {extent, "the default"};
  }
  bool has(Size size) const { return entries[size].extent >= 0; }
  int64_t operator[](Size size) const { return entries[size].extent; }
  const std::string &source(Size size) const { return entries[size].source; }

private:
  struct Entry {
    int64_t extent = -1;
    std::string source;
  };
  Entry entries[sizeCount];
};

/// Which input "q" or "query" names, or -1.
int inputOf(const std::string &name) {
  constexpr const char *longNames[] = {"query", "key", "value"};
  for (int input = 0; input != 3; ++input)
    if (name == inputNames[input] || name == longNames[input])
      return input;
  return -1;
}

/// Reads "2x32x1024x128" into four extents.
bool readExtents(const std::string &text, int64_t *shape) {
  const char *at = text.c_str();
  for (int axis = 0; axis != 4; ++axis) {
    if (*at < '0' || *at > '9')
      return false;
    char *end = nullptr;
    unsigned long long extent = std::strtoull(at, &end, 10);
    if (extent > static_cast<unsigned long long>(maxExtent) || *end != (axis == 3 ? '\0' : 'x'))
      return false;
    shape[axis] = static_cast<int64_t>(extent);
    at = end + 1;
  }
  return true;
}

Error addFlag(SizeTable &table, const std::string &text) {
  size_t equals = text.find('=');
  int input = inputOf(text.substr(0, equals));
  if (input < 0 || equals == text.npos)
    return invalid("--shape, expects q=, k= or v= and a shape, got '" + text + "'");
  int64_t shape[4];
  if (!readExtents(text.substr(equals + 1), shape))
    return invalid("--shape " + text.substr(0, equals) + ", expects batch, heads, length and head_dim, each from 0 to " +
                   std::to_string(maxExtent) + ", as in 2x32x1024x128, got '" + text.substr(equals + 1) + "'");
  return table.set(static_cast<unsigned>(input), shape, std::string("--shape ") + inputNames[input]);
}

Error addFile(SizeTable &table, const safetensors::File &file) {
  for (unsigned input = 0; input != 3; ++input) {
    const safetensors::Tensor *tensor = findInput(file, input);
    if (!tensor)
      continue; // what is missing is told where the tensors are read
    std::string source = "tensor " + tensor->name + " of the input file";
    if (tensor->shape.size() != 4)
      return invalid(source + ", expects 4 axes (batch, heads, length, head_dim), got " +
                     std::to_string(tensor->shape.size()));
    if (*std::max_element(tensor->shape.begin(), tensor->shape.end()) > maxExtent)
      return invalid(source + ", expects extents of at most " + std::to_string(maxExtent));
    if (Error error = table.set(input, tensor->shape.data(), source); error.status != Status::Ok)
      return error;
  }
  return {};
}

/// The head counts that a spec with dynamic ones leaves open.
Error fixHeads(SizeTable &table, const compiler::SpecFacts &facts) {
  int64_t ratio = facts.queryHeads / facts.kvHeads;
  if (!table.has(KvHeads))
    table.setDefault(KvHeads, table.has(QueryHeads) ? table[QueryHeads] / ratio : facts.kvHeads);
  table.setDefault(QueryHeads, table[KvHeads] * ratio);
  if (table[QueryHeads] == table[KvHeads] * ratio && table[KvHeads] > 0)
    return {};
  return invalid("shapes, expects " + std::to_string(ratio) + " query heads for each kv head as in the spec, got " +
                 std::to_string(table[QueryHeads]) + " (" + table.source(QueryHeads) + ") and " +
                 std::to_string(table[KvHeads]) + " (" + table.source(KvHeads) + ")");
}

reference::Problem problemOf(const SizeTable &table, const compiler::SpecFacts &facts) {
  reference::Problem problem;
  problem.batch = table[Batch];
  problem.queryHeads = table[QueryHeads];
  problem.kvHeads = table[KvHeads];
  problem.queryLength = table[QueryLength];
  problem.kvLength = table[KvLength];
  problem.headDim = table[HeadDim];
  problem.valueDim = table[ValueDim];
  problem.causality = {static_cast<reference::CausalityKind>(facts.causality), facts.left, facts.right};
  problem.scale = facts.scale;
  problem.type = static_cast<reference::ElementType>(facts.type);
  return problem;
}

} // namespace

const safetensors::Tensor *findInput(const safetensors::File &file, unsigned input) {
  for (const safetensors::Tensor &tensor : file.tensors)
    if (inputOf(tensor.name) == static_cast<int>(input))
      return &tensor;
  return nullptr;
}

Result<reference::Problem> resolveShapes(const compiler::SpecFacts &facts, const std::vector<std::string> &shapes,
                                         const safetensors::File *inputs) {
  SizeTable table;
  for (const image::Argument &argument : facts.arguments) {
    // The output's extents are those of inputs; a spec may still say them there alone.
    auto role = static_cast<uint32_t>(argument.role);
    if (role <= 3) {
      if (Error error = table.set(role - 1, argument.shape, "the spec"); error.status != Status::Ok)
        return error;
      continue;
    }
    constexpr Size outputSizes[] = {Batch, QueryHeads, QueryLength};
    for (int axis = 0; axis != 3 && argument.role < image::Role::Capture; ++axis)
      if (argument.shape[axis] >= 0)
        if (Error error = table.set(outputSizes[axis], argument.shape[axis], "the spec"); error.status != Status::Ok)
          return error;
  }
  if (inputs)
    if (Error error = addFile(table, *inputs); error.status != Status::Ok)
      return error;
  for (const std::string &text : shapes)
    if (Error error = addFlag(table, text); error.status != Status::Ok)
      return error;
  if (Error error = fixHeads(table, facts); error.status != Status::Ok)
    return error;
  table.setDefault(Batch, 1);
  table.setDefault(QueryLength, table.has(KvLength) ? table[KvLength] : 1024);
  table.setDefault(KvLength, table[QueryLength]);
  return problemOf(table, facts);
}

/// Pairs of one head of a batch.
static double pairsOf(const reference::Problem &problem, int64_t queries, int64_t keys) {
  const reference::Causality &causality = problem.causality;
  int64_t shift = causality.kind == reference::CausalityKind::TopLeft ? 0 : keys - queries;
  double pairs = 0;
  for (int64_t i = 0; i != queries; ++i) {
    int64_t first = 0, last = keys - 1;
    if (causality.kind != reference::CausalityKind::None)
      last = std::min(last, i + shift);
    if (causality.left)
      first = std::max(first, i + shift - *causality.left);
    if (causality.right)
      last = std::min(last, i + shift + *causality.right);
    pairs += static_cast<double>(std::max<int64_t>(0, last - first + 1));
  }
  return pairs;
}

double allowedPairs(const reference::Problem &problem) {
  double pairs = 0;
  for (int64_t b = 0; b != problem.batch; ++b)
    pairs += pairsOf(problem, problem.queriesOf(b), problem.keysOf(b));
  return pairs * static_cast<double>(problem.queryHeads);
}

} // namespace attn::tools
