// What the products, the softmax and the loads of an attention kernel draw, each for itself: the numbers behind "Energy" in
// docs/measured/h100-checks.md. A card at its limit of power is as fast as its work is frugal, so the rate of the products alone, in
// streams of a second on random normal inputs, bounds every kernel that is made of them.
//
//   nvcc -gencode arch=compute_90a,code=sm_90a -O3 -std=c++17 test/Gpu/energy.cu -ldl -o energy && ./energy > energy.jsonl
//
// or step `energy` of tools/gpu.sh.
//
// One JSON object a line: power by NVML's energy counter, clock by the multiprocessors' own counters. A round is a block of 128 queries
// and 128 keys of head_dim 128, by two warpgroups. With 132 blocks the card is at its limit, with 48 its clock is the same for all kinds
// of work, so that their energies can be compared: less that of `idle` in the same time.
#include "products.cuh"

#include <algorithm>
#include <cuda_bf16.h>
#include <dlfcn.h>
#include <vector>

/// What one round of a warpgroup is.
enum class Work {
  Idle,               ///< nothing: one warp waits
  Scores,             ///< queries in shared memory times keys
  ScoresRegisters,    ///< queries in registers times keys
  Values,             ///< weights in registers times values
  Attention,          ///< Scores and Values
  AttentionRegisters, ///< ScoresRegisters and Values
  Ideal,              ///< Attention, and beside it a softmax of as many other scores: nothing waits for anything but the units
  Fed,                ///< Ideal, and the keys and values of each round come from the level-2 cache, without a wait for them
  Sum,                ///< of 64 scores a lane: scale, subtract the reference, sum
  Exponential,        ///< and exp2 in front of the sum
  Softmax,            ///< and rounding to bf16
};
constexpr const char *names[] = {"idle", "scores", "scores, queries in registers", "values", "scores and values",
                                 "scores and values, queries in registers", "scores, values and softmax",
                                 "scores, values, softmax and loads", "multiply-add, sum", "multiply-add, exp2, sum", "softmax"};
constexpr int depth = 128, steps = depth / 16, scores = 64, kept = 16, slots = 2;
constexpr int tileBytes = 128 * depth * 2, chunkBytes = 128 * 128;
constexpr int sharedBytes = (1 + 2 * slots) * tileBytes, headBytes = 2 * 64 * tileBytes, inputBytes = 2 * headBytes;

constexpr int threadsOf(Work work) { return work == Work::Fed ? 384 : 256; }

template <bool transposed>
__device__ void fromRegisters(float (&acc)[64], const uint32_t *left, uint64_t b, int accumulate) {
  asm volatile("{.reg .pred p;\nsetp.ne.b32 p, %69, 0;\nwgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 " ACCUMULATORS
               ", {%64, %65, %66, %67}, %68, p, 1, 1, %70;}"
               : SIXTEEN(0), SIXTEEN(16), SIXTEEN(32), SIXTEEN(48)
               : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "l"(b), "r"(accumulate), "n"(transposed ? 0 : 1));
}

__device__ void fromShared(float (&acc)[64], uint64_t a, uint64_t b, int accumulate) {
  asm volatile("{.reg .pred p;\nsetp.ne.b32 p, %66, 0;\nwgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 " ACCUMULATORS
               ", %64, %65, p, 1, 1, 0, 0;}"
               : SIXTEEN(0), SIXTEEN(16), SIXTEEN(32), SIXTEEN(48)
               : "l"(a), "l"(b), "r"(accumulate));
}

