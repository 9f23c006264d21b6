// What a tool does about kernels that never end or crash: it says which step it was, and ends the process. A hung GPU
// kernel leaves no other way out. Only tools use this; libraries never end a process or install signal handlers.
#ifndef ATTN_TOOLS_SUPPORT_WATCHDOG_H
#define ATTN_TOOLS_SUPPORT_WATCHDOG_H

#include <string>

namespace attn::tools {

/// Starts the watch, once a process: crashes are reported with the steps under way, and a step that takes longer than its
/// time ends the process with exit code TimedOut.
void startWatchdog(const std::string &tool);

/// A step under way, from construction to destruction. Any thread.
class WatchedStep {
public:
  /// `what` continues "no end after 60 s: ". Seconds 0: no limit, only named in a crash.
  WatchedStep(std::string what, unsigned seconds);
  ~WatchedStep();
  WatchedStep(const WatchedStep &) = delete;
  WatchedStep &operator=(const WatchedStep &) = delete;

private:
  unsigned number;
};

} // namespace attn::tools

#endif // ATTN_TOOLS_SUPPORT_WATCHDOG_H
