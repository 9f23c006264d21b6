// The threads that CPU kernels run on: one pool a process, made at the first launch that can use more than one thread,
// and made anew in a forked child, which inherits none of the parent's threads.
#ifndef ATTN_RUNTIME_THREAD_POOL_H
#define ATTN_RUNTIME_THREAD_POOL_H

#include <cstdint>

namespace attn::runtime {

/// A range of work that threads take pieces from. `run` must not throw.
struct Job {
  void (*run)(void *context, unsigned worker, int64_t first, int64_t last);
  void *context;
  int64_t count; ///< pieces 0 .. count-1, each computed exactly once
};

/// The number of threads, the caller's included, that the next job uses at most.
unsigned threadCount();

/// Sets that number; 0 goes back to ATTN_NUM_THREADS or the CPUs this process may run on.
void setThreadCount(unsigned threads);

/// Runs a job on the pool and the calling thread, and returns when all of it is done. Worker numbers are below
/// `workers`, which is at least 1; one job at a time has the pool, others wait. `prepare(context)` is called once
/// while this call owns the pool, before any piece; a false ends the call with false.
bool runJob(const Job &job, unsigned workers, bool (*prepare)(void *context));

} // namespace attn::runtime

#endif // ATTN_RUNTIME_THREAD_POOL_H
