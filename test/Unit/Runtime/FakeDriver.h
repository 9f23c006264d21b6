/* A GPU driver without a GPU: it answers what the test sets and records what the runtime asks. Linked to the tests and
 * opened by the runtime as if it were libcuda.so.1. */
#ifndef ATTN_TEST_UNIT_RUNTIME_FAKEDRIVER_H
#define ATTN_TEST_UNIT_RUNTIME_FAKEDRIVER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { FAKE_MAX_MAPS = 16, FAKE_MAX_WORDS = 144 };

typedef struct FakeEncode {
  int type;
  uint32_t rank;
  void *address;
  uint64_t extents[5], strides[4];
  uint32_t box[5], steps[5];
  int interleave, swizzle, promotion, fill;
} FakeEncode;

typedef struct FakeDriver {
  /* Answers. */
  int version, deviceCount, major, minor, sharedOptin, maxThreads, clusterWidth, blocksPerMultiprocessor;
  const char *failing; /* the function that fails, with `failure` */
  int failure;
  void *current;             /* the calling thread's context */
  unsigned long long nextId; /* id of the current context */
  unsigned parameterCount;
  size_t parameterBytes[FAKE_MAX_MAPS + 1];
  int capturing;   /* whether every stream is */
  const char *log; /* what the assembler says about PTX */
  const char *symbol; /* the one kernel in every module */

  /* Records. */
  int calls, encodes, launches, moduleLoads, moduleUnloads, pushes, pops, retains;
  FakeEncode encode[FAKE_MAX_MAPS];
  unsigned grid[3], block[3], sharedBytes;
  unsigned launchCluster[3]; /* 1, 1, 1 where a launch says nothing */
  unsigned startsEarly;      /* whether a launch may begin while those before it end */
  void *stream, *launchContext;
  uint64_t mapWords[FAKE_MAX_MAPS]; /* the first word of each tensor map parameter */
  uintptr_t mapAddress[FAKE_MAX_MAPS];
  int64_t words[FAKE_MAX_WORDS];    /* the argument block */
  int maxDynamicShared, occupancyThreads;
  size_t occupancyShared;
  char code[256];
} FakeDriver;

/* The driver's state. */
FakeDriver *fakeDriver(void);

/* Back to one sm_90 GPU with a driver for CUDA 13.0, no current context, nothing recorded. */
void fakeReset(void);

#ifdef __cplusplus
}
#endif

#endif /* ATTN_TEST_UNIT_RUNTIME_FAKEDRIVER_H */
