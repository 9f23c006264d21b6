// Reads what an assembler made of a kernel: its needs, and the order of those instructions that decide its speed. Nothing
// here runs a disassembler; the reader knows the few sm_90 opcodes that the compiler's promises are about. The amount of
// dynamic shared memory is no part of a cubin: it is a launch fact and lies in the image.
#ifndef ATTN_EMIT_CUBIN_H
#define ATTN_EMIT_CUBIN_H

#include "attn/Support/Result.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attn::emit {

/// What an instruction of interest does. In parentheses its name in NVIDIA's disassembler.
enum class SassKind : uint8_t {
  ProductFromShared,    ///< (HGMMA) A from shared memory; the value is N
  ProductFromRegisters, ///< (HGMMA) A from registers; the value is N
  WarpgroupArrive,      ///< (WARPGROUP.ARRIVE) wgmma.fence
  WarpgroupWait,        ///< (WARPGROUP.DEPBAR) wgmma.wait_group; the value is the groups that may still run
  BarrierInit,          ///< (SYNCS.EXCH) mbarrier.init
  BarrierArrive,        ///< (SYNCS.ARRIVE) mbarrier.arrive, with or without an expected count
  BarrierTryWait,       ///< (SYNCS.PHASECHK) mbarrier.try_wait
  TensorLoad,           ///< (UTMALDG) copy from a tensor map
  TensorStore,          ///< (UTMASTG, UTMAREDG) copy to a tensor map
  LaunchWait,           ///< (ACQBULK) griddepcontrol.wait
  RegisterRelease,      ///< (USETMAXREG.DEALLOC) the value is the registers kept
  RegisterClaim,        ///< (USETMAXREG.TRY_ALLOC) the value is the registers claimed
  Exp2,                 ///< (MUFU.EX2)
  Log2,                 ///< (MUFU.LG2)
  Reciprocal,           ///< (MUFU.RCP)
  Shuffle,              ///< (SHFL)
  NamedBarrier,         ///< (BAR)
  GlobalLoad,           ///< (LDG)
  GlobalStore,          ///< (STG)
  LocalLoad,            ///< (LDL)
  LocalStore,           ///< (STL)
  Call,                 ///< (CALL)
  Branch,               ///< (BRA) the value is the offset of the target
  Exit,                 ///< (EXIT)
};

/// "HGMMA.SS", "HGMMA.RS", "WAIT" and so on: short names for tables and failure messages.
llvm::StringRef stringifySassKind(SassKind kind);

struct SassInstruction {
  uint32_t offset = 0; ///< in bytes from the kernel's first instruction
  SassKind kind = SassKind::Exit;
  int32_t value = 0;        ///< see SassKind; 0 where nothing is said
  bool conditional = false; ///< stands under a predicate
};

/// One kernel of a cubin.
struct CubinKernel {
  std::string name;
  uint32_t registers = 0;         ///< of a thread at launch
  uint32_t localBytes = 0;        ///< stack frame of a thread: arrays and spilled registers
  uint32_t staticSharedBytes = 0; ///< without the 1 KiB that the system reserves
  uint32_t namedBarriers = 0;
  uint32_t codeBytes = 0;
  std::vector<SassInstruction> instructions; ///< those of interest, in address order

  /// How many instructions are of a kind.
  size_t count(SassKind kind) const;
};

struct Cubin {
  std::vector<CubinKernel> kernels; ///< in the order of their code
};

/// Reads the kernels of a cubin for sm_90. Any bytes may be given: damage is an error (InvalidImage), never more than that.
Result<Cubin> readCubin(llvm::ArrayRef<uint8_t> bytes);

/// The innermost loop that holds both kinds of product: all instructions from the target of a backward branch to the
/// branch. Empty where there is none. The out-of-line retries of barrier waits are not loops in this sense.
llvm::ArrayRef<SassInstruction> findProductLoop(const CubinKernel &kernel);

} // namespace attn::emit

#endif // ATTN_EMIT_CUBIN_H
