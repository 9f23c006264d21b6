// From a lowered module to what the caller asked for.
#ifndef ATTN_COMPILER_EMISSION_H
#define ATTN_COMPILER_EMISSION_H

#include "Session.h"

namespace attn::compiler {

/// Code, text or an image, as `options.emit` says, of a module at stage `lowered`.
Result<std::vector<uint8_t>> emitLowered(Session &session, const SpecFacts &facts, const CompileOptions &options);

} // namespace attn::compiler

#endif // ATTN_COMPILER_EMISSION_H
