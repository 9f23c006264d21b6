"""The rows of masks.py: each a spec of ours and the same mask and score as functions that FlexAttention takes."""

from __future__ import annotations

import dataclasses
import typing

DIM = 128


@dataclasses.dataclass
class Row:
    """`allowed(b, h, i, j)` and `score(s, b, h, i, j)` broadcast over tensors; goals: least ratios, by rival, and "rate"
    of the dense kernel's on visited tiles. `documents`: offsets of the documents of all batches, where the mask is causal within
    documents; our plain kernel then takes part with the same documents as packed sequences."""

    label: str
    batch: int
    heads: int
    length: int
    spec: str
    allowed: typing.Callable | None = None
    score: typing.Callable | None = None
    captures: tuple = ()
    goals: dict[str, float] = dataclasses.field(default_factory=dict)
    offsets: typing.Any = None
    documents: typing.Any = None
    mask_batches: int = 0  # FlexAttention's block mask has that many; 0: one for all
    ours_alone: bool = False

    def tensors(self, torch):
        torch.manual_seed(1)
        shape = (self.batch, self.heads, self.length, DIM)
        return tuple(torch.randn(shape, device="cuda", dtype=torch.bfloat16) for _ in range(3))


def spec(heads: int, clauses: str, captures: dict[str, str] | None = None) -> str:
    """`captures`: types of further operands by name."""
    tensor = f"tensor<?x{heads}x?x{DIM}xbf16>"
    names = {"q": tensor, "k": tensor, "v": tensor, **(captures or {})}
    arguments = ", ".join(f"%{name}: {kind}" for name, kind in names.items())
    return (
        f"func.func @attention({arguments}) -> {tensor} {{\n"
        f"  %out = attn.attention %q, %k, %v\n{clauses}\n"
        f"    : ({', '.join(names.values())}) -> {tensor}\n  return %out : {tensor}\n}}\n"
    )


def dense_spec(heads: int) -> str:
    return spec(heads, f"    heads(#attn.head_grouping<query = {heads}, kv = {heads}>)")


def _heads(count: int) -> str:
    return f"heads(#attn.head_grouping<query = {count}, kv = {count}>)"


_PREFIX = """    mask {
    ^bb0(%b: index, %h: index, %i: index, %j: index):
      %length = arith.constant 1024 : index
      %prefix = arith.cmpi slt, %j, %length : index
      %causal = arith.cmpi sle, %j, %i : index
      %allowed = arith.ori %prefix, %causal : i1
      attn.yield %allowed : i1
    }"""

_DOCUMENTS = """    mask {
    ^bb0(%b: index, %h: index, %i: index, %j: index, %documents: tensor<?x?xi32>):
      %mine = tensor.extract %documents[%b, %i] : tensor<?x?xi32>
      %other = tensor.extract %documents[%b, %j] : tensor<?x?xi32>
      %same = arith.cmpi eq, %mine, %other : i32
      attn.yield %same : i1
    }"""

_LONGFORMER = """    mask {
    ^bb0(%b: index, %h: index, %i: index, %j: index):
      %window = arith.constant 256 : index
      %minus_window = arith.constant -256 : index
      %globals = arith.constant 64 : index
      %distance = arith.subi %i, %j : index
      %not_left = arith.cmpi sle, %distance, %window : index
      %not_right = arith.cmpi sge, %distance, %minus_window : index
      %near = arith.andi %not_left, %not_right : i1
      %global_key = arith.cmpi slt, %j, %globals : index
      %global_query = arith.cmpi slt, %i, %globals : index
      %global = arith.ori %global_key, %global_query : i1
      %allowed = arith.ori %near, %global : i1
      attn.yield %allowed : i1
    }"""

_BIGBIRD = """    mask {
    ^bb0(%b: index, %h: index, %i: index, %j: index, %random: tensor<?x3xi32>):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c2 = arith.constant 2 : index
      %size = arith.constant 64 : index
      %from = arith.divui %i, %size : index
      %to = arith.divui %j, %size : index
      %first_query = arith.cmpi eq, %from, %c0 : index
      %first_key = arith.cmpi eq, %to, %c0 : index
      %global = arith.ori %first_query, %first_key : i1
      %after = arith.addi %from, %c1 : index
      %above = arith.cmpi sle, %to, %after : index
      %behind = arith.addi %to, %c1 : index
      %below = arith.cmpi sle, %from, %behind : index
      %window = arith.andi %above, %below : i1
      %near = arith.ori %global, %window : i1
      %block = arith.index_cast %to : index to i32
      %t0 = tensor.extract %random[%from, %c0] : tensor<?x3xi32>
      %t1 = tensor.extract %random[%from, %c1] : tensor<?x3xi32>
      %t2 = tensor.extract %random[%from, %c2] : tensor<?x3xi32>
      %m0 = arith.cmpi eq, %block, %t0 : i32
      %m1 = arith.cmpi eq, %block, %t1 : i32
      %m2 = arith.cmpi eq, %block, %t2 : i32
      %m01 = arith.ori %m0, %m1 : i1
      %drawn = arith.ori %m01, %m2 : i1
      %allowed = arith.ori %near, %drawn : i1
      attn.yield %allowed : i1
    }"""


def _document_spec(heads: int) -> str:
    clauses = f"    captures(%ids sorted) {_heads(heads)} causality(#attn.causality<top_left>)\n{_DOCUMENTS}"
    return spec(heads, clauses, {"ids": "tensor<?x?xi32>"})


def packed_spec() -> str:
    """Packed sequences of 16 heads, causal, without a mask."""
    clauses = f"    {_heads(16)} packed(query = %queries, kv = %keys) causality(#attn.causality<bottom_right>)"
    text = spec(16, clauses, {"queries": "tensor<?xi32>", "keys": "tensor<?xi32>"})
    return text.replace("tensor<?x16x", "tensor<1x16x")


