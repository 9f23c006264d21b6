// What is timed: the kernel of a spec or of an image, with all that its launch and its count of operations need.
#ifndef ATTN_TOOLS_ATTN_BENCH_SUBJECT_H
#define ATTN_TOOLS_ATTN_BENCH_SUBJECT_H

#include "attn/Compiler/Describe.h"
#include "support/Launch.h"

#include <string>

namespace attn::tools {

struct SubjectOptions {
  std::string file;           ///< a spec or an image
  std::string spec;           ///< the spec of an image
  std::string target = "auto", plan, ptxas;
};

struct Subject {
  Machine machine;
  compiler::SpecFacts facts;
  JitKernel jit;
  bool isImage = false;
  /// Whether the facts say which pairs of query and key the causality leaves: an image by itself does not.
  bool knowsPairs = true;

  static Result<Subject> open(const SubjectOptions &options);
};

} // namespace attn::tools

#endif // ATTN_TOOLS_ATTN_BENCH_SUBJECT_H
