// The attn dialect says *what* attention is computed: which heads share keys, which pairs of query and key are
// allowed, how a score is changed. It says nothing of tiles, threads or memory; that is the tile dialect's business.

#ifndef ATTN_DIALECT_ATTN_OPS_TD
#define ATTN_DIALECT_ATTN_OPS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Attn_Dialect : Dialect {
  let name = "attn";
  let cppNamespace = "::mlir::attn";
  let summary = "Attention as a mathematical operation on tensors";
  let description = [{
    One operation, `attn.attention`, carries every choice on which attention implementations disagree as an attribute:
    head grouping, causal alignment, windows, scale, dropout. What no attribute says, a region does.
  }];
  let useDefaultAttributePrinterParser = 1;
}

class Attn_Attr<string name, string attrMnemonic> : AttrDef<Attn_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def Attn_HeadGroupingAttr : Attn_Attr<"HeadGrouping", "head_grouping"> {
  let summary = "How many query heads there are and how many key/value heads they share";
  let description = [{
    Query head `h` reads key/value head `h / (query / kv)`. Equal counts are multi-head attention, `kv = 1` is
    multi-query attention, anything between is grouped-query attention.

    Constraints:
    - (H1) both counts are positive;
    - (H2) `query` is a multiple of `kv`.

    Example:
    ```mlir
    #attn.head_grouping<query = 32, kv = 8>
    ```
  }];
  let parameters = (ins "int64_t":$query, "int64_t":$kv);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Query heads that share one key/value head.
    int64_t getGroupSize() const { return getQuery() / getKv(); }
  }];
}

def Attn_CausalityKind : I32EnumAttr<"CausalityKind", "Which diagonal bounds the keys of a query", [
    I32EnumAttrCase<"None", 0, "none">,
    I32EnumAttrCase<"TopLeft", 1, "top_left">,
    I32EnumAttrCase<"BottomRight", 2, "bottom_right">]> {
  let cppNamespace = "::mlir::attn";
  let genSpecializedAttr = 0;
}

def Attn_CausalityAttr : Attn_Attr<"Causality", "causality"> {
  let summary = "Which keys a query may see: nothing, a causal diagonal, a sliding window";
  let description = [{
    Let `d = 0` for `top_left` and `d = Sk - Sq` for `bottom_right` and `none`. Key `j` is allowed for query `i` when
    - `j <= i + d`, unless the kind is `none`;
    - `j >= i + d - left`, where `left` is given;
    - `j <= i + d + right`, where `right` is given.

    `left` and `right` count keys beside the diagonal, inclusive, as in FlashAttention (arXiv 2307.08691).

    Constraints:
    - (C1) `left` and `right`, where given, are from 0 to 2^30 - 1.

    Example:
    ```mlir
    #attn.causality<bottom_right, left = 127>
    ```
  }];
  let parameters = (ins "CausalityKind":$kind, OptionalParameter<"std::optional<int64_t>">:$left,
                        OptionalParameter<"std::optional<int64_t>">:$right);
  let assemblyFormat = "`<` $kind (`,` struct($left, $right)^)? `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Lowest allowed key minus (query + d), or nothing when unbounded.
    std::optional<int64_t> getLowerOffset() const;
    /// Highest allowed key minus (query + d), or nothing when unbounded.
    std::optional<int64_t> getUpperOffset() const;
    /// Whether d is Sk - Sq rather than 0.
    bool isBottomRightAligned() const { return getKind() != CausalityKind::TopLeft; }
    /// Whether every key is allowed for every query.
    bool isUnbounded() const { return !getLowerOffset() && !getUpperOffset(); }
  }];
}

def Attn_DropoutAttr : Attn_Attr<"Dropout", "dropout"> {
  let summary = "Dropout of attention weights, keyed by position";
  let description = [{
    A weight is dropped with the given probability and kept weights are divided by `1 - probability`. The choice is a
    function of (seed, batch, head, query, key) through Philox-4x32-10 (Salmon et al., SC11), so it does not depend on
    tiles or on the target. Without `seed` the operation takes one as an operand.

    One block of four random words serves the four pairs of two keys and two queries at distance 8: word
    `2 * (query / 8 mod 2) + key / 8 mod 2` of the block of counter (key, query, head, batch), bit 3 of key and query
    cleared, under the seed as the Philox key, low word first. A weight is kept if its word is at least
    `round(probability * 2^32)`.

    Constraints:
    - (D1) `0 <= probability < 1`.

    Example:
    ```mlir
    #attn.dropout<probability = 1.000000e-01 : f64, seed = 7>
    ```
  }];
  let parameters = (ins "FloatAttr":$probability, OptionalParameter<"std::optional<uint64_t>">:$seed);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Words below it drop a weight; 0 where nothing is dropped, 2^32 where everything is.
    uint64_t getThreshold() const;
  }];
}

