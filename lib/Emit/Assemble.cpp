// PTX to machine code by ptxas as a child process. A process rather than LLVM's own helpers, so that a hang ends, nothing
// of it reaches the caller's terminal, and its report can be read.
#include "AssemblerReport.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char **environ;

namespace attn::emit {

static Error failed(std::string sentence) { return {Status::CompileFailed, std::move(sentence)}; }

static bool isProgram(const std::string &path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

Result<std::string> findAssembler(const std::string &given) {
  if (!given.empty()) {
    if (isProgram(given))
      return given;
    return Error{Status::InvalidArgument, "ptxas, expects the path of a program, got '" + given + "'"};
  }
  if (hasLinkedAssembler())
    return std::string();
  llvm::SmallVector<std::string> folders;
  for (const char *variable : {"CUDA_HOME", "CUDA_PATH", "CUDA_ROOT"})
    if (const char *home = std::getenv(variable))
      folders.push_back(std::string(home) + "/bin");
  folders.push_back("/usr/local/cuda/bin");
  if (const char *path = std::getenv("PATH")) {
    llvm::SmallVector<llvm::StringRef> parts;
    llvm::StringRef(path).split(parts, ':', -1, /*KeepEmpty=*/false);
    for (llvm::StringRef part : parts)
      folders.push_back(part.str());
  }
  // A relative folder would make the result depend on where the process stands.
  for (const std::string &folder : folders)
    if (folder.front() == '/' && isProgram(folder + "/ptxas"))
      return folder + "/ptxas";
  return std::string();
}

namespace {
/// An empty folder with the files of one run; gone with this object.
class Workspace {
public:
  static Result<Workspace> create() {
    const char *base = std::getenv("TMPDIR");
    std::string name = std::string(base && *base == '/' ? base : "/tmp") + "/attn-ptxas-XXXXXX";
    if (!::mkdtemp(name.data()))
      return Error{Status::IoError, "cannot make a folder like '" + name + "': " + std::strerror(errno)};
    return Workspace(name);
  }
  Workspace(Workspace &&other) : folder(std::move(other.folder)) { other.folder.clear(); }
  ~Workspace() {
    if (folder.empty())
      return;
    for (const std::string &path : {ptx(), cubin(), log()})
      ::unlink(path.c_str());
    ::rmdir(folder.c_str());
  }
  std::string ptx() const { return folder + "/kernel.ptx"; }
  std::string cubin() const { return folder + "/kernel.cubin"; }
  std::string log() const { return folder + "/log"; }

private:
  explicit Workspace(std::string folder) : folder(std::move(folder)) {}
  std::string folder;
};
} // namespace

static bool writeFile(const std::string &path, const std::string &contents) {
  std::FILE *file = std::fopen(path.c_str(), "wbx");
  bool written = file && std::fwrite(contents.data(), 1, contents.size(), file) == contents.size();
  return file && std::fclose(file) == 0 && written;
}

static std::string readFile(const std::string &path) {
  std::string contents;
  if (std::FILE *file = std::fopen(path.c_str(), "rb")) {
    char buffer[1 << 14];
    while (size_t size = std::fread(buffer, 1, sizeof buffer, file))
      contents.append(buffer, size);
    std::fclose(file);
  }
  return contents;
}

/// Runs a program with its output in a file. Its exit status, 128 + n when signal n ended it, or a negative errno.
static int runProgram(const llvm::SmallVectorImpl<std::string> &words, const std::string &log) {
  llvm::SmallVector<char *> argv;
  for (const std::string &word : words)
    argv.push_back(const_cast<char *>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t child;
  int code = ::posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (code != 0)
    return -code;
  auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  auto pause = std::chrono::milliseconds(1);
  int status = 0;
  for (;;) {
    pid_t done = ::waitpid(child, &status, WNOHANG);
    if (done == child)
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (done < 0 && errno != EINTR)
      return -errno;
    if (std::chrono::steady_clock::now() > deadline)
      ::kill(child, SIGKILL);
    std::this_thread::sleep_for(pause);
  }
}

Result<Assembled> assemble(const std::string &ptxas, const std::string &ptx) {
  if (ptxas.empty())
    return assembleLinked(ptx);
  Result<Workspace> files = Workspace::create();
  if (!files)
    return files.error();
  if (!writeFile(files->ptx(), ptx))
    return Error{Status::IoError, "cannot write '" + files->ptx() + "': " + std::strerror(errno)};
  llvm::SmallVector<std::string> words = {ptxas, "-v", "-arch=sm_90a", files->ptx(), "-o", files->cubin()};
  int code = runProgram(words, files->log());
  std::string log = readFile(files->log());
  if (code < 0)
    return failed("cannot run '" + ptxas + "': " + std::strerror(-code));
  if (code != 0)
    return failed("'" + ptxas + "' ended with status " + std::to_string(code) + ": " +
                  llvm::StringRef(log).trim().take_front(2000).str());
  std::string cubin = readFile(files->cubin());
  if (cubin.empty())
    return failed("'" + ptxas + "' wrote no code");
  Assembled result;
  result.cubin.assign(cubin.begin(), cubin.end());
  result.report = readReport(log);
  result.report.version = "ptxas" + versionIn(cubin);
  return result;
}

} // namespace attn::emit
