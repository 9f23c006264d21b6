// Kernels at stage `placed` for the tests of the ring protocol, made by the real passes, with names for the operations
// that the protocol is made of.
#ifndef ATTN_TEST_UNIT_ANALYSIS_PROTOCOLKERNELS_H
#define ATTN_TEST_UNIT_ANALYSIS_PROTOCOLKERNELS_H

#include "attn/Analysis/RingProtocol.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"

#include <string>
#include <vector>

namespace attn::test {

/// What is compiled: one attention and, when `warpgroups` is not 0, a plan for it.
struct KernelSpec {
  int headDim = 64;
  std::string causality = "#attn.causality<none>";
  std::string length = "?"; ///< of the sequences, in the tensor types
  int warpgroups = 0, stages = 2, kvTile = 32, cluster = 1, split = 1;
  bool overlap = true, pingPong = false, persistent = false, dynamic = false;
  bool ownEnds = false; ///< from the first block on, under a mask with an upper end
  bool keysFirst = false, overlapPrograms = false;

  std::string text() const;
};

/// One of the rings of a kernel and what uses it.
struct RingUses {
  mlir::tile::AllocRingOp ring;
  mlir::tile::AllocBarriersOp full, empty; ///< empty is null where slots are filled once
  mlir::tile::CopyOp copy;
  mlir::tile::WaitOp producerWait;
  std::vector<mlir::tile::WaitOp> waits;     ///< of the consumers, in the order of the program
  std::vector<mlir::tile::ArriveOp> arrives; ///< likewise
  std::vector<mlir::tile::ViewOp> views;     ///< likewise
};

/// A compiled kernel. The rings are those of queries, keys and values.
struct Kernel {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp func;
  RingUses query, key, value;

  template <typename Op> std::vector<Op> all() {
    std::vector<Op> found;
    func.walk([&](Op op) { found.push_back(op); });
    return found;
  }
};

/// Has the consumers of a cluster give the slots of a ring back to their own block alone, which expects no more.
void keepToTheBlock(RingUses &uses);

/// A refusal with its notes, a line each.
std::string textOf(const analysis::ProtocolRefusal &refusal);

/// Registers the dialects that kernels are made of.
void loadKernelDialects(mlir::MLIRContext &context);

/// Runs the passes up to stage `placed`. The module is null when they fail.
Kernel buildKernel(mlir::MLIRContext &context, const KernelSpec &spec);

} // namespace attn::test

#endif // ATTN_TEST_UNIT_ANALYSIS_PROTOCOLKERNELS_H
