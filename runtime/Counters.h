// Which counter a launch draws its programs from. Kernels whose blocks draw bring an array of counters along, each back at 0
// after a launch; launches that may run at one time need counters of their own. Launches on one stream run one after another, so a
// counter belongs to a stream.
#ifndef ATTN_RUNTIME_COUNTERS_H
#define ATTN_RUNTIME_COUNTERS_H

#include "Driver.h"

namespace attn::runtime {

/// The number of the counter of a stream, below image::counters, or -1 where a launch has to do without: while the stream is
/// captured (a graph's launches may run at any time, also beside each other), where the driver cannot tell streams apart (before
/// CUDA 12.0), and from stream 1025 on. Blocks then go on by their number, to the same results. Any thread may call.
int64_t counterOf(const Driver &driver, Stream stream);

} // namespace attn::runtime

#endif // ATTN_RUNTIME_COUNTERS_H
