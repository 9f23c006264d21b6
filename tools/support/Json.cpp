// JSON text.
#include "Json.h"

#include <cmath>
#include <cstdio>

namespace attn::tools {

std::string jsonString(const std::string &text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      (out += '\\') += static_cast<char>(c);
    } else if (c < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", c);
      out += escape;
    } else {
      out += static_cast<char>(c);
    }
  }
  return out + "\"";
}

JsonObject &JsonObject::add(const std::string &name, double value) {
  char number[40];
  std::snprintf(number, sizeof number, "%.6g", value);
  return raw(name, std::isfinite(value) ? number : "null");
}

JsonObject &JsonObject::add(const std::string &name, const std::vector<int64_t> &values) {
  std::string list;
  for (int64_t value : values)
    list += (list.empty() ? "" : ", ") + std::to_string(value);
  return raw(name, "[" + list + "]");
}

JsonObject &JsonObject::raw(const std::string &name, const std::string &json) {
  fields += (fields.empty() ? "" : ", ") + jsonString(name) + ": " + json;
  return *this;
}

} // namespace attn::tools
