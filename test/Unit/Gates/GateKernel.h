// One kernel through the compiler and the gate: what must hold of its machine code, and the figures for the table.
#ifndef ATTN_TEST_UNIT_GATES_GATEKERNEL_H
#define ATTN_TEST_UNIT_GATES_GATEKERNEL_H

#include "GateShapes.h"
#include "Schedule.h"

#include "attn/Emit/Gpu.h"

#include <functional>

namespace attn::gates {

struct Verdict {
  std::vector<std::string> violations; ///< empty for a kernel that passes
  std::string plan;                    ///< "192x128, 3 warpgroups, 2 stages"
  emit::CubinKernel kernel;
  emit::AssemblerReport report;
  int64_t sharedBytes = 0;
  double lowerMs = 0, assembleMs = 0; ///< from text to PTX, and from there to the cubin
};

/// Changes a module at stage `checked`, after the schedule was read from it: to plant faults.
using Change = std::function<void(mlir::ModuleOp)>;

/// Compiles the kernel and holds it against the gate. Thread-safe.
Verdict judge(const Shape &shape, const std::string &ptxas, const Change &change = {});

/// What is wrong with the place of the wait for the launches before (emitStart in lib/Conversion/TileToNVVM), or "": each thread
/// waits once, in front of every access to global memory. The entry block comes first, so the order of addresses tells.
std::string compareWithLaunchWait(const emit::CubinKernel &kernel);

/// $ATTN_PTXAS_NEWER, an assembler that is newer than the one that kernels are made with; empty when there is none.
std::string findNewerPtxas();

/// $ATTN_PTXAS, or what the compiler finds by itself; empty when there is none.
std::string findPtxas();

} // namespace attn::gates

#endif // ATTN_TEST_UNIT_GATES_GATEKERNEL_H
