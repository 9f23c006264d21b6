// The masks that attention is used with: which of them have ranges in closed form, and that those visit no block too many.
#include "MaskRegions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace ::attn::test;
using ::attn::analysis::MaskRanges;
using ::attn::analysis::TiledBand;

namespace {
/// A slack that promises nothing but that no pair is lost, of the blocks that are visited or masked.
constexpr int64_t kNoBound = 1 << 20;

class MaskGallery : public testing::Test {
protected:
  MaskGallery() {
    context.loadDialect<arith::ArithDialect, func::FuncDialect, tensor::TensorDialect>();
    context.disableMultithreading();
  }

  /// Parses a mask with captures `types` = ", %name: type…" and holds it against brute force for several lengths. With slack
  /// more blocks may be visited than need be.
  MaskRanges check(const std::string &types, const std::string &body, TiledBand band,
                   std::vector<std::vector<int64_t>> tables = {}, int64_t slack = 0, std::vector<int64_t> sorted = {}) {
    OwningOpRef<ModuleOp> module = parseMask(context, types, body);
    Block &region = getRegion(*module);
    MaskRanges mask = MaskRanges::derive(region, band, sorted);
    for (int64_t length : {0, 1, 7, 64, 65, 150}) {
      Comparison result = compare(mask, region, {length, length, 0, {1, 0, tables}});
      EXPECT_EQ(result.wrong, "") << "length " << length;
      if (mask.outcome() == MaskRanges::Outcome::Visited)
        continue;
      EXPECT_LE(result.visited, result.needed + slack) << "length " << length;
      if (slack != kNoBound)
        EXPECT_EQ(result.full, result.couldBeFull) << "length " << length;
    }
    modules.push_back(std::move(module));
    return mask;
  }

  void expectDerived(const std::string &types, const std::string &body, std::vector<std::vector<int64_t>> tables = {},
                     TiledBand band = kTiles) {
    MaskRanges mask = check(types, body, band, std::move(tables));
    EXPECT_EQ(mask.outcome(), MaskRanges::Outcome::Derived) << mask.why();
  }

  static constexpr TiledBand kTiles{16, 8, std::nullopt, std::nullopt};
  static constexpr TiledBand kCausal{16, 8, std::nullopt, 0};
  MLIRContext context;
  std::vector<OwningOpRef<ModuleOp>> modules;
};
} // namespace

TEST_F(MaskGallery, Causal) {
  expectDerived("", R"(
    %m = arith.cmpi sle, %k, %q : index
    return %m : i1
  )");
}

TEST_F(MaskGallery, Window) {
  expectDerived("", R"(
    %d = arith.subi %q, %k : index
    %w = arith.constant 21 : index
    %zero = arith.constant 0 : index
    %near = arith.cmpi sle, %d, %w : index
    %past = arith.cmpi sge, %d, %zero : index
    %m = arith.andi %near, %past : i1
    return %m : i1
  )");
}

TEST_F(MaskGallery, Prefix) {
  expectDerived(", %prefix: index", R"(
    %causal = arith.cmpi sle, %k, %q : index
    %in = arith.cmpi slt, %k, %prefix : index
    %m = arith.ori %causal, %in : i1
    return %m : i1
  )",
                {{37}});
}

static const char *const kChunkedLocal = R"(
    %c = arith.constant 20 : index
    %qc = arith.divui %q, %c : index
    %kc = arith.divui %k, %c : index
    %m = arith.cmpi eq, %qc, %kc : index
    return %m : i1
  )";

TEST_F(MaskGallery, ChunkedLocal) { expectDerived("", kChunkedLocal); }
TEST_F(MaskGallery, ChunkedLocalAndCausal) { expectDerived("", kChunkedLocal, {}, kCausal); }

