// What the compiler compiles and what it refuses, asked of the compiler itself: the page docs/support.md.
#ifndef ATTN_TOOLS_ATTN_CHECK_SUPPORT_H
#define ATTN_TOOLS_ATTN_CHECK_SUPPORT_H

#include <string>

namespace attn::tools {

/// The page in Markdown, without a head line. Compiles every row of a covering array for both targets, `jobs` at a time, and
/// where one is refused finds the choice or the pair of choices that it is for.
std::string supportPage(const std::string &ptxas, unsigned jobs);

/// The first sentence of a diagnostic, without the place in the text.
std::string sentenceOf(const std::string &message);

/// The part of the page on specs that are no choices of the array: a table of what is refused, and with which sentence.
std::string refusalsTable();

} // namespace attn::tools

#endif // ATTN_TOOLS_ATTN_CHECK_SUPPORT_H
