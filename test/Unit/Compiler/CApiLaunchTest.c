/* From spec text to a result through the C interfaces: compile, load, launch on strided tensors, compare with attention
 * written out in double; then the same through the JIT. */
#include "CApiTest.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

enum { BATCH = 2, HEADS = 4, KV_HEADS = 2, QUERIES = 37, KEYS = 53, HEAD_DIM = 32, VALUE_DIM = 16, PAD = 8 };

/* A tensor [batch, heads, length, dim] that lies [batch, length, heads, dim + PAD], full of `fill` between its rows. */
typedef struct Strided {
  float *memory;
  int64_t shape[4], strides[4];
} Strided;

static const char *const f32Spec =
    "func.func @f(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x16xf32>)\n"
    "    -> (tensor<?x4x?x16xf32>, tensor<?x4x?xf32>) {\n"
    "  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 4, kv = 2>)\n"
    "      causality(#attn.causality<bottom_right>)\n"
    "      : (tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x16xf32>)\n"
    "      -> (tensor<?x4x?x16xf32>, tensor<?x4x?xf32>)\n"
    "  return %out, %lse : tensor<?x4x?x16xf32>, tensor<?x4x?xf32>\n"
    "}\n";

static size_t sizeOf(const Strided *tensor) { return (size_t)(tensor->shape[0] * tensor->strides[0]); }

static Strided makeStrided(int64_t heads, int64_t length, int64_t dim, float fill) {
  int64_t row = dim + PAD;
  Strided tensor = {NULL, {BATCH, heads, length, dim}, {row * heads * length, row, row * heads, 1}};
  tensor.memory = malloc(sizeOf(&tensor) * sizeof(float));
  for (size_t i = 0; i < sizeOf(&tensor); ++i)
    tensor.memory[i] = fill;
  return tensor;
}

static float *at(const Strided *tensor, int64_t b, int64_t h, int64_t i, int64_t d) {
  return tensor->memory + b * tensor->strides[0] + h * tensor->strides[1] + i * tensor->strides[2] + d;
}

/* Numbers of about 1 that differ; the gaps keep their NaN, so reading them shows. */
static void fillInput(Strided *tensor, unsigned seed) {
  for (int64_t b = 0; b < BATCH; ++b)
    for (int64_t h = 0; h < tensor->shape[1]; ++h)
      for (int64_t i = 0; i < tensor->shape[2]; ++i)
        for (int64_t d = 0; d < tensor->shape[3]; ++d) {
          seed = seed * 1664525u + 1013904223u;
          *at(tensor, b, h, i, d) = (float)(seed >> 8) / (1 << 23) - 1;
        }
}

typedef struct Problem {
  Strided q, k, v, out;
  float lse[BATCH * HEADS * QUERIES];
  int64_t lseShape[3];
  attnTensor tensors[5];
} Problem;

static void makeProblem(Problem *p) {
  p->q = makeStrided(HEADS, QUERIES, HEAD_DIM, NAN);
  p->k = makeStrided(KV_HEADS, KEYS, HEAD_DIM, NAN);
  p->v = makeStrided(KV_HEADS, KEYS, VALUE_DIM, NAN);
  p->out = makeStrided(HEADS, QUERIES, VALUE_DIM, -7);
  fillInput(&p->q, 1);
  fillInput(&p->k, 2);
  fillInput(&p->v, 3);
  int64_t lseShape[3] = {BATCH, HEADS, QUERIES};
  memcpy(p->lseShape, lseShape, sizeof lseShape);
  Strided *all[4] = {&p->q, &p->k, &p->v, &p->out};
  for (int i = 0; i < 4; ++i) {
    attnTensor tensor = {all[i]->memory, ATTN_F32, 4, all[i]->shape, all[i]->strides};
    p->tensors[i] = tensor;
  }
  attnTensor lse = {p->lse, ATTN_F32, 3, p->lseShape, NULL};
  p->tensors[4] = lse;
}

static void freeProblem(Problem *p) {
  free(p->q.memory);
  free(p->k.memory);
  free(p->v.memory);
  free(p->out.memory);
}

/* The largest difference of one row's output and log-sum-exp from attention in double. */
static double rowError(const Problem *p, int64_t b, int64_t h, int64_t i) {
  double scores[KEYS], sum = 0, largest = -INFINITY, error = 0;
  int64_t kv = h / (HEADS / KV_HEADS), last = i + KEYS - QUERIES;
  for (int64_t j = 0; j <= last; ++j) {
    scores[j] = 0;
    for (int64_t d = 0; d < HEAD_DIM; ++d)
      scores[j] += (double)*at(&p->q, b, h, i, d) * *at(&p->k, b, kv, j, d) / sqrt(HEAD_DIM);
    largest = fmax(largest, scores[j]);
  }
  for (int64_t j = 0; j <= last; ++j)
    sum += exp(scores[j] - largest);
  for (int64_t d = 0; d < VALUE_DIM; ++d) {
    double expected = 0;
    for (int64_t j = 0; j <= last; ++j)
      expected += exp(scores[j] - largest) / sum * *at(&p->v, b, kv, j, d);
    error = fmax(error, fabs(expected - *at(&p->out, b, h, i, d)));
  }
  return fmax(error, fabs(largest + log(sum) - p->lse[(b * HEADS + h) * QUERIES + i]));
}