// Wide chunks beside narrow blocks: products of both sizes would leave the 32 bits of a GPU's index arithmetic.
TEST_F(MaskGallery, WideChunksBesideNarrowBlocks) {
  check(", %offset: index", R"(
    %wide = arith.constant 100000 : index
    %narrow = arith.constant 33 : index
    %shift = arith.constant 19 : index
    %place = arith.addi %q, %offset : index
    %from = arith.floordivsi %place, %wide : index
    %to = arith.floordivsi %k, %wide : index
    %same_chunk = arith.cmpi eq, %from, %to : index
    %moved = arith.addi %q, %shift : index
    %row = arith.floordivsi %moved, %narrow : index
    %column = arith.floordivsi %k, %narrow : index
    %same_block = arith.cmpi eq, %row, %column : index
    %m = arith.andi %same_chunk, %same_block : i1
    return %m : i1
  )",
        kCausal, {{3}}, /*slack=*/4);
}

TEST_F(MaskGallery, Dilated) {
  expectDerived("", R"(
    %d = arith.subi %q, %k : index
    %four = arith.constant 4 : index
    %w = arith.constant 32 : index
    %zero = arith.constant 0 : index
    %rest = arith.remsi %d, %four : index
    %same = arith.cmpi eq, %rest, %zero : index
    %near = arith.cmpi sle, %d, %w : index
    %past = arith.cmpi sge, %d, %zero : index
    %0 = arith.andi %same, %near : i1
    %m = arith.andi %0, %past : i1
    return %m : i1
  )");
}

static const char *const kLongformer = R"(
    %d = arith.subi %q, %k : index
    %w = arith.constant 12 : index
    %minus = arith.constant -12 : index
    %le = arith.cmpi sle, %d, %w : index
    %ge = arith.cmpi sge, %d, %minus : index
    %window = arith.andi %le, %ge : i1
    %columns = arith.cmpi slt, %k, %global : index
    %rows = arith.cmpi slt, %q, %global : index
    %0 = arith.ori %window, %columns : i1
    %m = arith.ori %0, %rows : i1
    return %m : i1
  )";

TEST_F(MaskGallery, Longformer) {
  for (int64_t global : {0, 3, 17, 1000})
    expectDerived(", %global: index", kLongformer, {{global}});
}

TEST_F(MaskGallery, LongformerIsAUnionOfThreeRanges) {
  MaskRanges mask = check(", %global: index", kLongformer, kCausal, {{5}});
  EXPECT_EQ(mask.visited().size(), 3u);
}

TEST_F(MaskGallery, Neighbourhood) {
  // Queries and keys on a grid 24 wide, each seeing 2 rows and 2 columns around itself.
  expectDerived("", R"(
    %w = arith.constant 24 : index
    %r = arith.constant 2 : index
    %minus = arith.constant -2 : index
    %qy = arith.divui %q, %w : index
    %qx = arith.remui %q, %w : index
    %ky = arith.divui %k, %w : index
    %kx = arith.remui %k, %w : index
    %dy = arith.subi %qy, %ky : index
    %dx = arith.subi %qx, %kx : index
    %0 = arith.cmpi sle, %dy, %r : index
    %1 = arith.cmpi sge, %dy, %minus : index
    %2 = arith.cmpi sle, %dx, %r : index
    %3 = arith.cmpi sge, %dx, %minus : index
    %4 = arith.andi %0, %1 : i1
    %5 = arith.andi %2, %3 : i1
    %m = arith.andi %4, %5 : i1
    return %m : i1
  )",
                {}, {24, 24, std::nullopt, std::nullopt});
}

TEST_F(MaskGallery, PaddingByLengths) {
  expectDerived(", %lengths: tensor<?xindex>", R"(
    %length = tensor.extract %lengths[%b] : tensor<?xindex>
    %m = arith.cmpi slt, %k, %length : index
    return %m : i1
  )",
                {{5, 43, 11}});
}

static const char *const kDocuments = R"(
    %i = tensor.extract %ids[%q] : tensor<?xindex>
    %j = tensor.extract %ids[%k] : tensor<?xindex>
    %m = arith.cmpi eq, %i, %j : index
    return %m : i1
  )";