/// One softmax of 64 scores of a lane: 16 are kept, and taken with four references, so that no two are the same. Operations that
/// `work` does not have are left out; what is rounded is read by one operation more.
template <Work work> __device__ void operate(const float (&x)[kept], float reference, float &sum, uint32_t &word) {
#pragma unroll
  for (int quarter = 0; quarter < scores / kept; ++quarter) {
    float own = reference + 0.11f * static_cast<float>(quarter);
#pragma unroll
    for (int i = 0; i < kept; i += 2) {
      float pair[2];
#pragma unroll
      for (int j = 0; j < 2; ++j) {
        asm volatile("fma.rn.f32 %0, %1, 0f3E38AA3B, %2;" : "=f"(pair[j]) : "f"(x[i + j]), "f"(own));
        if constexpr (work != Work::Sum)
          asm volatile("ex2.approx.ftz.f32 %0, %0;" : "+f"(pair[j]));
        asm volatile("add.f32 %0, %0, %1;" : "+f"(sum) : "f"(pair[j]));
      }
      if constexpr (work == Work::Softmax || work == Work::Ideal || work == Work::Fed)
        asm volatile("{.reg .b32 t;\ncvt.rn.bf16x2.f32 t, %1, %2;\nxor.b32 %0, %0, t;}" : "+r"(word) : "f"(pair[1]), "f"(pair[0]));
    }
  }
}

/// Copies a tile of keys and one of values every `period` cycles, as a producer does, into places that the products may be reading: what
/// comes is normal numbers as well. Half of the blocks read one head, of 8192 keys.
__device__ void load(const uint4 *inputs, uint32_t tile, int loads, int period) {
  __shared__ uint64_t barrier;
  auto place = static_cast<uint32_t>(__cvta_generic_to_shared(&barrier));
  asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;\nfence.proxy.async;" ::"r"(place) : "memory");
  auto *head = reinterpret_cast<const char *>(inputs) + blockIdx.x % 2 * headBytes;
  long long next = clock64();
  for (int i = 0; i < loads; ++i) {
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(place), "r"(2 * tileBytes) : "memory");
    for (int each = 0; each < 2; ++each)
      asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(
                       tile + tileBytes * (1 + i % slots + each * slots)),
                   "l"(head + (i * 2 + each) % (headBytes / tileBytes) * tileBytes), "r"(tileBytes), "r"(place)
                   : "memory");
    asm volatile("{.reg .pred p;\nAGAIN:\nmbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1;\n@!p bra AGAIN;}" ::"r"(place),
                 "r"(i % 2)
                 : "memory");
    for (next += period; clock64() < next;)
      __nanosleep(100);
  }
}

