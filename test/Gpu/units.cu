// What the units of a Hopper multiprocessor reach alone, and beside running products: the numbers behind "What bounds each kind
// of row" in docs/measured/h100-checks.md. One warpgroup multiplies (wgmma, m64n128k16, bf16) without a pause; one to three
// others run one kind of operation each lane for itself, so that each of the four schedulers has as many warps of them.
//
//   nvcc -gencode arch=compute_90a,code=sm_90a -O3 -std=c++17 test/Gpu/units.cu -o units && ./units > units.jsonl
//
// or step `units` of tools/gpu.sh.
//
// One JSON object a line: cycles of a scheduler for one operation of a warp, and cycles of one product.
#include "products.cuh"

#include <algorithm>

enum class Op { Ex2, Tanh, Fma, Add, Max, Round, Softmax, Softcap };
constexpr const char *names[] = {"ex2", "tanh", "fma", "add", "max", "round to bf16", "softmax of a score",
                                 "softcap and softmax of a score"};
constexpr int lanesValues = 16, stepsOfGroup = 8;

template <bool fromRegisters> __device__ void multiply(float (&acc)[64], uint64_t a, uint64_t b, const uint32_t (&left)[4]) {
  if constexpr (fromRegisters)
    asm volatile("wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 " ACCUMULATORS ", {%64, %65, %66, %67}, %68, 1, 1, 1, 0;"
                 : SIXTEEN(0), SIXTEEN(16), SIXTEEN(32), SIXTEEN(48)
                 : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "l"(b));
  else
    asm volatile("wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 " ACCUMULATORS ", %64, %65, 1, 1, 1, 0, 0;"
                 : SIXTEEN(0), SIXTEEN(16), SIXTEEN(32), SIXTEEN(48)
                 : "l"(a), "l"(b));
}

/// One operation on each of a lane's values. Nothing of it can be left out, since each reads what the one before it wrote.
template <Op op> __device__ void operate(float (&x)[lanesValues], float &sum, uint32_t &word) {
#pragma unroll
  for (int i = 0; i < lanesValues; ++i) {
    if constexpr (op == Op::Ex2)
      asm volatile("ex2.approx.ftz.f32 %0, %0;" : "+f"(x[i]));
    if constexpr (op == Op::Tanh)
      asm volatile("tanh.approx.f32 %0, %0;" : "+f"(x[i]));
    if constexpr (op == Op::Fma)
      asm volatile("fma.rn.f32 %0, %0, %0, %0;" : "+f"(x[i]));
    if constexpr (op == Op::Add)
      asm volatile("add.f32 %0, %0, %0;" : "+f"(x[i]));
    if constexpr (op == Op::Max)
      asm volatile("max.f32 %0, %0, %1;" : "+f"(x[i]) : "f"(sum));
    if constexpr (op == Op::Round)
      asm volatile("{.reg .b32 t;\ncvt.rn.bf16x2.f32 t, %0, %0;\nmov.b32 %0, t;}" : "+f"(x[i]));
    if constexpr (op == Op::Softcap)
      asm volatile("{.reg .f32 t;\nmul.f32 t, %0, 0f3C23D70A;\ntanh.approx.f32 t, t;\nmul.f32 %0, t, 0f42904A3E;}" : "+f"(x[i]));
    if constexpr (op == Op::Softmax)
      asm volatile("fma.rn.f32 %0, %0, 0f3E000000, %1;" : "+f"(x[i]) : "f"(sum));
    if constexpr (op == Op::Softmax || op == Op::Softcap)
      asm volatile("ex2.approx.ftz.f32 %0, %0;" : "+f"(x[i]));
  }
  if constexpr (op == Op::Softmax || op == Op::Softcap) {
    float total = 0;
#pragma unroll
    for (int i = 0; i < lanesValues; ++i) {
      asm volatile("add.f32 %0, %0, %1;" : "+f"(total) : "f"(x[i]));
      if (i % 2)
        asm volatile("{.reg .b32 t;\ncvt.rn.bf16x2.f32 t, %1, %2;\nxor.b32 %0, %0, t;}" : "+r"(word) : "f"(x[i]), "f"(x[i - 1]));
    }
    asm volatile("min.f32 %0, %1, 0f3F800000;" : "=f"(sum) : "f"(total));
  }
}

