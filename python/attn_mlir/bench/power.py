"""What bounds a row of the forward goals, power or the schedule: ours and PyTorch's cuDNN, under load and at rest.

    python -m attn_mlir.bench.power [--shapes missed] [--filter PATTERN] [--seconds 1] [--json FILE]
    python -m attn_mlir.bench.power --page docs/measured/NAME.md --json FILE        # a page from a record

Three measurements of each contestant of each row, after its result was held against double precision:
  rest       single launches with pauses between them, so that the card stays at its full clock;
  sustained  a stream of launches on random normal inputs, with the card's energy, clock and throttle reasons;
  zeros      the same stream on zeros: the same instructions, fewer bits that toggle. A diagnostic of power, never a rate.
Energy, clocks and reasons come from NVML; where that is missing they stay empty. The module power_page derives the rest.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import fnmatch
import json
import math
import pathlib
import statistics
import sys
import time

from . import kernels, record
from .goals import goal_of
from .machine import Clocks, describe, throttle_names, torch_with_gpu
from .measure import Settings, contestants, stream_time, tensors
from .power_page import line, page
from .shapes import GROUPS, Shape, select

PROGRAM = "python -m attn_mlir.bench.power"
RIVAL = "cudnn"

# One row of each kind whose goal was missed when this was written (some are met since): (head_dim, query heads, kv heads): {length: masks}.
MISSED = {
    (128, 16, 16): {512: "both", 1024: "both", 2048: "both", 8192: "both"},
    (128, 32, 8): {8192: "full"},
    (64, 32, 32): {1024: "both", 8192: "both"},
    (256, 8, 8): {2048: "full", 8192: "full"},
    (80, 16, 16): {8192: "full"},
    (112, 16, 16): {8192: "full"},
    (192, 16, 16): {8192: "full"},
}

# NVML's averages lag by about half a second: a stream runs so long before it is looked at.
WARM_SECONDS = 0.5
# Launches are sent in chunks of about so many milliseconds, with a look at the card after each.
CHUNK_MS = 10.0
# At rest: pairs with pauses, and before the first of them a pause in which the card cools and its clock rises.
PAIRS, PAUSE_SECONDS, SETTLE_SECONDS = 40, 0.02, 0.5
# A timed launch follows another back to back. Before a short one several go, so that the host has sent it before its turn.
LEAD_MS = 0.3


def missed_rows() -> list[tuple[str, Shape]]:
    """The rows of MISSED as the groups forward and odd have them."""
    found = []
    for group, shape in select(["forward", "odd"]):
        masks = MISSED.get((shape.head_dim, shape.query_heads, shape.kv_heads), {}).get(shape.length)
        if masks and not shape.value_dim and (masks == "both" or not shape.causal):
            found.append((group, shape))
    return found


def mean_watts(samples: list[tuple[float, int]]) -> float:
    """Mean power, W, of looks (time in s, energy counter in mJ). The counter moves in steps, so the mean is taken from the
    first step seen to the last one; NaN where there are not two."""
    steps = [now for before, now in zip(samples, samples[1:]) if now[1] != before[1]]
    if len(steps) < 2 or steps[-1][0] <= steps[0][0]:
        return math.nan
    return (steps[-1][1] - steps[0][1]) * 1e-3 / (steps[-1][0] - steps[0][0])


class Looks:
    """What NVML said while something ran."""

    def __init__(self, clocks: Clocks):
        self.clocks, self.energy, self.mhz, self.reasons, self.count = clocks, [], [], collections.Counter(), 0

    def look(self) -> None:
        if (energy := self.clocks.millijoules()) is not None:
            self.energy.append((time.perf_counter(), energy))
        if (mhz := self.clocks.sm_mhz()) is not None:
            self.mhz.append(mhz)
        if (bits := self.clocks.throttle()) is not None:
            self.count += 1
            self.reasons.update(throttle_names(bits))

    def seen(self) -> dict:
        """Median clock, MHz, and the share of the looks that found each throttle reason; idle, a reason too, is none here."""
        shares = {name: count / self.count for name, count in self.reasons.items() if name != "idle"}
        return {"sm_mhz": statistics.median(self.mhz) if self.mhz else None, "throttle": shares if self.count else None}


def keep_busy(torch, rival, count: int, seconds: float, look=lambda: None) -> int:
    """Sends chunks of `count` launches for some seconds, at most three at a time in the queue, which never runs dry. Returns
    how many launches it sent, without waiting for the last of them."""
    waiting, sent, until = collections.deque(), 0, time.perf_counter() + seconds
    while not sent or time.perf_counter() < until:
        for _ in range(count):
            rival.call()
        event = torch.cuda.Event()
        event.record()
        waiting.append(event)
        sent += count
        if len(waiting) > 2:
            waiting.popleft().synchronize()
        look()
    return sent


def under_load(torch, rival, clocks: Clocks, seconds: float) -> dict:
    """A sustained stream: ms and mJ a launch, mean W, median MHz, throttle reasons. The stream is gapless, from before the
    first look to after the last, so that a launch takes the mean power for its time."""
    count, looks = max(1, round(CHUNK_MS / max(stream_time(torch, rival, 3), 1e-4))), Looks(clocks)
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    with rival.around():
        keep_busy(torch, rival, count, WARM_SECONDS)
        start.record()
        sent = keep_busy(torch, rival, count, seconds, looks.look)
        end.record()
        end.synchronize()
    milliseconds, watts = start.elapsed_time(end) / sent, mean_watts(looks.energy)
    return {"ms": milliseconds, "launches": sent, "watt": watts, "mj": watts * milliseconds, **looks.seen()}


def at_rest(torch, rival, clocks: Clocks) -> dict:
    """Single launches at the clock of a card that rests: the median ms, MHz, throttle reasons. A launch that the GPU was ready
    for before the host had sent it is late and does not count: its time would be the host's."""
    lead = max(1, math.ceil(LEAD_MS / max(stream_time(torch, rival, 3), 1e-4)))
    times, late, looks = [], 0, Looks(clocks)
    time.sleep(SETTLE_SECONDS)
    with rival.around():
        for _ in range(PAIRS):
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            for _ in range(lead):
                rival.call()
            start.record()
            rival.call()
            end.record()
            behind = start.query()
            end.synchronize()
            looks.look()
            late += behind
            times += [] if behind else [start.elapsed_time(end)]
            time.sleep(PAUSE_SECONDS)
    return {"ms": statistics.median(times) if times else math.nan, "launches": len(times), "late": late, **looks.seen()}


