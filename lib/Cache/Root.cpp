// The choice and the checks of the cache directory. Everything later goes through the descriptor that is opened here,
// so replacing a folder on the path afterwards changes nothing.
#include "Root.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace attn::cache {

std::string defaultDirectory(std::string &problem) {
  if (const char *chosen = std::getenv("ATTN_CACHE_DIR"); chosen && *chosen)
    return chosen;
  if (const char *base = std::getenv("XDG_CACHE_HOME"); base && *base == '/')
    return std::string(base) + "/attn";
  if (const char *home = std::getenv("HOME"); home && *home == '/')
    return std::string(home) + "/.cache/attn";
  problem = "kernel cache expects HOME, XDG_CACHE_HOME or ATTN_CACHE_DIR to name a directory, got none; set one to "
            "keep kernels between runs";
  return "";
}

/// Makes what is missing of a path, each folder for its owner alone.
static void makeDirectories(FileOps &ops, const std::string &path) {
  for (size_t at = path.find('/', 1); ; at = path.find('/', at + 1)) {
    std::string part = path.substr(0, at);
    if (ops.makeDirectory(part.c_str(), 0700) == 0) {
      // A umask may have taken the owner's rights. Through a descriptor that follows no link, so nothing else changes.
      int made = ops.open(part.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      struct stat status;
      if (made >= 0 && ops.status(made, status) == 0 && (status.st_mode & 0777) != 0700)
        ::chmod(("/proc/self/fd/" + std::to_string(made)).c_str(), 0700);
      if (made >= 0)
        ops.close(made);
    }
    if (at == std::string::npos)
      return;
  }
}

int openRoot(FileOps &ops, const std::string &path, std::string &problem) {
  std::string subject = "kernel cache expects " + path + " to be a directory ";
  if (path.empty() || path.size() >= 4096 || path.find('\0') != std::string::npos) {
    problem = "kernel cache expects a path of 1 to 4095 bytes, got " + std::to_string(path.size()) +
              "; set ATTN_CACHE_DIR to another";
    return -1;
  }
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  int root = ops.open(path.c_str(), flags);
  if (root < 0 && errno == ENOENT) {
    makeDirectories(ops, path);
    root = ops.open(path.c_str(), flags);
  }
  if (root < 0) {
    problem = subject + "that can be opened, got: " + std::strerror(errno) + "; set ATTN_CACHE_DIR to another";
    return -1;
  }
  struct stat status;
  if (ops.status(root, status) != 0)
    problem = subject + "with a status, got: " + std::strerror(errno) + "; set ATTN_CACHE_DIR to another";
  else if (!S_ISDIR(status.st_mode))
    problem = subject + ", got another kind of file; set ATTN_CACHE_DIR to another";
  else if (status.st_uid != ::geteuid())
    problem = subject + "of this user, got one of user " + std::to_string(status.st_uid) +
              "; set ATTN_CACHE_DIR to your own";
  else if ((status.st_mode & 022) != 0)
    problem = subject + "that only its owner can write, got one that others can write too; run chmod 700 on it";
  else
    return root;
  ops.close(root);
  return -1;
}

} // namespace attn::cache
