/* What the runtime's tests in C share. */
#ifndef ATTN_TEST_UNIT_RUNTIME_CAPITEST_H
#define ATTN_TEST_UNIT_RUNTIME_CAPITEST_H

#include "Images.h"
#include "attn-c/Runtime.h"

#define LAST_ERROR attnLastErrorMessage()
#include "../CApiChecks.h"

/* The files of tests. */
void testLoading(void);
void testLaunching(void);

#endif /* ATTN_TEST_UNIT_RUNTIME_CAPITEST_H */
