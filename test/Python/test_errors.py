"""What goes wrong is an attn_mlir.Error with a status and a sentence that names the tensor, the demand and the find."""

import numpy as np
import pytest
from conftest import spec, tensors

import attn_mlir
from attn_mlir import Error, Status


def refused(kernel, words, *arguments, **named):
    with pytest.raises(Error) as caught:
        kernel.launch(*arguments, **named)
    assert caught.value.status == Status.INVALID_ARGUMENT
    assert words in caught.value.sentence
    assert str(caught.value) == caught.value.sentence


def test_wrong_count(kernel):
    q, k, v, out, lse = tensors()
    refused(kernel, "launch expects 5 tensors (query, key, value, output, lse), got 4", q, k, v, out)


def test_wrong_shape(kernel):
    q, k, v, out, lse = tensors()
    refused(kernel, "key expects", q, k[..., :8], v, out, lse)
    refused(kernel, "value expects", q, k, v[:, :, :-1], out, lse)
    refused(kernel, "output expects", q, k, v, out[:1], lse)
    refused(kernel, "query expects", q[0], k, v, out, lse)


def test_wrong_element_type(kernel):
    q, k, v, out, lse = tensors()
    refused(kernel, "query expects element type f32, got float64", q.astype(np.float64), k, v, out, lse)
    refused(kernel, "key expects element type f32, got f16", q, k.astype(np.float16), v, out, lse)
    refused(kernel, "value expects element type f32, got i32", q, k, v.astype(np.int32), out, lse)


def test_wrong_strides(kernel):
    q, k, v, out, lse = tensors()
    refused(kernel, "query expects", np.repeat(q, 2, axis=-1)[..., ::2], k, v, out, lse)
    refused(kernel, "key expects", q, k[:, :, ::-1], v, out, lse)
    refused(kernel, "output expects", q, k, v, np.lib.stride_tricks.as_strided(out, strides=(0, 0, 0, 4)), lse)


def test_outputs_are_written_so_must_not_be_read_only(kernel):
    q, k, v, out, lse = tensors()
    for tensor in (q, k, v):
        tensor.flags.writeable = False
    kernel.launch(q, k, v, out, lse)
    out.flags.writeable = False
    refused(kernel, "output expects a tensor that may be written, got a read-only one", q, k, v, out, lse)


def test_not_a_tensor(kernel):
    q, k, v, out, lse = tensors()
    refused(kernel, "key expects an array or a tensor (anything with __dlpack__), got list", q, [1.0], v, out, lse)
    refused(kernel, "lse expects an array or a tensor (anything with __dlpack__), got NoneType", q, k, v, out, None)


class Exporter:
    """Something with __dlpack__ that is on another device, or gives something else."""

    def __init__(self, device=(1, 0), gives=None, raises=None):
        self.device, self.gives, self.raises = device, gives, raises

    def __dlpack_device__(self):
        return self.device

    def __dlpack__(self, **named):
        if self.raises:
            raise self.raises
        return self.gives


def test_exporters_that_fail(kernel):
    q, k, v, out, lse = tensors()
    refused(kernel, "query expects __dlpack__ to give a DLPack capsule, got something else", Exporter(), k, v, out, lse)
    refused(kernel, "refuses: no sharing", Exporter(raises=BufferError("no sharing")), k, v, out, lse)
    refused(kernel, "refuses: no such device", Exporter(raises=ValueError("no such device")), k, v, out, lse)
    with pytest.raises(KeyError):
        kernel.launch(Exporter(raises=KeyError("mine")), k, v, out, lse)


def test_wrong_device(kernel):
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no GPU")
    q, k, v, out, lse = tensors()
    refused(kernel, "query expects a tensor on the CPU", torch.from_numpy(q).cuda(), k, v, out, lse)


def test_spec_that_does_not_parse():
    with pytest.raises(Error, match="spec:1:13: error: expected non-function type") as caught:
        attn_mlir.compile("func.func @x(", target="cpu")
    assert caught.value.status == Status.INVALID_SPEC


def test_spec_file_is_named_in_messages(tmp_path):
    path = tmp_path / "broken.mlir"
    path.write_text("func.func @x(")
    with pytest.raises(Error, match="broken.mlir:1:13"):
        attn_mlir.compile(path, target="cpu")
    with pytest.raises(Error, match="spec expects a readable text file") as caught:
        attn_mlir.compile(tmp_path / "absent.mlir")
    assert caught.value.status == Status.IO_ERROR


def test_wrong_options():
    with pytest.raises(Error, match="target, expects cpu or sm_90a, got 'sm_80'") as caught:
        attn_mlir.compile(spec(), target="sm_80")
    assert caught.value.status == Status.INVALID_ARGUMENT
    with pytest.raises(Error, match="spec expects text or a pathlib.Path, got int"):
        attn_mlir.compile(3)
    with pytest.raises(Error, match="emit expects one of ptx, cubin, object, llvm, mlir, got elf"):
        attn_mlir.lower(spec(), emit="elf")
    with pytest.raises(Error, match="ptxas, expects the path of a program, got '/nowhere/ptxas'"):
        attn_mlir.compile(spec("bf16"), target="sm_90a", ptxas="/nowhere/ptxas")


def test_images_that_are_none(tmp_path):
    for damaged in (b"", b"not an image", bytes(4096)):
        with pytest.raises(Error) as caught:
            attn_mlir.load(damaged)
        assert caught.value.status == Status.INVALID_IMAGE
    with pytest.raises(Error, match="load expects a readable file") as caught:
        attn_mlir.load(tmp_path / "absent.attn")
    assert caught.value.status == Status.IO_ERROR
    with pytest.raises(Error, match="load expects an Image, bytes or a path, got int"):
        attn_mlir.load(7)


def test_gpu_image_without_a_gpu():
    if attn_mlir.gpu() is not None:
        pytest.skip("a GPU is here")
    image = attn_mlir.compile(spec("bf16"), target="sm_90a")
    assert image.target == "sm_90a"
    with pytest.raises(Error) as caught:
        attn_mlir.load(image)
    assert caught.value.status in (Status.NO_DEVICE, Status.DRIVER_TOO_OLD)
