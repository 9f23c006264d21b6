// What a spec says, as plain data: for image facts, for tools that make inputs and for those that compare with the oracle.
#ifndef ATTN_COMPILER_DESCRIBE_H
#define ATTN_COMPILER_DESCRIBE_H

#include "attn/Image/Image.h"
#include "attn/Support/Result.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attn::compiler {

enum class CausalityKind { None = 0, TopLeft = 1, BottomRight = 2 };

/// Reads an element of a captured buffer; as many indices as its rank.
using CaptureReader = std::function<double(unsigned capture, const int64_t *indices)>;
/// What a region makes of (score,) batch, head, query, key and the captured buffers.
using ScoreFunction = std::function<double(double, int64_t, int64_t, int64_t, int64_t, const CaptureReader &)>;
using MaskFunction = std::function<bool(int64_t, int64_t, int64_t, int64_t, const CaptureReader &)>;

struct SpecFacts {
  std::string symbol;
  image::ElementType type = image::ElementType::F16; ///< of query, key, value and output
  std::vector<image::Argument> arguments;            ///< in launch order, without boxes
  int64_t queryHeads = 1, kvHeads = 1;
  int64_t headDim = 0, valueDim = 0;
  CausalityKind causality = CausalityKind::None;
  std::optional<int64_t> left, right;
  double scale = 1; ///< the given one, or 1/sqrt(headDim)
  bool hasLse = false;
  bool hasScore = false, hasMask = false, hasDropout = false, hasCaptures = false;
  double dropProbability = 0;       ///< of dropout
  std::optional<uint64_t> dropSeed; ///< the given one, or nothing where a buffer holds it
  std::optional<double> softcap;
  std::optional<int64_t> chunk;
  /// Buffers of clauses as places among the captured ones, counted from 0.
  std::optional<unsigned> slopes, bias, prefix, documents, sinks, seed;
  /// The regions, interpreted; empty where there is none, or where it holds what no target computes.
  ScoreFunction score;
  MaskFunction mask;
};

/// Parses and verifies a spec. InvalidSpec with a sentence if that fails.
Result<SpecFacts> describe(std::string_view spec, const std::string &sourceName = "spec");

} // namespace attn::compiler

#endif // ATTN_COMPILER_DESCRIBE_H
