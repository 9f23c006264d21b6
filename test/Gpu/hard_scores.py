"""Scores that the softmax's rare paths are for, on a GPU, judged in float64: references that a score passes by little, by much
and by more than f32's exponents hold, block after block; rows whose first keys are all forbidden; scores far below all
before. The same scores under a cap, for whose kernels no maximum is kept where weights are bf16. Needs PyTorch with CUDA.
Exit code 0: right, 1: wrong.

usage: PYTHONPATH=python python3 test/Gpu/hard_scores.py"""

import itertools
import json
import sys

import torch

import attn_mlir

LENGTH = 1000
CAUSALITIES = {
    "all": "",
    "causal": "causality(#attn.causality<bottom_right>)",
    "window": "causality(#attn.causality<bottom_right, left = 300>)",
}
CAP = 50.0
# PTX ISA, tanh.approx.f32: the largest relative error
TANH_ERROR = 2.0**-11


def spec(dim, dtype, causality, capped):
    tensor = f"tensor<?x1x?x{dim}x{dtype}>"
    return f"""
func.func @attention(%q: {tensor}, %k: {tensor}, %v: {tensor}) -> ({tensor}, tensor<?x1x?xf32>) {{
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 1, kv = 1>) {causality} scale(1.0) {f"softcap({CAP})" if capped else ""}
      : ({tensor}, {tensor}, {tensor}) -> ({tensor}, tensor<?x1x?xf32>)
  return %out, %lse : {tensor}, tensor<?x1x?xf32>
}}
"""


def ramps():
    """Scores by key, in natural units; a query multiplies them by 1, 0.5 or -1."""
    keys = torch.arange(LENGTH, dtype=torch.float64)
    generator = torch.Generator().manual_seed(1)
    yield "rising slowly", keys / 25
    yield "rising", keys / 2
    yield "falling", -keys / 2
    yield "rising steeply", keys * 8
    yield "falling steeply", -keys * 8
    yield "jumps", torch.randn(LENGTH, generator=generator, dtype=torch.float64) * 300
    yield "one far above", torch.where(keys == 517, 2000.0, 0.0)
    yield "one far below", torch.where(keys == 517, -30000.0, 0.0)


def allowed(name):
    i, j = torch.arange(LENGTH)[:, None], torch.arange(LENGTH)[None, :]
    return {"all": torch.ones(LENGTH, LENGTH, dtype=torch.bool), "causal": j <= i, "window": (j <= i) & (j >= i - 300)}[name]


def check(kernel, dim, dtype, causality, capped, scores):
    q, k = torch.zeros(LENGTH, dim, dtype=torch.float64), torch.zeros(LENGTH, dim, dtype=torch.float64)
    # 8 + 8 bits each of two terms: products of scores that bf16 could not hold by itself
    factor = torch.tensor([1.0, 0.5, -1.0], dtype=torch.float64)[torch.arange(LENGTH) % 3]
    q[:, 0], q[:, 1] = factor, factor
    coarse = scores.to(dtype).double()
    k[:, 0], k[:, 1] = coarse, (scores - coarse).to(dtype).double()
    v = torch.randn(LENGTH, dim, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    v = v.to(dtype).double()
    exact = q @ k.T
    if capped:
        exact = CAP * torch.tanh(exact / CAP)
    largest = exact.abs().max().item()
    exact = torch.where(allowed(causality), exact, -torch.inf)
    want, want_lse = torch.softmax(exact, 1) @ v, torch.logsumexp(exact, 1)
    on_gpu = [x.to(dtype).cuda()[None, None] for x in (q, k, v)]
    out = torch.full_like(on_gpu[0], float("nan"))
    lse = torch.full((1, 1, LENGTH), float("nan"), device="cuda")
    kernel.launch(*on_gpu, out, lse)
    torch.cuda.synchronize()
    error = (out[0, 0].double().cpu() - want).abs().max().item()
    # f32 holds a log-sum-exp to some 2^-22 of the largest score
    lse_error = ((lse[0, 0].double().cpu() - want_lse).abs() / (1 + exact.abs().nan_to_num(0, 0, 0).amax(1))).max().item()
    # a score is wrong by so much, and a weight by that factor twice: in its own place and in the sum
    shift = TANH_ERROR * largest if capped else 0
    right = error < 0.02 + 2 * shift * v.abs().max().item() and lse_error < 1e-5 + (TANH_ERROR if capped else 0)
    return {"error": error, "lse_error": lse_error, "right": right}


def main():
    results = []
    for dim, name, dtype in [(64, "bf16", torch.bfloat16), (128, "bf16", torch.bfloat16), (128, "f16", torch.float16), (256, "f16", torch.float16)]:
        for (causality, text), capped in itertools.product(CAUSALITIES.items(), (False, True)):
            kernel = attn_mlir.load(attn_mlir.compile(spec(dim, name, text, capped), target="sm_90a"))
            for ramp, scores in ramps():
                result = check(kernel, dim, dtype, causality, capped, scores)
                results.append({"dim": dim, "type": name, "mask": causality, "capped": capped, "scores": ramp, **result})
                if not result["right"]:
                    print("wrong:", json.dumps(results[-1]), flush=True)
    right = all(result["right"] for result in results)
    worst = max((result for result in results if not result["capped"]), key=lambda result: result["error"])
    print(json.dumps({"cases": len(results), "right": sum(result["right"] for result in results), "worst": worst}))
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
