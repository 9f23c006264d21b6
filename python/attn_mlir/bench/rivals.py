"""The rivals found in this process, each told exactly what a row asks for, or refused with its reason.

q, k and v have the axes batch, head, sequence, head_dim. A causal mask is aligned to the last key (bottom_right), which
PyTorch's is_causal is not where lengths differ: there, and with windows, each rival is asked in its own words. Where a
rival has none, it gets a mask tensor, and the note says so.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.metadata
import math
import signal
import threading
import typing
import warnings

from .shapes import Shape

NAMES = ("cudnn", "cudnn-frontend", "flash", "efficient", "flex", "flash-attn", "fa3", "fa4")
"""All that are looked for: PyTorch's cuDNN, cuDNN through its own Python package, PyTorch's FA2 and memory-efficient
backends, FlexAttention, the packages flash_attn, flash_attn_interface or fa3_fwd (FlashAttention-3; the second one is its forward pass
in bf16 alone, as a wheel) and flash_attn.cute (4)."""


class Refused(Exception):
    """The rival cannot do the row, or is not here; str() says why."""


@dataclasses.dataclass
class Rival:
    """`call` computes once; `output` brings its result to batch, head, sequence, head_dim; a stream of calls runs inside
    `around`."""

    call: typing.Callable[[], typing.Any]
    output: typing.Callable[[typing.Any], typing.Any] = lambda result: result
    around: typing.Callable[[], typing.ContextManager] = contextlib.nullcontext
    note: str = ""


@contextlib.contextmanager
def time_limit(seconds: float, what: str):
    """Raises Refused after some seconds, in the main thread. Python code alone can be stopped so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal, _frame):
        raise Refused(f"{what} takes more than {seconds:.0f} s")

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def mask_tensor(torch, shape: Shape):
    """True where allowed, [Sq, Sk]."""
    i = torch.arange(shape.length, device="cuda")[:, None] + (shape.keys - shape.length)
    j = torch.arange(shape.keys, device="cuda")[None, :]
    allowed = j <= i
    return allowed & (j > i - shape.window) if shape.window else allowed


def _is_square(shape: Shape) -> bool:
    """PyTorch's is_causal says it all."""
    return not shape.causal or (shape.length == shape.keys and not shape.window)


def _sdpa(torch, shape, q, k, v, backend, mask=None, note=""):
    from torch.nn.attention import sdpa_kernel

    grouped = shape.query_heads != shape.kv_heads
    causal = shape.causal and mask is None
    attention = torch.nn.functional.scaled_dot_product_attention
    return Rival(
        lambda: attention(q, k, v, attn_mask=mask, is_causal=causal, enable_gqa=grouped),
        around=lambda: sdpa_kernel(backend),
        note=note,
    )


def cudnn(torch, shape, q, k, v):
    from torch.nn.attention import SDPBackend

    if _is_square(shape):
        return _sdpa(torch, shape, q, k, v, SDPBackend.CUDNN_ATTENTION)
    mask = mask_tensor(torch, shape)
    return _sdpa(torch, shape, q, k, v, SDPBackend.CUDNN_ATTENTION, mask, "by a mask tensor")


def cudnn_frontend(torch, shape, q, k, v):
    from .rival_cudnn import build

    return build(torch, shape, q, k, v)


def flash(torch, shape, q, k, v):
    from torch.nn.attention import SDPBackend

    if _is_square(shape):
        return _sdpa(torch, shape, q, k, v, SDPBackend.FLASH_ATTENTION)
    if shape.value != shape.head_dim:
        raise Refused("expects one head_dim for q, k and v")
    # The operator below scaled_dot_product_attention: causal is bottom_right there, and it knows windows.
    inputs = [tensor.transpose(1, 2) for tensor in (q, k, v)]
    windows = {"window_size_left": shape.window - 1, "window_size_right": 0} if shape.window else {}
    forward = torch.ops.aten._flash_attention_forward
    return Rival(
        lambda: forward(*inputs, None, None, shape.length, shape.keys, 0.0, True, False, **windows),
        output=lambda result: result[0].transpose(1, 2),
    )


