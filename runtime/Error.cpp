// The thread's error buffer and the names of status codes.
#include "Error.h"

#include <cstdarg>
#include <cstdio>

namespace attn::runtime {

static thread_local char message[1024];

Status fail(Status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return status;
}

Status fail(const Error &error) { return fail(error.status, "%s", error.message.c_str()); }

const char *lastErrorMessage() { return message; }

const char *statusName(int status) {
  switch (static_cast<Status>(status)) {
  case Status::Ok:
    return "ok";
  case Status::InvalidArgument:
    return "invalid argument";
  case Status::InvalidSpec:
    return "invalid spec";
  case Status::Unsupported:
    return "unsupported";
  case Status::CompileFailed:
    return "compile failed";
  case Status::InvalidImage:
    return "invalid image";
  case Status::NoDevice:
    return "no device";
  case Status::DriverTooOld:
    return "driver too old";
  case Status::DriverError:
    return "driver error";
  case Status::OutOfMemory:
    return "out of memory";
  case Status::IoError:
    return "input/output error";
  }
  return "unknown status";
}

} // namespace attn::runtime
