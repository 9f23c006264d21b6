// Command-line flags of our tools: `--name=value`, `--name value`, `--toggle`, lists and one file. Unlike LLVM's, they know
// no flags but the tool's own, and a mistake is an answer, not the end of the process.
#ifndef ATTN_TOOLS_SUPPORT_FLAGS_H
#define ATTN_TOOLS_SUPPORT_FLAGS_H

#include "attn/Support/Result.h"

#include <string>
#include <vector>

namespace attn::tools {

/// Exit codes that the tools share.
enum ExitCode { Right = 0, Wrong = 1, BadInput = 2, TimedOut = 3 };

class Flags {
public:
  /// `summary` is the first line of --help.
  Flags(std::string program, std::string summary) : program(std::move(program)), summary(std::move(summary)) {}

  void toggle(std::string name, bool *target, std::string help);
  void value(std::string name, std::string *target, std::string hint, std::string help);
  void number(std::string name, unsigned *target, std::string hint, std::string help);
  /// Takes one value, and the arguments behind it that are no flags but hold a `=`.
  void list(std::string name, std::vector<std::string> *target, std::string hint, std::string help);
  /// The one argument without a name; an error where it is missing, unless it may be.
  void file(std::string *target, std::string hint, std::string help, bool required = true);

  /// InvalidArgument with a sentence, or Ok. Sets `wantsHelp` if --help was given, and then asks for nothing else.
  Error parse(int argc, char **argv);
  bool wantsHelp = false;
  std::string help() const;

private:
  struct Flag {
    std::string name, hint, help;
    bool *toggle = nullptr;
    std::string *value = nullptr;
    unsigned *number = nullptr;
    std::vector<std::string> *list = nullptr;
  };
  Error assign(const Flag &flag, const std::string &text) const;

  std::string program, summary;
  std::vector<Flag> flags;
  std::string *fileTarget = nullptr;
  bool fileRequired = true;
  std::string fileHint, fileHelp;
};

/// The text of a file; "-" is standard input.
Result<std::string> readText(const std::string &path);
/// The text of a plan table's file; an empty path is no table. A file without text is refused.
Error readPlanTable(const std::string &path, std::string &text);
/// Writes bytes to a file; "-" is standard output.
Error writeBytes(const std::string &path, const void *bytes, size_t size);

/// Prints `tool: error: sentence` and returns the exit code of bad input.
int fail(const char *tool, const std::string &sentence);

} // namespace attn::tools

#endif // ATTN_TOOLS_SUPPORT_FLAGS_H
