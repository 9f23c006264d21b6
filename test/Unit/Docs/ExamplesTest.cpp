// Every example in the documentation parses and verifies: the ones of the dialects' pages, which come from the operations'
// definitions, and those in docs/spec.md and docs/stages.md.
//
// An example may use values that it does not define. The body of a module is a graph region, where a definition may follow
// its use, so each such value is defined behind the example, at first with a wrong type; the parser then names the right
// one.
#include "attn/Compiler/Registration.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/STLExtras.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>

using namespace mlir;

namespace {
struct Example {
  std::string heading, text;
};

/// The fenced mlir blocks of a page with the heading above each.
std::vector<Example> examplesOf(const std::string &page) {
  std::ifstream file(std::string(ATTN_DOCS) + "/" + page);
  std::vector<Example> examples;
  std::string heading;
  bool fenced = false, mlir = false;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("```", 0) == 0) {
      fenced = !fenced;
      mlir = line == "```mlir";
      if (mlir)
        examples.push_back({heading, ""});
    } else if (mlir) {
      examples.back().text += line + "\n";
    } else if (!fenced && line.rfind("##", 0) == 0 && line.rfind("####", 0) != 0) {
      heading = line;
    }
  }
  return examples;
}

class Examples : public testing::Test {
protected:
  Examples() {
    DialectRegistry registry;
    ::attn::compiler::registerDialects(registry);
    context.appendDialectRegistry(registry);
    context.allowUnregisteredDialects();
  }

  /// What is wrong with a piece of text, or nothing.
  std::string check(const std::string &text) {
    std::string errors;
    ScopedDiagnosticHandler collect(&context, [&](Diagnostic &diagnostic) {
      errors += diagnostic.str() + "\n";
      for (Diagnostic &note : diagnostic.getNotes())
        errors += note.str() + "\n";
    });
    if (text.find('\n') == text.size() - 1 && text[0] == '#')
      return parseAttribute(StringRef(text).rtrim(), &context) ? "" : errors + "(attribute)";
    if (text.find('\n') == text.size() - 1 && text[0] == '!')
      return parseType(StringRef(text).rtrim(), &context) ? "" : errors + "(type)";
    if (parseSourceString<ModuleOp>(text, &context))
      return "";
    std::map<std::string, std::string> types = undefinedValues(text);
    // Each round learns one type.
    for (size_t round = 0; round <= types.size(); ++round) {
      errors.clear();
      std::string source = text;
      for (const auto &[name, type] : types)
        source += name + " = \"test.value\"() : () -> (" + type + ")\n";
      if (parseSourceString<ModuleOp>(source, &context))
        return "";
      if (!learn(errors, types))
        break;
    }
    return errors;
  }

private:
  /// The names of values that an example uses and does not define, each with type none.
  static std::map<std::string, std::string> undefinedValues(const std::string &text) {
    static const std::regex name("%[a-zA-Z0-9_]+"), results("(^|\n) *(%[^=\n]*) = ");
    std::map<std::string, std::string> values;
    for (std::sregex_iterator use(text.begin(), text.end(), name), end; use != end; ++use)
      values[use->str()] = "none";
    for (std::sregex_iterator line(text.begin(), text.end(), results), end; line != end; ++line) {
      std::string names = (*line)[2];
      for (std::sregex_iterator defined(names.begin(), names.end(), name); defined != end; ++defined)
        values.erase(defined->str());
    }
    return values;
  }

  /// Takes the type of a value from the parser's message.
  static bool learn(const std::string &errors, std::map<std::string, std::string> &types) {
    std::smatch found;
    // "definition of SSA value '%x#0' has type 'none'", then a note "previously used here with type 'index'"
    static const std::regex mismatch("definition of SSA value '(%[^'#]+)(?:#0)?' has type '[^']*'[^]*?with type '([^']+)'");
    if (!std::regex_search(errors, found, mismatch))
      return false;
    return std::exchange(types[found[1]], found[2]) != found[2];
  }

  MLIRContext context;
};
} // namespace

TEST_F(Examples, ParseAndVerify) {
  size_t count = 0;
  for (const char *page : {"dialects/attn.md", "dialects/tile.md", "spec.md", "stages.md"})
    for (const Example &example : examplesOf(page)) {
      std::string wrong = check(example.text);
      // A region's terminator cannot stand alone; the example of the region's operation holds it.
      if (wrong.find("op expects parent op") != std::string::npos)
        continue;
      EXPECT_EQ(wrong, "") << page << ", " << example.heading << ":\n" << example.text;
      ++count;
    }
  EXPECT_GE(count, 40u);
}

TEST_F(Examples, StandAtEveryOperationAttributeAndType) {
  for (const char *page : {"dialects/attn.md", "dialects/tile.md"}) {
    std::vector<Example> examples = examplesOf(page);
    std::ifstream file(std::string(ATTN_DOCS) + "/" + page);
    for (std::string line; std::getline(file, line) && line != "## Enums";)
      if (line.rfind("### ", 0) == 0)
        EXPECT_TRUE(llvm::any_of(examples, [&](const Example &example) { return example.heading == line; }))
            << page << " has no example for " << line;
  }
}

TEST_F(Examples, WrongOnesAreFound) {
  EXPECT_NE(check("%a = tile.row_max %s : tensor<64x16xf32>\n"), "");
  EXPECT_NE(check("#tile.layout<accumulator, warpgroups = 9>\n"), "");
  EXPECT_NE(check("!tile.ring<2>\n"), "");
  EXPECT_EQ(check("%a = tile.row_max %s, %m : tensor<64x16xf32>, tensor<64xf32>\n"), "");
}
