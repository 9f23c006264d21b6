// Each head_dim meets three masks, both element types, lse on and off and three head groupings; counters with different
// periods deal them out, so that over neighbouring head_dims all pairs of choices occur.
#include "GateShapes.h"

namespace attn::gates {

static constexpr const char *masks[] = {"",
                                        "top_left",
                                        "bottom_right",
                                        "none, left = 100, right = 28",
                                        "bottom_right, left = 255",
                                        "top_left, left = 64",
                                        "none, right = 3"};

static std::string tensor(int64_t heads, int64_t columns, const std::string &element) {
  return "tensor<?x" + std::to_string(heads) + "x?x" + (columns ? std::to_string(columns) + "x" : "") + element + ">";
}

std::string Shape::text() const {
  std::string q = tensor(queryHeads, headDim, element), k = tensor(kvHeads, headDim, element);
  std::string v = tensor(kvHeads, valueDim, element), out = tensor(queryHeads, valueDim, element);
  std::string results = lse ? "(" + out + ", " + tensor(queryHeads, 0, "f32") + ")" : out;
  std::string values = lse ? "%o, %l" : "%o";
  std::string parameters = documents || blocks ? ", %ids: tensor<?x?xi32>" : "", types = documents || blocks ? ", tensor<?x?xi32>" : "";
  if (dropout.find("%seed") != dropout.npos) {
    parameters += ", %seed: tensor<2xi32>";
    types += ", tensor<2xi32>";
  }
  for (const char *name : {"%lq", "%lk", "%cq", "%ck"})
    if (ragged.find(name) != ragged.npos) {
      parameters += std::string(", ") + name + ": tensor<?xi32>";
      types += ", tensor<?xi32>";
    }
  std::string text = "func.func @attention(%q: " + q + ", %k: " + k + ", %v: " + v + parameters + ") -> " + results + " {\n  " + values +
                     " = attn.attention %q, %k, %v" + (documents ? " captures(%ids sorted)" : blocks ? " captures(%ids)" : "") + " heads(#attn.head_grouping<query = " + std::to_string(queryHeads) +
                     ", kv = " + std::to_string(kvHeads) + ">)";
  if (!ragged.empty())
    text += " " + ragged;
  if (!causality.empty())
    text += " causality(#attn.causality<" + causality + ">)";
  if (capped)
    text += " softcap(50.0)";
  if (documents)
    text += R"( mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index, %numbers: tensor<?x?xi32>):
        %mine = tensor.extract %numbers[%b, %i] : tensor<?x?xi32>
        %other = tensor.extract %numbers[%b, %j] : tensor<?x?xi32>
        %same = arith.cmpi eq, %mine, %other : i32
        attn.yield %same : i1
      })";
  if (blocks)
    text += R"( mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index, %numbers: tensor<?x?xi32>):
        %c64 = arith.constant 64 : index
        %from = arith.divui %i, %c64 : index
        %to = arith.divui %j, %c64 : index
        %block = arith.index_cast %to : index to i32
        %listed = tensor.extract %numbers[%b, %from] : tensor<?x?xi32>
        %number = tensor.extract %numbers[%b, %j] : tensor<?x?xi32>
        %first = arith.cmpi eq, %block, %listed : i32
        %second = arith.cmpi slt, %number, %block : i32
        %either = arith.ori %first, %second : i1
        attn.yield %either : i1
      })";
  if (!dropout.empty())
    text += " dropout(" + dropout + ")";
  text += " : (" + q + ", " + k + ", " + v + types + ") -> " + results + "\n  return " + values + " : ";
  return text + (lse ? results.substr(1, results.size() - 2) : results) + "\n}\n";
}

std::string Shape::name() const {
  std::string name = std::to_string(headDim) + "/" + std::to_string(valueDim) + " " + element;
  name += " " + (causality.empty() ? std::string("all") : causality) + " " + std::to_string(queryHeads) + ":" +
          std::to_string(kvHeads);
  name += lse ? " lse" : "";
  if (!dropout.empty())
    name += dropout.back() == '>' ? " drop" : " drop by %seed";
  name += capped ? " softcap" : "";
  return name + (ragged.empty() ? "" : " " + ragged) + (documents ? " documents" : blocks ? " blocks" : "");
}

