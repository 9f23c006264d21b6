// The system calls that the disk cache makes, behind one interface, so that tests can make each of them fail. Every
// method does what the POSIX call of that name does: -1 and errno on failure.
#ifndef ATTN_CACHE_FILEOPS_H
#define ATTN_CACHE_FILEOPS_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/stat.h>
#include <sys/types.h>
#include <vector>

namespace attn::cache {

class FileOps {
public:
  virtual ~FileOps() = default;

  virtual int open(const char *path, int flags);
  virtual int makeDirectory(const char *path, mode_t mode);
  virtual int openAt(int directory, const char *name, int flags, mode_t mode);
  virtual int status(int file, struct stat &status);
  /// Of the name itself: a symbolic link is not followed.
  virtual int statusAt(int directory, const char *name, struct stat &status);
  virtual int changeMode(int file, mode_t mode);
  virtual ssize_t read(int file, void *bytes, size_t size);
  virtual ssize_t write(int file, const void *bytes, size_t size);
  virtual int close(int file);
  virtual int renameAt(int directory, const char *from, const char *to);
  /// Also removes an empty directory of that name.
  virtual int removeAt(int directory, const char *name);
  /// Sets the modification time to now.
  virtual int touch(int file);
  /// The names in a directory, without "." and "..".
  virtual int list(int directory, std::vector<std::string> &names);
  /// Seconds since 1970 by the clock that files are stamped with.
  virtual int64_t now();

  /// The real system.
  static FileOps &system();
};

} // namespace attn::cache

#endif // ATTN_CACHE_FILEOPS_H
