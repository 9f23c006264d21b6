"""Scores that a function bounds, for which the softmax keeps no maximum: at the ends of the bound, masked, and with sinks."""

import numpy as np
import pytest

import attn_mlir

HEADS, LENGTH, DIM = 1, 96, 16


def softcap_spec(cap, clauses="", sinks=False):
    tensor = f"tensor<?x{HEADS}x?x{DIM}xf32>"
    sink, use = (", %sinks: tensor<?xf32>", "sinks(%sinks)") if sinks else ("", "")
    types = f"({tensor}, {tensor}, {tensor}{', tensor<?xf32>' if sinks else ''}) -> ({tensor}, tensor<?x{HEADS}x?xf32>)"
    return f"""
func.func @attention(%q: {tensor}, %k: {tensor}, %v: {tensor}{sink}) -> ({tensor}, tensor<?x{HEADS}x?xf32>) {{
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = {HEADS}, kv = {HEADS}>) {clauses} scale(1.0) softcap({cap}) {use}
      : {types}
  return %out, %lse : {tensor}, tensor<?x{HEADS}x?xf32>
}}
"""


def inputs(scores):
    """A query that is 1 in its first place and keys that are the scores there, so that the product is exact."""
    random = np.random.default_rng(3)
    q = np.zeros((1, HEADS, LENGTH, DIM), np.float32)
    k = np.zeros((1, HEADS, LENGTH, DIM), np.float32)
    q[..., 0] = 1
    k[..., 0] = scores
    v = random.standard_normal((1, HEADS, LENGTH, DIM)).astype(np.float32)
    return q, k, v, np.full_like(q, np.nan), np.full((1, HEADS, LENGTH), np.nan, np.float32)


def expected(q, k, v, cap, allowed, sink=-np.inf):
    scores = cap * np.tanh((q[0, 0].astype(np.float64) @ k[0, 0].astype(np.float64).T) / cap)
    scores = np.where(allowed, scores, -np.inf)
    largest = np.maximum(np.maximum(scores.max(1), sink), -1e30)
    weights = np.exp(scores - largest[:, None])
    total = weights.sum(1) + np.exp(sink - largest)
    with np.errstate(divide="ignore"):
        lse = largest + np.log(total)
    return (weights @ v[0, 0].astype(np.float64)) / np.where(total == 0, 1, total)[:, None], lse


SCORES = {
    "all at the cap": np.full(LENGTH, 1e4),
    "all at minus the cap": np.full(LENGTH, -1e4),
    "one at the cap": np.where(np.arange(LENGTH) == 70, 1e4, -1e4),
    "between": np.linspace(-120, 120, LENGTH),
}


@pytest.mark.parametrize("cap", [2.0, 50.0, 55.0])  # 55 * log2(e) is just below 80
@pytest.mark.parametrize("name", SCORES)
def test_scores_may_be_anywhere_in_the_bound(name, cap):
    q, k, v, out, lse = inputs(SCORES[name])
    causality = "causality(#attn.causality<bottom_right, left = 40>)"
    attn_mlir.load(attn_mlir.compile(softcap_spec(cap, causality), target="cpu")).launch(q, k, v, out, lse)
    i, j = np.arange(LENGTH)[:, None], np.arange(LENGTH)[None, :]
    want, want_lse = expected(q, k, v, cap, (j <= i) & (j >= i - 40))
    np.testing.assert_allclose(out[0, 0], want, atol=1e-5, rtol=0)
    np.testing.assert_allclose(lse[0, 0], want_lse, atol=2e-5, rtol=1e-6)


@pytest.mark.parametrize("sink", [-np.inf, -300.0, -20.0, 0.0, 60.0, 300.0])
def test_a_sink_may_be_far_outside_of_the_bound(sink):
    q, k, v, out, lse = inputs(np.linspace(-120, 120, LENGTH))
    # Queries 0 to 9 see no key: they have their sink alone.
    causality = "causality(#attn.causality<bottom_right, left = 40, right = 0>)"
    spec = softcap_spec(50.0, causality, sinks=True)
    k, v = k[:, :, : LENGTH - 10], v[:, :, : LENGTH - 10]
    attn_mlir.load(attn_mlir.compile(spec, target="cpu")).launch(q, k, v, np.array([sink], np.float32), out, lse)
    i, j = np.arange(LENGTH)[:, None] - 10, np.arange(LENGTH - 10)[None, :]
    want, want_lse = expected(q, k, v, 50.0, (j <= i) & (j >= i - 40), sink)
    np.testing.assert_allclose(out[0, 0], want, atol=1e-5, rtol=0)
    np.testing.assert_allclose(lse[0, 0], want_lse, atol=2e-5, rtol=1e-6)
    assert (out[0, 0, :10] == 0).all()
