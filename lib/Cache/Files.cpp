// Reading and writing entries. Reading goes into private memory, not a mapping: a file that another process cuts short
// would kill a reader of its mapping.
#include "Files.h"

#include "Entry.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace attn::cache {

namespace {

/// Reads use a file's age for pruning; moving the stamp once an hour is enough.
constexpr int64_t touchSeconds = 3600;

class File {
public:
  File(FileOps &ops, int number) : ops(ops), number(number) {}
  ~File() {
    if (number >= 0)
      ops.close(number);
  }
  /// Closes now, to see the error that a delayed write ends with.
  int close() {
    int result = ops.close(number);
    number = -1;
    return result;
  }

  FileOps &ops;
  int number;
};

/// A write beyond RLIMIT_FSIZE raises SIGXFSZ, which ends the process unless it is blocked. The signal is taken back
/// before the mask is restored.
class BlockFileSizeSignal {
public:
  BlockFileSizeSignal() {
    sigemptyset(&set);
    sigaddset(&set, SIGXFSZ);
    sigset_t pending;
    sigpending(&pending);
    wasPending = sigismember(&pending, SIGXFSZ) == 1;
    pthread_sigmask(SIG_BLOCK, &set, &before);
  }
  ~BlockFileSizeSignal() {
    timespec none{0, 0};
    if (!wasPending)
      while (sigtimedwait(&set, nullptr, &none) < 0 && errno == EINTR) {
      }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

private:
  sigset_t set, before;
  bool wasPending;
};

bool readAll(FileOps &ops, int file, std::vector<uint8_t> &bytes) {
  size_t done = 0;
  while (done < bytes.size()) {
    ssize_t got = ops.read(file, bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return false;
    done += static_cast<size_t>(got);
  }
  return true;
}

int writeAll(FileOps &ops, int file, const uint8_t *bytes, size_t size) {
  while (size > 0) {
    ssize_t put = ops.write(file, bytes, size);
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      return put < 0 && errno != 0 ? errno : EIO;
    bytes += put;
    size -= static_cast<size_t>(put);
  }
  return 0;
}

/// Removes a name if it still means the file that was looked at, so that a good entry which another process has just
/// put there stays.
void removeIfSame(FileOps &ops, int root, const std::string &name, const struct stat &seen) {
  struct stat now;
  if (ops.statusAt(root, name.c_str(), now) == 0 && now.st_dev == seen.st_dev && now.st_ino == seen.st_ino)
    ops.removeAt(root, name.c_str());
}

/// Unique over processes, threads, forks and machines that share the directory.
std::string temporaryName() {
  static std::atomic<uint64_t> counter{0};
  uint64_t random[2] = {0, 0};
  if (::getrandom(random, sizeof random, GRND_NONBLOCK) != ssize_t(sizeof random)) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    random[0] = static_cast<uint64_t>(now.tv_nsec);
    random[1] = static_cast<uint64_t>(now.tv_sec);
  }
  random[1] ^= ++counter;
  char name[128];
  std::snprintf(name, sizeof name, "%s%ld-%ld-%016llx%016llx", temporaryPrefix, long(::getpid()),
                long(::syscall(SYS_gettid)), static_cast<unsigned long long>(random[0]),
                static_cast<unsigned long long>(random[1]));
  return name;
}

int writeTemporary(FileOps &ops, int root, const std::string &name, const Header &header, const uint8_t *bytes,
                   size_t size) {
  int number = ops.openAt(root, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (number < 0)
    return errno;
  File file(ops, number);
  // The umask may have taken away more than it should.
  int error = ops.changeMode(number, 0600) == 0 ? 0 : errno;
  BlockFileSizeSignal block;
  if (!error)
    error = writeAll(ops, number, header.data(), header.size());
  if (!error)
    error = writeAll(ops, number, bytes, size);
  if (file.close() != 0 && !error)
    error = errno;
  return error;
}

} // namespace

ReadResult readEntry(FileOps &ops, int root, const Key &key, std::vector<uint8_t> &payload) {
  std::string name = entryName(key);
  // O_NONBLOCK: a FIFO of this name must not hold us up.
  int number = ops.openAt(root, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
  if (number < 0) {
    if (errno != ELOOP && errno != ENXIO)
      return ReadResult::Absent;
    ops.removeAt(root, name.c_str()); // a symbolic link or a socket
    return ReadResult::Damaged;
  }
  File file(ops, number);
  struct stat status;
  if (ops.status(number, status) != 0)
    return ReadResult::Absent;
  bool plain = S_ISREG(status.st_mode) && status.st_uid == ::geteuid() && status.st_nlink <= 1;
  uint64_t size = static_cast<uint64_t>(status.st_size);
  std::vector<uint8_t> bytes;
  if (plain && size >= headerBytes && size <= DiskCache::maxEntryBytes + headerBytes) {
    bytes.resize(size);
    if (readAll(ops, number, bytes) && isEntryOf(key, bytes)) {
      if (ops.now() - status.st_mtime > touchSeconds)
        ops.touch(number);
      payload.assign(bytes.begin() + headerBytes, bytes.end());
      return ReadResult::Found;
    }
  }
  removeIfSame(ops, root, name, status);
  return ReadResult::Damaged;
}

int writeEntry(FileOps &ops, int root, const Key &key, const uint8_t *bytes, size_t size) {
  std::string temporary = temporaryName(), name = entryName(key);
  int error = writeTemporary(ops, root, temporary, makeHeader(key, bytes, size), bytes, size);
  if (!error && ops.renameAt(root, temporary.c_str(), name.c_str()) != 0) {
    error = errno;
    // A directory in the way, which only a hand can have put there: it goes if it is empty.
    if ((error == EISDIR || error == ENOTEMPTY || error == EEXIST) && ops.removeAt(root, name.c_str()) == 0)
      error = ops.renameAt(root, temporary.c_str(), name.c_str()) == 0 ? 0 : errno;
  }
  if (error)
    ops.removeAt(root, temporary.c_str());
  return error;
}

void removeEntry(FileOps &ops, int root, const Key &key) { ops.removeAt(root, entryName(key).c_str()); }

} // namespace attn::cache
