"""What a record of the module power says: ratios, what bounds a row, shares of the matrix units' peak, and the Markdown page."""

from __future__ import annotations

import math
import os
import pathlib

from .kernels import OURS
from .record import number

CUDNN = "cudnn"

# Dense bf16 or fp16 products: FLOP of one multiprocessor in one cycle (Hopper).
FLOP_PER_CYCLE = 4096
# Ratios that differ by less are held to be equal: the spread of a stream's rounds is about so much.
EQUAL = 0.02

_LEGEND = """\
## How to read it

- **at rest**: single launches, each right behind another, with pauses, at the card's full clock: what the schedule gives. A launch
  alone shows its start and its end, which a stream may hide behind its neighbours.
- **sustained**: a stream on random normal inputs, which draws what the card may take and lowers its clock: what the goals ask for.
- **on zeros**: the same stream and the same instructions on inputs of zeros, where fewer bits toggle. It is a diagnostic of power:
  times on zeros are no measure of speed, so it is never a rate, and there is none on this page.
- *schedule*: the ratio at rest is no better than the sustained one (by more than {equal:g}), so power is not what separates us
  from the goal. *power*: it is better, and at rest reaches the goal: power separates us. *power and schedule*: it is better, and
  yet misses the goal. *met*: the sustained ratio reaches the goal.
- Where both take the same power, the sustained ratio is that of their TFLOP per joule, whatever the ratio at rest: at the power
  cap a kernel gains by whatever saves energy.
- Clock lost is what the sustained clock lacks of that at rest. The share of peak is that of {flop} FLOP in each cycle of each
  multiprocessor at the clock seen, of FLOP as the rates count them: a masked or padded product is work, and no FLOP.
- Throttled by: NVML's reasons, with the share of the looks that found each."""


def _part(row: dict, name: str, kind: str) -> dict:
    return row["contestants"].get(name, {}).get(kind) or {}


def _value(part: dict, field: str) -> float:
    value = part.get(field)
    return math.nan if value is None else value


def ratio(row: dict, kind: str) -> float:
    """Ours over cuDNN, by the times of one kind of measurement; NaN where one is missing."""
    mine, other = (_value(_part(row, name, kind), "ms") for name in (OURS, CUDNN))
    return other / mine if mine > 0 else math.nan


def least(row: dict) -> float:
    """The goal's ratio to cuDNN; NaN where the goal is over others."""
    goal = row["goal"]
    return goal["least"] if CUDNN in goal["over"] and goal["least"] else math.nan


def bound(sustained: float, rest: float, goal: float) -> str:
    """What keeps a row from its goal."""
    if math.isnan(goal):
        return "-"
    if sustained >= goal:
        return "met"
    if math.isnan(sustained) or math.isnan(rest):
        return "not judged"
    if rest <= sustained + EQUAL:
        return "schedule"
    return "power" if rest >= goal else "power and schedule"


def rate(row: dict, part: dict) -> float:
    """TFLOP/s."""
    milliseconds = _value(part, "ms")
    return row["flop"] / milliseconds * 1e-9 if milliseconds > 0 else math.nan


def share_of_peak(row: dict, part: dict, multiprocessors: int) -> float:
    """Of what the matrix units can do at the clock seen."""
    peak = FLOP_PER_CYCLE * multiprocessors * _value(part, "sm_mhz") * 1e-6  # TFLOP/s
    return rate(row, part) / peak if peak > 0 else math.nan


def clock_lost(row: dict, name: str) -> float:
    """The share of the clock at rest that a sustained stream goes without."""
    rest, sustained = (_value(_part(row, name, kind), "sm_mhz") for kind in ("rest", "sustained"))
    return 1 - sustained / rest if rest > 0 else math.nan


def tflop_per_joule(row: dict, part: dict) -> float:
    millijoules = _value(part, "mj")
    return row["flop"] / millijoules * 1e-9 if millijoules > 0 else math.nan


def verdict(row: dict) -> str:
    return bound(ratio(row, "sustained"), ratio(row, "rest"), least(row))


def line(row: dict) -> str:
    """One row, as a run prints it."""
    ratios = ", ".join(f"{what} {number(ratio(row, kind))}" for what, kind in _KINDS)
    parts = [f"{row['label']:34} /cudnn {ratios} of {number(least(row), '.3f')}: {verdict(row)}"]
    for name in row["contestants"]:
        part = _part(row, name, "sustained")
        lost = number(100 * clock_lost(row, name), ".0f")
        parts.append(
            f"{name} {number(rate(row, part), '.0f')} TFLOP/s, {number(_value(part, 'watt'), '.0f')} W, "
            f"{number(_value(part, 'sm_mhz'), '.0f')} MHz (-{lost} %), {number(tflop_per_joule(row, part))} TFLOP/J"
        )
    if row["wrong"]:
        parts.append("WRONG: " + ", ".join(row["wrong"]))
    return " | ".join(parts)


_KINDS = (("at rest", "rest"), ("sustained", "sustained"), ("on zeros", "zeros"))


def _markdown(head: list[str], rows: list[list[str]]) -> list[str]:
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(cells) + " |" for cells in rows), ""]


