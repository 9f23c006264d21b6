// Which process this is. A GPU, its contexts and our threads belong to the process that made them; a forked child only has
// the handles. Every launch asks, so the answer is kept: the system's own costs a good part of a launch.
#ifndef ATTN_RUNTIME_PROCESS_H
#define ATTN_RUNTIME_PROCESS_H

#include <sys/types.h>

namespace attn::runtime {

/// The id of this process, also in a child that fork() has made. Takes no lock.
pid_t currentProcess();

} // namespace attn::runtime

#endif // ATTN_RUNTIME_PROCESS_H
