/* Checks for tests in C: counted, printed when they fail, never ending the run. The file that includes this defines
 * LAST_ERROR, an expression for the sentence of the last failure. */
#ifndef ATTN_TEST_UNIT_CAPICHECKS_H
#define ATTN_TEST_UNIT_CAPICHECKS_H

#include <stdio.h>
#include <string.h>

extern int failures, checks;

/* Tests check from several threads. */
#define CHECK(condition)                                                                                               \
  do {                                                                                                                 \
    __atomic_add_fetch(&checks, 1, __ATOMIC_RELAXED);                                                                  \
    if (!(condition)) {                                                                                                \
      __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);                                                              \
      printf("%s:%d: expects %s; last message: %s\n", __FILE__, __LINE__, #condition, LAST_ERROR);                     \
    }                                                                                                                  \
  } while (0)

/* The call fails with a status, and its sentence has some words in it. */
#define CHECK_FAILS(call, expected, words)                                                                             \
  do {                                                                                                                 \
    attnStatus got = (call);                                                                                           \
    CHECK(got == (expected));                                                                                          \
    CHECK(strstr(LAST_ERROR, words) != NULL);                                                                          \
  } while (0)

#endif /* ATTN_TEST_UNIT_CAPICHECKS_H */
