/* Loading through the C interface: good, damaged and foreign images, loaders for CPU code, facts, names. Also the main
 * function of the C tests. They use the shared library, which proves that its exports suffice. */
#include "CApiTest.h"

#include <stdlib.h>

int failures = 0, checks = 0;

static void emptyKernel(const int64_t *arguments, int64_t first, int64_t last, void *scratch) {
  (void)arguments, (void)first, (void)last, (void)scratch;
}

static void testNames(void) {
  CHECK(attnRuntimeVersion() / 1000 == 1);
  CHECK(strcmp(attnStatusName(ATTN_OK), "ok") == 0);
  for (int status = 0; status <= 10; ++status)
    CHECK(strcmp(attnStatusName((attnStatus)status), "unknown status") != 0);
  CHECK(strcmp(attnStatusName((attnStatus)11), "unknown status") == 0);
  CHECK(strcmp(attnStatusName((attnStatus)-1), "unknown status") == 0);
}

static void testNullHandles(void) {
  attnKernel kernel = NULL;
  attnKernelInfo info;
  attnArgumentInfo argument;
  attnGpuInfo gpu;
  size_t size = 0;
  const void *image = testCpuImage(&size);
  attnKernelDestroy(NULL);
  CHECK_FAILS(attnKernelLoad(image, size, NULL), ATTN_INVALID_ARGUMENT, "a place for the kernel");
  CHECK_FAILS(attnKernelLoad(NULL, 100, &kernel), ATTN_INVALID_ARGUMENT, "null pointer");
  CHECK_FAILS(attnKernelFromFunction(image, size, emptyKernel, NULL), ATTN_INVALID_ARGUMENT, "a place for the kernel");
  CHECK_FAILS(attnKernelFromFunction(image, size, NULL, &kernel), ATTN_INVALID_ARGUMENT, "null pointer");
  CHECK_FAILS(attnKernelFromFunction(NULL, 0, emptyKernel, &kernel), ATTN_INVALID_ARGUMENT, "null pointer");
  CHECK_FAILS(attnKernelGetInfo(NULL, &info), ATTN_INVALID_ARGUMENT, "a kernel");
  CHECK_FAILS(attnKernelGetArgument(NULL, 0, &argument), ATTN_INVALID_ARGUMENT, "a kernel");
  CHECK_FAILS(attnRuntimeGetGpu(0, NULL), ATTN_INVALID_ARGUMENT, "a place for the facts");
  CHECK(attnRuntimeGetGpu(0, &gpu) == ATTN_OK || strlen(attnLastErrorMessage()) > 0);
}

static void testFacts(void) {
  size_t size = 0;
  const void *image = testCpuImage(&size);
  attnKernel kernel = NULL;
  CHECK(attnKernelFromFunction(image, size, emptyKernel, &kernel) == ATTN_OK);
  attnKernelInfo info;
  CHECK(attnKernelGetInfo(kernel, &info) == ATTN_OK);
  CHECK(info.kind == ATTN_KERNEL_CPU && info.argumentCount == 5 && info.headsPerGroup == 2 && info.queryTile == 4 &&
        info.packedHeads == 1);
  CHECK(info.device == -1 && info.sharedBytes == 0 && info.blockThreads == 0 && info.scratchBytes == 100);
  CHECK(strcmp(info.symbol, "kernel") == 0 && strcmp(info.architecture, "test-cpu") == 0);
  CHECK(strcmp(info.producer, "attn-mlir test") == 0);
  static const attnRole roles[] = {ATTN_ROLE_QUERY, ATTN_ROLE_KEY, ATTN_ROLE_VALUE, ATTN_ROLE_OUTPUT, ATTN_ROLE_LSE};
  for (uint32_t i = 0; i < 5; ++i) {
    attnArgumentInfo argument;
    CHECK(attnKernelGetArgument(kernel, i, &argument) == ATTN_OK);
    CHECK(argument.role == roles[i] && argument.type == ATTN_F32 && argument.rank == (i == 4 ? 3 : 4));
    CHECK(argument.shape[0] == -1 && argument.shape[3] == (i < 2 ? 16 : i < 4 ? 24 : 0));
  }
  attnArgumentInfo argument;
  CHECK_FAILS(attnKernelGetArgument(kernel, 5, &argument), ATTN_INVALID_ARGUMENT, "an index below 5, got 5");
  CHECK_FAILS(attnKernelGetInfo(kernel, NULL), ATTN_INVALID_ARGUMENT, "a place for the facts");
  CHECK_FAILS(attnKernelGetArgument(kernel, 0, NULL), ATTN_INVALID_ARGUMENT, "a place for the facts");
  attnKernelDestroy(kernel);
}

