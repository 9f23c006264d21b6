// Workers sleep on a condition variable between jobs. Pieces are handed out by an atomic counter, so uneven ones
// (causal rows) even out. The pool is never destroyed: its threads may outlive static destructors, and they touch
// nothing then.
#include "ThreadPool.h"

#include "Process.h"

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <new>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <system_error>
#include <thread>

namespace attn::runtime {

namespace {

constexpr unsigned maxThreads = 1024;

/// Kernels round to nearest and keep denormals, whatever the host's threads are set to; the host's setting comes back.
class DefaultFloatEnvironment {
public:
  DefaultFloatEnvironment() {
    std::fegetenv(&saved);
    std::fesetenv(FE_DFL_ENV);
  }
  ~DefaultFloatEnvironment() { std::fesetenv(&saved); }

private:
  std::fenv_t saved;
};

/// The part of a job that threads share.
struct Shared {
  Job job;
  int64_t chunk;
  std::atomic<int64_t> next{0};

  void work(unsigned worker) {
    DefaultFloatEnvironment environment;
    for (;;) {
      int64_t first = next.fetch_add(chunk, std::memory_order_relaxed);
      if (first >= job.count)
        return;
      job.run(job.context, worker, first, std::min(first + chunk, job.count));
    }
  }
};

class Pool {
public:
  /// Starts threads until there are `wanted` besides the caller's; fewer if the system refuses.
  void grow(unsigned wanted) {
    // Signals go to the host's own threads.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      while (size < wanted) {
        std::thread([this, number = size + 1] { serve(number); }).detach();
        ++size;
      }
    } catch (const std::system_error &) {
      // The job runs on the threads there are.
    } catch (const std::bad_alloc &) {
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void run(Shared &shared, unsigned helpers) {
    helpers = std::min(helpers, size);
    if (helpers != 0) {
      std::lock_guard<std::mutex> lock(mutex);
      current = &shared;
      invited = helpers;
      busy = 0;
      ++round;
    }
    if (helpers != 0)
      wake.notify_all();
    shared.work(0);
    if (helpers == 0)
      return;
    // No helper that has not begun by now is needed; wait for those that have.
    std::unique_lock<std::mutex> lock(mutex);
    invited = 0;
    done.wait(lock, [this] { return busy == 0; });
    current = nullptr;
  }

private:
  void serve(unsigned number) {
    uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex);
    for (;;) {
      wake.wait(lock, [&] { return round != seen && number <= invited; });
      seen = round;
      Shared *shared = current;
      ++busy;
      lock.unlock();
      shared->work(number);
      lock.lock();
      if (--busy == 0)
        done.notify_one();
    }
  }

  std::mutex mutex;
  std::condition_variable wake, done;
  Shared *current = nullptr;
  uint64_t round = 0;
  unsigned invited = 0, busy = 0, size = 0;
};

/// What belongs to one process. A forked child makes its own and leaves its parent's untouched: locks in it may be
/// held.
struct ProcessState {
  pid_t pid = currentProcess();
  std::mutex owner; ///< held by the call that has the pool
  Pool pool;
};

std::atomic<ProcessState *> processState{nullptr};
std::atomic<unsigned> chosenThreads{0};

ProcessState *currentState() {
  ProcessState *state = processState.load(std::memory_order_acquire);
  if (state && state->pid == currentProcess())
    return state;
  auto *fresh = new (std::nothrow) ProcessState;
  if (!fresh)
    return nullptr;
  if (processState.compare_exchange_strong(state, fresh, std::memory_order_acq_rel))
    return fresh;
  delete fresh; // another thread of this process was first; it started no threads yet
  return state;
}

unsigned defaultThreads() {
  if (const char *text = std::getenv("ATTN_NUM_THREADS")) {
    char *end = nullptr;
    long value = std::strtol(text, &end, 10);
    if (end != text && *end == 0 && value >= 1 && value <= long(maxThreads))
      return static_cast<unsigned>(value);
  }
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    return std::min(std::max(CPU_COUNT(&set), 1), int(maxThreads));
  return std::min(std::max(std::thread::hardware_concurrency(), 1u), maxThreads);
}

} // namespace

unsigned threadCount() {
  unsigned threads = chosenThreads.load(std::memory_order_relaxed);
  if (threads == 0) {
    // Asked once: the count stays the same for the life of the process unless it is set.
    threads = defaultThreads();
    unsigned none = 0;
    if (!chosenThreads.compare_exchange_strong(none, threads))
      threads = none;
  }
  return threads;
}

void setThreadCount(unsigned threads) { chosenThreads.store(std::min(threads, maxThreads)); }

bool runJob(const Job &job, unsigned workers, bool (*prepare)(void *context)) {
  ProcessState *state = currentState();
  if (!state)
    return false;
  std::lock_guard<std::mutex> lock(state->owner);
  if (!prepare(job.context))
    return false;
  workers = static_cast<unsigned>(std::min<int64_t>(std::max(workers, 1u), std::max<int64_t>(job.count, 1)));
  // About sixteen pieces a thread keep the counter cool and the ends even.
  int64_t chunk = std::min<int64_t>(std::max<int64_t>(job.count / (int64_t(workers) * 16), 1), 64);
  Shared shared{job, chunk};
  if (workers > 1)
    state->pool.grow(workers - 1);
  state->pool.run(shared, workers - 1);
  return true;
}

} // namespace attn::runtime
