/* The fake driver's functions, under the names that the real library exports. */
#include "FakeDriver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FakeDriver state;

FakeDriver *fakeDriver(void) { return &state; }

void fakeReset(void) {
  memset(&state, 0, sizeof state);
  state.version = 13000;
  state.deviceCount = 1;
  state.major = 9;
  state.sharedOptin = 232448;
  state.maxThreads = 1024;
  state.blocksPerMultiprocessor = 1;
  state.nextId = 1;
  state.symbol = "attention";
}

#ifdef FAKE_BY_ENVIRONMENT
/* For tests of whole tools, which cannot reach the state: a driver that is there from the start, and whose kernels do
 * nothing at all. FAKE_FAILING names a function that fails, FAKE_HANGING one that never returns. */
__attribute__((constructor)) static void begin(void) {
  fakeReset();
  state.symbol = NULL;
  state.failing = getenv("FAKE_FAILING");
  state.failure = 700;
}

static void hang(const char *name) {
  const char *hanging = getenv("FAKE_HANGING");
  while (hanging && strcmp(hanging, name) == 0)
    sleep(1);
}
#else
static void hang(const char *name) { (void)name; }
#endif

static int answer(const char *name) {
  hang(name);
  ++state.calls;
  return state.failing && strcmp(state.failing, name) == 0 ? state.failure : 0;
}
#define ANSWER()                                                                                                       \
  int result = answer(__func__);                                                                                       \
  if (result)                                                                                                          \
  return result

#define PRIMARY ((void *)0x1000)

int cuInit(unsigned flags) { return (void)flags, answer(__func__); }
int cuDriverGetVersion(int *version) { return *version = state.version, answer(__func__); }
int cuGetErrorName(int error, const char **name) {
  return *name = error == 1 ? "CUDA_ERROR_INVALID_VALUE" : "CUDA_ERROR_OTHER", 0;
}
int cuGetErrorString(int error, const char **text) { return *text = error == 1 ? "invalid argument" : "other", 0; }
int cuDeviceGet(int *device, int ordinal) { return *device = ordinal, answer(__func__); }
int cuDeviceGetCount(int *count) { return *count = state.deviceCount, answer(__func__); }
int cuDeviceGetName(char *name, int size, int device) {
  return snprintf(name, (size_t)size, "Fake GPU %d", device), answer(__func__);
}
int cuDeviceGetAttribute(int *value, int attribute, int device) {
  (void)device;
  ANSWER();
  switch (attribute) {
  case 16: return *value = 132, 0;
  case 75: return *value = state.major, 0;
  case 76: return *value = state.minor, 0;
  case 97: return *value = state.sharedOptin, 0;
  default: return 1;
  }
}
int cuDeviceTotalMem_v2(size_t *bytes, int device) { return (void)device, *bytes = 1u << 30, answer(__func__); }
int cuDevicePrimaryCtxRetain(void **context, int device) {
  ANSWER();
  ++state.retains;
  return *context = (char *)PRIMARY + device, 0;
}
int cuCtxGetCurrent(void **context) { return *context = state.current, answer(__func__); }
int cuCtxSetCurrent(void *context) { return state.current = context, answer(__func__); }

static void *below; /* the context that a push hid; one level is all that the runtime uses */
int cuCtxPushCurrent_v2(void *context) {
  ANSWER();
  ++state.pushes;
  below = state.current;
  state.current = context;
  return 0;
}
int cuCtxPopCurrent_v2(void **context) {
  ANSWER();
  ++state.pops;
  *context = state.current;
  state.current = below;
  return 0;
}
int cuCtxGetDevice(int *device) {
  ANSWER();
  return *device = (int)((char *)state.current - (char *)PRIMARY), 0;
}
int cuCtxSynchronize(void) { return answer(__func__); }

int cuModuleLoadDataEx(void **module, const void *code, unsigned count, int *options, void **values) {
  ++state.moduleLoads;
  memcpy(state.code, code, strnlen(code, sizeof state.code - 1));
  if (state.log)
    for (unsigned i = 0; i < count; ++i)
      if (options[i] == 5)
        strcpy(values[i], state.log);
  ANSWER();
  return *module = (void *)0x2000, 0;
}
int cuModuleUnload(void *module) { return (void)module, ++state.moduleUnloads, answer(__func__); }
int cuModuleGetFunction(void **function, void *module, const char *name) {
  (void)module;
  ANSWER();
  if (state.symbol && strcmp(name, state.symbol) != 0)
    return 500;
  return *function = (void *)0x3000, 0;
}
int cuFuncGetAttribute(int *value, int attribute, void *function) {
  (void)function;
  ANSWER();
  return *value = attribute == 0 ? state.maxThreads : attribute == 11 ? state.clusterWidth : 0, 0;
}
int cuFuncSetAttribute(void *function, int attribute, int value) {
  (void)function;
  ANSWER();
  if (attribute == 8)
    state.maxDynamicShared = value;
  return 0;
}
int cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, void *function, int threads, size_t sharedBytes) {
  (void)function;
  ANSWER();
  state.occupancyThreads = threads;
  state.occupancyShared = sharedBytes;
  return *blocks = state.blocksPerMultiprocessor, 0;
}
int cuLaunchKernel(void *function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
                   unsigned blockZ, unsigned sharedBytes, void *stream, void **parameters, void **extra) {
  (void)extra;
  ANSWER();
  if (function != (void *)0x3000)
    return 400;
  ++state.launches;
  unsigned grid[] = {gridX, gridY, gridZ}, block[] = {blockX, blockY, blockZ};
  memcpy(state.grid, grid, sizeof grid);
  memcpy(state.block, block, sizeof block);
  state.sharedBytes = sharedBytes;
  state.stream = stream;
  state.launchContext = state.current;
  for (unsigned i = 0; i + 1 < state.parameterCount; ++i) {
    memcpy(&state.mapWords[i], parameters[i], sizeof(uint64_t));
    state.mapAddress[i] = (uintptr_t)parameters[i];
  }
  if (state.parameterCount)
    memcpy(state.words, parameters[state.parameterCount - 1], state.parameterBytes[state.parameterCount - 1]);
  return 0;
}