static void testDamagedImages(void) {
  size_t size = 0;
  const void *image = testCpuImage(&size);
  unsigned char *copy = malloc(size + 1);
  attnKernel kernel = NULL;
  for (size_t cut = 0; cut < size; ++cut) {
    memcpy(copy, image, cut);
    CHECK(attnKernelFromFunction(copy, cut, emptyKernel, &kernel) == ATTN_INVALID_IMAGE && !kernel);
  }
  for (size_t at = 0; at < size; ++at) {
    memcpy(copy, image, size);
    copy[at] ^= 1;
    CHECK(attnKernelFromFunction(copy, size, emptyKernel, &kernel) == ATTN_INVALID_IMAGE && !kernel);
    CHECK(attnKernelLoad(copy, size, &kernel) == ATTN_INVALID_IMAGE && !kernel);
  }
  memcpy(copy, image, size);
  copy[size] = 0;
  CHECK(attnKernelFromFunction(copy, size + 1, emptyKernel, &kernel) == ATTN_INVALID_IMAGE && !kernel);
  free(copy);

  image = testInconsistentImage(&size);
  CHECK_FAILS(attnKernelFromFunction(image, size, emptyKernel, &kernel), ATTN_INVALID_IMAGE, "one element type");
  image = testGpuImage(&size);
  CHECK_FAILS(attnKernelFromFunction(image, size, emptyKernel, &kernel), ATTN_INVALID_ARGUMENT,
              "expects a CPU image, got one for sm_90a");
}

/* A loader that answers what the test sets. */
static struct {
  attnStatus status;
  attnCpuFunction entry;
  const char *message;
  int loads, unloads;
  size_t size;
  char symbol[32], architecture[32];
} loader;

static attnStatus fakeLoad(void *context, const attnCpuObject *object, attnCpuFunction *entry, void **state,
                           char *message, size_t messageSize) {
  CHECK(context == &loader);
  ++loader.loads;
  loader.size = object->size;
  snprintf(loader.symbol, sizeof loader.symbol, "%s", object->symbol);
  snprintf(loader.architecture, sizeof loader.architecture, "%s", object->architecture);
  *entry = loader.entry;
  *state = &loader.loads;
  if (loader.message)
    snprintf(message, messageSize, "%s", loader.message);
  return loader.status;
}

static void fakeUnload(void *context, void *state) {
  CHECK(context == &loader);
  CHECK(state == &loader.loads);
  ++loader.unloads;
}

static void testLoader(void) {
  size_t size = 0;
  const void *image = testCpuImage(&size);
  attnKernel kernel = NULL;
  CHECK_FAILS(attnKernelLoad(image, size, &kernel), ATTN_UNSUPPORTED, "expects a loader, got none; link attn_compiler");
  CHECK(!kernel);

  attnCpuLoader functions = {&loader, fakeLoad, NULL};
  CHECK_FAILS(attnRuntimeSetCpuLoader(&functions), ATTN_INVALID_ARGUMENT, "expects both functions");
  functions.unload = fakeUnload;
  CHECK(attnRuntimeSetCpuLoader(&functions) == ATTN_OK);

  loader.entry = emptyKernel;
  CHECK(attnKernelLoad(image, size, &kernel) == ATTN_OK);
  CHECK(loader.loads == 1 && loader.unloads == 0 && loader.size == 4);
  CHECK(strcmp(loader.symbol, "kernel") == 0 && strcmp(loader.architecture, "test-cpu") == 0);
  CHECK(attnRuntimeSetCpuLoader(NULL) == ATTN_OK); /* the kernel keeps its own */
  attnKernelDestroy(kernel);
  CHECK(loader.unloads == 1);

  CHECK(attnRuntimeSetCpuLoader(&functions) == ATTN_OK);
  loader.status = ATTN_UNSUPPORTED;
  loader.message = "CPU expects avx512f, got none";
  CHECK_FAILS(attnKernelLoad(image, size, &kernel), ATTN_UNSUPPORTED, "CPU expects avx512f, got none");
  CHECK(!kernel && loader.unloads == 1);
  loader.message = NULL;
  CHECK_FAILS(attnKernelLoad(image, size, &kernel), ATTN_UNSUPPORTED, "refused");
  loader.status = ATTN_OK;
  loader.entry = NULL;
  CHECK_FAILS(attnKernelLoad(image, size, &kernel), ATTN_INVALID_IMAGE, "expects to find symbol kernel");
  CHECK(!kernel && loader.unloads == 2);
  CHECK(attnRuntimeSetCpuLoader(NULL) == ATTN_OK);
}

