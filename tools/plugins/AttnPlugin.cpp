// The dialects and passes as a plugin of a stock mlir-opt of the same LLVM version:
//   mlir-opt-22 --load-dialect-plugin=AttnPlugin.so --load-pass-plugin=AttnPlugin.so SPEC.mlir --attn-choose-plan …
// The host brings the upstream dialects.
#include "attn/Compiler/Registration.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "llvm/Config/llvm-config.h"

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "attn", LLVM_VERSION_STRING,
          [](mlir::DialectRegistry *registry) { attn::compiler::registerOwnDialects(*registry); }};
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "attn", LLVM_VERSION_STRING, [] { attn::compiler::registerAttnPasses(); }};
}
