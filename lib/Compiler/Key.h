// Parts of a cache key that have tests of their own.
#ifndef ATTN_COMPILER_KEY_H
#define ATTN_COMPILER_KEY_H

#include <string>
#include <string_view>

namespace attn::compiler {

/// The text with comments left out and every run of spaces made one, strings untouched. Two texts of one canonical form
/// mean the same.
std::string canonicalText(std::string_view spec);

/// Identifies the machine code of this compiler: the build id that the linker wrote, in hexadecimal; empty without one.
std::string buildId();

/// Identifies a file by size, time and samples of its bytes; empty if it cannot be read.
std::string fileIdentity(const std::string &path);

} // namespace attn::compiler

#endif // ATTN_COMPILER_KEY_H
