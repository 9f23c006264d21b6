// The real system calls.
#include "attn/Cache/FileOps.h"

#include <cerrno>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

namespace attn::cache {

int FileOps::open(const char *path, int flags) { return ::open(path, flags); }

int FileOps::makeDirectory(const char *path, mode_t mode) { return ::mkdir(path, mode); }

int FileOps::openAt(int directory, const char *name, int flags, mode_t mode) {
  return ::openat(directory, name, flags, mode);
}

int FileOps::status(int file, struct stat &status) { return ::fstat(file, &status); }

int FileOps::statusAt(int directory, const char *name, struct stat &status) {
  return ::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW);
}

int FileOps::changeMode(int file, mode_t mode) { return ::fchmod(file, mode); }

ssize_t FileOps::read(int file, void *bytes, size_t size) { return ::read(file, bytes, size); }

ssize_t FileOps::write(int file, const void *bytes, size_t size) { return ::write(file, bytes, size); }

int FileOps::close(int file) { return ::close(file); }

int FileOps::renameAt(int directory, const char *from, const char *to) {
  return ::renameat(directory, from, directory, to);
}

int FileOps::removeAt(int directory, const char *name) {
  if (::unlinkat(directory, name, 0) == 0)
    return 0;
  return errno == EISDIR || errno == EPERM ? ::unlinkat(directory, name, AT_REMOVEDIR) : -1;
}

int FileOps::touch(int file) { return ::futimens(file, nullptr); }

int FileOps::list(int directory, std::vector<std::string> &names) {
  // A descriptor of its own: reading moves the position, which a duplicate would share with other threads.
  int own = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own < 0)
    return -1;
  DIR *stream = ::fdopendir(own);
  if (!stream) {
    ::close(own);
    return -1;
  }
  while (const dirent *entry = ::readdir(stream)) {
    std::string name = entry->d_name;
    if (name != "." && name != "..")
      names.push_back(std::move(name));
  }
  ::closedir(stream);
  return 0;
}

int64_t FileOps::now() { return static_cast<int64_t>(std::time(nullptr)); }

FileOps &FileOps::system() {
  static FileOps ops;
  return ops;
}

} // namespace attn::cache
