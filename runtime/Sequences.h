// The numbers of packed sequences: whether offsets rise from 0 and end within their tensor. On the CPU every launch asks; on a
// GPU, where the numbers would have to be fetched first, only kernels that were loaded with ATTN_CHECK=1 in the environment.
#ifndef ATTN_RUNTIME_SEQUENCES_H
#define ATTN_RUNTIME_SEQUENCES_H

#include "Arguments.h"
#include "Driver.h"

namespace attn::runtime {

/// Whether the environment asks for checks of numbers in a GPU's memory. Asked at load.
bool checksNumbers();

/// Checks the offsets of a launch whose arguments are bound, in this process' memory.
Status checkSequencesOnHost(const image::LaunchFacts &facts, const BoundLaunch &launch);

/// The same in a GPU's memory, after what the stream holds. The kernel's context is current.
Status checkSequencesOnDevice(const Driver &driver, Stream stream, const image::LaunchFacts &facts, const BoundLaunch &launch);

} // namespace attn::runtime

#endif // ATTN_RUNTIME_SEQUENCES_H
