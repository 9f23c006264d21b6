// attn-opt: runs passes over specs, for people who work on the compiler and for the tests.
#include "attn/Compiler/Registration.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  attn::compiler::registerDialects(registry);
  mlir::registerTransformsPasses();
  attn::compiler::registerAttnPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "attention compiler driver\n", registry));
}
