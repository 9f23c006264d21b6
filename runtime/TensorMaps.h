// Tensor maps of a launch. Encoding one costs the driver a good part of a microsecond, and serving loops launch on the
// same tensors again, so each kernel keeps the maps of its last launch.
#ifndef ATTN_RUNTIME_TENSOR_MAPS_H
#define ATTN_RUNTIME_TENSOR_MAPS_H

#include "Arguments.h"
#include "Driver.h"

#include <mutex>

namespace attn::runtime {

class TensorMaps {
public:
  /// Copies the maps of all arguments that have a box to `maps`, in order, and sets `count`.
  Status get(const Driver &driver, const image::LaunchFacts &facts, const BoundLaunch &launch, TensorMap *maps,
             unsigned &count);

private:
  struct Entry {
    bool valid = false;
    BoundTensor key;
    TensorMap map;
  };

  std::mutex mutex;
  Entry entries[maxArguments];
};

} // namespace attn::runtime

#endif // ATTN_RUNTIME_TENSOR_MAPS_H
