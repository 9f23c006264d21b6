"""Compile, load and launch on the CPU: right numbers for every way of handing over tensors."""

import gc
import threading

import numpy as np
import pytest
from conftest import attention, spec, tensors

import attn_mlir


def check(q, k, v, out, lse, tolerance=1e-5):
    expected_out, expected_lse = attention(q, k, v)
    np.testing.assert_allclose(out.astype(np.float64), expected_out, atol=tolerance, rtol=0)
    np.testing.assert_allclose(lse, expected_lse, atol=1e-5 if tolerance < 1e-4 else tolerance, rtol=1e-5)


@pytest.mark.parametrize("queries, keys", [(13, 37), (1, 1), (1, 300), (200, 200), (5, 2), (3, 0)])
def test_lengths_are_launch_arguments(kernel, queries, keys):
    q, k, v, out, lse = tensors(queries, keys)
    kernel.launch(q, k, v, out, lse)
    check(q, k, v, out, lse)


def test_no_queries_is_no_work(kernel):
    kernel.launch(*tensors(0, 5))


def test_kernel_is_callable(kernel):
    q, k, v, out, lse = tensors()
    kernel(q, k, v, out, lse)
    check(q, k, v, out, lse)


def test_strided_tensors_are_used_in_place(kernel):
    """q, k, v from one packed array in the order batch, sequence, head; the output with gaps, which stay as they were."""
    random = np.random.default_rng(2)
    packed = random.standard_normal((2, 40, 4 * 16 + 2 * 16 + 2 * 24)).astype(np.float32)
    q = packed[..., :64].reshape(2, 40, 4, 16).transpose(0, 2, 1, 3)
    k = packed[..., 64:96].reshape(2, 40, 2, 16).transpose(0, 2, 1, 3)
    v = packed[..., 96:].reshape(2, 40, 2, 24).transpose(0, 2, 1, 3)
    base = np.full((2, 40, 4, 32), 7.0, np.float32)
    out = base.transpose(0, 2, 1, 3)[..., 4:28]
    lse = np.zeros((2, 40, 4), np.float32).transpose(0, 2, 1)
    assert np.shares_memory(q, packed) and not out.flags.c_contiguous
    kernel.launch(q, k, v, out, lse)
    check(q, k, v, out, lse)
    assert (base[..., :4] == 7).all() and (base[..., 28:] == 7).all()


def test_f16():
    q, k, v, out, lse = tensors(dtype=np.float16)
    attn_mlir.load(attn_mlir.compile(spec("f16"), target="cpu")).launch(q, k, v, out, lse)
    check(q, k, v, out, lse, tolerance=4e-3)


def test_bf16_as_uint16():
    def to_bits(array):
        bits = array.view(np.uint32)
        return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)

    def to_float(bits):
        return (bits.astype(np.uint32) << 16).view(np.float32)

    q, k, v, out, lse = tensors()
    q, k, v, out = (to_bits(tensor) for tensor in (q, k, v, out))
    kernel = attn_mlir.load(attn_mlir.compile(spec("bf16"), target="cpu"))
    kernel.launch(q, k, v, out, lse, uint16_as_bf16=True)
    check(to_float(q), to_float(k), to_float(v), to_float(out), lse, tolerance=3e-2)
    with pytest.raises(attn_mlir.Error, match="query expects element type bf16, got uint16; pass uint16_as_bf16=True"):
        kernel.launch(q, k, v, out, lse)


def test_bf16_from_ml_dtypes():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    q, k, v, out, lse = tensors(dtype=ml_dtypes.bfloat16)
    attn_mlir.load(attn_mlir.compile(spec("bf16"), target="cpu")).launch(q, k, v, out, lse)
    check(q.astype(np.float32), k.astype(np.float32), v.astype(np.float32), out.astype(np.float32), lse, 3e-2)


def test_torch_tensors():
    torch = pytest.importorskip("torch")
    q, k, v, out, lse = (torch.from_numpy(tensor) for tensor in tensors())
    attn_mlir.load(attn_mlir.compile(spec(), target="cpu")).launch(q, k, v, out, lse)
    check(*(tensor.numpy() for tensor in (q, k, v, out, lse)))


def test_bound_launch_keeps_tensors_and_kernel_alive(image):
    q, k, v, out, lse = tensors()
    expected = attention(q, k, v)[0]
    launch = attn_mlir.load(image).bind(q, k, v, out, lse)
    q[:] = q  # the memory is shared: what is written now is what the launch sees
    del q, k, v, lse
    gc.collect()
    filler = [np.full((2, 4, 37, 24), np.nan, np.float32) for _ in range(50)]
    for _ in range(3):
        out[:] = np.nan
        launch()
        np.testing.assert_allclose(out, expected, atol=1e-5)
    del filler


def test_launches_from_several_threads(kernel):
    def work(seed):
        q, k, v, out, lse = tensors(50, 70, seed=seed)
        for _ in range(5):
            kernel.launch(q, k, v, out, lse)
        check(q, k, v, out, lse)
        done.append(seed)

    done = []
    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 1, 2, 3]


def test_images_survive_a_file(image, tmp_path):
    image.save(tmp_path / "small.attn")
    kernel = attn_mlir.load(tmp_path / "small.attn")
    q, k, v, out, lse = tensors()
    kernel.launch(q, k, v, out, lse)
    check(q, k, v, out, lse)


def test_jit_finds_in_its_cache_what_it_compiled(tmp_path):
    first = attn_mlir.jit(spec(), target="cpu", cache_dir=tmp_path / "cache")
    second = attn_mlir.jit(spec(), target="cpu", cache_dir=tmp_path / "cache")
    assert (first.from_cache, second.from_cache) == (False, True)
    q, k, v, out, lse = tensors()
    second.launch(q, k, v, out, lse)
    check(q, k, v, out, lse)


def test_kernel_describes_itself(kernel):
    assert (kernel.kind, kernel.device, kernel.symbol) == ("cpu", -1, "small")
    assert [argument.role for argument in kernel.arguments] == ["query", "key", "value", "output", "lse"]
    assert kernel.arguments[0] == attn_mlir.Argument("query", "f32", (None, 4, None, 16))
    assert repr(kernel) == "<attn_mlir.Kernel small on the CPU>"


def test_thread_count_is_settable(kernel):
    before = attn_mlir.thread_count()
    try:
        attn_mlir.set_thread_count(1)
        assert attn_mlir.thread_count() == 1
        q, k, v, out, lse = tensors()
        kernel.launch(q, k, v, out, lse)
        check(q, k, v, out, lse)
    finally:
        attn_mlir.set_thread_count(0)
    assert attn_mlir.thread_count() == before
