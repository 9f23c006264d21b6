// Registration of the tile dialect and the verifiers of its attributes.
#include "attn/Dialect/Tile/IR/Layouts.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::tile;

#include "attn/Dialect/Tile/IR/TileDialect.cpp.inc"
#include "attn/Dialect/Tile/IR/TileEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "attn/Dialect/Tile/IR/TileAttributes.cpp.inc"

namespace {
/// Layouts stand in nearly every type; a printed module names them at its head.
struct Aliases : OpAsmDialectInterface {
  using OpAsmDialectInterface::OpAsmDialectInterface;

  AliasResult getAlias(Attribute attribute, raw_ostream &os) const final {
    if (auto layout = dyn_cast<LayoutAttr>(attribute)) {
      os << stringifyLayoutKind(layout.getKind());
      return AliasResult::OverridableAlias;
    }
    return AliasResult::NoAlias;
  }
};
} // namespace

void TileDialect::initialize() {
  addInterfaces<Aliases>();
  addOperations<
#define GET_OP_LIST
#include "attn/Dialect/Tile/IR/TileOps.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "attn/Dialect/Tile/IR/TileAttributes.cpp.inc"
      >();
  registerTypes();
}

LogicalResult LayoutAttr::verify(function_ref<InFlightDiagnostic()> emitError, LayoutKind, int64_t warpgroups) {
  if (warpgroups < 1 || warpgroups > 4) // L1
    return emitError() << "expects a layout over 1 to 4 warpgroups, got " << warpgroups;
  return success();
}

PlanAttr::Fields PlanAttr::getFields() const {
  return {getTarget(),     getQueryTile(), getKvTile(),    getWarpgroups(), getStages(),    getOverlap(),
          getPingPong(),   getPersistent(), getRescaleThreshold(), getKeysFirst(), getResidency(), getCluster(),
          getDynamic(),    getSplit(),     getPackedHeads(), getLeastPart(), getStagedStores(), getAscending(),
          getOwnEnds(),    getSumColumn(), getOverlapPrograms()};
}

PlanAttr PlanAttr::get(MLIRContext *context, const Fields &fields) {
  return get(context, fields.target, fields.queryTile, fields.kvTile, fields.warpgroups, fields.stages, fields.overlap, fields.pingPong,
             fields.persistent, fields.rescaleThreshold, fields.keysFirst, fields.residency, fields.cluster, fields.dynamic,
             fields.split, fields.packedHeads, fields.leastPart, fields.stagedStores, fields.ascending,
             fields.ownEnds, fields.sumColumn, fields.overlapPrograms);
}

PlanAttr PlanAttr::withTiles(int64_t kvTile, int64_t warpgroups) const {
  Fields fields = getFields();
  fields.queryTile = isGpu() ? 64 * warpgroups : getQueryTile();
  fields.kvTile = kvTile, fields.warpgroups = warpgroups;
  return get(getContext(), fields);
}

