// sm_90 machine code: 128-bit instructions with the opcode in the low 12 bits and a predicate in the next 4. NVIDIA does not
// publish the encoding; the numbers below were read off one-instruction kernels beside nvdisasm of CUDA 13.
#include "Sass.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

#include <optional>

using namespace llvm;

namespace attn::emit {

namespace {
/// One instruction as two words.
struct Word {
  uint64_t low, high;
  uint64_t lowBits(unsigned from, unsigned count) const { return low >> from & maskTrailingOnes<uint64_t>(count); }
  uint64_t highBits(unsigned from, unsigned count) const { return high >> from & maskTrailingOnes<uint64_t>(count); }
};
} // namespace

StringRef stringifySassKind(SassKind kind) {
  static constexpr StringLiteral names[] = {
      "HGMMA.SS", "HGMMA.RS", "ARRIVE", "WAIT", "MBAR.INIT", "MBAR.ARRIVE", "MBAR.WAIT", "TMA.LOAD",
      "TMA.STORE", "LAUNCH.WAIT", "REG.DEC", "REG.INC", "EX2", "LG2", "RCP", "SHFL", "BAR",
      "LDG", "STG", "LDL", "STL", "CALL", "BRA", "EXIT"};
  return names[static_cast<size_t>(kind)];
}

/// Kinds that the opcode alone decides.
static std::optional<SassKind> kindOfOpcode(uint64_t opcode) {
  switch (opcode) {
  case 0x9f0: return SassKind::ProductFromShared;
  case 0xdf0: return SassKind::ProductFromRegisters;
  case 0x5b2: return SassKind::BarrierInit;
  case 0x9a7: return SassKind::BarrierArrive;
  case 0x5a7: return SassKind::BarrierTryWait;
  case 0x5b4: return SassKind::TensorLoad;
  case 0x3b5: case 0x3b6: return SassKind::TensorStore;
  case 0x82e: return SassKind::LaunchWait;
  case 0x389: case 0x589: case 0x989: case 0xf89: return SassKind::Shuffle;
  case 0xb1d: case 0x31d: case 0x51d: return SassKind::NamedBarrier;
  case 0x381: case 0x981: return SassKind::GlobalLoad;
  case 0x386: case 0x986: return SassKind::GlobalStore;
  case 0x983: return SassKind::LocalLoad;
  case 0x387: return SassKind::LocalStore;
  case 0x343: case 0x344: case 0x943: case 0x944: return SassKind::Call;
  case 0x947: return SassKind::Branch;
  case 0x94d: return SassKind::Exit;
  default: return std::nullopt;
  }
}

/// The function of the special-function unit (MUFU), in bits 74 to 79.
static std::optional<SassKind> kindOfSpecialFunction(const Word &word) {
  switch (word.highBits(10, 6)) {
  case 2: return SassKind::Exp2;
  case 3: return SassKind::Log2;
  case 4: return SassKind::Reciprocal;
  default: return std::nullopt;
  }
}

static std::optional<SassInstruction> decode(const Word &word, uint32_t offset) {
  SassInstruction result;
  result.offset = offset;
  result.conditional = word.lowBits(12, 4) != 7; // 7 is the predicate that is always true
  std::optional<SassKind> kind;
  switch (uint64_t opcode = word.lowBits(0, 12)) {
  case 0x9f0:
  case 0xdf0:
    kind = kindOfOpcode(opcode);
    result.value = 8 * (static_cast<int32_t>(word.lowBits(53, 5)) + 1);
    break;
  case 0x9c5: // one opcode, two instructions
    kind = word.lowBits(47, 1) ? SassKind::WarpgroupWait : SassKind::WarpgroupArrive;
    result.value = *kind == SassKind::WarpgroupWait ? static_cast<int32_t>(word.highBits(8, 3)) : 0;
    break;
  case 0x9c8:
    kind = word.highBits(8, 3) == 5 ? SassKind::RegisterRelease : SassKind::RegisterClaim;
    result.value = static_cast<int32_t>(word.lowBits(32, 9));
    break;
  case 0x308:
    kind = kindOfSpecialFunction(word);
    break;
  case 0x947: // the distance in words of 4 bytes from the next instruction lies in bits 34 to 81 and 16 to 23
    kind = SassKind::Branch;
    result.value = static_cast<int32_t>(
        offset + kSassBytes + 4 * (SignExtend64<48>(word.lowBits(34, 30) | word.highBits(0, 18) << 30) * 256 +
                                   static_cast<int64_t>(word.lowBits(16, 8))));
    break;
  default:
    kind = kindOfOpcode(opcode);
  }
  if (!kind)
    return std::nullopt;
  result.kind = *kind;
  return result;
}

std::vector<SassInstruction> decodeSass(ArrayRef<uint8_t> code) {
  std::vector<SassInstruction> instructions;
  for (size_t offset = 0; offset + kSassBytes <= code.size(); offset += kSassBytes) {
    Word word{support::endian::read64le(code.data() + offset), support::endian::read64le(code.data() + offset + 8)};
    if (std::optional<SassInstruction> instruction = decode(word, static_cast<uint32_t>(offset)))
      instructions.push_back(*instruction);
  }
  return instructions;
}

size_t CubinKernel::count(SassKind kind) const {
  return llvm::count_if(instructions, [&](const SassInstruction &instruction) { return instruction.kind == kind; });
}

ArrayRef<SassInstruction> findProductLoop(const CubinKernel &kernel) {
  ArrayRef<SassInstruction> all = kernel.instructions, best;
  for (size_t end = 0; end != all.size(); ++end) {
    const SassInstruction &branch = all[end];
    if (branch.kind != SassKind::Branch || branch.value < 0 || branch.value > static_cast<int64_t>(branch.offset))
      continue;
    const auto *first = llvm::lower_bound(
        all, static_cast<uint32_t>(branch.value),
        [](const SassInstruction &instruction, uint32_t offset) { return instruction.offset < offset; });
    ArrayRef<SassInstruction> body(first, all.begin() + end + 1);
    auto holds = [&](SassKind kind) {
      return llvm::any_of(body, [&](const SassInstruction &instruction) { return instruction.kind == kind; });
    };
    if (holds(SassKind::ProductFromShared) && holds(SassKind::ProductFromRegisters) &&
        llvm::none_of(body, [](const SassInstruction &i) { return i.kind == SassKind::Exit && !i.conditional; }) &&
        (best.empty() || body.size() < best.size()))
      best = body;
  }
  return best;
}

} // namespace attn::emit
