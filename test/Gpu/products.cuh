// What the programs of this folder share: errors, and the 64 accumulators of a lane in wgmma's m64n128k16 as operands of an assembly.
#ifndef ATTN_TEST_GPU_PRODUCTS_CUH
#define ATTN_TEST_GPU_PRODUCTS_CUH

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cuda_runtime.h>

/// Ends the program where a call failed.
static void check(cudaError_t error) {
  if (error != cudaSuccess)
    std::fprintf(stderr, "error: %s\n", cudaGetErrorString(error)), std::exit(1);
}

/// A matrix of 128-byte rows with the 128-byte swizzle, in chunks of 64 columns; `leading` bytes are between chunks where an operand
/// spans several.
__device__ inline uint64_t descriptor(uint32_t address, uint32_t leading = 16) {
  return uint64_t(1) << 62 | uint64_t(64) << 32 | uint64_t(leading / 16) << 16 | (address >> 4 & 0x3fff);
}

#define FOUR(a, b, c, d) "+f"(acc[a]), "+f"(acc[b]), "+f"(acc[c]), "+f"(acc[d])
#define EIGHT(n) FOUR(n, n + 1, n + 2, n + 3), FOUR(n + 4, n + 5, n + 6, n + 7)
#define SIXTEEN(n) EIGHT(n), EIGHT(n + 8)
#define ACCUMULATORS                                                                                                          \
  "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, "   \
  "%26, %27, %28, %29, %30, %31, %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49, "   \
  "%50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}"

#endif // ATTN_TEST_GPU_PRODUCTS_CUH
