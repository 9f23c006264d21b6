"""What is measured: rows of the table, in named groups, and the spec of each."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Shape:
    """One row. Lengths are in tokens, head dimensions in elements; `window` keys, the query's own included, 0: all."""

    head_dim: int
    query_heads: int
    kv_heads: int
    length: int
    batch: int
    causal: bool
    value_dim: int = 0  # 0: as head_dim
    dtype: str = "bf16"
    kv_length: int = 0  # 0: as length
    window: int = 0
    neighbour: int = 0  # a length whose rate this row is held against
    fixed: bool = False  # the spec says batch and queries, so that the plan can count programs

    @property
    def value(self) -> int:
        return self.value_dim or self.head_dim

    @property
    def keys(self) -> int:
        return self.kv_length or self.length

    @property
    def name(self) -> str:
        """Of the spec: rows that differ in batch and lengths alone share it."""
        dims = f"d{self.head_dim}" + (f"v{self.value_dim}" if self.value_dim else "")
        mask = f"window{self.window}" if self.window else "causal" if self.causal else "full"
        return f"{dims}-h{self.query_heads}-{self.kv_heads}-{self.dtype}-{mask}"

    @property
    def kernel(self) -> str:
        """Of the kernel, which is planned for a number of keys and right for any."""
        return f"{self.name}-k{self.keys}" + (f"-q{self.length}-b{self.batch}" if self.fixed else "")

    @property
    def beside(self) -> Shape | None:
        """The row at the length whose rate this one is held against."""
        return dataclasses.replace(self, length=self.neighbour, neighbour=0) if self.neighbour else None

    @property
    def label(self) -> str:
        lengths = f"{self.length}x{self.kv_length}" if self.kv_length else f"{self.length}"
        return f"{self.name}-s{lengths}-b{self.batch}"

    @property
    def pairs(self) -> float:
        """Allowed pairs of query and key in one head. A square causal mask counts as one half, as others count it."""
        queries, keys = self.length, self.keys
        if not self.causal:
            return float(queries * keys)
        if queries == keys and not self.window:
            return queries * queries / 2
        window = self.window or keys
        return float(sum(min(window, max(0, i + 1 + keys - queries)) for i in range(queries)))

    @property
    def flop(self) -> float:
        return 2.0 * self.batch * self.query_heads * self.pairs * (self.head_dim + self.value)

    def spec(self) -> str:
        """The spec of this row; batch and lengths are launch arguments, but where they are fixed."""
        batch, queries = (str(self.batch), str(self.length)) if self.fixed else ("?", "?")
        query = f"tensor<{batch}x{self.query_heads}x{queries}x{self.head_dim}x{self.dtype}>"
        key = f"tensor<{batch}x{self.kv_heads}x?x{self.head_dim}x{self.dtype}>"
        value = f"tensor<{batch}x{self.kv_heads}x?x{self.value}x{self.dtype}>"
        output = f"tensor<{batch}x{self.query_heads}x{queries}x{self.value}x{self.dtype}>"
        left = f", left = {self.window - 1}" if self.window else ""
        causality = f" causality(#attn.causality<bottom_right{left}>)" if self.causal else ""
        return (
            f"func.func @attention(%q: {query}, %k: {key}, %v: {value}) -> {output} {{\n"
            f"  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = {self.query_heads}, kv = "
            f"{self.kv_heads}>){causality} : ({query}, {key}, {value}) -> {output}\n"
            f"  return %out : {output}\n}}\n"
        )


def rows(head_dim, query_heads, kv_heads, lengths, masks=(False, True), tokens=16384, batch=0, **others):
    """Rows with batch * length = tokens (or a given batch), without and with a causal mask."""
    return [
        Shape(head_dim, query_heads, kv_heads, length, batch or max(1, tokens // length), causal, **others)
        for length in lengths
        for causal in masks
    ]


def ragged(head_dim, heads):
    """Lengths that no tile divides, each before the next multiple of 128."""
    found = []
    for length in (1000, 3001, 8191):
        above = -(-length // 128) * 128
        batch = max(1, 16384 // above)
        found += rows(head_dim, heads, heads, [above], batch=batch)
        found += rows(head_dim, heads, heads, [length], batch=batch, neighbour=above)
    return found


GROUPS = {
    # The floors of the first release: 0.9 of cuDNN at D 128, 0.7 at D 64 and 256.
    "floor": rows(128, 16, 16, [8192]) + rows(64, 32, 32, [8192]) + rows(256, 8, 8, [8192]),
    "forward": rows(128, 16, 16, [512, 1024, 2048, 8192, 16384])
    + rows(128, 32, 8, [8192])
    + rows(64, 32, 32, [1024, 2048, 8192, 16384])
    + rows(256, 8, 8, [2048, 8192]),
    # Head dimensions that others pad or leave out.
    "odd": [shape for d in (80, 96, 112, 192) for shape in rows(d, 16, 16, [8192])]
    + rows(192, 16, 16, [8192], value_dim=128),
    "gqa": rows(128, 32, 8, [8192]) + rows(128, 64, 8, [8192]) + rows(128, 32, 1, [8192]),
    "cross": [shape for b in (1, 4) for shape in rows(128, 16, 16, [1024], batch=b, kv_length=16384, fixed=True)],
    "fp16": rows(128, 16, 16, [2048, 8192], dtype="f16")
    + rows(64, 32, 32, [8192], dtype="f16")
    + rows(256, 8, 8, [8192], dtype="f16"),
    "window": rows(128, 16, 16, [8192, 16384], masks=(True,), window=1024)
    + rows(64, 32, 32, [8192, 16384], masks=(True,), window=1024),
    # Fewer tiles than the machine has room for.
    "few": [shape for d in (128, 64) for shape in rows(d, 8, 8, [4096], batch=1, fixed=True)],
    # One query a sequence, whose keys are all before it: what is read counts, not what is multiplied.
    "decode": [
        shape
        for heads, keys, batch in (
            ((16, 16), 8192, 1),
            ((32, 8), 8192, 1),
            ((32, 8), 8192, 8),
            ((32, 8), 8192, 64),
            ((64, 8), 8192, 8),
            ((16, 16), 131072, 1),
            ((32, 8), 131072, 1),
        )
        for shape in rows(128, *heads, [1], masks=(False,), batch=batch, kv_length=keys, fixed=True)
    ]
    + rows(128, 32, 8, [16], masks=(True,), batch=1, kv_length=8192, fixed=True),
    "ragged": ragged(128, 16) + ragged(64, 32),
}
"""All rows of the goal. "floor" is a part of "forward"."""


def select(names: list[str]) -> list[tuple[str, Shape]]:
    """The rows of groups, each with its group's name, every row once. "all": every group but floor."""
    names = [name for given in names for name in ([g for g in GROUPS if g != "floor"] if given == "all" else [given])]
    found: dict[Shape, str] = {}
    for name in names:
        for shape in GROUPS[name]:
            found.setdefault(shape, name)
    return [(group, shape) for shape, group in found.items()]