template <Work work>
__global__ void __launch_bounds__(threadsOf(work), 1)
    run(const uint4 *inputs, int rounds, int loads, int period, long long *cycles, float *sink) {
  extern __shared__ __align__(1024) uint4 shared[];
  for (int i = threadIdx.x; i < sharedBytes / 16; i += blockDim.x)
    shared[i] = inputs[i];
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncthreads();
  auto tile = static_cast<uint32_t>(__cvta_generic_to_shared(shared)), queries = tile + threadIdx.x / 128 * 64 * 128;
  float x[kept], sum = 0; // scores have the spread of 128 products of normal numbers
  for (int i = 0; i < kept; ++i)
    x[i] = 11.3f * __bfloat162float(reinterpret_cast<const __nv_bfloat16 *>(inputs)[(threadIdx.x + blockIdx.x * 7) * kept + i]);
  uint32_t word = 0;
  auto softmax = [&](int round) { operate<work>(x, -5.0f - static_cast<float>(round % 64) * 0.0371f, sum, word); };
  if (work == Work::Fed && threadIdx.x >= 256) {
    asm volatile("setmaxnreg.dec.sync.aligned.u32 24;");
    if (threadIdx.x == 256)
      load(inputs, tile, loads, period);
    return;
  }
  if (work == Work::Fed)
    asm volatile("setmaxnreg.inc.sync.aligned.u32 240;");
  long long begin = clock64();
  float result = 0;
  if constexpr (work == Work::Idle) {
    for (int i = 0; threadIdx.x < 32 && i < rounds; ++i)
      __nanosleep(1000);
  } else if constexpr (work < Work::Sum) {
    constexpr bool left = work == Work::ScoresRegisters || work == Work::AttentionRegisters;
    constexpr bool ofScores = work != Work::Values, ofValues = work >= Work::Values;
    float score[64] = {}, out[64] = {};
    uint32_t a[left ? 4 * steps : 1], weights[ofValues ? 4 * steps : 1];
    auto *words = reinterpret_cast<const uint32_t *>(inputs) + threadIdx.x * 4 * steps;
    for (int i = 0; left && i < 4 * steps; ++i)
      a[i] = words[i];
    for (int i = 0; ofValues && i < 4 * steps; ++i)
      weights[i] = words[i] & 0x7fff7fffu; // weights are positive
#pragma unroll 1 // products that nobody reads are left out
    for (int i = 0; i < rounds; ++i) {
      uint32_t keys = tile + tileBytes * (1 + i % slots), values = keys + slots * tileBytes;
      asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
      if constexpr (ofScores) {
#pragma unroll
        for (int step = 0; step < steps; ++step) {
          uint32_t place = step / 4 * chunkBytes + step % 4 * 32;
          if constexpr (left)
            fromRegisters<true>(score, a + 4 * step, descriptor(keys + place, 16), step);
          else
            fromShared(score, descriptor(queries + place, 16), descriptor(keys + place, 16), step);
        }
        asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
      }
      if constexpr (ofValues) {
#pragma unroll
        for (int step = 0; step < steps; ++step)
          fromRegisters<false>(out, weights + 4 * step, descriptor(values + step * 16 * 128, chunkBytes), 1);
        asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
      }
      if constexpr (work >= Work::Ideal)
        softmax(i);
      asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
    }
    for (int i = 0; i < 64; ++i)
      result += score[i] + out[i];
  } else {
#pragma unroll 1
    for (int i = 0; i < rounds; ++i)
      softmax(i);
  }
  long long end = clock64();
  sink[threadIdx.x] = result + sum + static_cast<float>(word);
  if (blockIdx.x == 0 && threadIdx.x % 128 == 0)
    cycles[threadIdx.x / 128] = end - begin;
}

/// NVML's counter, in millijoules.
static unsigned long long energy() {
  using Handle = void *;
  static Handle device = nullptr;
  static int (*read)(Handle, unsigned long long *) = nullptr;
  if (!read) {
    void *library = dlopen("libnvidia-ml.so.1", RTLD_NOW);
    auto *init = library ? reinterpret_cast<int (*)()>(dlsym(library, "nvmlInit_v2")) : nullptr;
    auto *get = library ? reinterpret_cast<int (*)(unsigned, Handle *)>(dlsym(library, "nvmlDeviceGetHandleByIndex_v2")) : nullptr;
    read = library ? reinterpret_cast<decltype(read)>(dlsym(library, "nvmlDeviceGetTotalEnergyConsumption")) : nullptr;
    if (!init || !get || !read || init() || get(0, &device))
      std::fprintf(stderr, "energy: expects NVML and its first device\n"), std::exit(1);
  }
  unsigned long long value = 0;
  if (read(device, &value))
    std::fprintf(stderr, "energy: expects a card that counts its energy\n"), std::exit(1);
  return value;
}

/// Where a measurement's kernels read and write.
struct Memory {
  const uint4 *normal, *zeros;
  long long *cycles;
  float *sink;
};