/* CUlaunchConfig and CUlaunchAttribute as cuda.h has them. */
typedef struct FakeAttribute {
  int id;
  char pad[4];
  unsigned value[16];
} FakeAttribute;
typedef struct FakeConfig {
  unsigned grid[3], block[3], sharedBytes;
  void *stream;
  FakeAttribute *attributes;
  unsigned attributeCount;
} FakeConfig;

int cuLaunchKernelEx(const FakeConfig *config, void *function, void **parameters, void **extra) {
  state.launchCluster[0] = state.launchCluster[1] = state.launchCluster[2] = 1;
  state.startsEarly = 0;
  for (unsigned i = 0; i < config->attributeCount; ++i)
    if (config->attributes[i].id == 4)
      memcpy(state.launchCluster, config->attributes[i].value, sizeof state.launchCluster);
    else if (config->attributes[i].id == 6)
      state.startsEarly = config->attributes[i].value[0];
  return cuLaunchKernel(function, config->grid[0], config->grid[1], config->grid[2], config->block[0], config->block[1],
                        config->block[2], config->sharedBytes, config->stream, parameters, extra);
}

int cuMemAlloc_v2(unsigned long long *address, size_t size) {
  ANSWER();
  return *address = (uintptr_t)aligned_alloc(256, (size + 255) / 256 * 256), 0;
}
int cuMemFree_v2(unsigned long long address) { return free((void *)(uintptr_t)address), answer(__func__); }
int cuMemcpyHtoD_v2(unsigned long long to, const void *from, size_t size) {
  return memcpy((void *)(uintptr_t)to, from, size), answer(__func__);
}
int cuMemcpyDtoH_v2(void *to, unsigned long long from, size_t size) {
  return memcpy(to, (void *)(uintptr_t)from, size), answer(__func__);
}
int cuMemsetD8_v2(unsigned long long to, unsigned char value, size_t size) {
  return memset((void *)(uintptr_t)to, value, size), answer(__func__);
}
int cuStreamCreate(void **stream, unsigned flags) { return (void)flags, *stream = (void *)0x5000, answer(__func__); }
int cuStreamSynchronize(void *stream) { return (void)stream, answer(__func__); }
int cuEventCreate(void **event, unsigned flags) { return (void)flags, *event = (void *)0x4000, answer(__func__); }
int cuEventRecord(void *event, void *stream) { return (void)event, (void)stream, answer(__func__); }
int cuEventSynchronize(void *event) { return (void)event, answer(__func__); }
int cuEventElapsedTime(float *milliseconds, void *begin, void *end) {
  return (void)begin, (void)end, *milliseconds = 1.5f, answer(__func__);
}
int cuEventDestroy_v2(void *event) { return (void)event, answer(__func__); }

#ifndef FAKE_OLD_DRIVER
int cuTensorMapEncodeTiled(void *map, int type, uint32_t rank, void *address, const uint64_t *extents,
                           const uint64_t *strides, const uint32_t *box, const uint32_t *steps, int interleave,
                           int swizzle, int promotion, int fill) {
  ANSWER();
  if (!state.current)
    return 201; /* as the real driver, which wants a context here */
  FakeEncode *record = &state.encode[state.encodes % FAKE_MAX_MAPS];
  memset(record, 0, sizeof *record);
  record->type = type;
  record->rank = rank;
  record->address = address;
  for (uint32_t i = 0; i < rank; ++i) {
    record->extents[i] = extents[i];
    record->box[i] = box[i];
    record->steps[i] = steps[i];
    if (i + 1 < rank)
      record->strides[i] = strides[i];
    /* What the real driver refuses. */
    if (extents[i] == 0 || (i + 1 < rank && (strides[i] % 16 != 0 || strides[i] >> 40)) || ((uintptr_t)address & 15) ||
        !address)
      return 1;
  }
  record->interleave = interleave;
  record->swizzle = swizzle;
  record->promotion = promotion;
  record->fill = fill;
  ++state.encodes;
  memset(map, 0, 128);
  *(uint64_t *)map = (uint64_t)state.encodes;
  return 0;
}
/* A stream's id is its address. */
int cuStreamGetId(void *stream, unsigned long long *id) { return *id = (uintptr_t)stream, answer(__func__); }
int cuStreamIsCapturing(void *stream, int *status) { return (void)stream, *status = state.capturing, answer(__func__); }
int cuCtxGetId(void *context, unsigned long long *id) { return (void)context, *id = state.nextId, answer(__func__); }
#ifndef FAKE_BY_ENVIRONMENT /* optional in a driver; this one cannot know the parameters */
int cuFuncGetParamInfo(void *function, size_t index, size_t *offset, size_t *size) {
  (void)function;
  ANSWER();
  if (index >= state.parameterCount)
    return 1;
  *offset = 0;
  return *size = state.parameterBytes[index], 0;
}
#endif
#endif
