"""What the tests of attn_mlir share: specs, a CPU kernel, and attention in float64 by numpy."""

import numpy as np
import pytest

import attn_mlir

SPEC = """
func.func @small(%q: tensor<?x4x?x16x{t}>, %k: tensor<?x2x?x16x{t}>, %v: tensor<?x2x?x24x{t}>)
    -> (tensor<?x4x?x24x{t}>, tensor<?x4x?xf32>) {{
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 4, kv = 2>)
      causality(#attn.causality<bottom_right>)
      : (tensor<?x4x?x16x{t}>, tensor<?x2x?x16x{t}>, tensor<?x2x?x24x{t}>) -> (tensor<?x4x?x24x{t}>, tensor<?x4x?xf32>)
  return %out, %lse : tensor<?x4x?x24x{t}>, tensor<?x4x?xf32>
}}
"""


def spec(dtype="f32"):
    """Causal attention, 4 query heads on 2 key/value heads, head_dim 16 (q, k) and 24 (v), with lse."""
    return SPEC.format(t=dtype)


@pytest.fixture(scope="session")
def image():
    return attn_mlir.compile(spec(), target="cpu")


@pytest.fixture(scope="session")
def kernel(image):
    return attn_mlir.load(image)


def attention(q, k, v):
    """Output and lse in float64, causal with the diagonal at the last key; rows without a key give 0 and -inf."""
    q, k, v = (tensor.astype(np.float64) for tensor in (q, k, v))
    group = q.shape[1] // k.shape[1]
    k, v = np.repeat(k, group, axis=1), np.repeat(v, group, axis=1)
    scores = np.einsum("bhqd,bhkd->bhqk", q, k) / np.sqrt(q.shape[-1])
    queries, keys = scores.shape[-2:]
    allowed = np.arange(keys)[None, :] <= np.arange(queries)[:, None] + keys - queries
    scores = np.where(allowed, scores, -np.inf)
    top = np.where(allowed.any(-1), np.max(scores, axis=-1, initial=-np.inf), 0.0)
    weights = np.exp(scores - top[..., None])
    total = weights.sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        out = np.where(total[..., None] > 0, np.einsum("bhqk,bhkd->bhqd", weights, v) / total[..., None], 0.0)
        return out, np.log(total) + top


def tensors(queries=13, keys=37, batch=2, dtype=np.float32, seed=1):
    """Random q, k, v, and an output and lse full of NaN."""
    random = np.random.default_rng(seed)
    q = random.standard_normal((batch, 4, queries, 16)).astype(dtype)
    k = random.standard_normal((batch, 2, keys, 16)).astype(dtype)
    v = random.standard_normal((batch, 2, keys, 24)).astype(dtype)
    out = np.full((batch, 4, queries, 24), np.nan, dtype)
    return q, k, v, out, np.full((batch, 4, queries), np.nan, np.float32)
