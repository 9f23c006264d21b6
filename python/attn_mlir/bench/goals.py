"""What is wanted of a row: at least a ratio to cuDNN, to the best of named rivals, or to a neighbouring length.

FlashAttention-3 leads nearly everywhere on the H200, but it is not at hand in every process. So the goal for a row of the
forward table is a ratio to cuDNN in the same run: FA3/cuDNN, measured with both in one process on 2026-11-24 (bf16, batch
times length = 16384), times a factor. Where FlashAttention-3 is in the run, the row is held against that factor itself as well.
"""

from __future__ import annotations

import dataclasses
import math

from .shapes import Shape

# FA3/cuDNN by (head_dim, query heads, kv heads, length): not causal, causal.
FA3_OVER_CUDNN = {
    (128, 16, 16, 512): (1.04, 1.03),
    (128, 16, 16, 1024): (1.07, 1.18),
    (128, 16, 16, 2048): (1.10, 1.24),
    (128, 16, 16, 8192): (1.12, 1.29),
    (128, 16, 16, 16384): (1.13, 1.30),
    (128, 32, 8, 8192): (1.13, 1.20),
    (64, 32, 32, 1024): (0.89, 0.91),
    (64, 32, 32, 2048): (1.09, 1.08),
    (64, 32, 32, 8192): (1.18, 1.18),
    (64, 32, 32, 16384): (1.17, 1.19),
    (256, 8, 8, 2048): (1.13, 1.21),
    (256, 8, 8, 8192): (1.14, 1.27),
}

CUDNN = ("cudnn", "cudnn-frontend")
FLEX = ("flex",)
FLASH = ("flash",)
FA3 = ("fa3",)
NEIGHBOUR = "neighbour"


@dataclasses.dataclass(frozen=True)
class Goal:
    """Ours over the best of `over` (names of rivals, or "neighbour": our own rate at another length) is at least this."""

    over: tuple[str, ...]
    least: float
    why: str

    def judge(self, ours: float, rates: dict[str, float]) -> dict:
        """`rates`: TFLOP/s by name, with "neighbour" where there is one."""
        known = [rates[name] for name in self.over if name in rates]
        ratio = ours / max(known) if known and max(known) > 0 else math.nan
        met = None if math.isnan(ratio) else ratio >= self.least
        return {"over": list(self.over), "least": self.least, "why": self.why, "ratio": ratio, "met": met}


def forward_factor(shape: Shape) -> float:
    """How far above FlashAttention-3."""
    if shape.length <= 1024:
        return 1.15
    return 1.10 if shape.head_dim == 64 else 1.03


def goal_over_fa3(shape: Shape, group: str) -> Goal | None:
    """What a row of the forward table wants of FlashAttention-3 itself."""
    factor = forward_factor(shape)
    return Goal(FA3, factor, f"{factor:.2f} over FlashAttention-3") if group in ("forward", "floor") else None


def goal_of(shape: Shape, group: str) -> Goal:
    """The goal of a row in its group."""
    if group in ("forward", "floor"):
        key = (shape.head_dim, shape.query_heads, shape.kv_heads, shape.length)
        lead = FA3_OVER_CUDNN[key][shape.causal]
        factor = forward_factor(shape)
        least = lead * factor
        if shape.head_dim == 64:
            least = max(least, 1.12)
        return Goal(CUDNN[:1], round(least, 3), f"FA3/cuDNN {lead:.2f} times {factor:.2f}")
    if group == "window":
        return Goal(FLEX + CUDNN, 1.15, "1.15 over the best of FlexAttention and cuDNN")
    if group == "ragged":
        if shape.neighbour:
            return Goal((NEIGHBOUR,), 0.95, f"within 5 % of the rate at {shape.neighbour}")
        return Goal(CUDNN + FLASH, 0.0, "the neighbour of a ragged length")
    if group == "decode":
        return Goal(CUDNN + FLASH, 1.0, "as fast as the better of cuDNN and PyTorch's flash")
    return Goal(CUDNN + FLASH, 1.15, "1.15 over the better of cuDNN and PyTorch's flash")
