/* The C interface of the attn compiler: the text of a spec in (docs/spec.md), an image out, or a kernel ready to launch
 * through attn-c/Runtime.h.
 *
 * The library brings its own LLVM, hidden from the program. It needs neither a GPU nor a CUDA toolkit; cubins need ptxas,
 * and without one the image holds PTX, which the GPU driver assembles. It never prints, never ends the process, installs
 * no signal handlers and sets no global options.
 *
 * Errors: functions return an attnStatus; attnCompilerLastErrorMessage() then has the whole text, one diagnostic a line
 * with its notes. Threads: all functions may be called from any thread; a handle by one thread at a time.
 * Text: spec text may be hostile (its size and nesting are bounded before it is parsed); images may not, they are code. */
#ifndef ATTN_C_COMPILER_H
#define ATTN_C_COMPILER_H

#include "attn-c/Runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The result of a compilation. */
typedef struct attnCompiledState *attnCompiled;

/** A source of images: a compiler with a disk cache. */
typedef struct attnJitState *attnJit;

/** What a compilation yields. */
typedef enum attnEmit {
  ATTN_EMIT_IMAGE = 0,  /**< the kernel with its launch facts, for attnKernelLoad */
  ATTN_EMIT_PTX = 1,    /**< PTX text */
  ATTN_EMIT_CUBIN = 2,  /**< GPU machine code */
  ATTN_EMIT_OBJECT = 3, /**< a relocatable object for this CPU */
  ATTN_EMIT_LLVM = 4,   /**< LLVM IR text */
  ATTN_EMIT_MLIR = 5    /**< MLIR text of a stage */
} attnEmit;

/**
 * How to compile. Start from attnCompileOptionsInit, which sets `size` and the defaults; later versions only add fields
 * at the end. Strings are zero-terminated, copied where they are kept, and may be NULL for the default.
 */
typedef struct attnCompileOptions {
  size_t size;               /**< sizeof(attnCompileOptions) of the caller */
  const char *target;        /**< "cpu", "sm_90a", or "auto" (default): sm_90a if such a GPU is there, else cpu */
  const char *plan;          /**< a #tile.plan<...> instead of the chosen one */
  int32_t emit;              /**< an attnEmit */
  int32_t remarks;           /**< not 0: keep what passes say about their decisions */
  int32_t verifyEach;        /**< not 0: verify the IR after each pass */
  const char *stopAfter;     /**< name of the last stage to run, with ATTN_EMIT_MLIR */
  const char *dumpDirectory; /**< gets one numbered file for each stage */
  const char *ptxas;         /**< absolute path of the assembler; NULL: where CUDA installs it */
  const char *sourceName;    /**< what messages call the text; NULL: "spec" */
  const char *planTable;     /**< text of a table of plans, as attn-tune writes it, to look into before the built-in one */
  int64_t lengthHint;        /**< keys to plan for where the spec leaves their extent open; 0: not known */
} attnCompileOptions;

/** The version of this interface: 1000 * major + minor. Functions are only added within one major version. */
ATTN_API uint32_t attnCompilerVersion(void);

/** The text of the last call of this thread to this library that failed; empty if none did. */
ATTN_API const char *attnCompilerLastErrorMessage(void);

/** Fills in the defaults. */
ATTN_API void attnCompileOptionsInit(attnCompileOptions *options);

/**
 * Compiles a spec of `length` bytes. `options` may be NULL for the defaults. *result is set to NULL on failure.
 *
 * ATTN_INVALID_SPEC: the text does not parse or verify. ATTN_UNSUPPORTED: the target refuses the spec by name.
 * ATTN_INVALID_ARGUMENT: an option is wrong. ATTN_COMPILE_FAILED: a pass or the assembler failed.
 */
ATTN_API attnStatus attnCompile(const char *spec, size_t length, const attnCompileOptions *options,
                                attnCompiled *result);

/** The bytes; *size is set. They live as long as the result. NULL for a null handle. */
ATTN_API const void *attnCompiledBytes(attnCompiled result, size_t *size);

/** How many warnings and remarks there are. */
ATTN_API size_t attnCompiledMessageCount(attnCompiled result);

/** Warning or remark `index`, as long as the result lives; NULL beyond the last. */
ATTN_API const char *attnCompiledMessage(attnCompiled result, size_t index);

/** Frees a result; NULL is ignored. */
ATTN_API void attnCompiledDestroy(attnCompiled result);

/**
 * Opens a source of kernels that keeps images in `cacheDirectory`, or, if NULL, in $ATTN_CACHE_DIR, $XDG_CACHE_HOME/attn
 * or $HOME/.cache/attn. The directory must be the user's own and writable by no one else; if it cannot be used, images
 * are kept in memory.
 */
ATTN_API attnStatus attnJitCreate(const char *cacheDirectory, attnJit *jit);

/**
 * A kernel for a spec, from the cache or compiled, loaded and ready for attnKernelLaunch; the caller destroys it. `emit`
 * and `stopAfter` of the options are not looked at. *fromCache, unless NULL, says whether nothing was compiled.
 */
ATTN_API attnStatus attnJitGet(attnJit jit, const char *spec, size_t length, const attnCompileOptions *options,
                               attnKernel *kernel, int32_t *fromCache);

/** Frees a source; NULL is ignored. Kernels that came from it live on. */
ATTN_API void attnJitDestroy(attnJit jit);

/** Lets attnKernelLoad take CPU images. attnJitGet does this by itself. */
ATTN_API attnStatus attnCompilerInstallCpuLoader(void);

#ifdef __cplusplus
}
#endif

#endif /* ATTN_C_COMPILER_H */
