// The sizes of a run: what the spec fixes, what files and flags say, and sensible values for the rest.
#ifndef ATTN_TOOLS_SUPPORT_SHAPES_H
#define ATTN_TOOLS_SUPPORT_SHAPES_H

#include "attn/Compiler/Describe.h"
#include "attn/Reference/Problem.h"
#include "attn/Support/Safetensors.h"

#include <string>
#include <vector>

namespace attn::tools {

/// The tensors that a caller gives, "q", "k" and "v", in launch order.
constexpr const char *inputNames[] = {"q", "k", "v"};

/// The name in `file` of input 0, 1 or 2 (q, k, v or query, key, value), or null.
const safetensors::Tensor *findInput(const safetensors::File &file, unsigned input);

/// Fixes every size. `shapes` holds texts like "q=2x32x1024x128"; `inputs` may be null. Where both leave an extent open:
/// batch 1, as many keys as queries, 1024 of both.
Result<reference::Problem> resolveShapes(const compiler::SpecFacts &facts, const std::vector<std::string> &shapes,
                                         const safetensors::File *inputs);

/// Pairs of query and key that causality allows, over all batches and heads. Exact, in one step a query.
double allowedPairs(const reference::Problem &problem);

} // namespace attn::tools

#endif // ATTN_TOOLS_SUPPORT_SHAPES_H
