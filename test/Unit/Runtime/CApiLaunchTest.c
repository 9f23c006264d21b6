/* Launches through the C interface on the CPU: every refusal, and a hand-written kernel that checks how programs and
 * scratch are handed out. */
#include "CApiTest.h"

#include <fenv.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* A problem of the test image's kind with memory of its own, laid out [batch, length, head, head_dim] with gaps. */
enum { HEAD_DIM = 16, VALUE_DIM = 24, TILE = 4, GUARD = 64 };
typedef struct Problem {
  int64_t batch, heads, queries, keys;
  int64_t shape[5][4], strides[5][4];
  float *memory[5];
  size_t elements[5];
  attnTensor tensors[5];
} Problem;

static Problem makeProblem(int64_t batch, int64_t heads, int64_t queries, int64_t keys) {
  Problem problem;
  memset(&problem, 0, sizeof problem);
  problem.batch = batch;
  problem.heads = heads;
  problem.queries = queries;
  problem.keys = keys;
  for (int i = 0; i < 5; ++i) {
    int isKey = i == 1 || i == 2;
    int64_t dim = i < 2 ? HEAD_DIM : i < 4 ? VALUE_DIM : 1, row = dim + 3;
    int64_t count = isKey ? heads / 2 : heads, length = isKey ? keys : queries;
    int64_t shape[4] = {batch, count, length, dim};
    int64_t strides[4] = {row * count * length + 5, row, row * count, 1};
    memcpy(problem.shape[i], shape, sizeof shape);
    memcpy(problem.strides[i], strides, sizeof strides);
    problem.elements[i] = (size_t)((row * count * length + 5) * batch) + 2 * GUARD;
    problem.memory[i] = malloc(problem.elements[i] * sizeof(float));
    for (size_t e = 0; e < problem.elements[i]; ++e)
      problem.memory[i][e] = i < 3 ? (float)(e % 97) : 0;
    problem.tensors[i].data = problem.memory[i] + GUARD;
    problem.tensors[i].type = ATTN_F32;
    problem.tensors[i].rank = i == 4 ? 3 : 4;
    problem.tensors[i].shape = problem.shape[i];
    problem.tensors[i].strides = problem.strides[i];
  }
  return problem;
}

/* The copies of a problem's tensors point into the original. */
static void freeProblem(Problem *problem) {
  for (int i = 0; i < 5; ++i)
    free(problem->memory[i]);
}

static int scratchClash = 0, badRange = 0;

/* Adds 1 to every element of its output rows and writes q[.., 0] + v[.., 0, 0] + program + 1 to lse. */
static void markKernel(const int64_t *arguments, int64_t first, int64_t last, void *scratch) {
  const int64_t *q = arguments, *v = arguments + 18, *o = arguments + 27, *lse = arguments + 36;
  int64_t heads = q[2], queries = q[3], tiles = (queries + TILE - 1) / TILE;
  if (first < 0 || first >= last || last > q[1] * heads * tiles || (uintptr_t)scratch % 64 != 0)
    __atomic_store_n(&badRange, 1, __ATOMIC_RELAXED);
  for (int64_t program = first; program < last; ++program) {
    memset(scratch, (int)(program & 127), 100);
    int64_t tile = program % tiles, head = program / tiles % heads, batch = program / tiles / heads;
    for (int64_t row = tile * TILE; row < queries && row < (tile + 1) * TILE; ++row) {
      float *out = (float *)o[0] + batch * o[5] + head * o[6] + row * o[7];
      for (int64_t d = 0; d < o[4]; ++d)
        out[d * o[8]] += 1;
      const float *query = (const float *)q[0] + batch * q[5] + head * q[6] + row * q[7];
      float value = v[3] ? *((const float *)v[0] + batch * v[5] + head / 2 * v[6]) : 0;
      *((float *)lse[0] + batch * lse[4] + head * lse[5] + row * lse[6]) = *query + value + (float)program + 1;
    }
    for (int i = 0; i < 100; ++i)
      if (((char *)scratch)[i] != (char)(program & 127))
        __atomic_store_n(&scratchClash, 1, __ATOMIC_RELAXED);
  }
}

