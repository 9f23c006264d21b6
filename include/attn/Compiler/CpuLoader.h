// The loader that turns CPU images into code for the runtime.
#ifndef ATTN_COMPILER_CPULOADER_H
#define ATTN_COMPILER_CPULOADER_H

#include "attn-c/Common.h"

namespace attn::compiler {

/// A loader for attnRuntimeSetCpuLoader, without state; it may outlive everything else.
attnCpuLoader cpuLoader();

} // namespace attn::compiler

#endif // ATTN_COMPILER_CPULOADER_H
