// A bump allocator with names; see SharedMemoryPlan.h.
#include "attn/Analysis/SharedMemoryPlan.h"

#include <cassert>
#include <utility>

using namespace attn::analysis;

int64_t SharedMemoryPlan::add(std::string name, int64_t bytes, int64_t alignment) {
  assert(bytes >= 0 && alignment > 0 && (alignment & (alignment - 1)) == 0);
  int64_t offset = (end + alignment - 1) & ~(alignment - 1);
  end = offset + bytes;
  placed.push_back({std::move(name), bytes, alignment, offset});
  return offset;
}

std::string SharedMemoryPlan::describe() const {
  std::string text;
  for (const Region &region : placed)
    text += (text.empty() ? "" : ", ") + region.name + " " + std::to_string(region.bytes) + " bytes";
  return text;
}
