"""Programs that blocks share, on a GPU. Where the last round of equal programs leaves half of the blocks or more without one, and
the plan says `own_ends`, two or more blocks share each program by warpgroups. Results and log-sum-exps have to be, bit for bit, those
of the same plan without ends of its own, for numbers of programs around every bound. Needs PyTorch with CUDA. Exit code 0: right,
1: wrong.

usage: PYTHONPATH=python python3 test/Gpu/last_rounds.py"""

import json
import sys

import torch

import attn_mlir

PLAN = (
    '#tile.plan<target = "sm_90a", query_tile = {rows}, kv_tile = {keys}, warpgroups = {warpgroups}, stages = 2, overlap = true, '
    "ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = {staged}, ascending = true{ends}>"
)


def spec(head_dim):
    tensor = f"tensor<?x1x?x{head_dim}xbf16>"
    return f"""
func.func @attention(%q: {tensor}, %k: {tensor}, %v: {tensor}) -> ({tensor}, tensor<?x1x?xf32>) {{
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 1, kv = 1>)
      : ({tensor}, {tensor}, {tensor}) -> ({tensor}, tensor<?x1x?xf32>)
  return %out, %lse : {tensor}, tensor<?x1x?xf32>
}}
"""


def kernel(head_dim, warpgroups, keys, staged, ends):
    fields = {"rows": 64 * warpgroups, "keys": keys, "warpgroups": warpgroups, "staged": str(staged).lower()}
    plan = PLAN.format(**fields, ends=", own_ends = true" if ends else "")
    return attn_mlir.load(attn_mlir.compile(spec(head_dim), target="sm_90a", plan=plan))


def run(kernel, inputs):
    batch, heads, length, _ = inputs[0].shape
    out = torch.full_like(inputs[0], float("nan"))
    lse = torch.full((batch, heads, length), float("nan"), device="cuda")
    kernel.launch(*inputs, out, lse)
    return out, lse


def main():
    blocks = torch.cuda.get_device_properties(0).multi_processor_count
    checked, wrong = 0, []
    for head_dim, warpgroups, keys in ((128, 2, 80), (128, 3, 80), (64, 4, 64), (96, 3, 96)):
        for staged in (False, True):
            pair = [kernel(head_dim, warpgroups, keys, staged, ends) for ends in (False, True)]
            # A program a sequence; the last tile of the second kind has a warpgroup without rows.
            for length, tiles in ((64 * warpgroups, 1), (64 * warpgroups + 40, 2)):
                bounds = [blocks // ways for ways in (1, 2, 3, 4)]
                for left in sorted({0, 1, 2} | {bound + by for bound in bounds for by in (-1, 0, 1)}):
                    batch = -(-(2 * blocks + left) // tiles)
                    torch.manual_seed(left)
                    inputs = [torch.randn(batch, 1, length, head_dim, device="cuda", dtype=torch.bfloat16) for _ in range(3)]
                    results = [run(each, inputs) for each in pair]
                    torch.cuda.synchronize()
                    checked += 1
                    if not all(torch.equal(plain, own) for plain, own in zip(*results)):
                        wrong.append([head_dim, warpgroups, staged, length, batch])
    print(json.dumps({"checked": checked, "wrong": wrong, "blocks": blocks, "gpu": torch.cuda.get_device_name(0)}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
