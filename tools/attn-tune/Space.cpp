// Fields as text, and their product.
#include "Space.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <set>
#include <sstream>
#include <tuple>

namespace attn::tools {

const char *const defaultSpace =
    "warpgroups = 1 2 3 4; kv_tile = 48 64 80 96 112 128 144 160 176 192 208 224 240 256; stages = 2 3 4; overlap = true false; "
    "ping_pong = false true; persistent = true false; rescale_threshold = 15 0; keys_first = false true; residency = 1 2 3; cluster = 1 2; dynamic = false true; "
    "split = 1 2 4 8; packed_heads = 1 2 4; staged_stores = false true; ascending = false true; own_ends = false true; sum_column = false true; "
    "overlap_programs = false true";

Result<std::vector<Field>> parseSpace(const std::string &text) {
  std::vector<Field> fields;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ';');) {
    std::istringstream words(part);
    Field field;
    std::string equals;
    if (!(words >> field.name))
      continue;
    words >> equals;
    for (std::string value; words >> value;)
      field.values.push_back(value);
    if (equals != "=" || field.values.empty() || field.name == "query_tile" || field.name == "target")
      return Error{Status::InvalidArgument, "--space, expects fields of #tile.plan but query_tile and target, as in "
                                            "'kv_tile = 64 128; ping_pong = false true', got '" + part + "'"};
    fields.push_back(std::move(field));
  }
  if (fields.empty())
    return Error{Status::InvalidArgument, "--space, expects at least one field, got none"};
  return fields;
}

/// Where the value of a field begins and ends in a plan's text.
static std::pair<size_t, size_t> find(const std::string &plan, const std::string &name) {
  for (size_t at = plan.find(name + " = "); at != plan.npos; at = plan.find(name + " = ", at + 1)) {
    char before = at ? plan[at - 1] : ' ';
    if (before != ' ' && before != '<')
      continue; // the end of a longer name
    size_t begin = at + name.size() + 3;
    return {begin, plan.find_first_of(",>", begin)};
  }
  return {plan.npos, plan.npos};
}

std::string withField(const std::string &plan, const std::string &name, const std::string &value) {
  auto [begin, end] = find(plan, name);
  if (begin != plan.npos)
    return plan.substr(0, begin) + value + plan.substr(end);
  size_t close = plan.rfind('>');
  // A field that is left out stands for its default.
  static const std::set<std::string> fromOne = {"residency", "cluster", "split", "packed_heads"};
  bool isDefault = value == (fromOne.count(name) ? "1" : "0") || value == "false";
  return isDefault ? plan : plan.substr(0, close) + ", " + name + " = " + value + plan.substr(close);
}

static analysis::PlanShape shapeOf(const std::string &plan) {
  auto number = [&](const char *name) {
    auto [begin, end] = find(plan, name);
    return begin == plan.npos ? int64_t(0) : static_cast<int64_t>(std::atoll(plan.substr(begin, end - begin).c_str()));
  };
  auto flag = [&](const char *name) {
    auto [begin, end] = find(plan, name);
    return begin != plan.npos && plan.compare(begin, 4, "true") == 0;
  };
  return {number("kv_tile"), number("warpgroups"), number("stages"),
          flag("overlap"),   flag("ping_pong"),    flag("persistent"), std::max<int64_t>(1, number("residency")),
          std::max<int64_t>(1, number("packed_heads")), flag("staged_stores"), flag("sum_column")};
}

/// All combinations of the values of fields, applied to a plan.
static std::vector<std::string> product(const std::string &plan, const std::vector<Field> &fields) {
  std::vector<std::string> plans = {plan};
  for (const Field &field : fields) {
    std::vector<std::string> next;
    for (const std::string &before : plans)
      for (const std::string &value : field.values) {
        std::string changed = withField(before, field.name, value);
        if (field.name == "warpgroups")
          changed = withField(changed, "query_tile", std::to_string(64 * std::atoll(value.c_str())));
        next.push_back(std::move(changed));
      }
    plans = std::move(next);
  }
  return plans;
}