def measure(torch, attn_mlir, group: str, shape: Shape, compiled: dict, clocks: Clocks, seconds: float) -> dict:
    """One row of the record."""
    inputs = tensors(torch, shape)
    found, errors, refused, wrong = contestants(torch, attn_mlir, shape, compiled, Settings(rivals=(RIVAL,)), inputs)
    goal = goal_of(shape, group)
    row = {"group": group, "label": shape.label, **dataclasses.asdict(shape), "flop": shape.flop}
    row |= {"goal": {"over": list(goal.over), "least": goal.least, "why": goal.why}, "refused": refused, "wrong": wrong}
    row["contestants"] = {name: {"error": errors[name], "note": rival.note} for name, rival in found.items()}
    for name in found:
        if name in compiled:
            row["contestants"][name]["plan"] = compiled[name].plan
    for name, rival in found.items():
        row["contestants"][name]["rest"] = at_rest(torch, rival, clocks)
    for name, rival in found.items():
        row["contestants"][name]["sustained"] = under_load(torch, rival, clocks, seconds)
    for tensor in inputs:  # in place: the contestants are bound to them
        tensor.zero_()
    for name, rival in found.items():
        with rival.around():
            out = rival.output(rival.call())
        if bool((out != 0).any()):  # NaN is not 0 either
            wrong[name] = math.inf
        else:
            row["contestants"][name]["zeros"] = under_load(torch, rival, clocks, seconds)
    for name in wrong:
        row["contestants"].pop(name, None)
    return row