def efficient(torch, shape, q, k, v):
    from torch.nn.attention import SDPBackend

    if shape.query_heads != shape.kv_heads:
        raise Refused("expects as many key/value heads as query heads")
    if _is_square(shape):
        return _sdpa(torch, shape, q, k, v, SDPBackend.EFFICIENT_ATTENTION)
    inputs = [tensor.transpose(1, 2) for tensor in (q, k, v)]
    windows = {"window_size": shape.window} if shape.window else {}
    forward, from_bottom_right = torch.ops.aten._efficient_attention_forward, 2
    return Rival(
        lambda: forward(*inputs, None, None, None, None, None, 0.0, from_bottom_right, False, **windows),
        output=lambda result: result[0].transpose(1, 2),
    )


def flex(torch, shape, q, k, v):
    from torch.nn.attention.flex_attention import create_block_mask, flex_attention

    torch._dynamo.reset()
    block_mask = None
    if shape.causal:
        distance, window = shape.keys - shape.length, shape.window or shape.keys + shape.length

        def allowed(_batch, _head, i, j):
            return (j <= i + distance) & (j > i + distance - window)

        block_mask = create_block_mask(allowed, None, None, shape.length, shape.keys, device="cuda")
    compiled = torch.compile(flex_attention, dynamic=False)
    grouped = shape.query_heads != shape.kv_heads
    return Rival(lambda: compiled(q, k, v, block_mask=block_mask, enable_gqa=grouped))


def _package(torch, shape, q, k, v, function, no_limit):
    """A flash_attn_func of one of the packages: batch, sequence, head, head_dim, and a window on both sides."""
    inputs = [tensor.transpose(1, 2) for tensor in (q, k, v)]
    windows = {"window_size": (shape.window - 1, 0)} if shape.window else {"window_size": (no_limit, no_limit)}
    return _replayed(
        torch,
        lambda: function(*inputs, causal=shape.causal, **windows),
        output=lambda result: (result[0] if isinstance(result, tuple) else result).transpose(1, 2),
    )


def _replayed(torch, call, **others):
    """The call as a CUDA graph: its Python takes longer than the kernels of a short row, which would be counted as theirs."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        call()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = call()

    def replay():
        graph.replay()
        return result

    return Rival(replay, note="as a CUDA graph", **others)


def flash_attn(torch, shape, q, k, v):
    from flash_attn import flash_attn_func

    return _package(torch, shape, q, k, v, flash_attn_func, -1)


def fa3(torch, shape, q, k, v):
    try:
        from flash_attn_interface import flash_attn_func
    except ImportError:
        from fa3_fwd_interface import flash_attn_func

    return _package(torch, shape, q, k, v, flash_attn_func, -1)


def fa4(torch, shape, q, k, v):
    from flash_attn.cute import flash_attn_func

    return _package(torch, shape, q, k, v, flash_attn_func, None)


_MAKERS = dict(zip(NAMES, (cudnn, cudnn_frontend, flash, efficient, flex, flash_attn, fa3, fa4)))


def make(torch, name: str, shape: Shape, q, k, v, seconds: float) -> Rival:
    """A rival that has computed once, or Refused. Compilation on the first call has `seconds`."""
    with warnings.catch_warnings(record=True) as told, time_limit(seconds, "the first call"):
        warnings.simplefilter("always")
        try:
            rival = _MAKERS[name](torch, shape, q, k, v)
            with rival.around():
                rival.call()
            torch.cuda.synchronize()
            return rival
        except ImportError as error:
            raise Refused(f"not installed: {error}") from None
        except Refused:
            raise
        except torch.cuda.OutOfMemoryError:
            torch.cuda.empty_cache()
            raise Refused("out of GPU memory") from None
        except Exception as error:  # a rival may fail in any way, and the others go on
            reasons = [str(warning.message) for warning in told if "not used because" not in str(warning.message)]
            text = str(error).strip().splitlines() or [type(error).__name__]
            raise Refused(" ".join([text[0], *reasons])[:300]) from None


def versions(torch) -> dict[str, str]:
    """Of everything that may be a rival here."""
    cudnn_version = torch.backends.cudnn.version()
    found = {"torch": torch.__version__, "cuda": torch.version.cuda, "cudnn": cudnn_version and str(cudnn_version)}
    for package in ("triton", "nvidia-cudnn-frontend", "flash-attn", "flash-attn-3", "fa3-fwd", "flash-attn-4"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return {name: text for name, text in found.items() if text}


def softmax_scale(shape: Shape) -> float:
    return 1.0 / math.sqrt(shape.head_dim)