std::string planText(int64_t warpgroups, int64_t kvTile, int64_t stages, bool overlap, bool pingPong,
                     bool persistent, int64_t residency) {
  auto flag = [](bool value) { return std::string(value ? "true" : "false"); };
  return "#tile.plan<target = \"sm_90a\", query_tile = " + std::to_string(64 * warpgroups) +
         ", kv_tile = " + std::to_string(kvTile) + ", warpgroups = " + std::to_string(warpgroups) +
         ", stages = " + std::to_string(stages) + ", overlap = " + flag(overlap) + ", ping_pong = " + flag(pingPong) +
         (persistent ? ", persistent = true" : "") + (residency > 1 ? ", residency = " + std::to_string(residency) : "") + ">";
}

/// The next hand of choices that the counters deal.
static Shape deal(size_t next, int64_t headDim, int64_t valueDim) {
  static constexpr int64_t groups[][2] = {{8, 8}, {8, 2}, {8, 1}};
  Shape shape;
  shape.headDim = headDim, shape.valueDim = valueDim;
  shape.element = next % 2 ? "f16" : "bf16";
  shape.causality = masks[next % std::size(masks)];
  shape.queryHeads = groups[next % 3][0], shape.kvHeads = groups[next % 3][1];
  shape.lse = next / 2 % 2;
  return shape;
}

std::vector<Shape> allPairs() {
  std::vector<Shape> shapes;
  for (int64_t headDim = 16; headDim <= 256; headDim += 8)
    for (int64_t valueDim = 16; valueDim <= 256; valueDim += 8)
      shapes.push_back(deal(shapes.size(), headDim, valueDim));
  return shapes;
}