static attnKernel loadMarkKernel(void) {
  size_t size = 0;
  const void *image = testCpuImage(&size);
  attnKernel kernel = NULL;
  CHECK(attnKernelFromFunction(image, size, markKernel, &kernel) == ATTN_OK);
  return kernel;
}

/* Every output element was written once by the right program, and nothing beside it. */
static void checkMarks(const Problem *p) {
  int64_t tiles = (p->queries + TILE - 1) / TILE, wrong = 0;
  double sum = 0, expected = (double)(p->batch * p->heads * p->queries) * VALUE_DIM;
  for (size_t e = 0; e < p->elements[3]; ++e)
    sum += p->memory[3][e];
  for (int64_t b = 0; b < p->batch; ++b)
    for (int64_t h = 0; h < p->heads; ++h)
      for (int64_t i = 0; i < p->queries; ++i) {
        const float *q = p->memory[0] + GUARD + b * p->strides[0][0] + h * p->strides[0][1] + i * p->strides[0][2];
        const float *v = p->memory[2] + GUARD + b * p->strides[2][0] + h / 2 * p->strides[2][1];
        const float *o = p->memory[3] + GUARD + b * p->strides[3][0] + h * p->strides[3][1] + i * p->strides[3][2];
        const float *l = p->memory[4] + GUARD + b * p->strides[4][0] + h * p->strides[4][1] + i * p->strides[4][2];
        float program = (float)((b * p->heads + h) * tiles + i / TILE);
        wrong += *l != *q + (p->keys ? *v : 0) + program + 1;
        for (int d = 0; d < VALUE_DIM; ++d)
          wrong += o[d] != 1;
      }
  CHECK(wrong == 0);
  CHECK(sum == expected);
  CHECK(!scratchClash);
  CHECK(!badRange);
}

static void testLaunches(void) {
  attnKernel kernel = loadMarkKernel();
  static const int64_t sizes[][4] = {{1, 2, 1, 1}, {2, 4, 13, 9}, {3, 2, 128, 0}, {1, 8, 301, 17}};
  for (unsigned threads = 1; threads <= 9; threads += 2) {
    CHECK(attnRuntimeSetThreadCount(threads) == ATTN_OK);
    CHECK(attnRuntimeGetThreadCount() == threads);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i) {
      Problem problem = makeProblem(sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3]);
      CHECK(attnKernelLaunch(kernel, NULL, problem.tensors, 5) == ATTN_OK);
      checkMarks(&problem);
      freeProblem(&problem);
    }
  }
  CHECK(attnRuntimeSetThreadCount(0) == ATTN_OK);
  CHECK(attnRuntimeGetThreadCount() >= 1);
  CHECK_FAILS(attnRuntimeSetThreadCount(1025), ATTN_INVALID_ARGUMENT, "expects 0 (the default) to 1024, got 1025");
  attnKernelDestroy(kernel);
}

static void testEmptyLaunches(void) {
  attnKernel kernel = loadMarkKernel();
  static const int64_t sizes[][4] = {{0, 4, 5, 5}, {2, 0, 5, 5}, {2, 4, 0, 5}, {0, 0, 0, 0}};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i) {
    Problem problem = makeProblem(sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3]);
    for (int t = 0; t < 5; ++t)
      if (problem.shape[t][0] == 0 || problem.shape[t][1] == 0 || problem.shape[t][2] == 0)
        problem.tensors[t].data = NULL;
    CHECK(attnKernelLaunch(kernel, NULL, problem.tensors, 5) == ATTN_OK);
    freeProblem(&problem);
  }
  attnKernelDestroy(kernel);
}

static void testStridesOfUnusedAxes(void) {
  attnKernel kernel = loadMarkKernel();
  Problem problem = makeProblem(1, 2, 4, 1);
  problem.strides[0][0] = 99990001;
  problem.strides[3][0] = 0;
  problem.strides[1][2] = -7;
  CHECK(attnKernelLaunch(kernel, NULL, problem.tensors, 5) == ATTN_OK);
  checkMarks(&problem);
  freeProblem(&problem);
  attnKernelDestroy(kernel);
}

