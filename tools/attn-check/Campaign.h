// A list of random specs, each compiled, launched on guarded tensors and judged by the oracle.
#ifndef ATTN_TOOLS_ATTN_CHECK_CAMPAIGN_H
#define ATTN_TOOLS_ATTN_CHECK_CAMPAIGN_H

#include "attn/Compiler/Plans.h"
#include "attn/Reference/PairSpecs.h"
#include "attn/Reference/Trial.h"
#include "support/Launch.h"

#include <map>
#include <string>
#include <vector>

namespace attn::tools {

struct CampaignOptions {
  std::string target = "cpu", cpu = "host", ptxas;
  uint64_t seed = 1;
  uint64_t first = 0, count = 500; ///< indices first to first + count - 1
  unsigned jobs = 1;               ///< specs at a time
  unsigned seconds = 120;          ///< for one compilation and for one launch; beyond it hangs
  unsigned repeats = 0;            ///< more launches of each spec, whose results must be the first one's, bit for bit
  std::vector<compiler::TablePlan> plans; ///< each spec is checked with all of these that fit it; empty: with the chosen one
  std::string plansFlag;           ///< what gave them, for reproducers
  bool compileOnly = false;        ///< launch nothing; needs no machine of the target
  bool clauses = false;            ///< specs with further clauses
  bool regions = false;            ///< specs with score and mask regions too
  bool ragged = false;             ///< specs of padded and packed sequences
  bool pairs = false;              ///< the rows of a covering array, instead of random specs
  bool verbose = false;            ///< a line for each spec
};

/// The specs of a campaign by index.
class SpecList {
public:
  explicit SpecList(const CampaignOptions &options);
  reference::Spec at(uint64_t index) const;
  /// How many there are: as good as no end of random ones.
  uint64_t size() const;

private:
  reference::GeneratorOptions generator;
  bool pairs;
  std::vector<reference::Choices> rows;
};

/// One spec that went wrong.
struct Failure {
  uint64_t index = 0;
  std::string reproducer; ///< a command line
  std::string summary, sentence;
};

struct Record {
  std::string hardware;
  uint64_t checked = 0, right = 0;
  std::vector<Failure> failures; ///< by index
  double worstRatio = 0, worstLseRatio = 0;
  std::string worstSpec; ///< its summary
  std::map<std::string, uint64_t> byPlan; ///< kernels of each plan that was given
  uint64_t repeats = 0;                   ///< launches that were compared with a first one
  std::map<std::string, uint64_t> byType, byHeadDim, byCausality;
  std::vector<double> compileMilliseconds;
  double seconds = 0;

  std::string json(const CampaignOptions &options) const;
  /// A few lines: counts, worst ratio, times.
  std::string summary(const CampaignOptions &options) const;
};

/// The command that checks one spec again.
std::string reproducerOf(const CampaignOptions &options, uint64_t index);

/// Checks all specs; `machine` is not looked at when they are only compiled. Failures are printed to standard error when they happen, progress from time to time.
Record runCampaign(const Machine &machine, const CampaignOptions &options);

} // namespace attn::tools

#endif // ATTN_TOOLS_ATTN_CHECK_CAMPAIGN_H
