"""Sums of weights that the product with the values makes (`sum_column`), on a GPU, against attention in double precision: on scores
that rise and fall along the keys by less and by more than a reference has room for, that one key dominates, that are all the same,
and on rows without keys. Needs PyTorch with CUDA. Exit code 0: right, 1: wrong.

usage: PYTHONPATH=python python3 test/Gpu/sum_columns.py"""

import json
import math
import sys

import torch

import attn_mlir

DIM = 64
PLAN = (
    '#tile.plan<target = "sm_90a", query_tile = {rows}, kv_tile = {keys}, warpgroups = {warpgroups}, stages = {stages}, '
    "overlap = {overlap}, ping_pong = {turns}{rest}, sum_column = true>"
)
# warpgroups, keys, stages, overlap, turns, the rest
PLANS = (
    (1, 16, 2, "true", "false", ", rescale_threshold = 15"),
    (1, 64, 3, "true", "false", ", rescale_threshold = 15, residency = 3"),
    (1, 192, 1, "false", "false", ", rescale_threshold = 4"),
    (2, 128, 2, "true", "true", ", persistent = true, rescale_threshold = 8, staged_stores = true"),
    (2, 96, 2, "false", "true", ", rescale_threshold = 1"),
    (2, 32, 2, "true", "false", ", persistent = true, rescale_threshold = 15, residency = 2"),
    (3, 112, 2, "true", "false", ", persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true"),
    (3, 96, 2, "true", "false", ", persistent = true, rescale_threshold = 15, keys_first = true, ascending = true, own_ends = true"),
    (4, 64, 4, "true", "false", ", persistent = true, rescale_threshold = 15, staged_stores = true, ascending = true, own_ends = true"),
    (4, 48, 3, "true", "false", ", persistent = true, rescale_threshold = 15, dynamic = true, packed_heads = 2"),
)
MASKS = {
    "all": ("", lambda behind: behind == behind),
    "causal": (" causality(#attn.causality<bottom_right>)", lambda behind: behind >= 0),
    "window": (" causality(#attn.causality<bottom_right, left = 70, right = 0>)", lambda behind: (behind >= 0) & (behind <= 70)),
}
LENGTHS = ((300, 300), (64, 1000), (333, 130), (1024, 1024))


def spec(kind, mask):
    query, key = f"tensor<?x4x?x{DIM}x{kind}>", f"tensor<?x2x?x{DIM}x{kind}>"
    return f"""
func.func @attention(%q: {query}, %k: {key}, %v: {key}) -> {query} {{
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 4, kv = 2>){mask}
      : ({query}, {key}, {key}) -> {query}
  return %out : {query}
}}
"""


def make(scores, queries, keys, dtype):
    """Inputs whose scores, in units of the natural exponent, are `scores` besides some noise."""
    torch.manual_seed(queries + keys)
    q = torch.randn(2, 4, queries, DIM, device="cuda") / 4
    k = torch.randn(2, 2, keys, DIM, device="cuda") / 4
    v = torch.randn(2, 2, keys, DIM, device="cuda")
    place = torch.arange(keys, device="cuda") / keys
    along = {
        "normal": lambda: 4 * torch.randn(2, 2, keys, device="cuda"),
        "same": lambda: torch.zeros(2, 2, keys, device="cuda"),
        "rises": lambda: (60 * place).expand(2, 2, keys),
        "falls": lambda: (-60 * place).expand(2, 2, keys),
        "leaps": lambda: (300 * (4 * place).floor()).expand(2, 2, keys),
        "waves": lambda: (40 * (20 * place).sin()).expand(2, 2, keys),
        "peak": lambda: 100 * (torch.rand(2, 2, keys, device="cuda") < 2 / keys),
    }[scores]()
    if scores == "same":
        q, k = torch.zeros_like(q), torch.zeros_like(k)
    q[..., 0] = math.sqrt(DIM)
    k[..., 0] = along
    return [tensor.to(dtype) for tensor in (q, k, v)]


def expected(q, k, v, allowed):
    """The result, and the same with absolute values, of which errors are shares."""
    q, k, v = q.double(), k.double().repeat_interleave(2, 1), v.double().repeat_interleave(2, 1)
    behind = torch.arange(q.shape[2], device="cuda")[:, None] + k.shape[2] - q.shape[2] - torch.arange(k.shape[2], device="cuda")
    scores = (q @ k.transpose(2, 3) / math.sqrt(DIM)).masked_fill(~allowed(behind), -math.inf)
    weights = scores.softmax(-1).nan_to_num(0.0)
    return weights @ v, weights @ v.abs()


def main():
    checked, worst, wrong = 0, 0.0, []
    for dtype, kind, rounding in ((torch.bfloat16, "bf16", 2.0**-8), (torch.float16, "f16", 2.0**-11)):
        for mask, (clause, allowed) in MASKS.items():
            kernels = []
            for warpgroups, keys, stages, overlap, turns, rest in PLANS:
                plan = PLAN.format(rows=64 * warpgroups, keys=keys, warpgroups=warpgroups, stages=stages, overlap=overlap, turns=turns, rest=rest)
                kernels.append(attn_mlir.load(attn_mlir.compile(spec(kind, clause), target="sm_90a", plan=plan)))
            for queries, keys in LENGTHS:
                for scores in ("normal", "same", "rises", "falls", "leaps", "waves", "peak"):
                    inputs = make(scores, queries, keys, dtype)
                    result, share = expected(*inputs, allowed)
                    for number, kernel in enumerate(kernels):
                        out = torch.full_like(inputs[0], float("nan"))
                        kernel.launch(*inputs, out)
                        # Of weights, of their sum and of the result; and what weights of f16 lose that are not normal numbers.
                        bound = 3 * rounding * share + (2.0**-18 if dtype == torch.float16 else 0.0) + 1e-30
                        error = ((out.double() - result).abs() / bound).max().item()
                        checked += 1
                        worst = max(worst, error)
                        if not error <= 1:
                            wrong.append([kind, mask, queries, keys, scores, number, error])
    print(json.dumps({"checked": checked, "worst": worst, "wrong": wrong, "gpu": torch.cuda.get_device_name(0)}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
