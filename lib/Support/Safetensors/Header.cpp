// Reads and prints the header of a safetensors file. The grammar is fixed and not recursive (a map of tensors, each with
// three known fields, and a map of strings called __metadata__), so hostile nesting cannot reach the stack.
#include "Header.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <limits>
#include <unordered_set>

namespace attn::safetensors {

Error invalid(std::string sentence) { return {Status::InvalidArgument, "safetensors file: " + std::move(sentence)}; }

namespace {

/// A cursor over the text. The first failure sticks; every later step does nothing and reports failure.
class Reader {
public:
  explicit Reader(std::string_view text) : text(text) {}

  bool failed() const { return !sentence.empty(); }
  Error error() const { return invalid(sentence); }

  bool fail(const std::string &expected) {
    if (sentence.empty())
      sentence = "expects " + expected + " at byte " + std::to_string(at) + " of the header";
    return false;
  }

  /// Takes a punctuation mark if it is next.
  bool take(char mark) {
    skipSpace();
    if (failed() || at >= text.size() || text[at] != mark)
      return false;
    ++at;
    return true;
  }

  bool expect(char mark) { return take(mark) || fail(std::string("'") + mark + "'"); }

  bool atEnd() {
    skipSpace();
    return at == text.size();
  }

  bool readString(std::string &out);
  bool readNumber(uint64_t &out);
  bool readNumbers(std::vector<uint64_t> &out, size_t limit);

private:
  void skipSpace() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t'))
      ++at;
  }
  bool readEscape(std::string &out);

  std::string_view text;
  size_t at = 0;
  std::string sentence;
};

bool Reader::readEscape(std::string &out) {
  static constexpr std::string_view letters = "\"\\/bfnrt", values = "\"\\/\b\f\n\r\t";
  if (at >= text.size())
    return fail("an escape");
  char letter = text[at++];
  if (size_t index = letters.find(letter); index != letters.npos) {
    out += values[index];
    return true;
  }
  // Names with \u escapes are kept as written: they are compared, never shown as text.
  if (letter != 'u' || text.size() - at < 4 ||
      !std::all_of(text.begin() + at, text.begin() + at + 4, [](unsigned char c) { return isxdigit(c); }))
    return fail("an escape");
  out += "\\u";
  out += text.substr(at, 4);
  at += 4;
  return true;
}

bool Reader::readString(std::string &out) {
  out.clear();
  if (!expect('"'))
    return false;
  while (at < text.size() && text[at] != '"') {
    unsigned char c = text[at++];
    if (c == '\\') {
      if (!readEscape(out))
        return false;
    } else if (c < 0x20) {
      return fail("a string without control characters");
    } else {
      out += static_cast<char>(c);
    }
  }
  return expect('"');
}

bool Reader::readNumber(uint64_t &out) {
  skipSpace();
  out = 0;
  size_t start = at;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    uint64_t digit = text[at] - '0';
    if (out > (static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) - digit) / 10)
      return fail("a number below 2^63");
    out = out * 10 + digit;
  }
  return at != start || fail("a number of digits");
}

bool Reader::readNumbers(std::vector<uint64_t> &out, size_t limit) {
  out.clear();
  if (!expect('['))
    return false;
  if (take(']'))
    return true;
  do {
    if (out.size() == limit)
      return fail("at most " + std::to_string(limit) + " numbers");
    if (uint64_t number; readNumber(number))
      out.push_back(number);
    else
      return false;
  } while (take(','));
  return expect(']');
}

bool readMetadata(Reader &reader) {
  std::string key, value;
  if (!reader.expect('{'))
    return false;
  if (reader.take('}'))
    return true;
  do {
    if (!reader.readString(key) || !reader.expect(':') || !reader.readString(value))
      return false;
  } while (reader.take(','));
  return reader.expect('}');
}

bool readTensor(Reader &reader, Tensor &tensor) {
  bool haveDtype = false, haveShape = false, haveOffsets = false;
  std::string key;
  std::vector<uint64_t> numbers;
  if (!reader.expect('{'))
    return false;
  do {
    if (!reader.readString(key) || !reader.expect(':'))
      return false;
    if (key == "dtype" && !haveDtype) {
      haveDtype = reader.readString(tensor.dtype) &&
                  (elementBytes(tensor.dtype) || reader.fail("a known dtype for tensor '" + tensor.name + "'"));
    } else if (key == "shape" && !haveShape) {
      haveShape = reader.readNumbers(numbers, maxRank);
      tensor.shape.assign(numbers.begin(), numbers.end());
    } else if (key == "data_offsets" && !haveOffsets) {
      haveOffsets = reader.readNumbers(numbers, 2) && (numbers.size() == 2 || reader.fail("two offsets"));
      if (haveOffsets)
        tensor.begin = numbers[0], tensor.end = numbers[1];
    } else {
      return reader.fail("each of dtype, shape and data_offsets once, and nothing else");
    }
    if (reader.failed())
      return false;
  } while (reader.take(','));
  return reader.expect('}') && ((haveDtype && haveShape && haveOffsets) ||
                                reader.fail("dtype, shape and data_offsets of tensor '" + tensor.name + "'"));
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    if (c < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", c);
      out += escape;
    } else {
      out += static_cast<char>(c);
    }
  }
  return out + '"';
}

} // namespace

Result<std::vector<Tensor>> parseHeader(std::string_view text) {
  Reader reader(text);
  std::vector<Tensor> tensors;
  std::unordered_set<std::string> names;
  reader.expect('{');
  if (!reader.failed() && !reader.take('}')) {
    do {
      Tensor tensor;
      if (!reader.readString(tensor.name) || !reader.expect(':'))
        break;
      if (!names.insert(tensor.name).second && reader.fail("each name once, also '" + tensor.name + "',"))
        break;
      if (reader.failed() || (tensor.name == "__metadata__" ? !readMetadata(reader) : !readTensor(reader, tensor)))
        break;
      if (tensor.name != "__metadata__")
        tensors.push_back(std::move(tensor));
      if (tensors.size() > maxTensors)
        reader.fail("at most " + std::to_string(maxTensors) + " tensors");
    } while (!reader.failed() && reader.take(','));
    reader.expect('}');
  }
  if (!reader.failed() && !reader.atEnd())
    reader.fail("nothing after the closing brace");
  if (reader.failed())
    return reader.error();
  return tensors;
}

std::string printHeader(const std::vector<Tensor> &tensors) {
  std::string out = "{";
  for (const Tensor &tensor : tensors) {
    out += out.size() > 1 ? "," : "";
    out += quoted(tensor.name) + ":{\"dtype\":" + quoted(tensor.dtype) + ",\"shape\":[";
    for (size_t axis = 0; axis != tensor.shape.size(); ++axis)
      out += (axis ? "," : "") + std::to_string(tensor.shape[axis]);
    out += "],\"data_offsets\":[" + std::to_string(tensor.begin) + "," + std::to_string(tensor.end) + "]}";
  }
  return out + "}";
}

} // namespace attn::safetensors
