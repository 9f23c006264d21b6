// How far from 0 scores can be, read off the arithmetic that makes them: a softmax of scores that a function such as tanh
// bounds needs no running maximum.
#ifndef ATTN_ANALYSIS_SCOREBOUND_H
#define ATTN_ANALYSIS_SCOREBOUND_H

#include "mlir/IR/Value.h"

#include <optional>

namespace attn::analysis {

/// The largest magnitude of an element of a tile of scores that is neither NaN nor the -inf of a mask; none where the
/// arithmetic gives no bound. By intervals over constants, sums, products, quotients, minima, maxima, tanh and powers.
std::optional<double> boundOfScores(mlir::Value scores);

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_SCOREBOUND_H