_SPECS = {
    "softcap-s8192": spec(16, f"    {_heads(16)} softcap(50.0)"),
    "alibi-s8192": spec(16, f"    {_heads(16)} alibi(%slopes)", {"slopes": "tensor<?xf32>"}),
    "prefix-s8192": spec(16, f"    {_heads(16)}\n{_PREFIX}"),
    "document-s8192": _document_spec(16),
    "longformer-s16384": spec(16, f"    {_heads(16)}\n{_LONGFORMER}"),
    "bigbird-s16384": spec(16, f"    captures(%table) {_heads(16)}\n{_BIGBIRD}", {"table": "tensor<?x3xi32>"}),
    "ragged-64": packed_spec(),
    "document-s131072": _document_spec(4),
    "longformer-s131072": spec(4, f"    {_heads(4)}\n{_LONGFORMER}"),
}
LABELS = tuple(_SPECS)


def specs() -> dict[str, str]:
    """The rows' specs by label, for which neither PyTorch nor a GPU is needed."""
    return dict(_SPECS)


_SHARE = {"rate": 0.9, "flex": 1.4}


def _softcap(torch, label):
    return Row(
        label, 2, 16, 8192, _SPECS[label],
        score=lambda s, b, h, i, j: 50.0 * torch.tanh(s / 50.0), goals=_SHARE,
    )  # fmt: skip


def _alibi(torch, label):
    slopes = torch.exp2(-(torch.arange(16, device="cuda", dtype=torch.float32) + 1) / 2)
    return Row(
        label, 2, 16, 8192, _SPECS[label],
        score=lambda s, b, h, i, j: s - slopes[h] * (i - j).abs(), captures=(slopes,), goals=_SHARE,
    )  # fmt: skip


def _prefix(torch, label):
    return Row(
        label, 2, 16, 8192, _SPECS[label],
        allowed=lambda b, h, i, j: (j < 1024) | (j <= i), goals=_SHARE,
    )  # fmt: skip


def _documents(torch, batch: int, length: int, count: int):
    torch.manual_seed(3)
    starts = torch.randint(1, length, (batch, count - 1), device="cuda")
    marks = torch.zeros(batch, length, dtype=torch.int32, device="cuda")
    marks.scatter_(1, starts, 1)
    return marks.cumsum(1).to(torch.int32)


def _document(torch, label, length=8192, batch=2, heads=16, count=12, **others):
    ids = _documents(torch, batch, length, count)
    first = torch.ones_like(ids, dtype=torch.bool)
    first[:, 1:] = ids[:, 1:] != ids[:, :-1]
    ends = torch.tensor([batch * length], device="cuda")
    return Row(
        label, batch, heads, length, _SPECS[label],
        allowed=lambda b, h, i, j: (ids[b, i] == ids[b, j]) & (j <= i), captures=(ids,), mask_batches=batch,
        documents=torch.cat([first.flatten().nonzero()[:, 0], ends]).to(torch.int32), **others,
    )  # fmt: skip


def _longformer(torch, label, length=16384, heads=16, **others):
    return Row(
        label, 1, heads, length, _SPECS[label],
        allowed=lambda b, h, i, j: (((i - j) <= 256) & ((i - j) >= -256)) | (j < 64) | (i < 64), **others,
    )  # fmt: skip


def _bigbird(torch, label):
    torch.manual_seed(5)
    table = torch.randint(0, 16384 // 64, (16384 // 64, 3), device="cuda", dtype=torch.int32)

    def allowed(b, h, i, j):
        x, y = i // 64, j // 64
        drawn = (table[x, 0] == y) | (table[x, 1] == y) | (table[x, 2] == y)
        return (x == 0) | (y == 0) | ((y <= x + 1) & (x <= y + 1)) | drawn

    return Row(
        label, 1, 16, 16384, _SPECS[label], allowed=allowed, captures=(table,),
        goals={"rate": 0.75, "dense": 8.0},
    )  # fmt: skip


def _ragged(torch, label):
    """64 sequences, lengths log-uniform from 16 to 8192, packed, causal."""
    torch.manual_seed(7)
    lengths = torch.exp2(4 + 9 * torch.rand(64)).to(torch.int64)
    offsets = torch.cat([torch.zeros(1, dtype=torch.int64), lengths.cumsum(0)]).to(torch.int32).cuda()
    total = int(offsets[-1])
    ids = torch.repeat_interleave(torch.arange(64), lengths).cuda()
    return Row(
        label, 1, 16, total, _SPECS[label], allowed=lambda b, h, i, j: (ids[i] == ids[j]) & (j <= i), captures=(offsets, offsets),
        offsets=offsets, goals={"flex": 1.2, "varlen": 1.1},
    )  # fmt: skip


_MAKERS = {
    "softcap-s8192": _softcap,
    "alibi-s8192": _alibi,
    "prefix-s8192": _prefix,
    "document-s8192": lambda torch, label: _document(torch, label, goals={**_SHARE, "plain": 0.9}),
    "longformer-s16384": lambda torch, label: _longformer(torch, label, goals={"rate": 0.75, "dense": 8.0}),
    "bigbird-s16384": _bigbird,
    "ragged-64": _ragged,
    "document-s131072": lambda torch, label: _document(torch, label, 131072, 1, 4, 100, ours_alone=True),
    "longformer-s131072": lambda torch, label: _longformer(torch, label, 131072, 4, ours_alone=True),
}


def make(torch, label: str) -> Row:
    return _MAKERS[label](torch, label)
