/* A C99 program on an installed AttnMLIR: reads a spec, compiles it for the CPU, launches it on tensors of ones (so that
 * every output is 1). */
#include <attn-c/Compiler.h>
#include <stdio.h>
#include <stdlib.h>

static const char spec[] =
    "func.func @ones(%q: tensor<?x2x?x16xf32>, %k: tensor<?x2x?x16xf32>, %v: tensor<?x2x?x16xf32>)\n"
    "    -> tensor<?x2x?x16xf32> {\n"
    "  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 2, kv = 2>)\n"
    "      : (tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>) -> tensor<?x2x?x16xf32>\n"
    "  return %out : tensor<?x2x?x16xf32>\n"
    "}\n";

static int fail(const char *what, attnStatus status, const char *sentence) {
  fprintf(stderr, "%s: %s: %s\n", what, attnStatusName(status), sentence);
  return 1;
}

int main(void) {
  attnCompileOptions options;
  attnCompileOptionsInit(&options);
  options.target = "cpu";
  attnCompiled compiled;
  attnStatus status = attnCompile(spec, sizeof spec - 1, &options, &compiled);
  if (status != ATTN_OK)
    return fail("compile", status, attnCompilerLastErrorMessage());
  status = attnCompilerInstallCpuLoader();
  if (status != ATTN_OK)
    return fail("loader", status, attnCompilerLastErrorMessage());

  size_t size;
  const void *image = attnCompiledBytes(compiled, &size);
  attnKernel kernel;
  status = attnKernelLoad(image, size, &kernel);
  if (status != ATTN_OK)
    return fail("load", status, attnLastErrorMessage());
  attnCompiledDestroy(compiled);

  static float ones[1 * 2 * 5 * 16], out[1 * 2 * 5 * 16];
  const int64_t shape[4] = {1, 2, 5, 16};
  const size_t count = sizeof ones / sizeof ones[0];
  for (size_t i = 0; i < count; ++i)
    ones[i] = 1;
  const attnTensor input = {ones, ATTN_F32, 4, shape, NULL}, output = {out, ATTN_F32, 4, shape, NULL};
  const attnTensor tensors[4] = {input, input, input, output};
  status = attnKernelLaunch(kernel, NULL, tensors, 4);
  if (status != ATTN_OK)
    return fail("launch", status, attnLastErrorMessage());
  attnKernelDestroy(kernel);
  for (size_t i = 0; i < count; ++i)
    if (out[i] < 0.999f || out[i] > 1.001f)
      return fprintf(stderr, "expects 1 at element %zu, got %g\n", i, (double)out[i]), 1;
  puts("run-image: every output is 1");
  return 0;
}
