// The image: one compiled kernel with the facts that a launch needs, as one string of bytes. The compiler writes it, the
// runtime and the cache's users read it, and nothing else is shared between them. No LLVM, no MLIR, no files here.
//
// All numbers are little endian. Layout, version 7:
//   0  magic "ATTNIMAG"        8  u32 version       12  u32 kind
//  16  u64 size of the facts  24  u64 size of the payload
//  32  XXH3-128 of the payload
//  48  XXH3-128 of bytes 0 to 47 and the facts
//  64  facts, then the payload, then nothing
// Checksums find damage, not forgery: an image is code, so it is only as trusted as the place it comes from.
#ifndef ATTN_IMAGE_IMAGE_H
#define ATTN_IMAGE_IMAGE_H

#include "attn/Support/Result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace attn::image {

/// What the payload is.
enum class Kind : uint32_t { CpuObject = 1, Cubin = 2, Ptx = 3 };
enum class ElementType : uint32_t { F16 = 1, BF16 = 2, F32 = 3, I32 = 4 }; ///< I32 for captured buffers, lengths and offsets alone
enum class Role : uint32_t {
  Query = 1,
  Key = 2,
  Value = 3,
  Output = 4,
  Lse = 5,
  Capture = 6,
  // i32 numbers of the sequences; those of queries give the query's map axes that lead backwards (runtime/TensorMaps.cpp), those of
  // keys the maps of key and value.
  QueryLengths = 7, ///< [sequences]
  KvLengths = 8,
  QueryOffsets = 9, ///< [sequences + 1]: the tensors of that side are packed
  KvOffsets = 10
};

constexpr uint32_t formatVersion = 7;
constexpr size_t headerBytes = 64;
/// Bounds of a readable image. They keep a damaged length from asking for much memory.
constexpr uint64_t maxFactsBytes = 64 << 10, maxPayloadBytes = 64 << 20;
constexpr uint32_t counters = 1024; ///< to draw programs from, in the code of a kernel that does
constexpr uint32_t maxSplit = 8;
constexpr uint32_t maxArguments = 64, maxRank = 4, maxBox = 256;
constexpr uint32_t maxSymbolBytes = 255, maxArchitectureBytes = 16 << 10, maxProducerBytes = 1023;

/// One tensor argument, in the order of the kernel's argument block.
struct Argument {
  Role role = Role::Query;
  ElementType type = ElementType::F16;
  uint32_t rank = 0;                      ///< 1 to 4
  uint32_t boxRows = 0, boxColumns = 0;   ///< of its tensor map; both 0: it has none. That of a query has packedHeads heads
  int64_t shape[4] = {0, 0, 0, 0};        ///< -1: dynamic; entries at and beyond rank are not stored and read as 0
};

struct LaunchFacts {
  std::string symbol;                     ///< [A-Za-z0-9_$.]{1,255}
  std::string architecture;               ///< "sm_90a"; for the CPU the features that the code needs; printable ASCII
  std::vector<Argument> arguments;
  uint32_t headsPerGroup = 1;             ///< query heads per kv head
  uint32_t queryTile = 1;                 ///< queries of each head of one program
  uint32_t packedHeads = 1;               ///< query heads of one program; it divides headsPerGroup
  uint32_t blockThreads = 0;              ///< GPU, else 0
  uint32_t sharedBytes = 0;               ///< GPU, else 0
  uint64_t scratchBytes = 0;              ///< CPU, else 0
  bool persistent = false;                ///< GPU: a block runs many programs; the grid is one row of blocks
  bool dynamic = false;                   ///< GPU, persistent: which they are is drawn; the argument block ends in a word that
                                          ///< says from which counter, or -1 for none
  uint32_t split = 1;                     ///< GPU, not persistent: blocks of a cluster that share a program; at most maxSplit
  bool splitsFirstTile = false;           ///< of every head alone; else every program is shared
  /// 0: always `split` blocks share a program. Else a launch decides how many of them, as a power of two: as many as find a
  /// multiprocessor each and have this many keys, or twice as many where they fill more than every second multiprocessor.
  uint32_t partKeys = 0;
  bool startsEarly = false;               ///< GPU: the code waits for the launches before it (griddepcontrol.wait) before it reads or
                                          ///< writes memory, so a launch may begin while they end
  std::string producer;                   ///< "attn-mlir 0.1.0, LLVM 22.1.8, ptxas 13.0.88"; printable ASCII
};

struct Image {
  Kind kind = Kind::CpuObject;
  LaunchFacts facts;
  std::vector<uint8_t> payload;
};

/// Why parse would refuse serialize(image), or Status::Ok. For makers of images.
Error check(const Image &image);

/// The bytes of an image. The same image always gives the same bytes.
std::vector<uint8_t> serialize(const Image &image);

/// Reads any bytes. Either the bytes are exactly what serialize gives for the result, or the answer is InvalidImage with
/// a sentence that says what was expected. The bytes are not kept.
Result<Image> parse(const uint8_t *bytes, size_t size);

} // namespace attn::image

#endif // ATTN_IMAGE_IMAGE_H
