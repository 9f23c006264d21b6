// The tensors of a run in host memory: dense, filled from a file or at random, outputs full of NaN.
#ifndef ATTN_TOOLS_SUPPORT_TENSORS_H
#define ATTN_TOOLS_SUPPORT_TENSORS_H

#include "Captures.h"

#include "attn/Reference/Layout.h"
#include "attn/Support/Safetensors.h"
#include "Launch.h"

#include <memory>

namespace attn::tools {

class RunTensors {
public:
  /// Memory for a problem; refused where the machine does not have it.
  static Result<RunTensors> make(const reference::Problem &problem, bool hasLse);

  /// Copies q, k and v from a file, or says what does not fit.
  Error readInputs(const safetensors::File &file);
  /// Standard normal numbers from a seed, the same for any number of threads.
  void fillInputs(uint64_t seed);
  /// Writes "out" and, if there is one, "lse".
  Error writeOutputs(const std::string &path) const;

  /// In launch order: query, key, value, captured buffers, output, log-sum-exp if there is one.
  std::vector<HostTensor> hostTensors() const;
  /// Query, key, value, output, log-sum-exp.
  const reference::TensorView &view(unsigned index) const { return views[index]; }
  /// Of the launch, captured buffers among them.
  size_t count() const { return views.size() + captures.count(); }
  Captures captures;

  /// Index of an output with an element that was not written, told by its NaN, or -1. Needs inputs without NaN.
  int unwrittenOutput() const;
  /// Whether q, k and v hold finite numbers only.
  bool inputsAreFinite() const;

private:
  struct Free {
    void operator()(uint8_t *memory) const;
  };
  std::vector<std::unique_ptr<uint8_t, Free>> memory;
  std::vector<reference::TensorView> views;
};

} // namespace attn::tools

#endif // ATTN_TOOLS_SUPPORT_TENSORS_H