def Attn_Element : AnyTypeOf<[F16, BF16, F32], "f16, bf16 or f32">;
def Attn_Tensor : RankedTensorOf<[Attn_Element]>;

def Attn_AttentionOp : Op<Attn_Dialect, "attention",
    [Pure, IsolatedFromAbove, AttrSizedOperandSegments]> {
  let summary = "Scaled dot-product attention with head grouping, causality, score and mask";
  let description = [{
    Computes, for every batch `b`, query head `h` and query `i`,
    `out[b,h,i,:] = sum_j softmax_j(x[b,h,i,j]) * v[b,h/g,j,:]` where `x` is built in this order: dot product of query
    and key times `scale`, then `softcap`, `alibi`, `bias` and the `score` region, then the `mask` region and the other
    clauses that forbid pairs, then the softmax over `j` (and over the head's sink), then `dropout`. A query without an
    allowed key yields exactly 0 and a log-sum-exp of -inf, or of the head's sink.

    Axes are batch, head, sequence, head_dim. Any extent except head_dim may be dynamic; memory order is a matter of the
    strides given at launch. The optional second result is the natural log-sum-exp of `x` in f32.

    `lengths` gives each batch a number of queries, of keys or both, below the extents of the tensors: the rest is padding.
    Padding is not read into any result, keys in it are seen by no query, and a query in it sees no key.

    `packed` says that the sequences of the queries, of the keys or of both lie one behind another along the sequence axis of
    tensors with one batch: sequence `b` has rows `offsets[b]` to `offsets[b + 1] - 1`. A sequence then is what a batch is
    elsewhere, and positions count within it.

    The `score` region takes (score, batch, head, query, key) and then the captured values, and yields the new score;
    the `mask` region takes (batch, head, query, key) and then the captured values, and yields i1, true where allowed.

    A captured value that is `sorted` does not fall along its last axis. The key range of a query tile then follows from
    comparisons of its elements by a search, as for documents packed into one sequence.

    Clauses that `attn-expand-clauses` writes into these regions; `d` is that of `causality`:
    - `softcap(c)`: the score x becomes `c * tanh(x / c)`;
    - `alibi(%slopes)`: `slopes[h] * |i + d - j|` is subtracted;
    - `bias(%bias)`: `bias[b, h, i, j]` is added, index 0 on axes of static extent 1;
    - `prefix(%lengths)`: keys below `lengths[b]` are allowed whatever `causality` says;
    - `chunk(n)`: `floor((i + d) / n) = floor(j / n)` is required;
    - `documents(%ids)`: `ids[b, i + d] = ids[b, j]` is required, and that key i + d exists; `documents(%ids sorted)` says
      besides that numbers do not fall.

    `sinks(%sinks)` gives each head one more score that takes part in the sum of exponentials and has no value.

    Constraints:
    - (A1) query, key, value and output have rank 4;
    - (A2) they have one element type: f16, bf16 or f32;
    - (A3) both head dimensions are static multiples of 8 from 16 to 256;
    - (A4) query and key have the same head dimension; value and output have the same head dimension;
    - (A5) static head extents equal the head grouping; a dynamic one is checked at launch by ratio;
    - (A6) batch extents agree, as do the sequence extents of key and value, and of query and output;
    - (A7) the log-sum-exp is a rank-3 f32 tensor of batch, query head, query;
    - (A8) `scale`, where given, is finite;
    - (A9) the score region takes f32, four indices and the captured types, and yields f32;
    - (A10) the mask region takes four indices and the captured types, and yields i1;
    - (A11) static extents are smaller than 2^30, so that tile arithmetic fits 32 bits;
    - (A12) regions have no side effects;
    - (R1) lengths are rank-1 tensors of i32 with an element a sequence;
    - (R2) offsets are rank-1 tensors of i32 with an element a sequence and one more;
    - (R3) packed tensors have one batch;
    - (O1) what is sorted is a captured tensor of i32;
    - (O2) documents are sorted only where there are documents;
    - (D2) dropout has one seed, in its attribute or as an operand;
    - (D3) a seed operand is a tensor of two i32, the low word first;
    - (S1) `softcap` is finite and positive;
    - (S2) slopes are a rank-1 f32 tensor with an element a query head;
    - (S3) the bias is a rank-4 tensor of f32, f16 or bf16: batches or 1, query heads or 1, queries or 1, keys or 1;
    - (S4) sinks are a rank-1 f32 tensor with an element a query head;
    - (M1) prefix lengths are a rank-1 i32 tensor: batches or 1, and causality forbids something;
    - (M2) `chunk` is from 1 to 2^30 - 1;
    - (M3) document ids are a rank-2 i32 tensor: batches or 1, keys.

    Example:
    ```mlir
    func.func @attention(%q: tensor<?x32x?x128xbf16>, %k: tensor<?x8x?x128xbf16>, %v: tensor<?x8x?x128xbf16>)
        -> tensor<?x32x?x128xbf16> {
      %out = attn.attention %q, %k, %v
          heads(#attn.head_grouping<query = 32, kv = 8>)
          causality(#attn.causality<bottom_right>)
          : (tensor<?x32x?x128xbf16>, tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>) -> tensor<?x32x?x128xbf16>
      return %out : tensor<?x32x?x128xbf16>
    }
    ```
  }];
  let arguments = (ins Attn_Tensor:$query, Attn_Tensor:$key, Attn_Tensor:$value, Variadic<AnyType>:$captures,
      Optional<AnyType>:$slopes, Optional<AnyType>:$bias, Optional<AnyType>:$prefix, Optional<AnyType>:$documents,
      Optional<AnyType>:$sinks, Optional<AnyType>:$seed, Optional<RankedTensorOf<[I32]>>:$query_lengths,
      Optional<RankedTensorOf<[I32]>>:$kv_lengths, Optional<RankedTensorOf<[I32]>>:$query_offsets,
      Optional<RankedTensorOf<[I32]>>:$kv_offsets, Attn_HeadGroupingAttr:$heads,
      OptionalAttr<Attn_CausalityAttr>:$causality, OptionalAttr<F32Attr>:$scale, OptionalAttr<F32Attr>:$softcap,
      OptionalAttr<I64Attr>:$chunk, OptionalAttr<Attn_DropoutAttr>:$dropout, OptionalAttr<DenseI64ArrayAttr>:$sorted,
      UnitAttr:$documents_sorted);
  let results = (outs Attn_Tensor:$output, Optional<RankedTensorOf<[F32]>>:$lse);
  let regions = (region AnyRegion:$score, AnyRegion:$mask);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`captures` `(` custom<Captures>($captures, $sorted)^ `)`)?
    `heads` `(` $heads `)`
    (`packed` `(` custom<Sides>($query_offsets, $kv_offsets)^ `)`)?
    (`lengths` `(` custom<Sides>($query_lengths, $kv_lengths)^ `)`)?
    (`causality` `(` $causality^ `)`)?
    (`prefix` `(` $prefix^ `)`)?
    (`chunk` `(` $chunk^ `)`)?
    (`documents` `(` $documents^ (`sorted` $documents_sorted^)? `)`)?
    (`scale` `(` custom<Scale>($scale)^ `)`)?
    (`softcap` `(` custom<Scale>($softcap)^ `)`)?
    (`alibi` `(` $slopes^ `)`)?
    (`bias` `(` $bias^ `)`)?
    (`sinks` `(` $sinks^ `)`)?
    (`dropout` `(` $dropout^ (`,` $seed^)? `)`)?
    (`score` $score^)? (`mask` $mask^)?
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The head dimension of query and key.
    int64_t getHeadDim() { return cast<RankedTensorType>(getQuery().getType()).getDimSize(3); }
    /// The head dimension of value and output.
    int64_t getValueDim() { return cast<RankedTensorType>(getValue().getType()).getDimSize(3); }
    /// The scale given, or 1/sqrt(head_dim).
    double getScaleOrDefault();
    /// Whether a clause stands there that attn-expand-clauses writes into a region.
    bool hasClauses();
    /// The causality given, or `none`.
    CausalityAttr getCausalityOrNone();
  }];
}

def Attn_YieldOp : Op<Attn_Dialect, "yield", [Pure, Terminator, ReturnLike, HasParent<"AttentionOp">]> {
  let summary = "Ends a score or mask region with its value";
  let description = [{
    Constraints:
    - (Y1) stands in a region of `attn.attention`; the yielded type is fixed there (A9, A10).

    Example:
    ```mlir
    attn.yield %score : f32
    ```
  }];
  let arguments = (ins AnyType:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

#endif // ATTN_DIALECT_ATTN_OPS_TD
