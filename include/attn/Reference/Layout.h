// How a tensor lies in memory, apart from where.
#ifndef ATTN_REFERENCE_LAYOUT_H
#define ATTN_REFERENCE_LAYOUT_H

#include "attn/Reference/Problem.h"

#include <string>

namespace attn::reference {

struct TensorLayout {
  ElementType type = ElementType::F32;
  int64_t shape[4] = {0, 0, 0, 0};
  int64_t strides[4] = {0, 0, 0, 0}; ///< in elements
  std::string name = "bhsd";         ///< for messages
};

/// The tensors of one launch. The log-sum-exp has a last extent of 1 here; drop that axis for a kernel.
struct Layouts {
  TensorLayout query, key, value, output, lse;
};

/// The shapes that a problem asks for, dense in the order batch, head, sequence, head_dim.
Layouts denseLayouts(const Problem &problem);

} // namespace attn::reference

#endif // ATTN_REFERENCE_LAYOUT_H
