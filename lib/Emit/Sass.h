// Decodes the sm_90 machine instructions that the compiler makes promises about.
#ifndef ATTN_LIB_EMIT_SASS_H
#define ATTN_LIB_EMIT_SASS_H

#include "attn/Emit/Cubin.h"

namespace attn::emit {

constexpr size_t kSassBytes = 16; ///< of every instruction

/// The instructions of interest in a kernel's code, whose size is a multiple of kSassBytes.
std::vector<SassInstruction> decodeSass(llvm::ArrayRef<uint8_t> code);

} // namespace attn::emit

#endif // ATTN_LIB_EMIT_SASS_H
