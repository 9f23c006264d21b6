// tile-simplify-scores: takes operations out of the arithmetic on scores that regions were written out to. Each of them is
// done for every pair of a query and a key.
#include "attn/Transforms/Passes.h"

#include "attn/Analysis/TileConstant.h"

#include "ScoreSources.h"
#include "UniformTile.h"

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <cmath>

namespace mlir::attn {
#define GEN_PASS_DEF_TILESIMPLIFYSCORES
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;
using ::attn::analysis::constantOfTile;

static Value makeConstant(OpBuilder &b, Location loc, Type type, float value) {
  return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(cast<RankedTensorType>(type), value));
}

static bool isUsual(float factor) { return std::isnormal(factor); }

namespace {
/// x / c and (x * c1) * c2 become x * c. (Both canonicalize constants to the right.)
template <typename Op> struct JoinFactors : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    std::optional<float> outer = constantOfTile(op.getRhs());
    if (!outer)
      return failure();
    constexpr bool divides = std::is_same_v<Op, arith::DivFOp>;
    float factor = divides ? 1.0f / *outer : *outer;
    Value source = op.getLhs();
    auto inner = source.template getDefiningOp<arith::MulFOp>();
    std::optional<float> first = inner ? constantOfTile(inner.getRhs()) : std::nullopt;
    if (!divides && !(first && inner->hasOneUse()))
      return failure();
    if (first && inner->hasOneUse())
      factor *= *first, source = inner.getLhs();
    if (!isUsual(factor))
      return failure();
    rewriter.replaceOpWithNewOp<arith::MulFOp>(op, source, makeConstant(rewriter, op.getLoc(), op.getType(), factor));
    return success();
  }
};

/// x + a * b and x - a * b become multiply-adds, where nothing else needs the product.
template <typename Op> struct AddProduct : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    constexpr bool subtracts = std::is_same_v<Op, arith::SubFOp>;
    auto type = dyn_cast<RankedTensorType>(op.getType());
    if (!type || type.getRank() != 2)
      return failure();
    auto productOf = [](Value value) {
      auto product = value.getDefiningOp<arith::MulFOp>();
      return product && product->hasOneUse() ? product : arith::MulFOp();
    };
    auto right = productOf(op.getRhs());
    if (auto left = right ? arith::MulFOp() : productOf(op.getLhs())) {
      Value addend = op.getRhs();
      if (subtracts)
        addend = arith::NegFOp::create(rewriter, op.getLoc(), addend);
      rewriter.replaceOpWithNewOp<math::FmaOp>(op, left.getLhs(), left.getRhs(), addend);
      return success();
    }
    if (!right)
      return failure();
    Value factor = right.getLhs();
    if (subtracts)
      factor = arith::NegFOp::create(rewriter, op.getLoc(), factor);
    rewriter.replaceOpWithNewOp<math::FmaOp>(op, factor, right.getRhs(), op.getLhs());
    return success();
  }
};

/// u * b + x * c, with u the same for the whole tile, becomes (u / c * b + x) * c: the factor goes on towards the softmax.
struct PassFactor : OpRewritePattern<math::FmaOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::FmaOp op, PatternRewriter &rewriter) const override {
    auto product = op.getC().getDefiningOp<arith::MulFOp>();
    std::optional<float> factor = product ? constantOfTile(product.getRhs()) : std::nullopt;
    if (!factor || !product->hasOneUse() || !isUsual(1.0f / *factor) || !isUniform(op.getA()))
      return failure();
    Location loc = op.getLoc();
    Type type = op.getType();
    Value uniform = arith::MulFOp::create(rewriter, loc, op.getA(), makeConstant(rewriter, loc, type, 1.0f / *factor));
    Value sum = math::FmaOp::create(rewriter, loc, uniform, op.getB(), product.getLhs());
    rewriter.replaceOpWithNewOp<arith::MulFOp>(op, sum, product.getRhs());
    return success();
  }
};

/// A sum of row and column indices and of numbers that are the same for the whole tile.
struct Sum {
  int64_t rows = 0, columns = 0, constant = 0;
  std::optional<int64_t> packed; ///< of the row indices
  SmallVector<std::pair<Value, bool>> terms; ///< indices, and whether they are added
};

/// f32(row - column + …) becomes tile.distances.
struct ConvertDistance : OpRewritePattern<arith::SIToFPOp> {
  using OpRewritePattern::OpRewritePattern;

