// Attention in double precision by the textbook: the oracle that every kernel is compared with. Beside it the yardstick:
// unfused attention in the element type, with the roundings that matrix multiplications and a softmax in that type have.
#ifndef ATTN_REFERENCE_ATTENTION_H
#define ATTN_REFERENCE_ATTENTION_H

#include "attn/Reference/Problem.h"

namespace attn::reference {

/// Computes out, dense [batch, queryHeads, queryLength, valueDim], and, unless null, lse, dense [batch, queryHeads,
/// queryLength]: the natural logarithm of the sum of exponentials of the final scores. A query without an allowed key
/// gets exactly 0 and -inf, or its head's sink. What keys and values hold that a query is not allowed to see has no effect on it, NaN included.
void attention(const Problem &problem, const TensorView &query, const TensorView &key, const TensorView &value,
               double *out, double *lse);

/// The same for some rows: out is dense [rows.size(), valueDim].
void attentionRows(const Problem &problem, const TensorView &query, const TensorView &key, const TensorView &value,
                   const std::vector<Row> &rows, double *out, double *lse);

/// What standard attention in the problem's type gives. Scores are accumulated in f32, scaled and rounded to the type;
/// the softmax is f32, its weights are rounded to the type; the sum over values is accumulated in f32 and rounded. One
/// accumulator runs through each sum. The log-sum-exp is f32, of the rounded scores.
void unfusedAttention(const Problem &problem, const TensorView &query, const TensorView &key, const TensorView &value,
                      double *out, double *lse);
void unfusedAttentionRows(const Problem &problem, const TensorView &query, const TensorView &key,
                          const TensorView &value, const std::vector<Row> &rows, double *out, double *lse);

} // namespace attn::reference

#endif // ATTN_REFERENCE_ATTENTION_H
