/* Checks for the C tests of the compiler: counted, printed when they fail, never ending the run. */
#ifndef ATTN_TEST_UNIT_COMPILER_CAPITEST_H
#define ATTN_TEST_UNIT_COMPILER_CAPITEST_H

#include "attn-c/Compiler.h"

#include <stdio.h>
#include <string.h>

extern int failures, checks;

#define CHECK(condition)                                                                                               \
  do {                                                                                                                 \
    ++checks;                                                                                                          \
    if (!(condition)) {                                                                                                \
      ++failures;                                                                                                      \
      printf("%s:%d: expects %s; last messages: '%s', '%s'\n", __FILE__, __LINE__, #condition,                         \
             attnCompilerLastErrorMessage(), attnLastErrorMessage());                                                  \
    }                                                                                                                  \
  } while (0)

/* The call fails with a status, and the compiler's sentence has some words in it. */
#define CHECK_FAILS(call, expected, words)                                                                             \
  do {                                                                                                                 \
    attnStatus got = (call);                                                                                           \
    CHECK(got == (expected));                                                                                          \
    CHECK(strstr(attnCompilerLastErrorMessage(), words) != NULL);                                                      \
  } while (0)

/* f16, 4 query heads to 2, head_dim 32 and 16, causal, lengths and batch dynamic. */
extern const char *const spec;

void testCompiling(void);
void testRefusals(void);
void testJit(void);

#endif /* ATTN_TEST_UNIT_COMPILER_CAPITEST_H */
