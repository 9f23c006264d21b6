// Launch memory and verdicts.
#include "attn/Reference/Trial.h"

#include "attn/Reference/Random.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace attn::reference {

Expectation expectationOf(const Problem &problem, const TensorView &query, const TensorView &key,
                          const TensorView &value, std::vector<Row> rows) {
  Expectation expected;
  expected.rows = std::move(rows);
  for (const Row &row : expected.rows)
    expected.places.push_back(problem.queryPlace(row));
  size_t count = expected.rows.size();
  expected.output.resize(count * problem.valueDim);
  expected.lse.resize(count);
  std::vector<double> output(expected.output.size()), lse(count);
  attentionRows(problem, query, key, value, expected.rows, expected.output.data(), expected.lse.data());
  unfusedAttentionRows(problem, query, key, value, expected.rows, output.data(), lse.data());
  expected.unfusedOutput = compareRows(output.data(), problem.valueDim, expected.rows, expected.output.data());
  expected.unfusedLse = compareRows(lse.data(), 1, expected.rows, expected.lse.data());
  return expected;
}

namespace {

std::string ratioFailure(const char *what, double ratio, double maxRatio, const Comparison &comparison) {
  char numbers[80];
  std::snprintf(numbers, sizeof numbers, "an error ratio of at most %g, got %.4g", maxRatio, ratio);
  return std::string("expects ") + what + " with " + numbers + "; worst at " + comparison.worst();
}

/// Rows that see no key must be exact, which a ratio of largest errors does not ask.
std::string emptyRowFailure(const Expectation &expected, const TensorView &output) {
  for (size_t n = 0; n < expected.rows.size(); ++n) {
    const Row &row = expected.places[n];
    for (int64_t d = 0; d < output.shape[3] && expected.lse[n] == -INFINITY; ++d)
      if (double found = output.load(row.batch, row.head, row.query, d); found != 0)
        return "expects output 0 where a query sees no key, got " + std::to_string(found) + " at [" +
               std::to_string(row.batch) + ", " + std::to_string(row.head) + ", " + std::to_string(row.query) + ", " +
               std::to_string(d) + "]";
  }
  return "";
}

std::string memoryFailure(const char *what, const GuardedTensor &tensor) {
  int64_t at = tensor.firstBrokenGuard();
  if (at == GuardedTensor::noGuard)
    return "";
  return std::string("expects memory outside the ") + what + " to be left alone, got a write at element offset " +
         std::to_string(at);
}

} // namespace

Verdict judgeValues(const Expectation &expected, ElementType type, const TensorView &output, const TensorView *lse,
                    double maxRatio) {
  Verdict verdict;
  verdict.output = compareRows(output, expected.places, expected.output.data());
  verdict.outputRatio = errorRatio(verdict.output, expected.unfusedOutput, type, outputRoundings(type));
  if (lse) {
    verdict.lse = compareRows(*lse, expected.places, expected.lse.data());
    verdict.lseRatio = errorRatio(verdict.lse, expected.unfusedLse, ElementType::F32, lseRoundings);
  }
  // Written so that a NaN ratio fails.
  if (!(verdict.outputRatio <= maxRatio))
    verdict.failure = ratioFailure("output", verdict.outputRatio, maxRatio, verdict.output);
  else if (!(verdict.lseRatio <= maxRatio))
    verdict.failure = ratioFailure("log-sum-exp", verdict.lseRatio, maxRatio, verdict.lse);
  else
    verdict.failure = emptyRowFailure(expected, output);
  return verdict;
}

