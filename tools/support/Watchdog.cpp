// A list of steps under way, a thread that looks at the clock, a signal handler that prints the list.
#include "Watchdog.h"

#include "Flags.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace attn::tools {
namespace {

using Clock = std::chrono::steady_clock;

struct Step {
  std::string what;
  unsigned seconds;
  Clock::time_point begin;
};

struct Watch {
  std::mutex mutex;
  std::map<unsigned, Step> steps;
  unsigned next = 0;
  std::string tool;
};

/// Never destroyed: the watching thread outlives main.
Watch &watch() {
  static Watch *instance = new Watch;
  return *instance;
}

constexpr int crashSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
struct sigaction previousActions[sizeof crashSignals / sizeof *crashSignals];

void writeError(const char *text) {
  if (write(STDERR_FILENO, text, std::strlen(text)) < 0)
    return; // nobody to tell
}

/// Prints the steps and lets the signal take its former course. The process is lost already, so the worst that reading
/// the list without a lock can do is a second crash, which the restored handlers take.
void onCrash(int signal) {
  for (size_t i = 0; i != sizeof crashSignals / sizeof *crashSignals; ++i)
    sigaction(crashSignals[i], &previousActions[i], nullptr);
  writeError(watch().tool.c_str());
  writeError(": crashed (signal ");
  char digits[] = {static_cast<char>('0' + signal / 10 % 10), static_cast<char>('0' + signal % 10), '\0'};
  writeError(digits);
  writeError(") in one of these steps:\n");
  for (const auto &[number, step] : watch().steps) {
    writeError("  ");
    writeError(step.what.c_str());
    writeError("\n");
  }
  raise(signal);
}

[[noreturn]] void look() {
  for (;;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    std::lock_guard<std::mutex> lock(watch().mutex);
    for (const auto &[number, step] : watch().steps) {
      if (step.seconds == 0 || Clock::now() - step.begin < std::chrono::seconds(step.seconds))
        continue;
      std::fprintf(stderr, "%s: error: no end after %u s: %s\n", watch().tool.c_str(), step.seconds, step.what.c_str());
      std::fflush(nullptr);
      _exit(TimedOut);
    }
  }
}

} // namespace

void startWatchdog(const std::string &tool) {
  watch().tool = tool;
  struct sigaction action {};
  action.sa_handler = onCrash;
  for (size_t i = 0; i != sizeof crashSignals / sizeof *crashSignals; ++i)
    sigaction(crashSignals[i], &action, &previousActions[i]);
  std::thread(look).detach();
}

WatchedStep::WatchedStep(std::string what, unsigned seconds) {
  std::lock_guard<std::mutex> lock(watch().mutex);
  number = watch().next++;
  watch().steps[number] = {std::move(what), seconds, Clock::now()};
}

WatchedStep::~WatchedStep() {
  std::lock_guard<std::mutex> lock(watch().mutex);
  watch().steps.erase(number);
}

} // namespace attn::tools
