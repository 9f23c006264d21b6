"""The examples of docs/examples by name: at which sizes they are timed and checked, and what their further tensors hold.

Imports nothing but Python's own, so that tools/docs_gallery.py can load this file by itself. Values come from seeds: the
page's pictures and every timing see the same documents, lengths, tables and trees.
"""

from __future__ import annotations

import dataclasses
import random
import typing


@dataclasses.dataclass(frozen=True)
class Size:
    """Of one launch. What the spec fixes (heads, head_dim, the keys of cross-attention) it alone says."""

    batch: int
    queries: int
    keys: int


@dataclasses.dataclass(frozen=True)
class Further:
    """A tensor behind q, k and v: "i32" or "f32", its shape, and its elements in row-major order."""

    dtype: str
    shape: tuple[int, ...]
    values: list


@dataclasses.dataclass(frozen=True)
class Example:
    """`further(size)` gives the tensors behind the value, in the order of the spec's function."""

    timed: Size
    small: Size
    further: typing.Callable[[Size], tuple[Further, ...]] = lambda size: ()


def document_ids(size: Size) -> tuple[Further, ...]:
    """A dozen documents in each batch of 8192, fewer in shorter ones, at random cuts."""
    draw, values = random.Random(3), []
    for _ in range(size.batch):
        cuts = set(draw.sample(range(1, size.keys), max(2, size.keys * 11 // 8192)))
        number = 0
        for position in range(size.keys):
            number += position in cuts
            values.append(number)
    return (Further("i32", (size.batch, size.keys), values),)


def lengths(size: Size) -> tuple[Further, ...]:
    """Each batch fills from half to all of its rows, as many queries as keys where there are as many of both."""
    draw = random.Random(5)
    shares = [0.5 + 0.5 * draw.random() for _ in range(size.batch)]
    return tuple(
        Further("i32", (size.batch,), [int(share * extent) for share in shares]) for extent in (size.queries, size.keys)
    )


def offsets(size: Size) -> tuple[Further, ...]:
    """Eight sequences between cuts at random, the same for queries and keys."""
    draw = random.Random(7)
    values = [0, *sorted(draw.sample(range(1, size.queries), 7)), size.queries]
    return (Further("i32", (9,), values), Further("i32", (9,), values))


def random_blocks(size: Size) -> tuple[Further, ...]:
    """Three blocks of keys for each block of 64 queries."""
    draw, blocks = random.Random(11), -(-size.keys // 64)
    rows = -(-size.queries // 64)
    return (Further("i32", (rows, 3), [draw.randrange(blocks) for _ in range(3 * rows)]),)


def draft_tree(size: Size) -> tuple[Further, ...]:
    """Node n hangs below node (n - 1) / 2; the drafts are the queries and the last keys."""
    above = [1]
    for node in range(1, size.queries):
        above.append(above[(node - 1) // 2] | 1 << node)
    signed = [value - (1 << 32) if value >= 1 << 31 else value for value in above]
    of_key = [-1] * (size.keys - size.queries) + list(range(size.queries))
    return (Further("i32", (size.queries,), signed), Further("i32", (size.keys,), of_key))


def _normal(*shape: int) -> typing.Callable[[Size], tuple[Further, ...]]:
    count = 1
    for extent in shape:
        count *= extent

    def further(_size: Size) -> tuple[Further, ...]:
        draw = random.Random(13)
        return (Further("f32", shape, [draw.gauss(0.0, 1.0) for _ in range(count)]),)

    return further


def _square(batch: int, small: int = 300, length: int = 8192, further=lambda size: ()) -> Example:
    return Example(Size(batch, length, length), Size(2, small, small), further)


EXAMPLES = {
    "alibi": _square(2),
    "bigbird": _square(2, 1000, further=random_blocks),
    "chunked-local": _square(2, 600),
    "cross-attention": Example(Size(16, 448, 1500), Size(1, 70, 1500)),
    "dilated": _square(2, 700),
    "document": _square(2, 600, further=document_ids),
    "llama3-prefill": Example(Size(1, 8192, 8192), Size(1, 130, 300)),
    "longformer": _square(2, 600),
    "mha": _square(2),
    "mistral-window": Example(Size(1, 8192, 8192), Size(1, 130, 4300)),
    "mla": Example(Size(1, 4096, 4096), Size(1, 130, 200)),
    "mqa": Example(Size(1, 4096, 4096), Size(1, 130, 200)),
    "neighbourhood": _square(2, 480),
    "packed": Example(Size(1, 16384, 16384), Size(1, 900, 900), offsets),
    "packed-documents": _square(2, 600, further=document_ids),
    "padding": _square(4, 400, further=lengths),
    "prefix": _square(2, 500),
    "sinks": Example(Size(1, 8192, 8192), Size(1, 300, 400), _normal(64)),
    "softcap": _square(2),
    "t5-bias": _square(2, further=_normal(32, 8)),
    "training-dropout": _square(2, further=lambda size: (Further("i32", (2,), [20, 26]),)),
    "tree": Example(Size(8, 32, 8192), Size(2, 32, 232), draft_tree),
}
