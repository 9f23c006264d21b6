"""Attention kernels from specs: compile the text of a spec (docs/spec.md), load the image, launch it on your tensors.

    import attn_mlir, numpy as np

    image = attn_mlir.compile(spec, target="cpu")     # or "sm_90a", or "auto"
    kernel = attn_mlir.load(image)
    kernel.launch(q, k, v, out)                       # numpy arrays, torch tensors, anything with __dlpack__

Importing this package loads no compiler, looks for no GPU and changes nothing in the process.
"""

from .errors import Error, Status
from .image import Image, compile, lower
from .kernel import Argument, Bound, Gpu, Kernel, gpu, load, set_thread_count, thread_count
from .jit import jit

__version__ = "0.1.0"
__all__ = [
    "Argument",
    "Bound",
    "Error",
    "Gpu",
    "Image",
    "Kernel",
    "Status",
    "compile",
    "gpu",
    "jit",
    "load",
    "lower",
    "set_thread_count",
    "thread_count",
]
