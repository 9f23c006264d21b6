// The tables of docs/support.md on the factors of the covering array.
#include "Support.h"

#include "attn/Compiler/Compiler.h"
#include "attn/Reference/PairSpecs.h"

#include <atomic>
#include <map>
#include <set>
#include <thread>
#include <tuple>
#include <vector>

namespace attn::tools {
namespace {

using reference::Choices;
using reference::Factor;

constexpr uint64_t seed = 2;

/// One choice, and two of different factors.
using Choice = std::pair<size_t, unsigned>;
using Pair = std::pair<Choice, Choice>;

/// The answers of one target.
class Survey {
public:
  Survey(std::string target, std::string ptxas, unsigned jobs)
      : target(std::move(target)), ptxas(std::move(ptxas)), jobs(jobs), factors(reference::pairFactors(true)) {}

  void run() {
    findRefusedChoices();
    std::vector<Choices> rows = rowsOfOthers();
    rowCount = rows.size();
    std::vector<std::string> answers(rows.size());
    std::atomic<size_t> next{0};
    auto work = [&] {
      for (size_t n; (n = next++) < rows.size();)
        answers[n] = refusal(rows[n], false);
    };
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < jobs; ++i)
      threads.emplace_back(work);
    work();
    for (std::thread &thread : threads)
      thread.join();
    for (size_t n = 0; n < rows.size(); ++n)
      if (answers[n].empty())
        forEachPair(rows[n], [&](const Pair &pair) { compiled.insert(pair); });
    for (size_t n = 0; n < rows.size(); ++n)
      if (!answers[n].empty())
        isolate(rows[n], answers[n]);
  }

  std::string target, ptxas;
  unsigned jobs;
  std::vector<Factor> factors;
  size_t rowCount = 0;
  std::map<Choice, std::string> refusedChoices;
  std::map<Pair, std::string> refusedPairs;
  /// Rows that are refused though all of their pairs compile.
  std::vector<std::pair<Choices, std::string>> refusedRows;
  std::set<Pair> compiled;

private:
  /// The compiler's sentence, or nothing. `early`: what shows up until the kernel is planned, which takes no time.
  std::string refusal(const Choices &choices, bool early) const {
    compiler::CompileOptions options;
    options.target = target;
    options.cpu = "plain";
    options.ptxasPath = ptxas;
    if (early || target == "cpu")
      options.emit = compiler::Emit::Mlir;
    if (early)
      options.stopAfter = "planned";
    auto output = compiler::compile(reference::pairSpec(choices, seed, 0).text, options);
    return output ? "" : output.error().message;
  }

  template <typename Visit>
  static void forEachPair(const Choices &row, Visit visit) {
    for (size_t f = 0; f < row.size(); ++f)
      for (size_t g = f + 1; g < row.size(); ++g)
        visit(Pair{{f, row[f]}, {g, row[g]}});
  }

  Choices plainWith(std::initializer_list<Choice> choices) const {
    Choices row(factors.size(), 0);
    for (auto [factor, choice] : choices)
      row[factor] = choice;
    return row;
  }

  void findRefusedChoices() {
    for (size_t f = 0; f < factors.size(); ++f)
      for (unsigned x = 0; x < factors[f].choices.size(); ++x)
        if (std::string sentence = refusal(plainWith({{f, x}}), true); !sentence.empty())
          refusedChoices[{f, x}] = sentence;
  }

  /// A covering array of the choices that are not refused.
  std::vector<Choices> rowsOfOthers() const {
    std::vector<std::vector<unsigned>> others(factors.size());
    std::vector<unsigned> counts;
    for (size_t f = 0; f < factors.size(); ++f) {
      for (unsigned x = 0; x < factors[f].choices.size(); ++x)
        if (!refusedChoices.count({f, x}))
          others[f].push_back(x);
      counts.push_back(static_cast<unsigned>(others[f].size()));
    }
    std::vector<Choices> rows = reference::coverPairs(counts, seed);
    for (Choices &row : rows)
      for (size_t f = 0; f < row.size(); ++f)
        row[f] = others[f][row[f]];
    return rows;
  }

