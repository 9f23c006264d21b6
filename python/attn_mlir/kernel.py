"""Kernels: images loaded and launched on tensors of any library that speaks DLPack."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import sys
import typing

from . import _runtime
from .errors import Error, Status
from .image import Image


@dataclasses.dataclass(frozen=True)
class Argument:
    """One tensor of a kernel, in the order of the launch.

    role:  "query", "key", "value", "capture", "query_lengths", "kv_lengths", "query_offsets", "kv_offsets",
           "output" or "lse"
    dtype: "f16", "bf16", "f32" or "i32"
    shape: extents in elements; None for one that every launch may choose
    """

    role: str
    dtype: str
    shape: tuple[int | None, ...]


@dataclasses.dataclass(frozen=True)
class Gpu:
    """Facts about a GPU. driver_version is the CUDA version that the driver supports: 1000 * major + 10 * minor."""

    name: str
    major: int
    minor: int
    driver_version: int
    multiprocessors: int


class Bound:
    """A launch on fixed tensors: call it without arguments. It keeps the kernel and the tensors' memory alive."""

    __slots__ = ("_launch",)

    def __init__(self, launch: _runtime.Launch):
        self._launch = launch

    def __call__(self) -> None:
        """Launches: queues a GPU kernel on the bound stream, runs a CPU kernel to its end."""
        self._launch()


class Kernel:
    """A loaded kernel. Launches may come from several threads at once.

    Tensors are given in the order of `arguments`: query [B, Hq, Sq, D], key [B, Hkv, Sk, D], value [B, Hkv, Sk, Dv],
    output [B, Hq, Sq, Dv], and lse [B, Hq, Sq] in f32 (natural logarithm) if the spec returns it. Outputs are written in
    place; nothing is copied or allocated. Strides are free (multiples of 16 bytes on a GPU) but head_dim must be
    contiguous.
    """

    def __init__(self, handle: _runtime.Kernel, from_cache: bool = False):
        self._handle = handle
        self.from_cache = from_cache
        """whether jit() found the image in its cache"""

    @property
    def kind(self) -> str:
        """ "cpu", "cubin" or "ptx" """
        return self._handle.kind

    @property
    def device(self) -> int:
        """Ordinal of the GPU that the kernel is loaded on, -1 for the CPU."""
        return self._handle.device

    @property
    def symbol(self) -> str:
        """Name of the entry point: the spec's function."""
        return self._handle.symbol

    @property
    def architecture(self) -> str:
        """ "sm_90a", or the features of the CPU that the code was made for"""
        return self._handle.architecture

    @property
    def producer(self) -> str:
        """The versions that made the image."""
        return self._handle.producer

    @property
    def arguments(self) -> tuple[Argument, ...]:
        return tuple(Argument(*fields) for fields in self._handle.arguments)

    def launch(self, *tensors: typing.Any, stream: typing.Any = None, uint16_as_bf16: bool = False) -> None:
        """Launches on tensors. A CPU launch returns when the outputs are written; a GPU launch is queued, and the tensors
        must live until it has run.

        stream:         a CUDA stream as a number or an object with `cuda_stream` (torch.cuda.Stream). None: torch's
                        current stream where the tensors are torch's, else the default stream
        uint16_as_bf16: take uint16 arrays as the bits of bf16 numbers (numpy has no bf16; ml_dtypes arrays go as they are)

        Raises Error INVALID_ARGUMENT for a wrong count, shape, element type, stride, device, or a read-only output.
        """
        self._prepare(tensors, stream, uint16_as_bf16)()

    __call__ = launch

    def bind(self, *tensors: typing.Any, stream: typing.Any = None, uint16_as_bf16: bool = False) -> Bound:
        """A callable without arguments that launches on these tensors, whose addresses, shapes and strides are read once,
        here. Arguments as for launch(); what the launch checks is raised by the call."""
        return Bound(self._prepare(tensors, stream, uint16_as_bf16))

    def _prepare(self, tensors, stream, uint16_as_bf16) -> _runtime.Launch:
        number = _stream_number(stream, tensors) if self._handle.device >= 0 else 0
        return _runtime.prepare(self._handle, number, uint16_as_bf16, *tensors)

    def __repr__(self) -> str:
        where = "the CPU" if self.device < 0 else f"GPU {self.device}"
        return f"<attn_mlir.Kernel {self.symbol} on {where}>"


def _stream_number(stream: typing.Any, tensors: tuple[typing.Any, ...]) -> int:
    if stream is None:
        torch = sys.modules.get("torch")
        if torch is None or not any(isinstance(tensor, torch.Tensor) and tensor.is_cuda for tensor in tensors):
            return 0
        return torch.cuda.current_stream().cuda_stream
    number = getattr(stream, "cuda_stream", stream)
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise Error(
            Status.INVALID_ARGUMENT, f"stream expects a number or an object with cuda_stream, got {type(stream).__name__}"
        )
    return number


def load(image: Image | bytes | str | os.PathLike[str]) -> Kernel:
    """Loads an image: from compile(), as bytes, or from a file. A GPU image is loaded on the current CUDA device.

    Raises Error: INVALID_IMAGE if it is damaged, NO_DEVICE or DRIVER_TOO_OLD if it does not fit this machine, IO_ERROR.
    """
    if isinstance(image, Image):
        data = image.bytes
    elif isinstance(image, (bytes, bytearray, memoryview)):
        data = bytes(image)
    else:
        try:
            data = pathlib.Path(image).read_bytes()
        except TypeError:
            found = type(image).__name__
            raise Error(Status.INVALID_ARGUMENT, f"load expects an Image, bytes or a path, got {found}") from None
        except OSError as error:
            raise Error(Status.IO_ERROR, f"load expects a readable file, got {image}: {error.strerror}") from error
    try:
        return Kernel(_runtime.load(data))
    except Error as error:
        if error.status != Status.UNSUPPORTED:
            raise
    # CPU code is linked by the compiler's library, which is loaded here and not before.
    from . import _compiler

    _compiler.install_cpu_loader()
    return Kernel(_runtime.load(data))


def gpu(ordinal: int = 0) -> Gpu | None:
    """Facts about a GPU, None if there is none that the driver can use. Makes no CUDA context."""
    found = _runtime.gpu(ordinal)
    return Gpu(*found) if found else None


def set_thread_count(threads: int) -> None:
    """How many threads a CPU launch uses; 0: $ATTN_NUM_THREADS, else the CPUs that this process may run on."""
    _runtime.set_thread_count(threads)


def thread_count() -> int:
    """How many threads the next CPU launch uses."""
    return _runtime.thread_count()
