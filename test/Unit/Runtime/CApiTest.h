/* Checks for the C tests: counted, printed when they fail, never ending the run. */
#ifndef ATTN_TEST_UNIT_RUNTIME_CAPITEST_H
#define ATTN_TEST_UNIT_RUNTIME_CAPITEST_H

#include "Images.h"
#include "attn-c/Runtime.h"

#include <stdio.h>
#include <string.h>

extern int failures, checks;

#define CHECK(condition)                                                                                               \
  do {                                                                                                                 \
    __atomic_add_fetch(&checks, 1, __ATOMIC_RELAXED);                                                                  \
    if (!(condition)) {                                                                                                \
      __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);                                                              \
      printf("%s:%d: expects %s; last message: %s\n", __FILE__, __LINE__, #condition, attnLastErrorMessage());         \
    }                                                                                                                  \
  } while (0)

/* The call fails with a status, and its sentence has some words in it. */
#define CHECK_FAILS(call, expected, words)                                                                             \
  do {                                                                                                                 \
    attnStatus got = (call);                                                                                           \
    CHECK(got == (expected));                                                                                          \
    CHECK(strstr(attnLastErrorMessage(), words) != NULL);                                                              \
  } while (0)

/* The files of tests. */
void testLoading(void);
void testLaunching(void);

#endif /* ATTN_TEST_UNIT_RUNTIME_CAPITEST_H */
