// One JSON object written field by field, for the tools' machine-readable lines. Reading JSON is no business of ours.
#ifndef ATTN_TOOLS_SUPPORT_JSON_H
#define ATTN_TOOLS_SUPPORT_JSON_H

#include <cstdint>
#include <string>
#include <vector>

namespace attn::tools {

/// A string with quotes and escapes.
std::string jsonString(const std::string &text);

class JsonObject {
public:
  JsonObject &add(const std::string &name, const std::string &text) { return raw(name, jsonString(text)); }
  JsonObject &add(const std::string &name, const char *text) { return raw(name, jsonString(text)); }
  JsonObject &add(const std::string &name, bool value) { return raw(name, value ? "true" : "false"); }
  JsonObject &add(const std::string &name, int64_t value) { return raw(name, std::to_string(value)); }
  JsonObject &add(const std::string &name, int value) { return raw(name, std::to_string(value)); }
  /// JSON has no infinities and no NaN; they become null.
  JsonObject &add(const std::string &name, double value);
  /// A list of integers.
  JsonObject &add(const std::string &name, const std::vector<int64_t> &values);
  /// Text that is JSON already.
  JsonObject &raw(const std::string &name, const std::string &json);

  std::string text() const { return "{" + fields + "}"; }

private:
  std::string fields;
};

} // namespace attn::tools

#endif // ATTN_TOOLS_SUPPORT_JSON_H
