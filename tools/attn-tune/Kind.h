// A kind of kernel that gets entries of a plan table: what a key of the table says, and a spec of that kind.
#ifndef ATTN_TOOLS_ATTN_TUNE_KIND_H
#define ATTN_TOOLS_ATTN_TUNE_KIND_H

#include "attn/Analysis/PlanCost.h"
#include "attn/Support/Result.h"

#include <string>
#include <vector>

namespace attn::tools {

/// Lengths at which kernels of a kind are timed.
struct Point {
  int64_t length = 0; ///< keys
  int64_t batch = 1, queryLength = 0;
  std::vector<std::string> shapes; ///< as attn-run takes them
};

struct Kind {
  int64_t headDim = 128, valueDim = 128, group = 1;
  std::string mask = "all"; ///< all, causal or window, as an entry has it
  std::string type = "bf16";
  int64_t window = 1024; ///< keys, where the mask is a window

  int64_t queryHeads = 16;
  std::string text; ///< of a user's spec, or empty
  std::vector<Point> points;

  /// The user's spec, or one whose batch and lengths are launch arguments.
  std::string spec() const;
  /// As in "128/128 causal bf16 group 4".
  std::string name() const;
  /// The model's view of a point.
  analysis::Workload workload(const Point &point) const;
};

/// Reads "64,192/128" into pairs, "all,causal" and "bf16,f16", and crosses them. Each is timed at all lengths, with batch
/// times length of about 16384 tokens and heads times head_dim of 2048, as in the tables of others.
Result<std::vector<Kind>> parseKinds(const std::string &dims, const std::string &masks, const std::string &types,
                                     const std::string &groups, int64_t window, const std::vector<int64_t> &lengths);

/// The kind of a spec, timed at shapes: each begins at a "q=BxHxSxD".
Result<Kind> kindOfSpec(const std::string &text, const std::string &sourceName, const std::vector<std::string> &shapes);

/// Reads "512,8192"; each from 1 to 2^20.
Result<std::vector<int64_t>> parseLengths(const std::string &text);

} // namespace attn::tools

#endif // ATTN_TOOLS_ATTN_TUNE_KIND_H