/* Right everywhere, and nothing written between the rows. */
static void checkResult(const Problem *p) {
  double error = 0;
  int64_t touched = 0;
  for (int64_t b = 0; b < BATCH; ++b)
    for (int64_t h = 0; h < HEADS; ++h)
      for (int64_t i = 0; i < QUERIES; ++i) {
        double here = rowError(p, b, h, i);
        error = here <= error ? error : here; /* a NaN stays */
        for (int64_t d = VALUE_DIM; d < VALUE_DIM + PAD; ++d)
          touched += *at(&p->out, b, h, i, d) != -7;
      }
  CHECK(error < 1e-5);
  CHECK(touched == 0);
}

static void launchAndCheck(attnKernel kernel) {
  Problem problem;
  makeProblem(&problem);
  CHECK(attnKernelLaunch(kernel, NULL, problem.tensors, 5) == ATTN_OK);
  checkResult(&problem);
  problem.tensors[1].type = ATTN_F16;
  CHECK(attnKernelLaunch(kernel, NULL, problem.tensors, 5) == ATTN_INVALID_ARGUMENT);
  CHECK(strstr(attnLastErrorMessage(), "key expects element type f32, got f16") != NULL);
  freeProblem(&problem);
}

static void testCompileLoadLaunch(void) {
  attnCompileOptions options;
  attnCompileOptionsInit(&options);
  options.target = "cpu";
  attnCompiled compiled = NULL;
  attnKernel kernel = NULL;
  size_t size = 0;
  CHECK(attnCompile(f32Spec, strlen(f32Spec), &options, &compiled) == ATTN_OK);
  const void *image = attnCompiledBytes(compiled, &size);
  CHECK(attnKernelLoad(image, size, &kernel) == ATTN_UNSUPPORTED); /* no loader yet */
  CHECK(kernel == NULL);
  CHECK(attnCompilerInstallCpuLoader() == ATTN_OK);
  CHECK(attnKernelLoad(image, size, &kernel) == ATTN_OK);
  attnCompiledDestroy(compiled); /* the kernel has its own copy */
  launchAndCheck(kernel);
  attnKernelDestroy(kernel);
}

static void testJitKernels(void) {
  char folder[] = "/tmp/attn-capi-XXXXXX", command[64];
  CHECK(mkdtemp(folder) != NULL);
  attnCompileOptions options;
  attnCompileOptionsInit(&options);
  options.target = "cpu";
  for (int round = 0; round < 3; ++round) { /* a new source each round, as in another process */
    attnJit jit = NULL;
    attnKernel kernel = NULL;
    int32_t fromCache = -1;
    CHECK(attnJitCreate(folder, &jit) == ATTN_OK);
    CHECK(attnJitGet(jit, f32Spec, strlen(f32Spec), &options, &kernel, &fromCache) == ATTN_OK);
    CHECK(fromCache == (round > 0));
    attnJitDestroy(jit); /* the kernel lives on */
    launchAndCheck(kernel);
    attnKernelDestroy(kernel);
  }
  attnJit jit = NULL;
  attnKernel kernel = (attnKernel)folder;
  CHECK(attnJitCreate(folder, &jit) == ATTN_OK);
  CHECK_FAILS(attnJitGet(jit, "f", 1, &options, &kernel, NULL), ATTN_INVALID_SPEC, "spec:1:1");
  CHECK(kernel == NULL);
  options.target = "sm_80";
  CHECK_FAILS(attnJitGet(jit, spec, strlen(spec), &options, &kernel, NULL), ATTN_INVALID_ARGUMENT, "got 'sm_80'");
  attnJitDestroy(jit);
  snprintf(command, sizeof command, "rm -r %s", folder);
  CHECK(system(command) == 0);
}

/* A GPU image loads where there is such a GPU, and else says what is missing. */
static void testGpuImage(void) {
  attnCompileOptions options;
  attnCompileOptionsInit(&options);
  options.target = "sm_90a";
  attnCompiled compiled = NULL;
  attnKernel kernel = NULL;
  size_t size = 0;
  CHECK(attnCompile(spec, strlen(spec), &options, &compiled) == ATTN_OK);
  const void *image = attnCompiledBytes(compiled, &size);
  attnStatus status = attnKernelLoad(image, size, &kernel);
  CHECK(status == ATTN_OK || status == ATTN_NO_DEVICE || status == ATTN_DRIVER_TOO_OLD);
  CHECK(status == ATTN_OK || attnLastErrorMessage()[0]);
  attnKernelDestroy(kernel);
  attnCompiledDestroy(compiled);
}

void testJit(void) {
  testCompileLoadLaunch();
  testJitKernels();
  testGpuImage();
}