static void testCompactStrides(void) {
  attnKernel kernel = loadMarkKernel();
  float q[2 * 3 * HEAD_DIM] = {0}, k[5 * HEAD_DIM] = {0}, v[5 * VALUE_DIM] = {0}, o[2 * 3 * VALUE_DIM] = {0}, lse[6];
  int64_t shapes[5][4] = {
      {1, 2, 3, HEAD_DIM}, {1, 1, 5, HEAD_DIM}, {1, 1, 5, VALUE_DIM}, {1, 2, 3, VALUE_DIM}, {1, 2, 3}};
  float *data[5] = {q, k, v, o, lse};
  attnTensor tensors[5];
  attnDLTensor packed[5];
  const attnDLTensor *pointers[5];
  for (int i = 0; i < 5; ++i) {
    attnTensor tensor = {data[i], ATTN_F32, i == 4 ? 3 : 4, shapes[i], NULL};
    attnDLTensor dl = {data[i] - 1, {ATTN_DL_CPU, 0}, tensor.rank,  {ATTN_DL_FLOAT, 32, 1},
                       shapes[i],   NULL,             sizeof(float)};
    tensors[i] = tensor;
    packed[i] = dl;
    pointers[i] = &packed[i];
  }
  CHECK(attnKernelLaunch(kernel, NULL, tensors, 5) == ATTN_OK);
  CHECK(attnKernelLaunchDLPack(kernel, NULL, pointers, 5) == ATTN_OK);
  int wrong = 0;
  for (int i = 0; i < 2 * 3 * VALUE_DIM; ++i)
    wrong += o[i] != 2;
  for (int i = 0; i < 6; ++i)
    wrong += lse[i] != (float)(i / 3 + 1);
  CHECK(wrong == 0);

  packed[1].device.device_type = ATTN_DL_CUDA;
  CHECK_FAILS(attnKernelLaunchDLPack(kernel, NULL, pointers, 5), ATTN_INVALID_ARGUMENT,
              "key expects a tensor on the CPU");
  packed[1].device.device_type = ATTN_DL_CUDA_HOST;
  packed[2].dtype.code = 0;
  CHECK_FAILS(attnKernelLaunchDLPack(kernel, NULL, pointers, 5), ATTN_INVALID_ARGUMENT,
              "value expects element type f32");
  packed[2].dtype.code = ATTN_DL_FLOAT;
  packed[2].dtype.lanes = 2;
  CHECK_FAILS(attnKernelLaunchDLPack(kernel, NULL, pointers, 5), ATTN_INVALID_ARGUMENT,
              "2 lanes");
  packed[2].dtype.lanes = 1;
  packed[2].dtype.bits = 16;
  CHECK_FAILS(attnKernelLaunchDLPack(kernel, NULL, pointers, 5), ATTN_INVALID_ARGUMENT,
              "got f16");
  packed[2].dtype.bits = 32;
  packed[0].byte_offset = 2;
  CHECK_FAILS(attnKernelLaunchDLPack(kernel, NULL, pointers, 5), ATTN_INVALID_ARGUMENT,
              "aligned to 4 bytes");
  pointers[3] = NULL;
  CHECK_FAILS(attnKernelLaunchDLPack(kernel, NULL, pointers, 5), ATTN_INVALID_ARGUMENT,
              "a null pointer");
  CHECK_FAILS(attnKernelLaunchDLPack(kernel, NULL, pointers, 4), ATTN_INVALID_ARGUMENT, "5 tensors");
  CHECK_FAILS(attnKernelLaunchDLPack(kernel, NULL, NULL, 5), ATTN_INVALID_ARGUMENT, "null pointer");
  CHECK_FAILS(attnKernelLaunchDLPack(NULL, NULL, pointers, 5), ATTN_INVALID_ARGUMENT, "a kernel");
  attnKernelDestroy(kernel);
}

