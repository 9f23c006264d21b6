"""Compilation: the text of a spec in, an image (or the text of a stage) out."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import pathlib
import typing

from . import _runtime
from .errors import Error, Status

Spec = typing.Union[str, pathlib.Path]

_EMIT = {"image": 0, "ptx": 1, "cubin": 2, "object": 3, "llvm": 4, "mlir": 5}


@dataclasses.dataclass(frozen=True)
class Image:
    """A compiled kernel with the facts that its launch needs. It is code: load only images that you trust.

    bytes:    what save() writes and load() takes
    target:   "cpu" or "sm_90a"
    messages: warnings of the compiler and, if they were asked for, remarks on what it decided
    """

    bytes: bytes = dataclasses.field(repr=False)
    target: str
    messages: tuple[str, ...] = dataclasses.field(default=(), repr=False)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the image to a file, by convention NAME.attn."""
        pathlib.Path(path).write_bytes(self.bytes)


def read_spec(spec: Spec) -> tuple[str, str | None]:
    """The text of a spec, and the name that messages give it."""
    if isinstance(spec, pathlib.Path):
        try:
            return spec.read_text(encoding="utf-8"), str(spec)
        except (OSError, UnicodeDecodeError) as error:
            raise Error(Status.IO_ERROR, f"spec expects a readable text file, got {spec}: {error}") from error
    if not isinstance(spec, str):
        raise Error(Status.INVALID_ARGUMENT, f"spec expects text or a pathlib.Path, got {type(spec).__name__}")
    return spec, None


def read_table(table: Spec | None) -> str | None:
    """The text of a plan table, as attn-tune writes it: given as such, or by the pathlib.Path of a file."""
    if isinstance(table, pathlib.Path):
        try:
            return table.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Error(Status.IO_ERROR, f"plan_table expects a readable text file, got {table}: {error}") from error
    if table is not None and not isinstance(table, str):
        raise Error(Status.INVALID_ARGUMENT, f"plan_table expects text or a pathlib.Path, got {type(table).__name__}")
    return table


def resolve_target(target: str) -> str:
    """What "auto" means here: "sm_90a" if GPU 0 is one, else "cpu"."""
    if target != "auto":
        return target
    found = _runtime.gpu(0)
    return "sm_90a" if found and found[1:3] == (9, 0) else "cpu"


def find_ptxas(given: str | os.PathLike[str] | None, target: str) -> str | None:
    """The assembler of the given path, of $ATTN_PTXAS, or of NVIDIA's Python packages. None: where CUDA installs it."""
    if given is not None:
        return os.fspath(given)
    if target == "cpu":
        return None
    if path := os.environ.get("ATTN_PTXAS"):
        return path
    nvidia = importlib.util.find_spec("nvidia")
    for folder in (nvidia.submodule_search_locations or ()) if nvidia else ():
        for found in sorted(pathlib.Path(folder).glob("*/bin/ptxas"), reverse=True):
            if os.access(found, os.X_OK):
                return str(found)
    return None


def _compile(spec: Spec, target: str, emit: str, stop_after, plan, tables, ptxas, remarks) -> tuple[bytes, list[str], str]:
    from . import _compiler

    text, name = read_spec(spec)
    target = resolve_target(target)
    data, messages = _compiler.compile(
        text, target, _EMIT[emit], stop_after, plan, *tables, find_ptxas(ptxas, target), name, remarks
    )
    return data, messages, target


def compile(
    spec: Spec,
    target: str = "auto",
    *,
    plan: str | None = None,
    plan_table: Spec | None = None,
    length_hint: int = 0,
    ptxas: str | os.PathLike[str] | None = None,
    remarks: bool = False,
) -> Image:
    """Compiles a spec to an image.

    spec:    text, or the pathlib.Path of a file
    target:  "cpu", "sm_90a", or "auto": sm_90a if GPU 0 is one, else cpu. Neither a GPU nor a CUDA toolkit is needed
    plan:    a #tile.plan<...> instead of the chosen one
    plan_table:  plans to look into before the compiler's own: text as attn-tune writes it, or the pathlib.Path of a file
    length_hint: keys to plan for where the spec leaves their extent open; 0: not known
    ptxas:   path of the assembler; without one the image holds PTX, which the driver assembles when it is loaded
    remarks: keep what the compiler says about its decisions in Image.messages

    Raises Error: INVALID_SPEC with one diagnostic a line, UNSUPPORTED if the target refuses the spec,
    INVALID_ARGUMENT for an unknown target or plan, COMPILE_FAILED, IO_ERROR.
    """
    data, messages, resolved = _compile(spec, target, "image", None, plan, (read_table(plan_table), length_hint), ptxas, remarks)
    return Image(data, resolved, tuple(messages))


def lower(
    spec: Spec,
    target: str = "auto",
    *,
    emit: typing.Literal["ptx", "cubin", "object", "llvm", "mlir"] = "mlir",
    stop_after: str | None = None,
    plan: str | None = None,
    plan_table: Spec | None = None,
    length_hint: int = 0,
    ptxas: str | os.PathLike[str] | None = None,
) -> bytes:
    """What the compiler makes on the way to an image; the arguments are those of compile() and attn-compile.

    emit:       "mlir" (of the stage `stop_after`, or of the last one), "llvm", "ptx", "cubin" or "object"
    stop_after: name of a stage, with "mlir"
    """
    if emit not in _EMIT or emit == "image":
        known = ", ".join(name for name in _EMIT if name != "image")
        raise Error(Status.INVALID_ARGUMENT, f"emit expects one of {known}, got {emit}")
    return _compile(spec, target, emit, stop_after, plan, (read_table(plan_table), length_hint), ptxas, False)[0]
