// Conversions out of the tile dialect, one for each kind of target. One folder each in lib/Conversion.

#ifndef ATTN_CONVERSION_PASSES_TD
#define ATTN_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertTileToNVVM : Pass<"convert-tile-to-nvvm", "::mlir::ModuleOp"> {
  let summary = "Convert kernels at stage checked to a gpu.module of llvm and nvvm";
  let description = [{
    A tile becomes the registers that one thread holds of it; products become wgmma, copies TMA, barriers mbarriers. The
    kernel takes one tensor map for each argument that a copy reads, then a block with the address, sizes and strides of
    every tensor. It waits for the launches before it in front of all it does with memory, so that it can be started while they
    end (`griddepcontrol.wait`). The `func.func` stays without a body, as the record of the launch facts. Canonicalization, scf-to-cf
    and convert-to-llvm finish stage lowered.
  }];
  let dependentDialects = ["::mlir::gpu::GPUDialect", "::mlir::LLVM::LLVMDialect", "::mlir::NVVM::NVVMDialect",
      "::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::mlir::scf::SCFDialect"];
}

def ConvertTileToCpu : Pass<"convert-tile-to-cpu", "::mlir::func::FuncOp"> {
  let summary = "Convert kernels at stage stepped to loops over vectors";
  let description = [{
    Tiles become memory in a scratch area of each worker thread, elementwise chains loops over vectors, products
    register-blocked kernels. The kernel takes a pointer to its arguments, a range of programs and the scratch area;
    `tile.scratch_bytes` says how large that has to be.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
      "::mlir::scf::SCFDialect"];
  let options = [Option<"level", "cpu", "std::string", "\"host\"", "host, plain, avx2, avx512 or avx512bf16">];
}

#endif // ATTN_CONVERSION_PASSES_TD
