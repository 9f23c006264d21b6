// What both ways of assembling share: the report in the assembler's own words, and the linked compiler's entry.
#ifndef ATTN_LIB_EMIT_ASSEMBLERREPORT_H
#define ATTN_LIB_EMIT_ASSEMBLERREPORT_H

#include "attn/Emit/Gpu.h"

#include "llvm/ADT/StringRef.h"

namespace attn::emit {

/// Registers, spills, stack and notes from the text that -v prints.
AssemblerReport readReport(llvm::StringRef log);

/// " 13.0.88" from the header that the assembler writes into a cubin, or nothing.
std::string versionIn(const std::string &cubin);

/// LinkedAssembler.cpp: assembles in this process, or says that this build cannot.
Result<Assembled> assembleLinked(const std::string &ptx);

} // namespace attn::emit

#endif // ATTN_LIB_EMIT_ASSEMBLERREPORT_H
