// A kept process id that a fork forgets.
#include "Process.h"

#include <atomic>
#include <pthread.h>
#include <unistd.h>

namespace attn::runtime {

namespace {

std::atomic<pid_t> kept{0};
enum State { Fresh, Registering, Registered };
std::atomic<int> state{Fresh};

void forget() { kept.store(0, std::memory_order_relaxed); }

/// Has fork() forget the id in its child. Nothing is kept before that, nor if it cannot be done. No call waits for another
/// one here, since a fork in between would leave its child waiting for ever.
bool forgetsAtFork() {
  int expected = Fresh;
  if (state.compare_exchange_strong(expected, Registering) && pthread_atfork(nullptr, nullptr, forget) == 0)
    state.store(Registered);
  return state.load() == Registered;
}

} // namespace

pid_t currentProcess() {
  pid_t pid = kept.load(std::memory_order_relaxed);
  if (pid == 0) {
    pid = getpid();
    if (forgetsAtFork())
      kept.store(pid, std::memory_order_relaxed);
  }
  return pid;
}

} // namespace attn::runtime
