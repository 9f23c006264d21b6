"""Offsets beyond 2^31 elements, on a GPU: one batch of more than 2^31 elements of q, k, v and output each, judged in float64
where the far ends are. Needs PyTorch with CUDA and about 18 GB of GPU memory. Exit code 0: right, 1: wrong.

usage: PYTHONPATH=python python3 test/Gpu/large_tensor.py"""

import json
import sys

import torch

import attn_mlir

HEADS, LENGTH, DIM = 2, 128 * 65600, 128  # 2 * 8396800 * 128 = 2^31 + 2064384 elements
SPEC = """
func.func @large(%q: tensor<?x2x?x128xbf16>, %k: tensor<?x2x?x128xbf16>, %v: tensor<?x2x?x128xbf16>)
    -> tensor<?x2x?x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 2, kv = 2>)
      causality(#attn.causality<bottom_right, left = 255>)
      : (tensor<?x2x?x128xbf16>, tensor<?x2x?x128xbf16>, tensor<?x2x?x128xbf16>) -> tensor<?x2x?x128xbf16>
  return %out : tensor<?x2x?x128xbf16>
}
"""


def expected(q, k, v, row):
    """A row of sliding-window attention in float64; q, k, v are of one head."""
    first = max(0, row - 255)
    scores = k[first : row + 1].double() @ q[row].double() / DIM**0.5
    return torch.softmax(scores, 0) @ v[first : row + 1].double()


def main():
    kernel = attn_mlir.load(attn_mlir.compile(SPEC, target="sm_90a"))
    q, k, v = (torch.empty(1, HEADS, LENGTH, DIM, dtype=torch.bfloat16, device="cuda").normal_() for _ in range(3))
    out = torch.full_like(q, float("nan"))
    assert q.numel() > 2**31
    kernel.launch(q, k, v, out)
    torch.cuda.synchronize()
    error = 0.0
    for head in range(HEADS):
        for row in [0, 1, 127, 128, LENGTH // 2, LENGTH - 129, LENGTH - 2, LENGTH - 1]:
            want = expected(q[0, head], k[0, head], v[0, head], row)
            error = max(error, (out[0, head, row].double() - want).abs().max().item())
    finite = all(bool(torch.isfinite(part).all()) for part in out.flatten().split(1 << 28))
    right = finite and error < 0.02
    print(json.dumps({"elements": q.numel(), "max_error": error, "all_finite": finite, "right": right}))
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