  void isolate(const Choices &row, const std::string &sentence) {
    bool found = false;
    forEachPair(row, [&](const Pair &pair) {
      for (const Choice &choice : {pair.first, pair.second})
        if (!refusedChoices.count(choice))
          if (std::string alone = refusal(plainWith({choice}), false); !alone.empty())
            refusedChoices[choice] = alone;
      if (refusedChoices.count(pair.first) || refusedChoices.count(pair.second)) {
        found = true;
        return;
      }
      if (compiled.count(pair))
        return;
      if (!refusedPairs.count(pair))
        if (std::string both = refusal(plainWith({pair.first, pair.second}), false); !both.empty())
          refusedPairs[pair] = both;
      if (refusedPairs.count(pair))
        found = true;
      else
        compiled.insert(pair);
    });
    if (!found)
      refusedRows.push_back({row, sentence});
  }
};

std::string quoted(const std::string &message) { return "refused: `" + sentenceOf(message) + "`"; }

std::string choiceTable(const std::vector<const Survey *> &surveys) {
  std::string text = "| factor | choice |", line = "|---|---|";
  for (const Survey *survey : surveys)
    text += " " + survey->target + " |", line += "---|";
  text += "\n" + line + "\n";
  const std::vector<Factor> &factors = surveys.front()->factors;
  for (size_t f = 0; f < factors.size(); ++f)
    for (unsigned x = 0; x < factors[f].choices.size(); ++x) {
      text += "| " + (x == 0 ? factors[f].name : "") + " | " + factors[f].choices[x] + " |";
      for (const Survey *survey : surveys) {
        auto refused = survey->refusedChoices.find({f, x});
        text += " " + (refused == survey->refusedChoices.end() ? "compiled" : quoted(refused->second)) + " |";
      }
      text += "\n";
    }
  return text;
}

std::string pairTable(const Survey &survey) {
  const std::vector<Factor> &factors = survey.factors;
  auto name = [&](const Choice &choice) { return factors[choice.first].name + " " + factors[choice.first].choices[choice.second]; };
  std::string text = "\nFor " + survey.target + " " + std::to_string(survey.rowCount) + " specs hold " +
                     std::to_string(survey.compiled.size() + survey.refusedPairs.size()) +
                     " pairs of choices that are not refused by themselves. ";
  if (survey.refusedPairs.empty() && survey.refusedRows.empty())
    return text + "All of these compile, so no pair is refused.\n";
  text += "Refused are\n\n| first | second | sentence |\n|---|---|---|\n";
  for (const auto &[pair, sentence] : survey.refusedPairs)
    text += "| " + name(pair.first) + " | " + name(pair.second) + " | " + quoted(sentence) + " |\n";
  for (const auto &[row, sentence] : survey.refusedRows)
    text += "| " + reference::describe(factors, row) + " | all of these, no two of them | " + quoted(sentence) + " |\n";
  return text;
}

/// How the key blocks of a spec are found, from the compiler's remark.
std::string rangesOf(const Choices &choices) {
  compiler::CompileOptions options;
  options.cpu = "plain";
  options.emit = compiler::Emit::Mlir;
  options.stopAfter = "split";
  options.remarks = true;
  auto output = compiler::compile(reference::pairSpec(choices, seed, 0).text, options);
  if (!output)
    return "refused";
  for (const std::string &remark : output->remarks)
    if (remark.find("tile-split-ranges") != remark.npos)
      return remark.find("searched in sorted buffers") != remark.npos ? "search"
             : remark.find("closed form") != remark.npos              ? "closed form"
             : remark.find("found in a table") != remark.npos         ? "table"
             : remark.find("not derived") != remark.npos              ? "not derived"
                                                                      : sentenceOf(remark);
  return "all";
}

std::string rangesTable() {
  std::vector<Factor> factors = reference::pairFactors(true);
  size_t mask = 0, batch = 0;
  while (factors[mask].name != "mask")
    ++mask;
  while (factors[batch].name != "batch")
    ++batch;
  std::string text = "| mask |", line = "|---|";
  for (const std::string &choice : factors[batch].choices)
    text += " " + choice + " |", line += "---|";
  text += "\n" + line + "\n";
  for (unsigned x = 0; x < factors[mask].choices.size(); ++x) {
    text += "| " + factors[mask].choices[x] + " |";
    Choices row(factors.size(), 0);
    row[mask] = x;
    for (unsigned y = 0; y < factors[batch].choices.size(); ++y) {
      row[batch] = y;
      text += " " + rangesOf(row) + " |";
    }
    text += "\n";
  }
  return text;
}

} // namespace

std::string sentenceOf(const std::string &message) {
  std::string line = message.substr(0, message.find('\n'));
  size_t at = line.find("error: ");
  return at == line.npos ? line : line.substr(at + 7);
}

std::string supportPage(const std::string &ptxas, unsigned jobs) {
  Survey cpu("cpu", ptxas, jobs), gpu("sm_90a", ptxas, jobs);
  cpu.run();
  gpu.run();
  return "## Choices\n\nEach beside the first choice of every other factor.\n\n" + choiceTable({&cpu, &gpu}) +
         "\n## Pairs of choices\n" + pairTable(cpu) + pairTable(gpu) + "\n## Which key blocks are skipped\n\n"
         "Blocks without an allowed pair are not visited where the compiler derives them: in closed form in lengths, offsets and\n"
         "captured numbers, by a search of a sorted buffer, or from a table that the kernel makes of bounds of the mask over each\n"
         "block, once for each query tile. Where a part of the mask is not derived, the other parts still bound the blocks, and the\n"
         "remark (`attn-compile --remarks`) says why.\n\n" +
         rangesTable() + "\n## What is refused\n\n" + refusalsTable();
}

} // namespace attn::tools
