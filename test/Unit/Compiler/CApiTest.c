/* The compiler through its C interface, without running what it makes: results, refusals, hostile text, null handles. */
#include "CApiTest.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

int failures = 0, checks = 0;

const char *const spec =
    "func.func @f(%q: tensor<?x4x?x32xf16>, %k: tensor<?x2x?x32xf16>, %v: tensor<?x2x?x16xf16>)\n"
    "    -> (tensor<?x4x?x16xf16>, tensor<?x4x?xf32>) {\n"
    "  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 4, kv = 2>)\n"
    "      causality(#attn.causality<bottom_right>)\n"
    "      : (tensor<?x4x?x32xf16>, tensor<?x2x?x32xf16>, tensor<?x2x?x16xf16>)\n"
    "      -> (tensor<?x4x?x16xf16>, tensor<?x4x?xf32>)\n"
    "  return %out, %lse : tensor<?x4x?x16xf16>, tensor<?x4x?xf32>\n"
    "}\n";

static attnCompileOptions optionsFor(const char *target, int32_t emit) {
  attnCompileOptions options;
  attnCompileOptionsInit(&options);
  options.target = target;
  options.emit = emit;
  return options;
}

/* Compiles the spec; the bytes must hold some words. */
static void checkEmission(const char *target, int32_t emit, const char *words) {
  attnCompileOptions options = optionsFor(target, emit);
  attnCompiled compiled = NULL;
  CHECK(attnCompile(spec, strlen(spec), &options, &compiled) == ATTN_OK);
  size_t size = 0, found = 0;
  const char *bytes = attnCompiledBytes(compiled, &size);
  CHECK(bytes != NULL && size > strlen(words));
  for (size_t at = 0; bytes && !found && at + strlen(words) <= size; ++at)
    found = memcmp(bytes + at, words, strlen(words)) == 0;
  CHECK(found);
  attnCompiledDestroy(compiled);
}

void testCompiling(void) {
  CHECK(attnCompilerVersion() / 1000 == 1);
  checkEmission("sm_90a", ATTN_EMIT_IMAGE, "ATTNIMAG");
  checkEmission("sm_90a", ATTN_EMIT_PTX, ".target sm_90a");
  checkEmission("sm_90a", ATTN_EMIT_LLVM, "define");
  checkEmission("sm_90a", ATTN_EMIT_MLIR, "gpu.module");

  attnCompileOptions options = optionsFor("sm_90a", ATTN_EMIT_MLIR);
  options.stopAfter = "planned";
  options.remarks = 1;
  options.verifyEach = 1;
  attnCompiled compiled = NULL;
  CHECK(attnCompile(spec, strlen(spec), &options, &compiled) == ATTN_OK);
  CHECK(attnCompiledMessageCount(compiled) >= 1);
  CHECK(attnCompiledMessage(compiled, 0) && strstr(attnCompiledMessage(compiled, 0), "attn-choose-plan"));
  CHECK(attnCompiledMessage(compiled, attnCompiledMessageCount(compiled)) == NULL);
  attnCompiledDestroy(compiled);
}

static void testNulls(void) {
  attnCompiled compiled = NULL;
  size_t size = 7;
  CHECK_FAILS(attnCompile(NULL, 0, NULL, &compiled), ATTN_INVALID_ARGUMENT, "the text of a spec, got a null pointer");
  CHECK_FAILS(attnCompile(spec, strlen(spec), NULL, NULL), ATTN_INVALID_ARGUMENT, "a place for the result");
  CHECK(attnCompiledBytes(NULL, &size) == NULL && size == 0);
  CHECK(attnCompiledBytes(NULL, NULL) == NULL);
  CHECK(attnCompiledMessageCount(NULL) == 0);
  CHECK(attnCompiledMessage(NULL, 0) == NULL);
  attnCompiledDestroy(NULL);
  attnCompileOptionsInit(NULL);

  attnJit jit = NULL;
  attnKernel kernel = NULL;
  CHECK_FAILS(attnJitCreate(NULL, NULL), ATTN_INVALID_ARGUMENT, "a place for its handle");
  CHECK_FAILS(attnJitGet(NULL, spec, strlen(spec), NULL, &kernel, NULL), ATTN_INVALID_ARGUMENT, "expects a handle");
  CHECK(attnJitCreate("/proc/nowhere", &jit) == ATTN_OK); /* then images stay in memory */
  CHECK_FAILS(attnJitGet(jit, NULL, 0, NULL, &kernel, NULL), ATTN_INVALID_ARGUMENT, "the text of a spec");
  CHECK_FAILS(attnJitGet(jit, spec, strlen(spec), NULL, NULL, NULL), ATTN_INVALID_ARGUMENT, "a place for the kernel");
  attnJitDestroy(jit);
  attnJitDestroy(NULL);
}

/* One option that is wrong, and words of the sentence. */
static void checkOption(attnCompileOptions options, attnStatus status, const char *words) {
  attnCompiled compiled = (attnCompiled)&options;
  CHECK_FAILS(attnCompile(spec, strlen(spec), &options, &compiled), status, words);
  CHECK(compiled == NULL);
}