def measure_all(torch, attn_mlir, options, rows, compiled) -> dict:
    """The record of a run. Each row is printed when it is there."""
    clocks, progress = Clocks(torch), record.Progress()
    if not clocks.found:
        print("attn_mlir.bench.power: NVML is not found: power, energy, clocks and throttle reasons stay empty", file=sys.stderr)
    sms = torch.cuda.get_device_properties(torch.cuda.current_device()).multi_processor_count
    settings = {"seconds": options.seconds, "warm_seconds": WARM_SECONDS, "pairs": PAIRS, "pause_seconds": PAUSE_SECONDS}
    made = {"machine": describe(torch, attn_mlir), "nvml": clocks.found, "multiprocessors": sms, "settings": settings, "rows": []}
    progress.start("rows", len(rows))
    for group, shape in rows:
        mine = {kernels.OURS: compiled[shape.kernel, kernels.OURS]}
        made["rows"].append(measure(torch, attn_mlir, group, shape, mine, clocks, options.seconds))
        progress.clear()
        print(line(made["rows"][-1]), *record.refusals(made["rows"][-1]), sep="\n", flush=True)
        progress.step(shape.label)
        if options.json:
            record.write_json(options.json, made)
    progress.end()
    return made


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("--shapes", default="missed", help="missed: a row of each kind of missed goal; or groups: all, " + ", ".join(GROUPS))
    add("--filter", default="*", help="pattern of row labels, as in 'd64-*-causal-*'")
    add("--seconds", type=float, default=1.0, help="length of one stream of calls; NVML's averages need about 1")
    add("--json", type=pathlib.Path, help="write the record there; with --page, read it")
    add("--page", type=pathlib.Path, help="write the record's Markdown page; measures nothing")
    add("--images", type=pathlib.Path, metavar="DIR", help="kernels made ahead by attn_mlir.bench --write-images")
    add("--list", action="store_true", help="print the labels of the rows and stop")
    return parser


def select_rows(parser, options) -> list[tuple[str, Shape]]:
    names = options.shapes.split(",")
    unknown = [name for name in names if name not in (*GROUPS, "all")]
    if unknown and names != ["missed"]:
        parser.error(f"--shapes expects missed, or groups out of all, {', '.join(GROUPS)}, got {options.shapes}")
    rows = missed_rows() if names == ["missed"] else select(names)
    found = [(group, shape) for group, shape in rows if fnmatch.fnmatch(shape.label, options.filter)]
    if not found:
        parser.error(f"--filter expects a pattern that some row's label fits, got '{options.filter}': see --list")
    return found


def write_page(parser, options) -> int:
    if not options.json or not options.json.exists():
        parser.error("--page expects --json FILE with a record")
    options.page.write_text(page(json.loads(options.json.read_text()), options.page, options.json))
    return 0


def main(arguments=None) -> int:
    parser = make_parser()
    options = parser.parse_args(arguments)
    if options.page:
        return write_page(parser, options)
    if not options.seconds > 0:
        parser.error(f"--seconds expects a length above 0, got {options.seconds:g}")
    rows = select_rows(parser, options)
    if options.list:
        print(*(f"{group:8} {shape.label}" for group, shape in rows), sep="\n")
        return 0
    torch = torch_with_gpu("attn_mlir.bench.power")
    if torch is None:
        return 2

    import attn_mlir

    shapes = [shape for _, shape in rows]
    if options.images:
        compiled = kernels.read_images(options.images, shapes, [])
    else:
        compiled = kernels.compile_all(attn_mlir, shapes, [], record.Progress())
    made = measure_all(torch, attn_mlir, options, rows, compiled)
    lost = [row["label"] for row in made["rows"] if kernels.OURS not in row["contestants"]]
    if lost:
        print(f"attn_mlir.bench.power: wrong or refused in {lost}", file=sys.stderr)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