def _ratios(rows: list[dict]) -> list[str]:
    made = []
    for row in rows:
        star = "*" if any(name != CUDNN for name in row["goal"]["over"]) and not math.isnan(least(row)) else ""
        figures = [number(ratio(row, kind), ".3f") for _, kind in _KINDS]
        made.append([row["label"], *figures, number(least(row), ".3f") + star, verdict(row)])
    lines = _markdown(["row", *(what for what, _ in _KINDS), "goal", "what bounds it"], made)
    if any(cells[-2].endswith("*") for cells in made):
        lines += ["\\* This goal is over the best of cuDNN and others; here it is held against cuDNN alone.", ""]
    return lines


def _throttle(part: dict) -> str:
    """Throttle reasons with their shares, the most frequent first."""
    shares = part.get("throttle")
    if shares is None:
        return "-"
    told = [f"{name} {100 * share:.0f} %" for name, share in sorted(shares.items(), key=lambda item: -item[1])]
    return ", ".join(told) or "nothing"


def _sustained(record: dict) -> list[str]:
    made, sms = [], record["multiprocessors"]
    for row in record["rows"]:
        for name in row["contestants"]:
            rest, load = _part(row, name, "rest"), _part(row, name, "sustained")
            cells = [row["label"], name, number(rate(row, rest), ".0f"), number(rate(row, load), ".0f")]
            cells += [number(_value(rest, "sm_mhz"), ".0f"), number(_value(load, "sm_mhz"), ".0f")]
            cells += [number(100 * clock_lost(row, name), ".1f")]
            cells += [number(100 * share_of_peak(row, part, sms), ".1f") for part in (rest, load)]
            cells += [number(_value(load, "watt"), ".0f"), number(_value(load, "mj"), ".1f")]
            made.append([*cells, number(tflop_per_joule(row, load), ".3f"), _throttle(load)])
    head = ["row", "", "TFLOP/s at rest", "sustained", "MHz at rest", "sustained", "clock lost, %", "of peak at rest, %"]
    head += ["sustained", "W", "mJ a launch", "TFLOP/J", "throttled by"]
    return _markdown(head, made)


def _zeros(rows: list[dict]) -> list[str]:
    """Power and clock on zeros; no rates."""
    made = []
    for row in rows:
        for name in row["contestants"]:
            zeros, load = _part(row, name, "zeros"), _part(row, name, "sustained")
            cells = [number(_value(zeros, field), form) for field, form in (("watt", ".0f"), ("sm_mhz", ".0f"), ("mj", ".1f"))]
            energy = _value(load, "mj")
            saved = 1 - _value(zeros, "mj") / energy if energy > 0 else math.nan
            made.append([row["label"], name, *cells, number(100 * saved, ".0f"), _throttle(zeros)])
    head = ["row", "", "W on zeros", "MHz", "mJ a launch", "less than on random inputs, %", "throttled by"]
    return _markdown(head, made)


def _remarks(rows: list[dict]) -> list[str]:
    """Refusals, wrong results, notes, and launches at rest that do not count."""
    lines = []
    for row in rows:
        label = row["label"]
        lines += [f"- {label}: {name} refused: {reason}" for name, reason in row["refused"].items()]
        lines += [f"- {label}: {name} was wrong, and is not here" for name in row["wrong"]]
        for name, entry in row["contestants"].items():
            lines += [f"- {label}: {name} was asked {entry['note']}"] if entry["note"] else []
            if late := _part(row, name, "rest").get("late"):
                counted = entry["rest"]["launches"]
                lines.append(f"- {label}: {late} of {counted + late} launches of {name} at rest came late from the host, not counted")
    return [*lines, ""] if lines else []


def page(record: dict, path: pathlib.Path, record_path: pathlib.Path) -> str:
    machine, settings, link = record["machine"], record["settings"], os.path.relpath(record_path, path.parent)
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    idle = machine["idle"]
    limit = f", power limit {idle['power.limit']}" if isinstance(idle, dict) and "power.limit" in idle else ""
    told = [verdict(row) for row in record["rows"]]
    counts = ", ".join(f"{what}: {told.count(what)}" for what in dict.fromkeys(told))
    lines = [
        f"# Power or schedule on one {machine['gpu']}, {machine['date']}",
        "",
        f"Driver {machine['driver']}{limit}; {versions}; commit {machine['commit'] or 'unknown'}. Made by",
        f"`{machine['command']}`; the record is [{link}]({link}), and this page is written from it.",
        "",
        f"Streams of {settings['seconds']:g} s after {settings['warm_seconds']:g} s of the same; at rest {settings['pairs']} launches,",
        f"with pauses of {1e3 * settings['pause_seconds']:.0f} ms. Power is the difference of the card's energy counter over its time.",
        "Every result was first held against attention in double precision; a wrong one is named and not timed.",
        "",
    ]
    if not record["nvml"]:
        lines += ["NVML was not found: power, energy, clocks and throttle reasons are not known.", ""]
    lines += [f"## Ours over cuDNN ({counts or 'no rows'})", "", *_ratios(record["rows"])]
    lines += [*_LEGEND.format(equal=EQUAL, flop=FLOP_PER_CYCLE).split("\n"), "", "## At rest and sustained", "", *_sustained(record)]
    lines += ["## On zeros: power, never a rate", "", *_zeros(record["rows"]), *_remarks(record["rows"])]
    return "\n".join(lines).rstrip() + "\n"
