"""One row: make the contestants, check them, time them in turns."""

from __future__ import annotations

import dataclasses
import math
import statistics

from . import rivals as rivals_module
from .cycles import CycleCounter, counter
from .goals import NEIGHBOUR, Goal, goal_of, goal_over_fa3
from .kernels import OURS, Compiled
from .machine import Clocks
from .reference import Reference
from .rivals import Refused, Rival
from .shapes import Shape


@dataclasses.dataclass
class Settings:
    """How long and against whom."""

    rounds: int = 3
    seconds: float = 0.2
    rivals: tuple[str, ...] = ("cudnn", "flash")
    first_call_seconds: float = 60.0


def tensors(torch, shape: Shape):
    """Random normal q, k and v."""
    dtype = {"bf16": torch.bfloat16, "f16": torch.float16}[shape.dtype]
    torch.manual_seed(1)

    def normal(heads, length, columns):
        return torch.randn(shape.batch, heads, length, columns, device="cuda", dtype=dtype)

    q = normal(shape.query_heads, shape.length, shape.head_dim)
    return q, normal(shape.kv_heads, shape.keys, shape.head_dim), normal(shape.kv_heads, shape.keys, shape.value)


def ours(torch, attn_mlir, shape: Shape, compiled: Compiled, q, k, v) -> Rival:
    """A kernel of ours that has computed once, or Refused."""
    if compiled.image is None:
        raise Refused(compiled.refused)
    out = torch.full((shape.batch, shape.query_heads, shape.length, shape.value), math.nan, device="cuda", dtype=q.dtype)
    try:
        launch = attn_mlir.load(compiled.image).bind(q, k, v, out)
        launch()
    except attn_mlir.Error as error:
        raise Refused(str(error).splitlines()[0][:300]) from None
    torch.cuda.synchronize()
    return Rival(launch, output=lambda _result: out)


def stream_time(torch, rival: Rival, count: int, while_running=lambda: None, cycles: CycleCounter | None = None) -> float:
    """Milliseconds a call in a stream of `count` calls, around which `cycles` has its marks."""
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    with rival.around():
        if cycles:
            cycles.mark(0)
        start.record()
        for _ in range(count):
            rival.call()
        end.record()
        if cycles:
            cycles.mark(1)
        while_running()
        end.synchronize()
    return start.elapsed_time(end) / count


def contestants(torch, attn_mlir, shape: Shape, compiled: dict[str, Compiled], settings: Settings, inputs):
    """Who takes part, by name, and why others do not: (rivals, errors, refused, wrong)."""
    reference = Reference(torch, shape, *inputs)
    found, errors, refused, wrong = {}, {}, {}, {}
    for name in [*compiled, *settings.rivals]:
        try:
            if name in compiled:
                rival = ours(torch, attn_mlir, shape, compiled[name], *inputs)
            else:
                rival = rivals_module.make(torch, name, shape, *inputs, settings.first_call_seconds)
        except Refused as error:
            refused[name] = str(error)
            continue
        with rival.around():
            error = reference.error(rival.output(rival.call()))
        if error <= 1:
            found[name], errors[name] = rival, error
        else:
            wrong[name] = error
    return found, errors, refused, wrong


def time_in_turns(torch, found: dict[str, Rival], settings: Settings, clocks: Clocks):
    """Milliseconds a call of every round, by name, and what was seen under each: NVML's numbers in the last round, and the medians of
    the cycles a call took and of the clock by which it took them."""
    counts, times, seen, counted = {}, {name: [] for name in found}, {}, {name: [] for name in found}
    cycles = counter(torch)
    for name, rival in found.items():
        once = stream_time(torch, rival, 3)
        counts[name] = max(5, min(20000, math.ceil(settings.seconds * 1e3 / max(once, 1e-4))))
        stream_time(torch, rival, counts[name])
    names = list(found)
    for turn in range(settings.rounds):
        first = turn // 2 % max(1, len(names))
        order = names[first:] + names[:first]
        # A stream's clock depends on the one before it, so none always follows the same one: every second turn goes the other way.
        for name in reversed(order) if turn % 2 else order:
            look = (lambda name=name: seen.update({name: clocks.read()})) if turn == settings.rounds - 1 else lambda: None
            times[name].append(stream_time(torch, found[name], counts[name], look, cycles))
            if between := cycles.between():
                counted[name].append((between[0] / counts[name], between[0] / between[1] * 1e3))
    for name, pairs in counted.items():
        if pairs:
            of_call, mhz = (statistics.median(values) for values in zip(*pairs))
            seen[name] = (seen.get(name) or {}) | {"cycles": of_call, "mean_mhz": mhz}
    return times, seen


def judge(goal: Goal, rates: dict[str, float], over: tuple[str, ...]) -> dict:
    """The ratios of a row."""
    best = max((name for name in over if name in rates), key=rates.get, default=None)
    mine = rates.get(OURS, math.nan)
    ratios = {"cudnn": mine / rates["cudnn"] if "cudnn" in rates else math.nan}
    ratios["best"] = mine / rates[best] if best else math.nan
    return {"ratios": ratios, "best_rival": best, "goal": goal.judge(mine, rates)}


def measure(torch, attn_mlir, group: str, shape: Shape, compiled: dict[str, Compiled], settings: Settings, beside, clocks):
    """One row of the record. `beside`: our kernel at the neighbouring length, which runs in the same turns, or None."""
    inputs = tensors(torch, shape)
    found, errors, refused, wrong = contestants(torch, attn_mlir, shape, compiled, settings, inputs)
    timed = dict(found)
    if shape.beside and beside and beside.image:
        timed[NEIGHBOUR] = ours(torch, attn_mlir, shape.beside, beside, *tensors(torch, shape.beside))
    times, seen = time_in_turns(torch, timed, settings, clocks)
    rows, rates = {}, {}
    for name, values in times.items():
        middle = statistics.median(values)
        rates[name] = (shape.beside if name == NEIGHBOUR else shape).flop / middle * 1e-9
        if name == NEIGHBOUR:
            continue
        rows[name] = {
            "tflops": rates[name],
            "ms": middle,
            "spread": (max(values) - min(values)) / middle,
            "times": values,
            "error": errors[name],
            "note": found[name].note,
            "clocks": seen.get(name),
        }
        if name in compiled:
            rows[name] |= {"plan": compiled[name].plan, "compile_ms": compiled[name].milliseconds}
    row = {"group": group, "label": shape.label, **dataclasses.asdict(shape), "flop": shape.flop}
    row |= {"contestants": rows, "refused": refused, "wrong": wrong, "neighbour_tflops": rates.get(NEIGHBOUR)}
    if (beyond := goal_over_fa3(shape, group)) and "fa3" in rates:
        row["goal_over_fa3"] = beyond.judge(rates.get(OURS, math.nan), rates)
    return row | judge(goal_of(shape, group), rates, settings.rivals)
