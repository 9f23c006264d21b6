// The space of plans: for each field the values to try, as text, so that a field that is new to #tile.plan needs no change
// here. The cost model ranks the tiles; of switches, which it can hardly tell apart, each is tried by itself on the best tiles.
#ifndef ATTN_TOOLS_ATTN_TUNE_SPACE_H
#define ATTN_TOOLS_ATTN_TUNE_SPACE_H

#include "Kind.h"

namespace attn::tools {

struct Field {
  std::string name;
  std::vector<std::string> values;
};

/// What is tried where --space does not say.
extern const char *const defaultSpace;

/// Reads "kv_tile = 64 128; ping_pong = false true".
Result<std::vector<Field>> parseSpace(const std::string &text);

/// A plan's text with one field changed, or added behind the others.
std::string withField(const std::string &plan, const std::string &name, const std::string &value);

struct Candidate {
  std::string plan;
  double rate = 0; ///< by the model: the mean over lengths of its share of the best rate
};

/// How many of a space to try.
struct Limits {
  unsigned tiles = 12;   ///< that the model ranks highest: half of them at single points, half over all points
  unsigned switched = 4; ///< of those, to try with each switch turned
};

/// The plans of a space that fit, the highest ranks first. `usual` is the first of all.
std::vector<Candidate> rankPlans(const Kind &kind, const std::string &usual, const std::vector<Field> &space,
                                 const Limits &limits);

} // namespace attn::tools

#endif // ATTN_TOOLS_ATTN_TUNE_SPACE_H
