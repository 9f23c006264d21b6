// Specs that ask for what there is not, each one step away from a plain one, and what the compiler says of them.
#include "Support.h"

#include "attn/Compiler/Compiler.h"

#include <vector>

namespace attn::tools {
namespace {

/// The parts of a spec that a request changes.
struct Request {
  std::string name;
  std::string type = "bf16", query = "?x8x?x64", key = "?x8x?x64", value = "?x8x?x64", output = "?x8x?x64";
  std::string grouping = "query = 8, kv = 8";
  std::string clauses, parameter, captured; ///< a parameter's type; the clause in front that captures it
  std::string score, mask;                  ///< bodies of regions
  std::string argument;                     ///< of the regions, for what is captured

  std::string text() const {
    std::string q = "tensor<" + query + "x" + type + ">", k = "tensor<" + key + "x" + type + ">",
                v = "tensor<" + value + "x" + type + ">", o = "tensor<" + output + "x" + type + ">";
    std::string head = "%b: index, %h: index, %i: index, %j: index" + argument + "):\n", types = parameter.empty() ? "" : ", " + parameter;
    std::string text = "func.func @attention(%q: " + q + ", %k: " + k + ", %v: " + v + (parameter.empty() ? "" : ", %x: " + parameter) +
                       ") -> " + o + " {\n  %out = attn.attention %q, %k, %v " + captured + " heads(#attn.head_grouping<" + grouping +
                       ">) " + clauses;
    if (!score.empty())
      text += " score {\n^bb0(%s: f32, " + head + score + "\n}";
    if (!mask.empty())
      text += " mask {\n^bb0(" + head + mask + "\n}";
    return text + " : (" + q + ", " + k + ", " + v + types + ") -> " + o + "\n  return %out : " + o + "\n}\n";
  }
};

Request request(const char *name) {
  Request made;
  made.name = name;
  return made;
}

template <typename Change>
Request request(const char *name, Change change) {
  Request made = request(name);
  change(made);
  return made;
}

Request withDims(const char *name, const std::string &dim) {
  return request(name, [&](Request &r) { r.query = r.key = r.value = r.output = "?x8x?x" + dim; });
}

Request withClause(const char *name, const std::string &clauses, const std::string &parameter = "") {
  return request(name, [&](Request &r) { r.clauses = clauses, r.parameter = parameter; });
}

Request withMask(const char *name, const std::string &body, const std::string &captured = "") {
  return request(name, [&](Request &r) {
    r.mask = body;
    if (captured.empty())
      return;
    r.captured = "captures(%x)", r.parameter = captured, r.argument = ", %y: " + captured;
  });
}

std::vector<Request> tensorRequests() {
  return {
      request("type f64", [](Request &r) { r.type = "f64"; }),
      request("type f8E4M3FN", [](Request &r) { r.type = "f8E4M3FN"; }),
      withDims("head_dim 68", "68"),
      withDims("head_dim 8", "8"),
      withDims("head_dim 264", "264"),
      withDims("head_dim not static", "?"),
      request("keys of another head_dim", [](Request &r) { r.key = "?x8x?x128"; }),
      request("a static length of 2^30", [](Request &r) { r.key = r.value = "?x8x1073741824x64"; }),
      request("8 query heads on 3", [](Request &r) { r.grouping = "query = 8, kv = 3"; }),
      request("head extents of another grouping", [](Request &r) { r.grouping = "query = 16, kv = 8"; }),
  };
}

std::vector<Request> clauseRequests() {
  return {
      withClause("a window of -1", "causality(#attn.causality<bottom_right, left = -1>)"),
      withClause("prefix without causality", "prefix(%x)", "tensor<?xi32>"),
      withClause("chunk 0", "chunk(0)"),
      withClause("document ids of i64", "documents(%x)", "tensor<?x?xi64>"),
      withClause("softcap 0", "softcap(0.0)"),
      withClause("slopes of bf16", "alibi(%x)", "tensor<8xbf16>"),
      withClause("a bias of rank 2", "bias(%x)", "tensor<?x?xf32>"),
      withClause("sinks of 4 heads for 8", "sinks(%x)", "tensor<4xf32>"),
      withClause("dropout of everything", "dropout(#attn.dropout<probability = 1.0, seed = 1>)"),
      withClause("dropout without a seed", "dropout(#attn.dropout<probability = 0.5>)"),
      withClause("lengths of i64", "lengths(kv = %x)", "tensor<?xi64>"),
      withClause("offsets of rank 0", "packed(query = %x)", "tensor<i32>"),
      request("packed tensors of 2 batches", [](Request &r) {
        r.query = r.output = "2x8x?x64";
        r.clauses = "packed(query = %x)", r.parameter = "tensor<?xi32>";
      }),
  };
}

std::vector<Request> regionRequests() {
  const std::string causal = "%m = arith.cmpi sle, %j, %i : index\n";
  return {
      request("a score by math.sin", [](Request &r) { r.score = "%t = math.sin %s : f32\nattn.yield %t : f32"; }),
      request("a score in f64", [](Request &r) {
        r.score = "%w = arith.extf %s : f32 to f64\n%t = arith.truncf %w : f64 to f32\nattn.yield %t : f32";
      }),
      request("a score that is no f32", [](Request &r) { r.score = "attn.yield %i : index"; }),
      withMask("a mask with side effects", causal + "vector.print %j : index\nattn.yield %m : i1"),
      withMask("a mask with a branch", "%t = arith.constant true\n%m = scf.if %t -> i1 {\nscf.yield %t : i1\n} else {\n"
                                       "scf.yield %t : i1\n}\nattn.yield %m : i1"),
      withMask("a mask over a buffer of i64", causal + "attn.yield %m : i1", "tensor<?xi64>"),
      withMask("a mask over a number", causal + "attn.yield %m : i1", "index"),
      withMask("a mask over a memref", causal + "attn.yield %m : i1", "memref<?xi32>"),
      withMask("a mask over a buffer of rank 5", causal + "attn.yield %m : i1", "tensor<?x?x?x?x?xi32>"),
      request("a mask over a buffer that is not captured", [&](Request &r) {
        r.mask = causal + "attn.yield %m : i1", r.argument = ", %y: tensor<?xi32>";
      }),
      request("a sorted buffer of f32", [&](Request &r) {
        r.captured = "captures(%x sorted)", r.parameter = "tensor<?xf32>", r.argument = ", %y: tensor<?xf32>";
        r.mask = causal + "attn.yield %m : i1";
      }),
  };
}

/// What the compiler says.
std::string answer(const std::string &text, const char *target) {
  compiler::CompileOptions options;
  options.target = target;
  options.cpu = "plain";
  options.emit = compiler::Emit::Mlir;
  options.stopAfter = "planned";
  auto output = compiler::compile(text, options);
  if (output)
    return "compiled";
  return "`" + sentenceOf(output.error().message) + "`";
}

} // namespace

std::string refusalsTable() {
  std::string text = "Each spec asks for one thing that there is not, on the CPU as on a GPU.\n\n| asked for | answer |\n|---|---|\n";
  for (const auto &requests : {tensorRequests(), clauseRequests(), regionRequests()})
    for (const Request &request : requests) {
      std::string cpu = answer(request.text(), "cpu"), gpu = answer(request.text(), "sm_90a");
      text += "| " + request.name + " | " + cpu + (gpu == cpu ? "" : "; sm_90a: " + gpu) + " |\n";
    }
  return text;
}

} // namespace attn::tools