/* One refusal: what is changed in a good launch, and words of the sentence. */
typedef struct Refusal {
  int tensor, axis;
  enum { EXTENT, STRIDE, TYPE, RANK, SHAPE_NULL, DATA_NULL, DATA_OFFSET } what;
  int64_t value;
  const char *words;
} Refusal;

static const Refusal refusals[] = {
    {0, 0, TYPE, ATTN_F16, "query expects element type f32, got f16"},
    {1, 0, TYPE, ATTN_BF16, "key expects element type f32, got bf16"},
    {2, 0, TYPE, 77, "got an unknown type"},
    {0, 0, RANK, 3, "query expects rank 4, got 3"},
    {4, 0, RANK, 4, "lse expects rank 3, got 4"},
    {3, 0, RANK, -1, "output expects rank 4, got -1"},
    {1, 0, SHAPE_NULL, 0, "key expects a shape of 4 extents"},
    {0, 3, EXTENT, 17, "query expects axis 3 to have extent 16 as compiled, got 17"},
    {3, 3, EXTENT, 16, "output expects axis 3 to have extent 24"},
    {0, 2, EXTENT, -1, "extent from 0 to 1073741823, got -1"},
    {1, 2, EXTENT, (int64_t)1 << 30, "extent from 0 to 1073741823, got 1073741824"},
    {1, 2, EXTENT, INT64_MIN, "extent from 0"},
    {1, 0, EXTENT, 3, "key expects the batch of query, which is 2, got 3"},
    {2, 0, EXTENT, 1, "value expects the batch of key"},
    {3, 0, EXTENT, 1, "output expects the batch of query"},
    {4, 0, EXTENT, 3, "lse expects the batch of query"},
    {2, 1, EXTENT, 1, "value expects the head count of key"},
    {3, 1, EXTENT, 2, "output expects the head count of query"},
    {4, 1, EXTENT, 2, "lse expects the head count of query"},
    {2, 2, EXTENT, 8, "value expects the length of key, which is 9, got 8"},
    {3, 2, EXTENT, 12, "output expects the length of query"},
    {4, 2, EXTENT, 14, "lse expects the length of query"},
    {0, 2, STRIDE, -19, "query expects axis 2 to have a stride of at least 0, got -19"},
    {0, 3, STRIDE, 2, "query expects stride 1 in its last axis"},
    {1, 3, STRIDE, 0, "key expects stride 1 in its last axis"},
    {3, 1, STRIDE, 0, "output expects a stride of at least 1 in axis 1 since it is written"},
    {4, 2, STRIDE, 0, "lse expects a stride of at least 1 in axis 2"},
    {0, 2, STRIDE, INT64_MAX, "within the address space"},
    {1, 1, STRIDE, (int64_t)1 << 61, "within the address space"},
    {0, 0, DATA_NULL, 0, "query expects data, got a null pointer"},
    {4, 0, DATA_NULL, 0, "lse expects data, got a null pointer"},
    {2, 0, DATA_OFFSET, 2, "value expects an address aligned to 4 bytes"},
};