std::vector<Shape> coveringShapes() {
  std::vector<Shape> shapes;
  auto add = [&](int64_t headDim, int64_t valueDim) { shapes.push_back(deal(shapes.size(), headDim, valueDim)); };
  // 31 is no multiple of the periods above, so each round deals a head_dim another hand.
  for (int round = 0; round < 3; ++round)
    for (int64_t headDim = 16; headDim <= 256; headDim += 8)
      add(headDim, headDim);
  constexpr int64_t mixed[][2] = {{192, 128}, {40, 256}, {248, 16}, {24, 40}, {16, 256}, {256, 16}, {128, 64}, {72, 200}};
  for (int round = 0; round < 2; ++round)
    for (auto [headDim, valueDim] : mixed)
      add(headDim, valueDim);
  for (const char *dropout : {"#attn.dropout<probability = 0.1, seed = 7>", "#attn.dropout<probability = 0.1>, %seed"})
    for (int64_t headDim : {16, 40, 64, 72, 96, 128, 160, 192, 256}) {
      add(headDim, headDim);
      shapes.back().dropout = dropout;
    }
  for (int64_t headDim : {16, 64, 80, 96, 128, 192, 224, 256}) {
    add(headDim, headDim);
    shapes.back().capped = true;
  }
  auto plan = [&](int64_t headDim, const char *mask, const std::string &text) {
    add(headDim, headDim);
    shapes.back().causality = mask;
    shapes.back().plan = text;
  };
  auto scheduled = [&](int64_t headDim, const char *mask, std::string text, const char *how) {
    plan(headDim, mask, text.insert(text.size() - 1, std::string(", rescale_threshold = 15, ") + how));
  };
  auto packed = [&](int64_t headDim, const char *mask, std::string text, const char *how) {
    plan(headDim, mask, text.insert(text.size() - 1, std::string(", packed_heads = ") + how));
    shapes.back().queryHeads = 8, shapes.back().kvHeads = 2;
  };
  for (const char *mask : {"", "bottom_right"}) {
    plan(64, mask, planText(3, 128, 2, true, true));
    plan(64, mask, planText(2, 128, 4, true, true));
    plan(128, mask, planText(2, 128, 2, true, true));
    plan(128, mask, planText(2, 128, 2, false, false));
    plan(128, mask, planText(1, 64, 3, true, false));
    plan(256, mask, planText(2, 80, 2, true, true));
    plan(64, mask, planText(3, 128, 2, true, false, true));
    plan(128, mask, planText(2, 128, 2, true, false, true));
    plan(128, mask, planText(2, 128, 2, true, true, true));
    plan(256, mask, planText(2, 80, 2, true, false, true));
    scheduled(72, mask, planText(3, 96, 2, true, false, true), "staged_stores = true");
    scheduled(128, mask, planText(2, 128, 2, true, false, true), "staged_stores = true");
    scheduled(160, mask, planText(2, 80, 2, true, false, false), "staged_stores = true");
    for (const char *how : {"dynamic = true", "cluster = 2"}) {
      if (*mask && how[0] == 'c')
        continue; // blocks of a cluster have the same keys
      scheduled(64, mask, planText(3, 96, 2, true, false, true), how);
      scheduled(128, mask, planText(2, 128, 2, true, false, true), how);
      scheduled(256, mask, planText(2, 80, 2, true, false, true), how);
    }
    // Programs that 2, 4 or 8 blocks share.
    scheduled(64, mask, planText(3, 96, 2, true, false), "split = 2");
    scheduled(128, mask, planText(2, 128, 2, true, true), "split = 4");
    scheduled(128, mask, planText(1, 64, 3, true, false, false, 2), "split = 8");
    // Tiles that 2 or 4 heads share.
    packed(64, mask, planText(3, 96, 2, true, false, true), "4, rescale_threshold = 15");
    packed(128, mask, planText(2, 128, 2, true, true), "2, rescale_threshold = 15");
    packed(128, mask, planText(1, 64, 3, true, false, false, 2), "4, rescale_threshold = 15, split = 4");
    packed(256, mask, planText(2, 80, 2, true, false, true), "4, rescale_threshold = 15");
    packed(64, mask, planText(1, 64, 2, true, false), "4");
    shapes.back().dropout = "#attn.dropout<probability = 0.1, seed = 7>";
    plan(128, mask, planText(1, 64, 3, true, false, false, 2));
    plan(128, mask, planText(1, 64, 3, true, false, true, 2));
    plan(64, mask, planText(1, 64, 3, true, false, false, 3));
  }
  for (const char *ragged : {"lengths(query = %lq)", "lengths(kv = %lk)", "lengths(query = %lq, kv = %lk)",
                             "packed(query = %cq)", "packed(kv = %ck)", "packed(query = %cq, kv = %ck)",
                             "packed(query = %cq, kv = %ck) lengths(query = %lq, kv = %lk)"})
    for (int64_t headDim : {64, 128, 256}) {
      add(headDim, headDim);
      shapes.back().ragged = ragged;
    }
  for (const char *ragged : {"lengths(query = %lq, kv = %lk)", "packed(query = %cq, kv = %ck)"}) {
    plan(128, "bottom_right", planText(2, 128, 2, true, false, true));
    shapes.back().ragged = ragged;
  }
  for (int64_t headDim : {64, 128, 256}) {
    add(headDim, headDim);
    shapes.back().documents = true;
  }
  for (const char *ragged : {"", "packed(query = %cq, kv = %ck)"})
    for (int64_t headDim : {64, 128, 256}) {
      add(headDim, headDim);
      shapes.back().blocks = true;
      shapes.back().ragged = ragged;
    }
  scheduled(128, "", planText(1, 64, 3, true, false, false, 2), "split = 2");
  shapes.back().blocks = true; // a table, and a first tile that is shared
  // Tables in front of the roles, in turns, and where one consumer leaves registers to its producer.
  for (const std::string &text : {planText(2, 64, 2, true, true, false), planText(2, 64, 2, true, true, true),
                                  planText(1, 64, 2, true, false, false), planText(1, 64, 2, true, false, true)}) {
    plan(128, "bottom_right", text);
    shapes.back().blocks = true;
    shapes.back().ragged = "packed(query = %cq, kv = %ck)";
  }
  add(128, 128);
  shapes.back().documents = true;
  shapes.back().ragged = "packed(query = %cq, kv = %ck)";
  for (const char *mask : {"", "bottom_right"})
    scheduled(128, mask, planText(2, 128, 2, true, false, true), "ascending = true");
  for (const char *mask : {"", "bottom_right"}) {
    // Sums that products make: of weights that are looked at, and of bounded ones.
    for (bool capped : {false, true}) {
      scheduled(64, mask, planText(3, 96, 2, true, false, true), "staged_stores = true, sum_column = true");
      shapes.back().lse = false, shapes.back().capped = capped;
    }
    scheduled(64, mask, planText(2, 64, 2, false, false, false), "sum_column = true");
    shapes.back().lse = false;
  }
  // Clusters of three warpgroups, which have no register to spare, and of programs that overlap.
  scheduled(128, "", planText(3, 80, 2, true, false, true), "keys_first = true, staged_stores = true, ascending = true, cluster = 2");
  scheduled(128, "", planText(2, 128, 2, true, false, true), "keys_first = true, staged_stores = true, overlap_programs = true, cluster = 2");
  return shapes;
}

} // namespace attn::gates
