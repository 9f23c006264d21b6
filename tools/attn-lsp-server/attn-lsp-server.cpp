// attn-lsp-server: hover, diagnostics and go-to-definition for specs and for the IR of every stage, in any editor that
// speaks the language server protocol over standard input and output.
#include "attn/Compiler/Registration.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  attn::compiler::registerDialects(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