  static bool addTo(Sum &sum, Value tile, bool plus) {
    SplatElementsAttr constant;
    if (matchPattern(tile, m_Constant(&constant)))
      return sum.constant += (plus ? 1 : -1) * constant.getSplatValue<APInt>().getSExtValue(), true;
    if (auto splat = tile.getDefiningOp<tensor::SplatOp>()) {
      auto cast = splat.getInput().getDefiningOp<arith::IndexCastOp>();
      return cast && cast.getIn().getType().isIndex() && (sum.terms.push_back({cast.getIn(), plus}), true);
    }
    if (auto indices = tile.getDefiningOp<tile::IndicesOp>()) {
      bool row = indices.getKind() == tile::IndexKind::Row;
      auto packed = static_cast<int64_t>(indices.getPacked());
      if (indices.getClear() || indices.getKind() == tile::IndexKind::Head || (row && sum.packed.value_or(packed) != packed))
        return false;
      if (row)
        sum.packed = packed;
      (row ? sum.rows : sum.columns) += plus ? 1 : -1;
      return sum.terms.push_back({indices.getBase(), plus}), true;
    }
    if (auto add = tile.getDefiningOp<arith::AddIOp>())
      return addTo(sum, add.getLhs(), plus) && addTo(sum, add.getRhs(), plus);
    if (auto sub = tile.getDefiningOp<arith::SubIOp>())
      return addTo(sum, sub.getLhs(), plus) && addTo(sum, sub.getRhs(), !plus);
    return false;
  }

  LogicalResult matchAndRewrite(arith::SIToFPOp op, PatternRewriter &rewriter) const override {
    Sum sum;
    auto type = dyn_cast<RankedTensorType>(op.getType());
    if (!type || !type.getElementType().isF32() || !addTo(sum, op.getIn(), true) || sum.rows * sum.columns != -1)
      return failure();
    Location loc = op.getLoc();
    bool forward = sum.rows == 1;
    Value base = arith::ConstantIndexOp::create(rewriter, loc, forward ? sum.constant : -sum.constant);
    for (auto [term, plus] : sum.terms)
      base = plus == forward ? arith::AddIOp::create(rewriter, loc, base, term).getResult()
                             : arith::SubIOp::create(rewriter, loc, base, term).getResult();
    Value distances = tile::DistancesOp::create(rewriter, loc, type, tile::DistancePart::Whole, base, *sum.packed);
    rewriter.replaceOp(op, forward ? distances : arith::NegFOp::create(rewriter, loc, distances).getResult());
    return success();
  }
};

/// |-x| is |x|.
struct AbsOfNegative : OpRewritePattern<math::AbsFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::AbsFOp op, PatternRewriter &rewriter) const override {
    auto negated = op.getOperand().getDefiningOp<arith::NegFOp>();
    if (!negated)
      return failure();
    rewriter.modifyOpInPlace(op, [&] { op.getOperandMutable().assign(negated.getOperand()); });
    return success();
  }
};

/// The factor that all scores of a kernel end in. Between it and the softmax stand masks and branches, which it passes, as
/// it is positive: c * -inf is -inf.
class CommonFactor {
public:
  explicit CommonFactor(func::FuncOp func) {
    func.walk([&](Operation *op) {
      if (isa<tile::SoftmaxStepOp, tile::SoftmaxFinishOp>(op))
        scaled.push_back(op);
    });
  }

  void moveIntoScale() {
    ScoreSources scores;
    for (Operation *op : scaled)
      if (auto step = dyn_cast<tile::SoftmaxStepOp>(op))
        scores.collect(step.getScores());
    if (!scores.areOnlyMasked())
      return;
    SmallVector<arith::MulFOp> products;
    std::optional<float> factor;
    for (Value source : scores.sources()) {
      auto product = source.getDefiningOp<arith::MulFOp>();
      std::optional<float> own = product ? constantOfTile(product.getRhs()) : std::nullopt;
      if (!own || !isUsual(*own) || *own < 0 || (factor && *factor != *own))
        return;
      factor = own;
      products.push_back(product);
    }
    if (!factor)
      return;
    for (arith::MulFOp product : products)
      product.replaceAllUsesWith(product.getLhs()), product.erase();
    for (Operation *op : scaled)
      rescale(op, *factor);
  }

private:
  static void rescale(Operation *op, float factor) {
    auto scale = op->getAttrOfType<FloatAttr>("scale");
    op->setAttr("scale", FloatAttr::get(scale.getType(), scale.getValue().convertToFloat() * factor));
  }

  SmallVector<Operation *> scaled;
};

struct SimplifyScores : mlir::attn::impl::TileSimplifyScoresBase<SimplifyScores> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<JoinFactors<arith::MulFOp>, JoinFactors<arith::DivFOp>, AddProduct<arith::AddFOp>, AddProduct<arith::SubFOp>,
                 PassFactor, ConvertDistance, AbsOfNegative>(context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    CommonFactor(getOperation()).moveIntoScale();
  }
};
} // namespace