template <Op op, bool fromRegisters>
__global__ void __launch_bounds__(512, 1) run(int groups, int rounds, int operating, long long *cycles, float *sink) {
  extern __shared__ __align__(1024) uint32_t shared[];
  int warpgroup = threadIdx.x / 128;
  for (int i = threadIdx.x; i < 8192; i += blockDim.x)
    shared[i] = 0;
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncthreads();
  auto base = static_cast<uint32_t>(__cvta_generic_to_shared(shared));
  float result = 0;
  long long begin = clock64();
  if (warpgroup == 0) {
    float acc[64] = {};
    const uint32_t left[4] = {};
    for (int i = 0; i < groups; ++i) {
      asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
      for (int step = 0; step < stepsOfGroup; ++step)
        multiply<fromRegisters>(acc, descriptor(base) + 2 * (step % 4), descriptor(base + 8192) + 2 * (step % 4), left);
      asm volatile("wgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 0;" ::: "memory");
    }
    for (float each : acc)
      result += each;
  } else if (warpgroup <= operating) {
    float x[lanesValues], sum = 0.5f;
    uint32_t word = threadIdx.x;
    for (int i = 0; i < lanesValues; ++i)
      x[i] = static_cast<float>(threadIdx.x + i) * 0.001f;
    for (int i = 0; i < rounds; ++i)
      operate<op>(x, sum, word);
    for (float each : x)
      result += each;
    result += sum + static_cast<float>(word);
  }
  long long end = clock64();
  sink[threadIdx.x] = result;
  if (blockIdx.x == 0 && threadIdx.x % 128 == 0)
    cycles[warpgroup] = end - begin;
}

template <Op op, bool fromRegisters> static void measure(long long *cycles, float *sink) {
  constexpr int sharedBytes = 32768, few = 1000, many = 40000;
  auto *kernel = run<op, fromRegisters>;
  auto launch = [&](int groups, int rounds, int operating) {
    for (int i = 0; i < 2; ++i)
      kernel<<<132, 512, sharedBytes>>>(groups, rounds, operating, cycles, sink);
    check(cudaGetLastError());
    check(cudaDeviceSynchronize());
  };
  for (int warps = 1; warps <= 3; ++warps) {
    auto ofOperation = [&] {
      long long last = *std::max_element(cycles + 1, cycles + 1 + warps);
      return static_cast<double>(last) / (static_cast<double>(few) * lanesValues * warps);
    };
    auto ofProduct = [&] { return static_cast<double>(cycles[0]) / (static_cast<double>(few) * stepsOfGroup); };
    launch(0, few, warps);
    double alone = ofOperation();
    launch(many, few, warps);
    double beside = ofOperation();
    launch(few, 0, 0);
    double product = ofProduct();
    launch(few, many, warps);
    std::printf("{\"operation\": \"%s\", \"left_operand\": \"%s\", \"warps_a_scheduler\": %d, \"cycles_alone\": %.2f, "
                "\"cycles_beside_products\": %.2f, \"cycles_of_a_product_alone\": %.1f, \"cycles_of_a_product_beside\": %.1f}\n",
                names[static_cast<int>(op)], fromRegisters ? "registers" : "shared memory", warps, alone, beside, product,
                ofProduct());
  }
}

template <Op op> static void measureBoth(long long *cycles, float *sink) {
  measure<op, false>(cycles, sink);
  measure<op, true>(cycles, sink);
}

int main() {
  long long *cycles;
  float *sink;
  check(cudaMallocManaged(&cycles, 4 * sizeof *cycles));
  check(cudaMalloc(&sink, 512 * sizeof *sink));
  measureBoth<Op::Ex2>(cycles, sink);
  measureBoth<Op::Tanh>(cycles, sink);
  measureBoth<Op::Fma>(cycles, sink);
  measureBoth<Op::Add>(cycles, sink);
  measureBoth<Op::Max>(cycles, sink);
  measureBoth<Op::Round>(cycles, sink);
  measureBoth<Op::Softmax>(cycles, sink);
  measureBoth<Op::Softcap>(cycles, sink);
  return 0;
}
