// Flags, and the reading and writing of files that every tool needs.
#include "Flags.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace attn::tools {

void Flags::toggle(std::string name, bool *target, std::string help) {
  flags.push_back({std::move(name), "", std::move(help), target});
}

void Flags::value(std::string name, std::string *target, std::string hint, std::string help) {
  flags.push_back({std::move(name), std::move(hint), std::move(help), nullptr, target});
}

void Flags::number(std::string name, unsigned *target, std::string hint, std::string help) {
  flags.push_back({std::move(name), std::move(hint), std::move(help), nullptr, nullptr, target});
}

void Flags::list(std::string name, std::vector<std::string> *target, std::string hint, std::string help) {
  flags.push_back({std::move(name), std::move(hint), std::move(help), nullptr, nullptr, nullptr, target});
}

void Flags::file(std::string *target, std::string hint, std::string help, bool required) {
  fileRequired = required;
  fileTarget = target;
  fileHint = std::move(hint);
  fileHelp = std::move(help);
}

static Error invalid(std::string sentence) { return {Status::InvalidArgument, std::move(sentence)}; }

Error Flags::assign(const Flag &flag, const std::string &text) const {
  if (flag.value) {
    *flag.value = text;
  } else if (flag.list) {
    flag.list->push_back(text);
  } else {
    char *end = nullptr;
    errno = 0;
    unsigned long number = std::strtoul(text.c_str(), &end, 10);
    if (text.empty() || text[0] < '0' || text[0] > '9' || *end || errno || number > 0xffffffffu)
      return invalid(flag.name + ", expects a whole number, got '" + text + "'");
    *flag.number = static_cast<unsigned>(number);
  }
  return {};
}

Error Flags::parse(int argc, char **argv) {
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument == "--help" || argument == "-h") {
      wantsHelp = true;
      return {};
    }
    if (argument.size() < 2 || argument[0] != '-') {
      if (!fileTarget || !fileTarget->empty())
        return invalid("unexpected argument '" + argument + "', see --help");
      *fileTarget = argument;
      continue;
    }
    size_t equals = argument.find('=');
    std::string name = argument.substr(0, equals);
    auto flag = std::find_if(flags.begin(), flags.end(), [&](const Flag &flag) { return flag.name == name; });
    if (flag == flags.end())
      return invalid("unknown flag '" + name + "', see --help");
    if (flag->toggle) {
      if (equals != argument.npos)
        return invalid(name + ", expects no value, got '" + argument.substr(equals + 1) + "'");
      *flag->toggle = true;
      continue;
    }
    if (equals == argument.npos && i + 1 == argc)
      return invalid(name + ", expects a value");
    std::string text = equals == argument.npos ? argv[++i] : argument.substr(equals + 1);
    if (Error error = assign(*flag, text); error.status != Status::Ok)
      return error;
    while (flag->list && i + 1 < argc && argv[i + 1][0] != '-' && std::strchr(argv[i + 1], '='))
      flag->list->push_back(argv[++i]);
  }
  if (fileTarget && fileRequired && fileTarget->empty())
    return invalid("expects " + fileHint + ", " + fileHelp);
  return {};
}

std::string Flags::help() const {
  std::string argument = !fileTarget ? "" : fileRequired ? " " + fileHint : " [" + fileHint + "]";
  std::string out = program + ": " + summary + "\n\nusage: " + program + argument + " [flags]\n\n";
  auto line = [&](std::string left, const std::string &right) {
    left.resize(std::max<size_t>(left.size() + 2, 28), ' ');
    out += "  " + left + right + "\n";
  };
  if (fileTarget)
    line(fileHint, fileHelp);
  for (const Flag &flag : flags)
    line(flag.name + (flag.hint.empty() ? "" : (flag.name.size() == 2 ? " " : "=") + flag.hint), flag.help);
  return out;
}

Result<std::string> readText(const std::string &path) {
  constexpr size_t limit = size_t(17) << 20; // beyond what the compiler takes
  std::FILE *file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  if (!file)
    return Error{Status::IoError, "cannot read '" + path + "': " + std::strerror(errno)};
  std::string text;
  char buffer[1 << 16];
  size_t got;
  while (text.size() < limit && (got = std::fread(buffer, 1, sizeof buffer, file)) != 0)
    text.append(buffer, got);
  int reason = std::ferror(file) ? errno : 0;
  if (file != stdin)
    std::fclose(file);
  if (reason)
    return Error{Status::IoError, "cannot read '" + path + "': " + std::strerror(reason)};
  return text;
}

Error readPlanTable(const std::string &path, std::string &text) {
  if (path.empty())
    return {};
  Result<std::string> read = readText(path);
  if (!read)
    return read.error();
  if (read->find_first_not_of(" \t\r\n") == std::string::npos)
    return invalid("--plan-table, expects an array of entries in '" + path + "', got an empty file");
  text = std::move(*read);
  return {};
}

Error writeBytes(const std::string &path, const void *bytes, size_t size) {
  std::FILE *file = path == "-" ? stdout : std::fopen(path.c_str(), "wb");
  bool written = file && std::fwrite(bytes, 1, size, file) == size;
  int reason = errno;
  if (file && (file == stdout ? std::fflush(file) : std::fclose(file)) != 0 && written)
    written = false, reason = errno;
  if (!written)
    return {Status::IoError, "cannot write '" + path + "': " + std::strerror(reason)};
  return {};
}

int fail(const char *tool, const std::string &sentence) {
  std::fprintf(stderr, "%s: error: %s\n", tool, sentence.c_str());
  return BadInput;
}

} // namespace attn::tools
