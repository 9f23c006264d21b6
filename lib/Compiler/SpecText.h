// Limits on the text of a spec. MLIR's parser and printer recurse, so hostile text could exhaust the stack, and aliases can
// stand for text of exponential length. What passes here is safe to parse and to print.
#ifndef ATTN_COMPILER_SPECTEXT_H
#define ATTN_COMPILER_SPECTEXT_H

#include "attn/Support/Result.h"

#include <string>
#include <string_view>

namespace attn::compiler {

/// Status::Ok, or InvalidSpec with a sentence. `name` is what the sentence calls the text.
Error checkSpecText(std::string_view text, const std::string &name);

} // namespace attn::compiler

#endif // ATTN_COMPILER_SPECTEXT_H
