// How the extension modules fail: as attn_mlir.Error, with the status and the sentence of the C interface.
#ifndef ATTN_PYTHON_RAISE_H
#define ATTN_PYTHON_RAISE_H

#include "attn-c/Common.h"

#include <nanobind/nanobind.h>
#include <string>

namespace attn::python {

/// Throws attn_mlir.Error(status, sentence). The GIL must be held.
[[noreturn]] inline void raise(attnStatus status, const std::string &sentence) {
  namespace nb = nanobind;
  nb::object type = nb::module_::import_("attn_mlir.errors").attr("Error");
  nb::object error = type(status, nb::bytes(sentence.data(), sentence.size()).attr("decode")("utf-8", "replace"));
  PyErr_SetObject(type.ptr(), error.ptr());
  throw nb::python_error();
}

} // namespace attn::python

#endif // ATTN_PYTHON_RAISE_H