static void testRefusals(void) {
  attnKernel kernel = loadMarkKernel();
  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; ++i) {
    const Refusal *refusal = &refusals[i];
    Problem problem = makeProblem(2, 4, 13, 9);
    attnTensor *tensor = &problem.tensors[refusal->tensor];
    switch (refusal->what) {
    case EXTENT: problem.shape[refusal->tensor][refusal->axis] = refusal->value; break;
    case STRIDE: problem.strides[refusal->tensor][refusal->axis] = refusal->value; break;
    case TYPE: tensor->type = (attnElementType)refusal->value; break;
    case RANK: tensor->rank = (int32_t)refusal->value; break;
    case SHAPE_NULL: tensor->shape = NULL; break;
    case DATA_NULL: tensor->data = NULL; break;
    case DATA_OFFSET: tensor->data = (char *)tensor->data + refusal->value; break;
    }
    CHECK_FAILS(attnKernelLaunch(kernel, NULL, problem.tensors, 5), ATTN_INVALID_ARGUMENT, refusal->words);
    double sum = 0;
    for (size_t e = 0; e < problem.elements[3]; ++e)
      sum += problem.memory[3][e];
    CHECK(sum == 0);
    freeProblem(&problem);
  }
  Problem problem = makeProblem(2, 4, 13, 9);
  CHECK_FAILS(attnKernelLaunch(kernel, NULL, problem.tensors, 4), ATTN_INVALID_ARGUMENT, "expects 5 tensors");
  CHECK_FAILS(attnKernelLaunch(kernel, NULL, problem.tensors, SIZE_MAX), ATTN_INVALID_ARGUMENT, "expects 5 tensors");
  CHECK_FAILS(attnKernelLaunch(kernel, NULL, NULL, 5), ATTN_INVALID_ARGUMENT, "array of tensors");
  CHECK_FAILS(attnKernelLaunch(NULL, NULL, problem.tensors, 5), ATTN_INVALID_ARGUMENT, "a kernel, got a null pointer");
  for (int t = 1; t < 3; ++t)
    problem.shape[t][1] = 1;
  CHECK_FAILS(attnKernelLaunch(kernel, NULL, problem.tensors, 5), ATTN_INVALID_ARGUMENT,
              "expects 2 heads for each key/value head as compiled, got 4 query and 1");
  freeProblem(&problem);
  attnKernelDestroy(kernel);
}

static void *launchFromThread(void *argument) {
  attnKernel kernel = argument;
  for (int i = 0; i < 40; ++i) {
    Problem problem = makeProblem(1, 4, 50 + i, 3);
    CHECK(attnKernelLaunch(kernel, NULL, problem.tensors, 5) == ATTN_OK);
    checkMarks(&problem);
    freeProblem(&problem);
  }
  return NULL;
}

static void testConcurrentLaunches(void) {
  attnKernel kernel = loadMarkKernel();
  pthread_t threads[4];
  CHECK(attnRuntimeSetThreadCount(3) == ATTN_OK);
  for (int i = 0; i < 4; ++i)
    pthread_create(&threads[i], NULL, launchFromThread, kernel);
  for (int i = 0; i < 4; ++i)
    pthread_join(threads[i], NULL);
  attnKernelDestroy(kernel);
}

/* A forked child has none of the pool's threads and launches all the same. */
static void testFork(void) {
  attnKernel kernel = loadMarkKernel();
  CHECK(attnRuntimeSetThreadCount(4) == ATTN_OK);
  Problem problem = makeProblem(2, 4, 61, 5);
  CHECK(attnKernelLaunch(kernel, NULL, problem.tensors, 5) == ATTN_OK);
  pid_t child = fork();
  if (child == 0) {
    alarm(20);
    failures = 0;
    launchFromThread(kernel);
    _exit(failures != 0);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  freeProblem(&problem);
  attnKernelDestroy(kernel);
}

static int badRounding = 0;

static void roundingKernel(const int64_t *arguments, int64_t first, int64_t last, void *scratch) {
  (void)arguments, (void)first, (void)last, (void)scratch;
  if (fegetround() != FE_TONEAREST)
    __atomic_store_n(&badRounding, 1, __ATOMIC_RELAXED);
}

/* Kernels round to nearest whatever the host does, and the host's setting comes back. */
static void testFloatEnvironment(void) {
  size_t size = 0;
  const void *image = testCpuImage(&size);
  attnKernel kernel = NULL;
  CHECK(attnKernelFromFunction(image, size, roundingKernel, &kernel) == ATTN_OK);
  Problem problem = makeProblem(2, 4, 61, 5);
  fesetround(FE_UPWARD);
  CHECK(attnKernelLaunch(kernel, NULL, problem.tensors, 5) == ATTN_OK);
  CHECK(fegetround() == FE_UPWARD);
  fesetround(FE_TONEAREST);
  CHECK(!badRounding);
  freeProblem(&problem);
  attnKernelDestroy(kernel);
}

void testLaunching(void) {
  testLaunches();
  testEmptyLaunches();
  testStridesOfUnusedAxes();
  testCompactStrides();
  testRefusals();
  testConcurrentLaunches();
  testFork();
  testFloatEnvironment();
}
