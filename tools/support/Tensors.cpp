// Memory, files and random numbers of a run.
#include "Tensors.h"

#include "Shapes.h"

#include "attn/Reference/Random.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <unistd.h>

namespace attn::tools {

using reference::TensorView;

static size_t bytesOf(const TensorView &view) {
  return static_cast<size_t>(view.elements()) * static_cast<size_t>(reference::elementBytes(view.type));
}

/// The name that safetensors has for a type.
static const char *dtypeOf(reference::ElementType type) {
  return type == reference::ElementType::F16 ? "F16" : type == reference::ElementType::BF16 ? "BF16" : "F32";
}

/// Calls visit(row) for each row of a view (all but the last axis), rows shared out to all processors.
template <typename Visit>
static void forEachRow(const TensorView &view, Visit visit) {
  constexpr int64_t share = 256;
  int64_t rows = view.shape[0] * view.shape[1] * view.shape[2];
  std::atomic<int64_t> next{0};
  auto work = [&] {
    for (int64_t first; (first = next.fetch_add(share)) < rows;)
      for (int64_t row = first; row != std::min(rows, first + share); ++row)
        visit(row);
  };
  std::vector<std::thread> threads;
  int64_t helpers = std::min<int64_t>(std::thread::hardware_concurrency(), rows / share);
  for (int64_t i = 1; i < helpers; ++i)
    threads.emplace_back(work);
  work();
  for (std::thread &thread : threads)
    thread.join();
}

/// The elements are dense, so a row's place is its number times its length.
static TensorView rowOf(const TensorView &view, int64_t row) {
  int64_t start = row * view.shape[3] * reference::elementBytes(view.type);
  return reference::denseView(static_cast<char *>(view.data) + start, view.type, 1, 1, 1, view.shape[3]);
}

void RunTensors::Free::operator()(uint8_t *bytes) const { std::free(bytes); }

Result<RunTensors> RunTensors::make(const reference::Problem &problem, bool hasLse) {
  RunTensors tensors;
  reference::Layouts layouts = reference::denseLayouts(problem);
  std::vector<const reference::TensorLayout *> all = {&layouts.query, &layouts.key, &layouts.value, &layouts.output};
  if (hasLse)
    all.push_back(&layouts.lse);
  double total = 0;
  for (const reference::TensorLayout *layout : all) {
    double bytes = static_cast<double>(reference::elementBytes(layout->type));
    for (int64_t extent : layout->shape)
      bytes *= static_cast<double>(extent);
    total += bytes;
  }
  double available = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  Error tooLarge{Status::InvalidArgument,
                 "shapes, expects tensors that fit into this machine's memory, got " +
                     std::to_string(std::llround(std::ceil(total / 1e9))) + " GB for " +
                     std::to_string(std::llround(available / 1e9)) + " GB; ask for shorter ones with --shape"};
  if (total > 0.8 * available)
    return tooLarge;
  for (const reference::TensorLayout *layout : all) {
    TensorView view;
    view.type = layout->type;
    std::copy(layout->shape, layout->shape + 4, view.shape);
    std::copy(layout->strides, layout->strides + 4, view.strides);
    constexpr size_t alignment = 256;
    size_t rounded = (bytesOf(view) / alignment + 1) * alignment;
    view.data = std::aligned_alloc(alignment, rounded);
    if (!view.data)
      return tooLarge;
    tensors.memory.emplace_back(static_cast<uint8_t *>(view.data));
    std::memset(view.data, 0xff, rounded); // NaN in every type
    tensors.views.push_back(view);
  }
  return tensors;
}

Error RunTensors::readInputs(const safetensors::File &file) {
  auto invalid = [](std::string sentence) { return Error{Status::InvalidArgument, std::move(sentence)}; };
  std::string present;
  for (const safetensors::Tensor &tensor : file.tensors)
    if (present.size() < 200)
      present += (present.empty() ? "" : ", ") + tensor.name;
  for (unsigned input = 0; input != 3; ++input) {
    const safetensors::Tensor *tensor = findInput(file, input);
    const TensorView &view = views[input];
    if (!tensor)
      return invalid(std::string("--inputs, expects tensors q, k and v, got ") + (present.empty() ? "none" : present) +
                     "; " + inputNames[input] + " is missing");
    if (tensor->dtype != dtypeOf(view.type))
      return invalid("tensor " + tensor->name + " of the input file, expects dtype " + dtypeOf(view.type) +
                     " as in the spec, got " + tensor->dtype + "; convert it or change the spec's type");
    std::memcpy(view.data, file.data.data() + tensor->begin, bytesOf(view)); // resolveShapes made the shapes equal
  }
  return {};
}

void RunTensors::fillInputs(uint64_t seed) {
  for (unsigned input = 0; input != 3; ++input) {
    uint64_t inputSeed = reference::mixSeeds(seed, input);
    forEachRow(views[input], [&](int64_t row) {
      reference::Random random(reference::mixSeeds(inputSeed, static_cast<uint64_t>(row)));
      TensorView target = rowOf(views[input], row);
      for (int64_t d = 0; d != target.shape[3]; ++d)
        target.store(0, 0, 0, d, random.normal());
    });
  }
}

Error RunTensors::writeOutputs(const std::string &path) const {
  std::vector<safetensors::Tensor> tensors;
  std::vector<const void *> contents;
  for (size_t i = 3; i != views.size(); ++i) {
    safetensors::Tensor tensor;
    tensor.name = i == 3 ? "out" : "lse";
    tensor.dtype = dtypeOf(views[i].type);
    tensor.shape.assign(views[i].shape, views[i].shape + (i == 3 ? 4 : 3));
    tensors.push_back(std::move(tensor));
    contents.push_back(views[i].data);
  }
  return safetensors::write(path, tensors, contents);
}

std::vector<HostTensor> RunTensors::hostTensors() const {
  std::vector<HostTensor> tensors;
  for (size_t i = 0; i != views.size(); ++i) {
    HostTensor tensor;
    tensor.memory = views[i].data;
    tensor.bytes = bytesOf(views[i]);
    tensor.type = static_cast<attnElementType>(views[i].type);
    tensor.rank = i == 4 ? 3 : 4;
    std::copy(views[i].shape, views[i].shape + 4, tensor.shape);
    std::copy(views[i].strides, views[i].strides + 4, tensor.strides);
    tensors.push_back(tensor);
  }
  std::vector<HostTensor> captured = captures.hostTensors();
  tensors.insert(tensors.begin() + 3, captured.begin(), captured.end());
  return tensors;
}

/// Whether all elements are finite, or at least no NaN.
static bool isClean(const TensorView &view, bool allowInfinite) {
  std::atomic<bool> clean{true};
  forEachRow(view, [&](int64_t row) {
    TensorView elements = rowOf(view, row);
    for (int64_t d = 0; d != elements.shape[3]; ++d) {
      double value = elements.load(0, 0, 0, d);
      if (std::isnan(value) || (!allowInfinite && std::isinf(value)))
        clean.store(false, std::memory_order_relaxed);
    }
  });
  return clean;
}

int RunTensors::unwrittenOutput() const {
  for (size_t i = 3; i != views.size(); ++i)
    if (!isClean(views[i], true))
      return static_cast<int>(i);
  return -1;
}

bool RunTensors::inputsAreFinite() const {
  return std::all_of(views.begin(), views.begin() + 3, [](const TensorView &view) { return isClean(view, false); });
}

} // namespace attn::tools
