"""Far addresses on a GPU, judged in float64 at some rows. One batch of more than 2^31 elements of q, k, v and output each;
and sequences packed in tensors much larger than a page of memory. Needs PyTorch with CUDA and about 18 GB of GPU memory.
Exit code 0: right, 1: wrong.

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
TOKENS, SEQUENCES = 83000, 64
PACKED = """
func.func @packed(%q: tensor<1x4x?x128xbf16>, %k: tensor<1x4x?x128xbf16>, %v: tensor<1x4x?x128xbf16>,
                  %queries: tensor<?xi32>, %keys: tensor<?xi32>) -> tensor<1x4x?x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 4, kv = 4>) packed(query = %queries, kv = %keys)
      causality(#attn.causality<bottom_right>)
      : (tensor<1x4x?x128xbf16>, tensor<1x4x?x128xbf16>, tensor<1x4x?x128xbf16>, tensor<?xi32>, tensor<?xi32>)
      -> tensor<1x4x?x128xbf16>
  return %out : tensor<1x4x?x128xbf16>
}
"""


def expected(q, k, v, row, begin=0, window=256):
    """A row of causal attention in float64 over `window` keys, from `begin` on; q, k, v are of one head."""
    first = max(begin, row - window + 1)
    scores = k[first : row + 1].double() @ q[row].double() / DIM**0.5
    return torch.softmax(scores, 0) @ v[first : row + 1].double()


def normal(heads, length):
    return tuple(torch.empty(1, heads, length, DIM, dtype=torch.bfloat16, device="cuda").normal_() for _ in range(3))


def report(q, out, error, **facts):
    finite = all(bool(torch.isfinite(part).all()) for part in out.flatten().split(1 << 28))
    right = finite and error < 0.02
    print(json.dumps({**facts, "elements": q.numel(), "max_error": error, "all_finite": finite, "right": right}))
    return right


def large():
    kernel = attn_mlir.load(attn_mlir.compile(SPEC, target="sm_90a"))
    q, k, v = normal(HEADS, LENGTH)
    out = torch.full_like(q, float("nan"))
    assert q.numel() > 2**31
    kernel.launch(q, k, v, out)
    torch.cuda.synchronize()
    error = 0.0
    for head in range(HEADS):
        for row in [0, 1, 127, 128, LENGTH // 2, LENGTH - 129, LENGTH - 2, LENGTH - 1]:
            want = expected(q[0, head], k[0, head], v[0, head], row)
            error = max(error, (out[0, head, row].double() - want).abs().max().item())
    return report(q, out, error)


def packed():
    kernel = attn_mlir.load(attn_mlir.compile(PACKED, target="sm_90a"))
    q, k, v = normal(4, TOKENS)
    out = torch.full_like(q, float("nan"))
    offsets = [TOKENS * i * i // SEQUENCES**2 for i in range(SEQUENCES + 1)]
    on_gpu = torch.tensor(offsets, dtype=torch.int32, device="cuda")
    kernel.launch(q, k, v, on_gpu, on_gpu, out)
    torch.cuda.synchronize()
    error = 0.0
    for begin, end in zip(offsets, offsets[1:]):
        for row in {begin, (begin + end) // 2, end - 1} if end > begin else ():
            want = expected(q[0, 3], k[0, 3], v[0, 3], row, begin, TOKENS)
            error = max(error, (out[0, 3, row].double() - want).abs().max().item())
    return report(q, out, error, sequences=SEQUENCES)


def main():
    right = packed()
    torch.cuda.empty_cache()
    return 0 if large() and right else 1


if __name__ == "__main__":
    sys.exit(main())
