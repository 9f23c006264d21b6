// A launch allocates nothing, on either target: every allocation of this program is counted, whoever makes it.
#include "GpuTest.h"

#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

static std::atomic<size_t> allocations{0};

#if defined(__has_feature)
#define ATTN_HAS_FEATURE(name) __has_feature(name)
#else
#define ATTN_HAS_FEATURE(name) 0
#endif

#if ATTN_HAS_FEATURE(address_sanitizer) || defined(__SANITIZE_ADDRESS__)
// The sanitizer has malloc; what C++ asks for can still be counted.
void *operator new(size_t size) {
  ++allocations;
  if (void *memory = std::malloc(size ? size : 1))
    return memory;
  throw std::bad_alloc();
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, size_t) noexcept { std::free(memory); }
#else
extern "C" {
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void *malloc(size_t size) { return ++allocations, __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return ++allocations, __libc_calloc(count, size); }
void *realloc(void *memory, size_t size) { return ++allocations, __libc_realloc(memory, size); }
void *aligned_alloc(size_t alignment, size_t size) { return ++allocations, __libc_memalign(alignment, size); }
}
#endif

namespace attn::runtime::test {

using AllocationTest = GpuTest;

TEST_F(AllocationTest, AllocationsAreCounted) {
  size_t before = allocations;
  delete new std::string(100, 'x');
  EXPECT_GE(allocations, before + 1);
}

TEST_F(AllocationTest, AGpuLaunchAllocatesNothing) {
  ASSERT_EQ(load(gpuImage()), ATTN_OK) << attnLastErrorMessage();
  GpuProblem problem;
  ASSERT_EQ(launch(problem), ATTN_OK);
  size_t before = allocations;
  for (int i = 0; i < 10; ++i) {
    problem.tensors[0].data = reinterpret_cast<void *>(uintptr_t(0x10000000) + 256 * i);
    launch(problem);
  }
  problem.tensors[0].type = ATTN_F16; // a refusal allocates nothing either
  launch(problem);
  EXPECT_EQ(allocations, before);
}

TEST_F(AllocationTest, ACpuLaunchAllocatesNothingButItsThreadsAtFirst) {
  auto bytes = image::serialize(cpuImage());
  static std::atomic<int64_t> programs{0};
  auto function = [](const int64_t *, int64_t first, int64_t last, void *) { programs += last - first; };
  ASSERT_EQ(attnKernelFromFunction(bytes.data(), bytes.size(), function, &kernel), ATTN_OK) << attnLastErrorMessage();
  constexpr int64_t shapes[5][4] = {{2, 4, 300, 16}, {2, 2, 300, 16}, {2, 2, 300, 24}, {2, 4, 300, 24}, {2, 4, 300, 0}};
  std::vector<float> memory(2 * 4 * 300 * 24);
  attnTensor tensors[5];
  for (int i = 0; i < 5; ++i)
    tensors[i] = {memory.data(), ATTN_F32, i == 4 ? 3 : 4, shapes[i], nullptr};
  ASSERT_EQ(attnKernelLaunch(kernel, nullptr, tensors, 5), ATTN_OK) << attnLastErrorMessage();
  size_t before = allocations;
  int64_t first = programs;
  for (int i = 0; i < 10; ++i)
    ASSERT_EQ(attnKernelLaunch(kernel, nullptr, tensors, 5), ATTN_OK);
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(programs, 11 * first);
}

} // namespace attn::runtime::test
