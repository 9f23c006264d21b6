"""Our kernels: compiled ahead on all processors, or read from a folder of images made on another machine.

A folder holds KERNEL.attn for the chosen plan, KERNEL.PLAN.attn for others, and images.json: by file name the plan, the
milliseconds of the compilation, and why some are missing.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import time

OURS = "attn-mlir"


@dataclasses.dataclass
class Compiled:
    """An image, or the reason why there is none."""

    plan: str = ""
    image: bytes | None = None
    refused: str = ""
    milliseconds: float | None = None


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if "error:" in line] or lines or [type(error).__name__]
    return told[0][:300]


def compile_shape(attn_mlir, shape, plan: str | None, ptxas=None) -> Compiled:
    start = time.perf_counter()
    try:
        image = attn_mlir.compile(shape.spec(), target="sm_90a", plan=plan, length_hint=shape.keys, ptxas=ptxas, remarks=True)
    except attn_mlir.Error as error:
        return Compiled(plan or "", None, _first_line(error))
    milliseconds = (time.perf_counter() - start) * 1e3
    chosen = next((re.search(r"#tile\.plan<[^>]*>", m) for m in image.messages if "attn-choose-plan" in m), None)
    return Compiled(plan or (chosen[0] if chosen else ""), image.bytes, "", milliseconds)


def _compile_plan(attn_mlir, shape, plan, chosen: Compiled) -> Compiled:
    if not chosen.plan and not plan.text.startswith("#"):
        return Compiled("", None, "there is no chosen plan to change: " + chosen.refused)
    text = plan.resolve(chosen.plan)
    if text == chosen.plan:
        return Compiled(text, None, "it is the chosen plan")
    return compile_shape(attn_mlir, shape, text)


def file_name(kernel: str, contestant: str) -> str:
    return f"{kernel}.attn" if contestant == OURS else f"{kernel}.{contestant}.attn"


def workers() -> int:
    """How many kernels are compiled at a time."""
    return max(1, min(len(os.sched_getaffinity(0)), 32))


def compile_all(attn_mlir, shapes, plans, progress) -> dict[tuple[str, str], Compiled]:
    """Images by (kernel, contestant). Compilation runs on all processors at once, which the times include."""
    kernels = {shape.kernel: shape for shape in shapes}
    wanted = [(kernel, plan) for kernel, shape in kernels.items() for plan in plans if plan.suits(shape.name)]
    found: dict[tuple[str, str], Compiled] = {}
    with concurrent.futures.ThreadPoolExecutor(workers()) as pool:
        progress.start("compile", len(kernels) + len(wanted))
        chosen = {pool.submit(compile_shape, attn_mlir, shape, None): kernel for kernel, shape in kernels.items()}
        for future in concurrent.futures.as_completed(chosen):
            found[chosen[future], OURS] = future.result()
            progress.step(chosen[future])
        others = {
            pool.submit(_compile_plan, attn_mlir, kernels[kernel], plan, found[kernel, OURS]): (kernel, plan.name)
            for kernel, plan in wanted
        }
        for future in concurrent.futures.as_completed(others):
            found[others[future]] = future.result()
            progress.step(" ".join(others[future]))
    progress.end()
    return found


def write_images(folder: pathlib.Path, compiled: dict[tuple[str, str], Compiled]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    index = {}
    for (kernel, contestant), made in sorted(compiled.items()):
        name = file_name(kernel, contestant)
        if made.image:
            (folder / name).write_bytes(made.image)
        index[name] = {"plan": made.plan, "refused": made.refused, "milliseconds": made.milliseconds}
    (folder / "images.json").write_text(json.dumps(index, indent=1) + "\n")


def read_images(folder: pathlib.Path, shapes, plans) -> dict[tuple[str, str], Compiled]:
    """Images of a folder; a plan whose image the folder lacks is refused by name."""
    path = folder / "images.json"
    index = json.loads(path.read_text()) if path.exists() else {}
    found = {}
    for kernel, shape in {shape.kernel: shape for shape in shapes}.items():
        for contestant in [OURS] + [plan.name for plan in plans if plan.suits(shape.name)]:
            name = file_name(kernel, contestant)
            known = index.get(name, {})
            file = folder / name
            image = file.read_bytes() if file.exists() else None
            refused = "" if image else known.get("refused") or f"expects {file}, found none"
            found[kernel, contestant] = Compiled(known.get("plan", ""), image, refused, known.get("milliseconds"))
    return found
