/* Our own declaration of DLPack's tensor structs (binary layout of DLPack 0.8, which version 1 kept for DLTensor),
 * under names that do not clash with dlpack.h. A DLTensor pointer from any library may be cast to attnDLTensor. */
#ifndef ATTN_C_DLPACK_H
#define ATTN_C_DLPACK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Device kinds that the runtime knows; all others are refused. */
enum { ATTN_DL_CPU = 1, ATTN_DL_CUDA = 2, ATTN_DL_CUDA_HOST = 3, ATTN_DL_CUDA_MANAGED = 13 };

/** Type codes that the runtime knows; all others are refused. */
enum { ATTN_DL_INT = 0, ATTN_DL_FLOAT = 2, ATTN_DL_BFLOAT = 4 };

typedef struct attnDLDevice {
  int32_t device_type;
  int32_t device_id;
} attnDLDevice;

typedef struct attnDLDataType {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
} attnDLDataType;

typedef struct attnDLTensor {
  void *data;
  attnDLDevice device;
  int32_t ndim;
  attnDLDataType dtype;
  int64_t *shape;
  int64_t *strides;     /**< in elements; NULL means compact and row-major */
  uint64_t byte_offset; /**< from data to the first element */
} attnDLTensor;

/** What a PyCapsule named "dltensor" holds. Its first member is the tensor. */
typedef struct attnDLManagedTensor {
  attnDLTensor dl_tensor;
  void *manager_ctx;
  void (*deleter)(struct attnDLManagedTensor *self);
} attnDLManagedTensor;

#ifdef __cplusplus
}
#endif

#endif /* ATTN_C_DLPACK_H */
