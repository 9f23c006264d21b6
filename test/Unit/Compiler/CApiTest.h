/* What the compiler's tests in C share. */
#ifndef ATTN_TEST_UNIT_COMPILER_CAPITEST_H
#define ATTN_TEST_UNIT_COMPILER_CAPITEST_H

#include "attn-c/Compiler.h"

#define LAST_ERROR attnCompilerLastErrorMessage()
#include "../CApiChecks.h"

/* f16, 4 query heads to 2, head_dim 32 and 16, causal, lengths and batch dynamic. */
extern const char *const spec;

/* The files of tests. */
void testCompiling(void);
void testRefusals(void);
void testJit(void);

#endif /* ATTN_TEST_UNIT_COMPILER_CAPITEST_H */
