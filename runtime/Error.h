// How the runtime reports failures: a status and a sentence in a fixed buffer of the calling thread, so that refusing
// a launch allocates nothing. The C interface reads the buffer; nothing here prints.
#ifndef ATTN_RUNTIME_ERROR_H
#define ATTN_RUNTIME_ERROR_H

#include "attn/Support/Result.h"

namespace attn::runtime {

/// Formats the sentence of this thread's last failure and returns `status`, so that a check reads
/// `return fail(Status::InvalidArgument, "expects ..., got ...")`. Sentences beyond 1023 bytes are cut.
Status fail(Status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/// Same for an error that came as a value.
Status fail(const Error &error);

/// The sentence of this thread's last failure, empty if there was none.
const char *lastErrorMessage();

/// A short name of a status; never null.
const char *statusName(int status);

} // namespace attn::runtime

#endif // ATTN_RUNTIME_ERROR_H