LogicalResult PlanAttr::verify(function_ref<InFlightDiagnostic()> emitError, StringRef target, int64_t queryTile,
                               int64_t kvTile, int64_t warpgroups, int64_t stages, bool overlap, bool pingPong,
                               bool persistent, int64_t rescaleThreshold, bool, int64_t residency, int64_t cluster,
                               bool dynamic, int64_t split, int64_t packedHeads, int64_t leastPart, bool stagedStores,
                               bool ascending, bool ownEnds, bool sumColumn, bool overlapPrograms) {
  if (queryTile <= 0 || kvTile <= 0) // P1
    return emitError() << "expects positive tiles, got query_tile = " << queryTile << " and kv_tile = " << kvTile;
  if (packedHeads < 1) // P9
    return emitError() << "expects packed_heads to be at least 1, got " << packedHeads;
  if (packedHeads > 1 && queryTile % (kWarpRows * packedHeads) != 0) // P9
    return emitError() << "expects query_tile to be a multiple of " << kWarpRows << " queries of each of " << packedHeads
                       << " heads, got " << queryTile;
  if (leastPart < 0) // P10
    return emitError() << "expects least_part to be at least 0, got " << leastPart;
  if (leastPart > 0 && split == 1) // P10
    return emitError() << "expects a split of more than 1 where least_part = " << leastPart << ", got 1";
  if (stagedStores && split > 1) // P11
    return emitError() << "expects split = 1 where stores are staged, got " << split;
  if (ownEnds && (target == "cpu" || !ascending || pingPong || cluster != 1 || split != 1)) // P12
    return emitError() << "expects a plan for a GPU with ascending = true, ping_pong = false, cluster = 1 and split = 1 where "
                          "own_ends = true, got target = \""
                       << target << "\", ascending = " << (ascending ? "true" : "false")
                       << ", ping_pong = " << (pingPong ? "true" : "false") << ", cluster = " << cluster << " and split = " << split;
  if (sumColumn && (target == "cpu" || rescaleThreshold < 1 || split != 1)) // P13
    return emitError() << "expects a plan for a GPU with rescale_threshold of at least 1 and split = 1 where sum_column = true, got target = \""
                       << target << "\", rescale_threshold = " << rescaleThreshold << " and split = " << split;
  if (overlapPrograms && (!persistent || !overlap || ownEnds)) // P14
    return emitError() << "expects persistent = true, overlap = true and own_ends = false where overlap_programs = true, got persistent = "
                       << (persistent ? "true" : "false") << ", overlap = " << (overlap ? "true" : "false") << " and own_ends = "
                       << (ownEnds ? "true" : "false");
  if (target == "cpu") {
    if (stagedStores) // P11
      return emitError() << "expects staged_stores = false in a plan for cpu, got true";
    if (persistent) // P3
      return emitError() << "expects persistent = false in a plan for cpu, got true";
    if (rescaleThreshold != 0) // P4
      return emitError() << "expects rescale_threshold = 0 in a plan for cpu, got " << rescaleThreshold;
    if (residency != 1) // P5
      return emitError() << "expects residency = 1 in a plan for cpu, got " << residency;
    if (cluster != 1) // P6
      return emitError() << "expects cluster = 1 in a plan for cpu, got " << cluster;
    if (dynamic) // P7
      return emitError() << "expects dynamic = false in a plan for cpu, got true";
    if (split != 1) // P8
      return emitError() << "expects split = 1 in a plan for cpu, got " << split;
    return success();
  }
  if (kvTile % 16 != 0 || kvTile > 256) // P1
    return emitError() << "expects kv_tile to be a multiple of 16 of at most 256 on a GPU, got " << kvTile;
  if (queryTile != 64 * warpgroups) // P2
    return emitError() << "expects query_tile to be 64 times warpgroups on a GPU, got query_tile = " << queryTile
                       << " and warpgroups = " << warpgroups;
  if (stages < 1 || stages > 8) // P2
    return emitError() << "expects 1 to 8 stages on a GPU, got " << stages;
  if (rescaleThreshold < 0 || rescaleThreshold > 15) // P4
    return emitError() << "expects rescale_threshold to be from 0 to 15, got " << rescaleThreshold;
  if (residency < 1 || residency > 4) // P5
    return emitError() << "expects residency to be from 1 to 4, got " << residency;
  if (cluster != 1 && cluster != 2 && cluster != 4) // P6
    return emitError() << "expects cluster to be 1, 2 or 4, got " << cluster;
  if (cluster > 1 && !persistent) // P6
    return emitError() << "expects persistent = true where cluster = " << cluster << ", got false";
  if (kvTile % (8 * cluster) != 0) // P6
    return emitError() << "expects kv_tile to be a multiple of 8 rows for each of " << cluster << " blocks, got " << kvTile;
  if (cluster > 1 && packedHeads > 1) // P9
    return emitError() << "expects cluster = 1 where packed_heads = " << packedHeads << ", got " << cluster;
  if (dynamic && !persistent) // P7
    return emitError() << "expects persistent = true in a dynamic plan, got false";
  if (dynamic && cluster > 1) // P7
    return emitError() << "expects cluster = 1 in a dynamic plan, got " << cluster;
  if (split != 1 && split != 2 && split != 4 && split != 8) // P8
    return emitError() << "expects split to be 1, 2, 4 or 8, got " << split;
  if (split > 1 && persistent) // P8
    return emitError() << "expects persistent = false where split = " << split << ", got true";
  return success();
}
