// Extents, contents and readers of captured buffers.
#include "Captures.h"

#include "attn/Reference/Random.h"

#include <algorithm>
#include <cstring>

namespace attn::tools {

using reference::ElementType;
using reference::TensorView;

static Error invalid(std::string sentence) { return {Status::InvalidArgument, std::move(sentence)}; }

/// The extent that an open axis takes, counted from the last.
static int64_t defaultExtent(const reference::Problem &problem, unsigned rank, unsigned fromLast) {
  if (fromLast == 0)
    return problem.kvLength;
  if (rank == 2 || fromLast == 3)
    return problem.batch;
  return fromLast == 1 ? problem.queryLength : problem.queryHeads;
}

static const safetensors::Tensor *findTensor(const safetensors::File *file, const std::string &name) {
  if (file)
    for (const safetensors::Tensor &tensor : file->tensors)
      if (tensor.name == name)
        return &tensor;
  return nullptr;
}

static const char *dtypeOf(ElementType type) {
  switch (type) {
  case ElementType::F16:
    return "F16";
  case ElementType::BF16:
    return "BF16";
  case ElementType::F32:
    return "F32";
  case ElementType::I32:
    break;
  }
  return "I32";
}

static Error checkTensor(const safetensors::Tensor &tensor, const image::Argument &argument) {
  std::string subject = "tensor " + tensor.name + " of the input file, expects ";
  if (tensor.shape.size() != argument.rank)
    return invalid(subject + std::to_string(argument.rank) + " axes as in the spec, got " +
                   std::to_string(tensor.shape.size()));
  if (tensor.dtype != dtypeOf(static_cast<ElementType>(argument.type)))
    return invalid(subject + "dtype " + dtypeOf(static_cast<ElementType>(argument.type)) + " as in the spec, got " +
                   tensor.dtype);
  for (unsigned axis = 0; axis != argument.rank; ++axis)
    if (argument.shape[axis] >= 0 && argument.shape[axis] != tensor.shape[axis])
      return invalid(subject + "extent " + std::to_string(argument.shape[axis]) + " on axis " + std::to_string(axis) +
                     ", got " + std::to_string(tensor.shape[axis]));
  return {};
}

static void fill(const TensorView &view, unsigned rank, uint64_t seed) {
  reference::Random random(seed);
  int64_t period = std::max<int64_t>(1, view.shape[rank - 1]), document = 0;
  for (int64_t i = 0; i != view.elements(); ++i) {
    document = i % period == 0 ? 0 : document + random.percent(2);
    TensorView element = view;
    element.data = static_cast<char *>(view.data) + i * reference::elementBytes(view.type);
    element.store(0, 0, 0, 0, view.type == ElementType::I32 ? static_cast<double>(document) : random.normal());
  }
}

/// From half of the extent to all of it; every fourth from 0.
static void fillLengths(const TensorView &view, int64_t extent, uint64_t seed) {
  reference::Random random(reference::mixSeeds(seed, static_cast<uint64_t>(extent)));
  for (int64_t i = 0; i != view.elements(); ++i) {
    TensorView element = view;
    element.data = static_cast<char *>(view.data) + i * reference::elementBytes(view.type);
    element.store(0, 0, 0, 0, static_cast<double>(random.between(random.percent(25) ? 0 : extent / 2, extent)));
  }
}

static std::string nameOf(image::Role role, size_t number) {
  if (role == image::Role::Capture)
    return "c" + std::to_string(number);
  bool offsets = role == image::Role::QueryOffsets || role == image::Role::KvOffsets;
  bool queries = role == image::Role::QueryLengths || role == image::Role::QueryOffsets;
  return std::string(queries ? "query_" : "kv_") + (offsets ? "offsets" : "lengths");
}

/// Rising from 0 to all rows: as many random cuts as it takes.
static void fillOffsets(const TensorView &view, int64_t rows, uint64_t seed) {
  reference::Random random(reference::mixSeeds(seed, static_cast<uint64_t>(rows)));
  std::vector<int64_t> cuts{0, rows};
  while (static_cast<int64_t>(cuts.size()) < view.shape[0])
    cuts.push_back(random.between(0, rows));
  std::sort(cuts.begin(), cuts.end());
  for (int64_t i = 0; i != view.shape[0]; ++i) {
    TensorView element = view;
    element.data = static_cast<char *>(view.data) + i * reference::elementBytes(view.type);
    element.store(0, 0, 0, 0, static_cast<double>(cuts[static_cast<size_t>(i)]));
  }
}

/// Offsets of a file, which the oracle relies on; a kernel on a GPU would not say.
static Error checkOffsets(const std::string &name, const TensorView &view, int64_t rows) {
  int64_t before = 0;
  for (int64_t i = 0; i != view.shape[0]; ++i) {
    auto offset = static_cast<int64_t>(view.load(i, 0, 0, 0));
    if ((i == 0 && offset != 0) || offset < before || offset > rows)
      return invalid("tensor " + name + " of the input file, expects offsets that rise from 0 to at most " +
                     std::to_string(rows) + ", got " + std::to_string(offset) + " at " + std::to_string(i) + " behind " +
                     std::to_string(before));
    before = offset;
  }
  return {};
}

static bool isOffsets(image::Role role) { return role == image::Role::QueryOffsets || role == image::Role::KvOffsets; }

/// As many as a side that is not packed has batches, or as the spec or the file says, or 4.
static int64_t countSequences(const compiler::SpecFacts &facts, const reference::Problem &problem,
                              const safetensors::File *inputs) {
  int64_t packedSides = 0, sequences = 4;
  for (const image::Argument &argument : facts.arguments) {
    if (argument.role < image::Role::QueryLengths)
      continue;
    const safetensors::Tensor *tensor = findTensor(inputs, nameOf(argument.role, 0));
    int64_t extent = tensor && tensor->shape.size() == 1 ? tensor->shape[0] : argument.shape[0];
    packedSides += isOffsets(argument.role);
    if (extent >= 0)
      sequences = extent - isOffsets(argument.role);
  }
  return packedSides == 2 ? sequences : problem.batch;
}

Result<Captures> Captures::make(const compiler::SpecFacts &facts, const reference::Problem &problem,
                                const safetensors::File *inputs, uint64_t seed) {
  Captures captures;
  int64_t sequences = countSequences(facts, problem, inputs);
  for (const image::Argument &argument : facts.arguments) {
    if (argument.role < image::Role::Capture)
      continue;
    Buffer buffer;
    bool ofSequences = argument.role != image::Role::Capture;
    bool ofQueries = argument.role == image::Role::QueryLengths || argument.role == image::Role::QueryOffsets;
    int64_t rows = ofQueries ? problem.queryLength : problem.kvLength;
    std::string name = nameOf(argument.role, captures.buffers.size());
    const safetensors::Tensor *tensor = findTensor(inputs, name);
    if (tensor)
      if (Error error = checkTensor(*tensor, argument); error.status != Status::Ok)
        return error;
    int64_t shape[4] = {1, 1, 1, 1};
    for (unsigned axis = 0; axis != argument.rank; ++axis)
      shape[axis] = tensor                      ? tensor->shape[axis]
                    : argument.shape[axis] >= 0 ? argument.shape[axis]
                    : ofSequences               ? sequences + isOffsets(argument.role)
                                                : defaultExtent(problem, argument.rank, argument.rank - 1 - axis);
    double elements = 1;
    for (int64_t extent : shape)
      elements *= static_cast<double>(extent);
    if (elements > 4e9)
      return invalid("captured buffer " + name + ", expects at most 4e9 elements, got " + std::to_string(elements));
    auto type = static_cast<ElementType>(argument.type);
    buffer.rank = static_cast<int32_t>(argument.rank);
    buffer.memory = std::make_shared<std::vector<uint32_t>>(static_cast<size_t>(elements) + 1);
    buffer.view = reference::denseView(buffer.memory->data(), type, shape[0], shape[1], shape[2], shape[3]);
    if (tensor)
      std::memcpy(buffer.view.data, inputs->data.data() + tensor->begin,
                  static_cast<size_t>(buffer.view.elements() * reference::elementBytes(type)));
    else if (isOffsets(argument.role))
      fillOffsets(buffer.view, rows, seed);
    else if (ofSequences)
      fillLengths(buffer.view, rows, seed);
    else
      fill(buffer.view, argument.rank, reference::mixSeeds(seed, 100 + captures.buffers.size()));
    if (tensor && isOffsets(argument.role))
      if (Error error = checkOffsets(name, buffer.view, rows); error.status != Status::Ok)
        return error;
    captures.buffers.push_back(std::move(buffer));
  }
  return captures;
}

std::vector<HostTensor> Captures::hostTensors() const {
  std::vector<HostTensor> tensors;
  for (const Buffer &buffer : buffers) {
    HostTensor tensor;
    tensor.memory = buffer.view.data;
    tensor.bytes = buffer.memory->size() * sizeof(uint32_t);
    tensor.type = static_cast<attnElementType>(buffer.view.type);
    tensor.rank = buffer.rank;
    std::copy(buffer.view.shape, buffer.view.shape + 4, tensor.shape);
    std::copy(buffer.view.strides, buffer.view.strides + 4, tensor.strides);
    tensors.push_back(tensor);
  }
  return tensors;
}

void Captures::bindSequences(const compiler::SpecFacts &facts, reference::Problem &problem) const {
  size_t next = 0;
  for (const image::Argument &argument : facts.arguments) {
    if (argument.role < image::Role::Capture)
      continue;
    const TensorView &view = buffers[next++].view;
    if (argument.role == image::Role::Capture)
      continue;
    bool queries = argument.role == image::Role::QueryLengths || argument.role == image::Role::QueryOffsets;
    auto &lengths = queries ? problem.queryLengths : problem.kvLengths;
    auto &offsets = queries ? problem.queryOffsets : problem.kvOffsets;
    auto &numbers = isOffsets(argument.role) ? offsets : lengths;
    for (int64_t i = 0; i != view.shape[0]; ++i)
      numbers.push_back(static_cast<int64_t>(view.load(i, 0, 0, 0)));
    problem.batch = view.shape[0] - isOffsets(argument.role);
  }
}

static void bindClauses(const compiler::SpecFacts &facts, const compiler::CaptureReader &read, reference::Problem &problem) {
  // An element of a clause's buffer; a static extent of 1 stands for any.
  auto element = [read, &facts](unsigned place, std::initializer_list<int64_t> indices) {
    const image::Argument *argument = &facts.arguments[3 + place];
    std::vector<int64_t> at;
    for (int64_t index : indices)
      at.push_back(argument->shape[at.size()] == 1 ? 0 : index);
    return read(place, at.data());
  };
  auto whole = [element](unsigned place, std::initializer_list<int64_t> indices) {
    return static_cast<int64_t>(element(place, indices));
  };
  problem.softcap = facts.softcap;
  problem.chunk = facts.chunk;
  if (facts.slopes)
    problem.slope = [=, place = *facts.slopes](int64_t h) { return element(place, {h}); };
  if (facts.bias)
    problem.bias = [=, place = *facts.bias](int64_t b, int64_t h, int64_t i, int64_t j) {
      return element(place, {b, h, i, j});
    };
  if (facts.prefix)
    problem.prefix = [=, place = *facts.prefix](int64_t b) { return whole(place, {b}); };
  if (facts.documents)
    problem.document = [=, place = *facts.documents](int64_t b, int64_t at) { return whole(place, {b, at}); };
  if (facts.sinks)
    problem.sink = [=, place = *facts.sinks](int64_t h) { return element(place, {h}); };
  if (facts.hasDropout) {
    auto word = [&](int64_t index) { return static_cast<uint32_t>(whole(*facts.seed, {index})); };
    uint64_t seed = facts.dropSeed ? *facts.dropSeed : word(0) | static_cast<uint64_t>(word(1)) << 32;
    problem.dropout = reference::Dropout{facts.dropProbability, seed};
  }
}

void Captures::bindRegions(const compiler::SpecFacts &facts, reference::Problem &problem) const {
  compiler::CaptureReader reader = [buffers = buffers](unsigned capture, const int64_t *indices) {
    const TensorView &view = buffers[capture].view;
    int64_t at[4] = {0, 0, 0, 0};
    for (int32_t axis = 0; axis != buffers[capture].rank; ++axis) {
      at[axis] = indices[axis];
      if (at[axis] < 0 || at[axis] >= view.shape[axis])
        return 0.0;
    }
    return view.load(at[0], at[1], at[2], at[3]);
  };
  bindClauses(facts, reader, problem);
  if (facts.score)
    problem.score = [score = facts.score, reader](double x, int64_t b, int64_t h, int64_t i, int64_t j) {
      return score(x, b, h, i, j, reader);
    };
  if (facts.mask)
    problem.mask = [mask = facts.mask, reader](int64_t b, int64_t h, int64_t i, int64_t j) {
      return mask(b, h, i, j, reader);
    };
}

} // namespace attn::tools