TEST_F(MaskGallery, DocumentsAreNotDerived) {
  MaskRanges mask = check(", %ids: tensor<?xindex>", kDocuments, kCausal, {{0, 0, 0, 1, 1, 2, 2, 2, 2, 3}});
  EXPECT_EQ(mask.outcome(), MaskRanges::Outcome::Visited);
  EXPECT_EQ(mask.why(), "the result of arith.cmpi depends on the pair in no form known here");
}

/// Document numbers of 256 positions, with documents of one position, of a tile and of many.
static std::vector<int64_t> documents() {
  std::vector<int64_t> ids;
  int64_t lengths[] = {1, 1, 16, 40, 7, 1, 64, 3, 30, 93}, id = 5;
  for (int64_t length : lengths) {
    ids.insert(ids.end(), static_cast<size_t>(length), id);
    id += length % 3;
  }
  return ids;
}

TEST_F(MaskGallery, SortedDocumentsAreSearched) {
  for (TiledBand band : {kTiles, kCausal, TiledBand{16, 8, -20, 0}, TiledBand{8, 16, std::nullopt, 3}}) {
    MaskRanges mask = check(", %ids: tensor<?xindex>", kDocuments, band, {documents()}, 0, {0});
    EXPECT_EQ(mask.outcome(), MaskRanges::Outcome::Searched) << mask.why();
  }
}

TEST_F(MaskGallery, ANumberIsSearchedInASortedBuffer) {
  MaskRanges mask = check(", %ids: tensor<?xindex>, %first: index", R"(
    %j = tensor.extract %ids[%k] : tensor<?xindex>
    %m = arith.cmpi sge, %j, %first : index
    return %m : i1
  )",
                          kCausal, {documents(), {8}}, 0, {0});
  EXPECT_EQ(mask.outcome(), MaskRanges::Outcome::Searched) << mask.why();
}

TEST_F(MaskGallery, ElementsAgainstPositionsAreVisitedWithoutLoss) {
  check(", %ids: tensor<?xindex>", R"(
    %i = tensor.extract %ids[%q] : tensor<?xindex>
    %j = tensor.extract %ids[%k] : tensor<?xindex>
    %x = arith.addi %i, %k : index
    %y = arith.addi %j, %q : index
    %m = arith.cmpi sle, %x, %y : index
    return %m : i1
  )",
        kTiles, {documents()}, kNoBound, {0});
}

TEST_F(MaskGallery, BigBirdKeepsItsWindowBesideRandomBlocks) {
  MaskRanges mask = check(", %blocks: tensor<?xi1>", R"(
    %random = tensor.extract %blocks[%k] : tensor<?xi1>
    %d = arith.subi %q, %k : index
    %w = arith.constant 12 : index
    %near = arith.cmpi sle, %d, %w : index
    %m = arith.ori %near, %random : i1
    return %m : i1
  )",
                          kCausal, {{0, 0, 1, 0, 0}});
  EXPECT_EQ(mask.outcome(), MaskRanges::Outcome::Visited);
  EXPECT_EQ(mask.why(), "the result of tensor.extract depends on the pair in no form known here");
  EXPECT_EQ(mask.visited().size(), 1u); // all that the band allows
}

TEST_F(MaskGallery, TreeIsNotDerived) {
  // Speculative decoding: a query sees the keys of a bit set of its own.
  MaskRanges mask = check(", %ancestors: tensor<?xindex>", R"(
    %set = tensor.extract %ancestors[%q] : tensor<?xindex>
    %two = arith.constant 2 : index
    %column = arith.remui %k, %two : index
    %bits = arith.shrui %set, %column : index
    %bit = arith.remui %bits, %two : index
    %zero = arith.constant 0 : index
    %m = arith.cmpi ne, %bit, %zero : index
    return %m : i1
  )",
                          kTiles, {{1, 3, 2, 3}});
  EXPECT_EQ(mask.outcome(), MaskRanges::Outcome::Visited);
}

TEST_F(MaskGallery, BandAloneIsThatOfBlockMask) {
  for (TiledBand band : {kTiles, kCausal, TiledBand{16, 8, -20, 0}, TiledBand{16, 8, -3, 5}}) {
    expectDerived("", "%m = arith.constant true\nreturn %m : i1\n", {}, band);
  }
}