namespace {
/// Tiles that fit, and what the model says of them at each point of a kind.
struct Tile {
  std::string plan;
  std::vector<double> shares; ///< of the best rate
  double mean() const { return std::accumulate(shares.begin(), shares.end(), 0.0) / static_cast<double>(shares.size()); }
};
} // namespace

static std::vector<Tile> fittingTiles(const Kind &kind, const std::vector<std::string> &plans) {
  std::vector<Tile> tiles;
  std::vector<double> best(kind.points.size(), 1e-9);
  for (const std::string &plan : plans) {
    analysis::PlanShape shape = shapeOf(plan);
    analysis::Workload workload = kind.workload(kind.points.front());
    if (!analysis::whyPlanDoesNotFit(workload, shape, target::hopper, analysis::fewestOtherRegisters).empty())
      continue;
    if (shape.sumColumn && workload.valueDim != analysis::valueDimWithSums) // the same kernel as without
      continue;
    Tile tile{plan, {}};
    for (size_t i = 0; i != kind.points.size(); ++i) {
      tile.shares.push_back(analysis::estimatePlan(kind.workload(kind.points[i]), shape, target::hopper).teraflops);
      best[i] = std::max(best[i], tile.shares.back());
    }
    tiles.push_back(std::move(tile));
  }
  for (Tile &tile : tiles)
    for (size_t i = 0; i != best.size(); ++i)
      tile.shares[i] /= best[i];
  return tiles;
}

/// The best over all points, and in turns the best at each.
static std::vector<Tile> pickTiles(std::vector<Tile> tiles, size_t points, unsigned count) {
  std::vector<Tile> picked;
  auto take = [&](auto better, size_t upTo) {
    std::sort(tiles.begin(), tiles.end(), better);
    while (picked.size() < upTo && !tiles.empty()) {
      picked.push_back(std::move(tiles.front()));
      tiles.erase(tiles.begin());
    }
  };
  take([](const Tile &a, const Tile &b) { return std::make_pair(b.mean(), a.plan) < std::make_pair(a.mean(), b.plan); }, (count + 1) / 2);
  for (size_t i = 0; picked.size() < count && !tiles.empty(); ++i)
    take([=](const Tile &a, const Tile &b) { 
      return std::tie(b.shares[i % points], a.plan) < std::tie(a.shares[i % points], b.plan);
    }, picked.size() + 1);
  return picked;
}

std::vector<Candidate> rankPlans(const Kind &kind, const std::string &usual, const std::vector<Field> &space,
                                 const Limits &limits) {
  std::vector<Field> tileFields, switches;
  const std::set<std::string> ofTiles = {"kv_tile", "warpgroups", "stages", "residency"};
  for (const Field &field : space)
    (ofTiles.count(field.name) ? tileFields : switches).push_back(field);
  std::vector<std::string> plans = product(usual, tileFields);
  if (std::find(plans.begin(), plans.end(), usual) == plans.end())
    plans.push_back(usual);
  std::vector<Tile> all = fittingTiles(kind, plans), tiles = pickTiles(all, kind.points.size(), limits.tiles);
  // The usual plan is tried whatever the model thinks of it.
  auto known = std::find_if(all.begin(), all.end(), [&](const Tile &tile) { return tile.plan == usual; });
  std::vector<Candidate> found = {{usual, known == all.end() ? 0 : known->mean()}};
  auto add = [&](const std::string &plan, double rate) {
    if (std::none_of(found.begin(), found.end(), [&](const Candidate &other) { return other.plan == plan; }))
      found.push_back({plan, rate});
  };
  for (const Tile &tile : tiles)
    add(tile.plan, tile.mean());
  std::vector<Candidate> bases(found.begin(), found.begin() + static_cast<long>(std::min<size_t>(found.size(), limits.switched)));
  for (const Candidate &base : bases)
    for (const Field &field : switches)
      for (const std::string &value : field.values) {
        std::string plan = withField(base.plan, field.name, value);
        if (fittingTiles(kind, {plan}).size() == 1)
          add(plan, base.rate);
      }
  return found;
}

} // namespace attn::tools
