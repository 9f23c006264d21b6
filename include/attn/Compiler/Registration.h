// The one list of what the compiler knows: every dialect a stage may print and every pass and pipeline. The tools, the
// plugins and the compiler library all use it, so a pass that works in one works in all.
#ifndef ATTN_COMPILER_REGISTRATION_H
#define ATTN_COMPILER_REGISTRATION_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace attn::compiler {

/// Adds the attn and tile dialects only, for programs that bring the upstream ones.
void registerOwnDialects(mlir::DialectRegistry &registry);

/// Adds every dialect that stands in a spec or at any stage, with the interfaces that conversions need.
void registerDialects(mlir::DialectRegistry &registry);

/// Registers our passes and pipelines by name, for textual pipelines. Call it once a process.
void registerAttnPasses();

} // namespace attn::compiler

#endif // ATTN_COMPILER_REGISTRATION_H
