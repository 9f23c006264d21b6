// The captured buffers of a run and the numbers of its sequences: extents, contents, and how the oracle reads them.
#ifndef ATTN_TOOLS_SUPPORT_CAPTURES_H
#define ATTN_TOOLS_SUPPORT_CAPTURES_H

#include "attn/Compiler/Describe.h"
#include "attn/Reference/Problem.h"
#include "attn/Support/Safetensors.h"
#include "Launch.h"

#include <memory>
#include <string>
#include <vector>

namespace attn::tools {

class Captures {
public:
  /// Buffer n is the tensor "cn" of the file where it has one. Else an extent that the spec leaves open is, by rank, that
  /// of (key), (batch, key), (head, query, key) or (batch, head, query, key), and the contents are random: normal
  /// numbers, or integers that rise along the last axis now and then, as document numbers do. Lengths are the tensors
  /// "query_lengths" and "kv_lengths", else random. Offsets are "query_offsets" and "kv_offsets", else 4 sequences, or as
  /// many as the other side has, of random lengths; equal ones where both sides have as many rows.
  static Result<Captures> make(const compiler::SpecFacts &facts, const reference::Problem &problem,
                               const safetensors::File *inputs, uint64_t seed);

  std::vector<HostTensor> hostTensors() const;
  size_t count() const { return buffers.size(); }
  /// Gives a problem the lengths and offsets; `batch` then counts sequences.
  void bindSequences(const compiler::SpecFacts &facts, reference::Problem &problem) const;
  /// Gives a problem the clauses and regions of the spec, which read these buffers; buffers and facts must outlive it.
  void bindRegions(const compiler::SpecFacts &facts, reference::Problem &problem) const;

private:
  struct Buffer {
    reference::TensorView view; ///< extents beyond the rank are 1
    int32_t rank = 0;
    std::shared_ptr<std::vector<uint32_t>> memory; ///< shared with the functions that read it
  };
  std::vector<Buffer> buffers;
};

} // namespace attn::tools

#endif // ATTN_TOOLS_SUPPORT_CAPTURES_H