/// Prints one measurement and returns its cycles a round. `loads` of them have a load, one each `period` cycles.
template <Work work> static double measure(const Memory &memory, int blocks, bool zeros = false, double loads = 0, double period = 0) {
  auto *kernel = run<work>;
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, sharedBytes));
  cudaEvent_t begin, end;
  check(cudaEventCreate(&begin));
  check(cudaEventCreate(&end));
  auto launch = [&](int rounds) {
    check(cudaEventRecord(begin));
    kernel<<<blocks, threadsOf(work), sharedBytes>>>(zeros ? memory.zeros : memory.normal, rounds,
                                                       static_cast<int>(rounds * loads), static_cast<int>(period), memory.cycles,
                                                       memory.sink);
    check(cudaGetLastError());
    check(cudaEventRecord(end));
    check(cudaEventSynchronize(end));
    float ms = 0;
    check(cudaEventElapsedTime(&ms, begin, end));
    return ms;
  };
  constexpr int few = 20000;
  launch(few);
  int rounds = static_cast<int>(few * 200.0 / launch(few));
  for (int i = 0; i < 3; ++i) // the clock settles
    launch(rounds);
  double ms = 0, clocks = 0;
  unsigned long long before = energy();
  for (int i = 0; i < 8; ++i)
    ms += launch(rounds), clocks += static_cast<double>(std::max(memory.cycles[0], memory.cycles[1]));
  double joules = static_cast<double>(energy() - before) * 1e-3, each = 8.0 * rounds;
  double products = work == Work::Idle || work >= Work::Sum ? 0 : work >= Work::Attention ? 2 : 1;
  double flop = products * 2.0 * 128 * 128 * depth * blocks * each;
  std::printf("{\"work\": \"%s\", \"data\": \"%s\", \"blocks\": %d, \"watt\": %.0f, \"mhz\": %.0f, \"loads_a_round\": %.2f, ",
              names[static_cast<int>(work)], zeros ? "zeros" : "normal", blocks, joules / ms * 1e3, clocks / ms * 1e-3, loads);
  std::printf("\"cycles_a_round\": %.0f, \"ns_a_round\": %.1f, \"microjoule_a_round\": %.3f, \"tflops\": %.1f}\n", clocks / each,
              ms / each * 1e6, joules / (each * blocks) * 1e6, flop / ms * 1e-9);
  std::fflush(stdout);
  check(cudaEventDestroy(begin));
  check(cudaEventDestroy(end));
  return clocks / each;
}

int main() {
  constexpr int words = inputBytes / 2;
  std::vector<__nv_bfloat16> host(words);
  __nv_bfloat16 *random;
  long long *cycles;
  float *sink;
  void *zeros;
  check(cudaMalloc(&random, inputBytes));
  check(cudaMallocManaged(&cycles, 2 * sizeof *cycles));
  check(cudaMalloc(&sink, 384 * sizeof *sink));
  check(cudaMalloc(&zeros, inputBytes));
  check(cudaMemset(zeros, 0, inputBytes));
  uint64_t state = 1;
  for (int i = 0; i < words; ++i) {
    double sum = -6; // a normal number, as the sum of twelve even ones
    for (int j = 0; j < 12; ++j) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      sum += static_cast<double>(state >> 33) * 0x1p-31;
    }
    host[i] = __float2bfloat16(static_cast<float>(sum));
  }
  check(cudaMemcpy(random, host.data(), inputBytes, cudaMemcpyHostToDevice));
  Memory memory{reinterpret_cast<const uint4 *>(random), static_cast<const uint4 *>(zeros), cycles, sink};
  for (int blocks : {132, 48}) {
    measure<Work::Idle>(memory, blocks);
    measure<Work::Scores>(memory, blocks);
    measure<Work::ScoresRegisters>(memory, blocks);
    measure<Work::Values>(memory, blocks);
    measure<Work::Attention>(memory, blocks);
    measure<Work::AttentionRegisters>(memory, blocks);
    measure<Work::Attention>(memory, blocks, /*zeros=*/true);
    double round = measure<Work::Ideal>(memory, blocks);
    for (double loads : {1.0, 2.0 / 3, 0.5}) // tiles of 128, 192 and 256 queries
      measure<Work::Fed>(memory, blocks, /*zeros=*/false, loads, round / loads);
    measure<Work::Sum>(memory, blocks);
    measure<Work::Exponential>(memory, blocks);
    measure<Work::Softmax>(memory, blocks);
  }
  return 0;
}
