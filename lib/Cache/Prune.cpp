// Keeping the directory within its bounds. Runs after a store, off the path of a hit. Readers hold open files, so
// removing an entry under them is harmless; a store that races is at worst removed early.
#include "Entry.h"
#include "Files.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>

namespace attn::cache {

namespace {

constexpr char stampName[] = ".pruned";
constexpr int64_t temporarySeconds = 3600;

/// Says whether it is time to prune, and if so stamps the directory. A stamp from the future (the clock was set back)
/// counts as old.
bool takeTurn(FileOps &ops, int root, int64_t now, int64_t interval) {
  struct stat status;
  if (ops.statusAt(root, stampName, status) == 0) {
    if (!S_ISREG(status.st_mode))
      ops.removeAt(root, stampName);
    else if (status.st_mtime <= now && now - status.st_mtime < interval)
      return false;
  }
  int stamp = ops.openAt(root, stampName, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  if (stamp < 0)
    return errno != EROFS && errno != EACCES; // full disk: pruning is what helps
  ops.touch(stamp);
  ops.close(stamp);
  return true;
}

struct Entry {
  std::string name;
  int64_t time;
  uint64_t size;
};

} // namespace

uint64_t prune(FileOps &ops, int root, const Options &options) {
  int64_t now = ops.now();
  std::vector<std::string> names;
  if (!takeTurn(ops, root, now, options.pruneIntervalSeconds) || ops.list(root, names) != 0)
    return 0;
  uint64_t removed = 0, total = 0;
  auto remove = [&](const std::string &name) { removed += ops.removeAt(root, name.c_str()) == 0; };
  std::vector<Entry> entries;
  for (const std::string &name : names) {
    bool temporary = name.rfind(temporaryPrefix, 0) == 0;
    struct stat status;
    if ((!temporary && !isEntryName(name)) || ops.statusAt(root, name.c_str(), status) != 0 || S_ISDIR(status.st_mode))
      continue;
    int64_t age = now - status.st_mtime;
    if (age > (temporary ? temporarySeconds : options.expirySeconds)) {
      remove(name);
    } else if (!temporary) {
      entries.push_back({name, status.st_mtime, static_cast<uint64_t>(status.st_size)});
      total += entries.back().size;
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry &a, const Entry &b) { return a.time < b.time; });
  for (const Entry &entry : entries) {
    if (total <= options.maxBytes)
      break;
    remove(entry.name);
    total -= entry.size;
  }
  return removed;
}

} // namespace attn::cache