Trial::Trial(const Problem &problem, const Layouts &layouts, bool wantsLse, uint64_t inputSeed,
             const std::vector<Capture> &captured)
    : query(layouts.query), key(layouts.key), value(layouts.value), output(layouts.output), lse(layouts.lse),
      queryLengths(problem.queryLengths.begin(), problem.queryLengths.end()),
      kvLengths(problem.kvLengths.begin(), problem.kvLengths.end()),
      queryOffsets(problem.queryOffsets.begin(), problem.queryOffsets.end()),
      kvOffsets(problem.kvOffsets.begin(), problem.kvOffsets.end()), wantsLse(wantsLse), problem(problem) {
  Random random(mixSeeds(inputSeed, 7));
  bool packed = !problem.queryOffsets.empty() && !problem.kvOffsets.empty();
  if (packed && problem.batch > 1 && random.percent(50))
    poisoned = random.below(problem.batch);
  GuardedTensor *inputs[] = {&query, &key, &value};
  for (int i = 0; i < 3; ++i) {
    inputs[i]->fillNormal(mixSeeds(inputSeed, i));
    poison(*inputs[i], i == 0);
    inputDigests[i] = inputs[i]->digest();
  }
  for (const Capture &capture : captured) {
    captures.emplace_back(capture.layout);
    captures.back().fill(capture.values);
    captureDigests.push_back(captures.back().digest());
  }
}

/// A kernel that reads what is not its own into a result gets NaN. Batches that share memory are left as they are.
void Trial::poison(GuardedTensor &tensor, bool queries) {
  TensorView view = tensor.view();
  const std::vector<int64_t> &offsets = queries ? problem.queryOffsets : problem.kvOffsets;
  if (offsets.empty() && view.strides[0] == 0 && view.shape[0] > 1)
    return;
  std::vector<std::vector<bool>> owned(view.shape[0], std::vector<bool>(view.shape[2]));
  for (int64_t b = 0; b < problem.batch; ++b)
    for (int64_t s = 0; s < (queries ? problem.queriesOf(b) : problem.keysOf(b)) && b != poisoned; ++s) {
      Row place = queries ? problem.queryPlace({b, 0, s}) : problem.kvPlace(b, 0, s);
      owned[place.batch][place.query] = true;
    }
  for (int64_t b = 0; b < view.shape[0]; ++b)
    for (int64_t h = 0; h < view.shape[1]; ++h)
      for (int64_t s = 0; s < view.shape[2]; ++s)
        for (int64_t d = 0; d < view.shape[3] && !owned[b][s]; ++d)
          view.store(b, h, s, d, NAN);
}

/// Rows of the outputs behind the last packed sequence belong to nobody.
std::string Trial::unownedFailure() const {
  if (problem.queryOffsets.empty())
    return "";
  auto isNaN = [](const TensorView &view, int64_t h, int64_t s) {
    for (int64_t d = 0; d < view.shape[3]; ++d)
      if (!std::isnan(view.load(0, h, s, d)))
        return false;
    return true;
  };
  for (int64_t h = 0; h < problem.queryHeads; ++h)
    for (int64_t s = problem.queryOffsets.back(); s < problem.queryLength; ++s)
      if (!isNaN(output.view(), h, s) || !isNaN(lse.view(), h, s))
        return "expects rows of no sequence to be left alone, got a write to row " + std::to_string(s);
  return "";
}

Verdict Trial::judge(double maxRatio) const {
  const GuardedTensor *inputs[] = {&query, &key, &value};
  const char *names[] = {"query", "key", "value"};
  std::vector<Row> rows = allRows(problem);
  rows.erase(std::remove_if(rows.begin(), rows.end(), [&](const Row &row) { return row.batch == poisoned; }), rows.end());
  Expectation expected = expectationOf(problem, query.view(), key.view(), value.view(), std::move(rows));
  TensorView lseView = lse.view();
  Verdict verdict = judgeValues(expected, problem.type, output.view(), wantsLse ? &lseView : nullptr, maxRatio);
  // Told first, since values computed from changed inputs mean nothing.
  for (int i = 0; i < 3; ++i)
    if (inputs[i]->digest() != inputDigests[i])
      verdict.failure = std::string("expects the ") + names[i] + " and the memory around it to be unchanged, got a write";
  for (size_t i = 0; i < captures.size(); ++i)
    if (captures[i].digest() != captureDigests[i])
      verdict.failure = "expects captured buffers and the memory around them to be unchanged, got a write to number " +
                        std::to_string(i);
  if (verdict)
    verdict.failure = unownedFailure();
  if (verdict)
    verdict.failure = memoryFailure("output", output);
  if (verdict)
    verdict.failure = memoryFailure("log-sum-exp", lse);
  return verdict;
}

} // namespace attn::reference
