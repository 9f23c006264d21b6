"""Attention in double precision over some rows, on the GPU, by the definition: what every contestant is held against."""

from __future__ import annotations

import math

from .shapes import Shape

# Unit roundoff of the element types. Weights are rounded to the type before they meet the values, and the output after.
ROUNDOFF = {"bf16": 2.0**-8, "f16": 2.0**-11}


def sample_rows(shape: Shape, count: int = 64) -> list[int]:
    """Query rows to look at: both ends, where masks begin and tiles are cut, and some in between."""
    ends = list(range(min(count, shape.length))) + list(range(max(0, shape.length - count), shape.length))
    between = [shape.length * i // count for i in range(count)]
    return sorted(set(ends + between))


class Reference:
    """Expected rows of the first and the last head of the first and the last batch."""

    def __init__(self, torch, shape: Shape, q, k, v):
        self.torch, self.shape = torch, shape
        self.rows = torch.tensor(sample_rows(shape), device=q.device)
        self.places = sorted({(b, h) for b in (0, shape.batch - 1) for h in (0, shape.query_heads - 1)})
        self.expected = [self._rows(q[b, h], k[b, self._kv(h)], v[b, self._kv(h)]) for b, h in self.places]

    def _kv(self, head: int) -> int:
        return head * self.shape.kv_heads // self.shape.query_heads

    def _rows(self, q, k, v):
        shape = self.shape
        scores = q[self.rows].double() @ k.double().T / math.sqrt(shape.head_dim)
        if shape.causal:
            i = self.rows[:, None] + (shape.keys - shape.length)
            j = self.torch.arange(shape.keys, device=q.device)[None, :]
            allowed = j <= i
            if shape.window:
                allowed &= j > i - shape.window
            scores = scores.masked_fill(~allowed, -math.inf)
        return self.torch.softmax(scores, -1) @ v.double()

    def error(self, out) -> float:
        """The largest error of a row relative to the row, in units of three roundings: two are what a right kernel can
        come to, and one key too many in a window of 1024 comes to more. NaN anywhere in the output is infinite."""
        if list(out.shape) != [self.shape.batch, self.shape.query_heads, self.shape.length, self.shape.value]:
            return math.inf
        if not bool(self.torch.isfinite(out.sum(dtype=self.torch.float32))):
            return math.inf
        worst = 0.0
        for (b, h), expected in zip(self.places, self.expected):
            difference = out[b, h][self.rows].double() - expected
            relative = difference.norm(dim=-1) / expected.norm(dim=-1).clamp(min=1e-30)
            worst = max(worst, relative.max().item() / (3 * ROUNDOFF[self.shape.dtype]))
        return worst
