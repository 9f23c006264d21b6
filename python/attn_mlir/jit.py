"""Kernels just in time: compiled once, kept in a cache on disk, loaded from there by later processes."""

from __future__ import annotations

import os
import threading

from . import _runtime
from .image import Spec, find_ptxas, read_spec, read_table, resolve_target
from .kernel import Kernel

_lock = threading.Lock()
_sources: dict[str | None, object] = {}


def _source(directory: str | None):
    from . import _compiler

    with _lock:
        if directory not in _sources:
            _sources[directory] = _compiler.Jit(directory)
        return _sources[directory]


def jit(
    spec: Spec,
    target: str = "auto",
    *,
    plan: str | None = None,
    plan_table: Spec | None = None,
    length_hint: int = 0,
    ptxas: str | os.PathLike[str] | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
) -> Kernel:
    """A kernel for a spec, from the cache or compiled. Kernel.from_cache says which.

    spec, target, plan, plan_table, length_hint, ptxas: as for compile()
    cache_dir: default $ATTN_CACHE_DIR, $XDG_CACHE_HOME/attn or ~/.cache/attn. It must be the user's own; if it cannot be
               used, images are kept in memory. A damaged entry is compiled anew, never an error

    Raises Error as compile() and load() do.
    """
    text, _ = read_spec(spec)
    target = resolve_target(target)
    source = _source(None if cache_dir is None else os.fspath(cache_dir))
    handle, from_cache = source.get(text, target, plan, read_table(plan_table), length_hint, find_ptxas(ptxas, target))
    return Kernel(_runtime.adopt(handle), from_cache)