static void testWrongOptions(void) {
  attnCompileOptions options = optionsFor("sm_80", ATTN_EMIT_IMAGE);
  checkOption(options, ATTN_INVALID_ARGUMENT, "target, expects cpu or sm_90a, got 'sm_80'");
  checkOption(optionsFor("cpu", ATTN_EMIT_PTX), ATTN_INVALID_ARGUMENT, "output ptx, expects target sm_90a, got cpu");
  checkOption(optionsFor("sm_90a", ATTN_EMIT_OBJECT), ATTN_INVALID_ARGUMENT, "output object, expects target cpu");
  checkOption(optionsFor("sm_90a", 99), ATTN_INVALID_ARGUMENT, "expects emit to be an attnEmit, got 99");
  checkOption(optionsFor("sm_90a", -1), ATTN_INVALID_ARGUMENT, "expects emit to be an attnEmit, got -1");
  options = optionsFor("sm_90a", ATTN_EMIT_MLIR);
  options.stopAfter = "end";
  checkOption(options, ATTN_INVALID_ARGUMENT, "stage, expects one of problem");
  options = optionsFor("sm_90a", ATTN_EMIT_IMAGE);
  options.plan = "#tile.plan<bogus>";
  checkOption(options, ATTN_INVALID_ARGUMENT, "#tile.plan");
  options = optionsFor("sm_90a", ATTN_EMIT_IMAGE);
  options.planTable = "[1]";
  checkOption(options, ATTN_INVALID_ARGUMENT, "expects a plan table to hold dictionaries, got 1");
  options = optionsFor("sm_90a", ATTN_EMIT_IMAGE);
  options.lengthHint = -1;
  checkOption(options, ATTN_INVALID_ARGUMENT, "length hint, expects at least 0, got -1");
  options = optionsFor("sm_90a", ATTN_EMIT_IMAGE);
  options.ptxas = "/nowhere/ptxas";
  checkOption(options, ATTN_INVALID_ARGUMENT, "ptxas, expects the path of a program");
  options = optionsFor("sm_90a", ATTN_EMIT_IMAGE);
  options.dumpDirectory = "/proc/nowhere";
  checkOption(options, ATTN_IO_ERROR, "cannot create directory");
  options.size = 3;
  checkOption(options, ATTN_INVALID_ARGUMENT, "expects size to be set by attnCompileOptionsInit");
  options.size = 1 << 20;
  checkOption(options, ATTN_INVALID_ARGUMENT, "expects size to be set by attnCompileOptionsInit");
}

static void checkText(const char *text, size_t length, attnStatus status, const char *words) {
  attnCompileOptions options = optionsFor("sm_90a", ATTN_EMIT_IMAGE);
  options.sourceName = "hostile";
  attnCompiled compiled = NULL;
  CHECK_FAILS(attnCompile(text, length, &options, &compiled), status, words);
}

static void testHostileText(void) {
  checkText("", 0, ATTN_INVALID_SPEC, "expects a kernel function with an attn.attention");
  checkText("\0", 1, ATTN_INVALID_SPEC, "zero byte");
  checkText("func.func @f(", 13, ATTN_INVALID_SPEC, "hostile:1:");
  checkText("\"unknown.op\"() : () -> ()", 25, ATTN_INVALID_SPEC, "unregistered dialect");
  checkText("ML\xefR\1\2\3\4", 8, ATTN_INVALID_SPEC, "got bytecode");
  checkText("{-# #-}", 7, ATTN_INVALID_SPEC, "resource");
  checkText("func.func @f() { return }", 25, ATTN_INVALID_SPEC, "expects an attn.attention");
  enum { COUNT = 100000 };
  static const char openers[] = "([{<\"-!#%";
  char *text = malloc(COUNT);
  for (size_t i = 0; i + 1 < sizeof openers; ++i) {
    memset(text, openers[i], COUNT);
    checkText(text, COUNT, ATTN_INVALID_SPEC, "hostile");
  }
  free(text);
}

/* Every prefix of a good spec, and the spec with each byte changed in turn, is an answer. */
static void testMutilatedText(void) {
  size_t length = strlen(spec);
  attnCompileOptions options = optionsFor("sm_90a", ATTN_EMIT_MLIR);
  options.stopAfter = "planned";
  char *text = malloc(length);
  for (size_t at = 0; at < length; ++at) {
    attnCompiled compiled = NULL;
    attnStatus status = attnCompile(spec, at, &options, &compiled);
    /* What is cut off at the end may be nothing but the last line break. */
    CHECK(status == ATTN_INVALID_SPEC || (status == ATTN_OK && at + 1 == length));
    CHECK(status == ATTN_OK || attnCompilerLastErrorMessage()[0]);
    attnCompiledDestroy(compiled);
    memcpy(text, spec, length);
    text[at] = "x0%<\xff"[at % 5];
    status = attnCompile(text, length, &options, &compiled);
    CHECK(status == ATTN_OK || status == ATTN_INVALID_SPEC || status == ATTN_UNSUPPORTED);
    attnCompiledDestroy(compiled);
  }
  free(text);
}

static void *compileInThread(void *result) {
  attnCompileOptions options = optionsFor("sm_90a", ATTN_EMIT_PTX);
  attnCompiled compiled = NULL;
  *(attnStatus *)result = attnCompile(spec, strlen(spec), &options, &compiled);
  attnCompiledDestroy(compiled);
  return NULL;
}

static void testThreads(void) {
  pthread_t threads[4];
  attnStatus results[4];
  for (int i = 0; i < 4; ++i)
    pthread_create(&threads[i], NULL, compileInThread, &results[i]);
  for (int i = 0; i < 4; ++i)
    pthread_join(threads[i], NULL);
  for (int i = 0; i < 4; ++i)
    CHECK(results[i] == ATTN_OK);
}

void testRefusals(void) {
  testNulls();
  testWrongOptions();
  testHostileText();
  testMutilatedText();
  testThreads();
}

int main(void) {
  CHECK(attnCompilerLastErrorMessage()[0] == 0);
  testCompiling();
  testRefusals();
  testJit();
  printf("%d of %d checks failed\n", failures, checks);
  return failures != 0;
}
