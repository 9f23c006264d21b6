// Lays regions out in a block's shared memory, one after another. No IR: the pass tile-place-shared feeds it.
#ifndef ATTN_ANALYSIS_SHAREDMEMORYPLAN_H
#define ATTN_ANALYSIS_SHAREDMEMORYPLAN_H

#include <cstdint>
#include <string>
#include <vector>

namespace attn::analysis {

/// A plan of one block's shared memory. Sizes, alignments and offsets are in bytes.
class SharedMemoryPlan {
public:
  struct Region {
    std::string name;
    int64_t bytes, alignment, offset;
  };

  /// Reserves a region behind the last one and returns its offset. The alignment is a power of two.
  int64_t add(std::string name, int64_t bytes, int64_t alignment);

  /// Bytes from the start to the end of the last region.
  int64_t totalBytes() const { return end; }

  const std::vector<Region> &regions() const { return placed; }

  /// "a 32768 bytes, b 65536 bytes": every region with its size, for a diagnostic.
  std::string describe() const;

private:
  std::vector<Region> placed;
  int64_t end = 0;
};

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_SHAREDMEMORYPLAN_H