/* Without a driver a GPU image is refused; with one that is too old or of another architecture as well. */
static void testGpuImageWithoutFit(void) {
  size_t size = 0;
  const void *image = testGpuImage(&size);
  attnKernel kernel = NULL;
  attnStatus status = attnKernelLoad(image, size, &kernel);
  /* The image's code is none, so no machine loads it. */
  CHECK(status == ATTN_NO_DEVICE || status == ATTN_DRIVER_TOO_OLD || status == ATTN_INVALID_IMAGE);
  CHECK(!kernel && strlen(attnLastErrorMessage()) > 20);
}

/* Numbers that have broken shape checks before. */
static int64_t hostileNumber(uint32_t *seed) {
  static const int64_t numbers[] = {0, 1, 2, 4, 16, 24, -1, 3, INT64_MAX, INT64_MIN, INT32_MAX, (int64_t)1 << 31,
                                    (int64_t)1 << 32, (int64_t)1 << 62, 0x5555555555555555};
  *seed = *seed * 1664525u + 1013904223u;
  return numbers[(*seed >> 16) % (sizeof numbers / sizeof numbers[0])];
}

/* Launches of nonsense end in a status. The kernel does nothing, so a launch that passes the checks does no harm. */
static void testHostileLaunches(void) {
  size_t size = 0;
  const void *image = testCpuImage(&size);
  attnKernel kernel = NULL;
  CHECK(attnKernelFromFunction(image, size, emptyKernel, &kernel) == ATTN_OK);
  uint32_t seed = 1;
  for (int round = 0; round < 5000; ++round) {
    int64_t shapes[5][4], strides[5][4];
    attnTensor tensors[5];
    for (int i = 0; i < 5; ++i) {
      for (int axis = 0; axis < 4; ++axis) {
        shapes[i][axis] = axis == 3 ? (i < 2 ? 16 : 24) : i == 0 ? hostileNumber(&seed) : shapes[0][axis];
        strides[i][axis] = axis == 3 ? 1 : hostileNumber(&seed);
      }
      if (i == 1 || i == 2)
        shapes[i][1] = shapes[0][1] / 2;
      if (round % 4 == 0) /* one number of one tensor out of line */
        shapes[i][round / 4 % 4] = hostileNumber(&seed);
      attnTensor tensor = {(void *)(uintptr_t)(hostileNumber(&seed) & ~3), ATTN_F32, i == 4 ? 3 : 4, shapes[i],
                           hostileNumber(&seed) == 0 ? NULL : strides[i]};
      tensors[i] = tensor;
    }
    attnStatus status = attnKernelLaunch(kernel, NULL, tensors, 5);
    CHECK(status == ATTN_OK || status == ATTN_INVALID_ARGUMENT);
  }
  attnKernelDestroy(kernel);
}

void testLoading(void) {
  testNames();
  testNullHandles();
  testFacts();
  testDamagedImages();
  testLoader();
  testGpuImageWithoutFit();
  testHostileLaunches();
}

int main(void) {
  CHECK(attnLastErrorMessage()[0] == 0);
  testLoading();
  testLaunching();
  printf("%d of %d checks failed\n", failures, checks);
  return failures != 0;
}
