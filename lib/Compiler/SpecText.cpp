// One pass over the characters of a spec, without recursion: counts brackets, and for each alias (`!name = …`,
// `#name = …`) how long and how deep the text is that it stands for.
#include "SpecText.h"

#include "attn/Compiler/Compiler.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>

namespace attn::compiler {
namespace {

struct Extent {
  uint64_t bytes = 0;
  unsigned depth = 0;
};

class Scanner {
public:
  Scanner(std::string_view text, const std::string &name) : text(text), name(name) {}

  Error run();

private:
  Error invalid(const std::string &sentence) const {
    return {Status::InvalidSpec, name + ":" + std::to_string(line) + ": " + sentence};
  }
  char peek(size_t ahead = 0) const { return at + ahead < text.size() ? text[at + ahead] : '\0'; }
  void skipComment() { at = std::min(text.find('\n', at), text.size()); }
  bool skipString();
  void bracket(char c);
  void alias();
  char nextMark(size_t from) const;
  void closeAlias();
  Error checkLimits() const;

  std::string_view text;
  const std::string &name;
  size_t at = 0;
  unsigned line = 1;
  unsigned depth = 0, reached = 0; // open brackets now, and the deepest with aliases in place
  unsigned minuses = 0;            // in a row
  uint64_t expanded = 0;           // bytes with aliases in place
  bool lineStart = true;
  std::unordered_map<std::string, Extent> aliases;
  std::string defining; // the alias whose definition is being read
  size_t definingStart = 0;
  uint64_t expandedBefore = 0;
  unsigned reachedBefore = 0;
};

bool Scanner::skipString() {
  for (++at; at < text.size() && text[at] != '"' && text[at] != '\n'; ++at)
    at += text[at] == '\\';
  return peek() == '"';
}

void Scanner::bracket(char c) {
  switch (c) {
  case '<':
    if (peek(1) == '=')
      return;
    [[fallthrough]];
  case '(':
  case '[':
  case '{':
    reached = std::max(reached, ++depth);
    return;
  case '>':
    if (peek(1) == '=' || (at > 0 && text[at - 1] == '-'))
      return;
    [[fallthrough]];
  case ')':
  case ']':
  case '}':
    depth -= depth > 0;
    return;
  default:
    return;
  }
}

/// The next character that is neither space nor comment, at `from` or behind it.
char Scanner::nextMark(size_t from) const {
  while (from < text.size()) {
    if (isspace(static_cast<unsigned char>(text[from])))
      ++from;
    else if (text.substr(from, 2) == "//")
      from = std::min(text.find('\n', from), text.size());
    else
      return text[from];
  }
  return '\0';
}

/// Reads a `!name` or `#name`: the start of a definition if `=` follows, else a use.
void Scanner::alias() {
  size_t start = at++;
  while (isalnum(static_cast<unsigned char>(peek())) || peek() == '_' || peek() == '$' || peek() == '.')
    ++at;
  std::string word(text.substr(start, at - start));
  if (nextMark(at) == '=') {
    closeAlias();
    defining = word;
    expandedBefore = expanded, reachedBefore = reached;
    definingStart = at;
    reached = 0;
  } else if (auto known = aliases.find(word); known != aliases.end()) {
    expanded += known->second.bytes;
    reached = std::max(reached, depth + known->second.depth);
  }
  --at;
}

/// Ends the definition being read, at the next definition or anything else at the start of a line outside brackets.
void Scanner::closeAlias() {
  if (defining.empty())
    return;
  aliases[defining] = {expanded - expandedBefore + (at - definingStart), reached};
  reached = std::max(reached, reachedBefore);
  defining.clear();
}

Error Scanner::checkLimits() const {
  if (reached > maxSpecNesting)
    return invalid("expects brackets nested at most " + std::to_string(maxSpecNesting) + " deep");
  if (minuses > 16)
    return invalid("expects at most 16 signs in a row");
  if (expanded + text.size() > maxSpecBytes)
    return invalid("expects at most " + std::to_string(maxSpecBytes) + " bytes with aliases in place");
  return {};
}

Error Scanner::run() {
  for (; at < text.size(); ++at) {
    char c = text[at];
    if (c == '\n') {
      ++line;
      lineStart = true;
      continue;
    }
    if (c == '\0')
      return invalid("expects text, got a zero byte");
    if (isspace(static_cast<unsigned char>(c)))
      continue;
    if (c == '/' && peek(1) == '/') {
      skipComment();
      --at;
      continue;
    }
    if (lineStart && depth == 0 && c != '!' && c != '#')
      closeAlias();
    minuses = c == '-' && peek(1) != '>' ? minuses + 1 : 0;
    if (c == '{' && peek(1) == '-' && peek(2) == '#')
      return invalid("expects no resource section");
    if (c == '"') {
      if (!skipString())
        return invalid("expects a closing quote");
    } else if (c == '!' || c == '#') {
      alias();
    } else {
      bracket(c);
    }
    lineStart = false;
    if (Error error = checkLimits(); error.status != Status::Ok)
      return error;
  }
  return {};
}

} // namespace

Error checkSpecText(std::string_view text, const std::string &name) {
  if (text.size() > maxSpecBytes)
    return {Status::InvalidSpec, name + ": expects at most " + std::to_string(maxSpecBytes) + " bytes of text, got " +
                                     std::to_string(text.size())};
  if (text.substr(0, 4) == "ML\xefR")
    return {Status::InvalidSpec, name + ": expects MLIR text, got bytecode: print it with attn-opt"};
  return Scanner(text, name).run();
}

} // namespace attn::compiler
