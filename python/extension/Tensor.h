// A Python object as a DLPack tensor that the C interface takes, kept alive by its capsule. Nothing is copied.
#ifndef ATTN_PYTHON_TENSOR_H
#define ATTN_PYTHON_TENSOR_H

#include "attn-c/Runtime.h"

#include <nanobind/nanobind.h>
#include <string>

namespace attn::python {

/// One argument of a launch. The memory lives as long as this object, which holds the exporter's capsule.
class Tensor {
public:
  /// Asks `object` for its memory. `name` is the argument's for messages. Throws attn_mlir.Error.
  Tensor(nanobind::handle object, const attnArgumentInfo &expected, const std::string &name, bool uint16AsBf16);

  const attnDLTensor *dlpack() const { return &tensor; }

private:
  void take(nanobind::object exported, const std::string &name, bool written);

  nanobind::object capsule;
  attnDLTensor tensor{}; ///< a copy, whose shape and strides lie in the capsule
};

} // namespace attn::python

#endif // ATTN_PYTHON_TENSOR_H
