"""The Markdown page of a record, for docs/measured: nothing on it but what the record says."""

from __future__ import annotations

import os
import pathlib

from .kernels import OURS
from .record import number, verdict

_TITLES = {
    "floor": "Floors of the first release",
    "forward": "Forward",
    "odd": "Head dimensions that others pad or leave out",
    "gqa": "Grouped and multi-query heads",
    "cross": "Few queries, many keys",
    "fp16": "fp16",
    "window": "Sliding windows",
    "few": "Fewer tiles than multiprocessors",
    "ragged": "Lengths that no tile divides",
}

# The rivals over which each row of a table says our ratio.
_TITLE_OF = {"cudnn": "cuDNN", "fa3": "FA3"}


def _link(path: pathlib.Path, page: pathlib.Path) -> str:
    return os.path.relpath(path, page.parent)


def _head(record: dict, record_link: str) -> list[str]:
    machine = record["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    idle = machine["idle"]
    limit = f", power limit {idle['power.limit']}" if isinstance(idle, dict) and "power.limit" in idle else ""
    settings = record["settings"]
    in_time = ", or microseconds of a call" if any(row["group"] == "decode" for row in record["rows"]) else ""
    absent = {n for row in record["rows"] for n, reason in row["refused"].items() if reason.startswith("not installed")}
    return [
        f"# Forward on one {machine['gpu']}, {machine['date']}",
        "",
        f"Driver {machine['driver']}{limit}; {versions}; commit {machine['commit'] or 'unknown'}. Made by",
        f"`{machine['command']}`; the record is [{record_link}]({record_link}), and this page is written from it.",
        "",
        f"TFLOP/s{in_time}, the median of {settings['rounds']} rounds of {settings['seconds']:g} s of back-to-back calls on random normal",
        "inputs, the contestants in turns in one process; ± is half of the spread of the rounds. Every result was first held",
        "against attention in double precision; a wrong one is named and not timed.",
        *([f"Rivals looked for and not installed: {', '.join(sorted(absent))}."] if absent else []),
        "",
    ]


def _cell(row: dict, name: str) -> str:
    if name in row["wrong"]:
        return "wrong"
    if name not in row["contestants"]:
        return "-"
    entry = row["contestants"][name]
    star = "*" if entry["note"] else ""
    # Where reading takes the time, operations say little.
    figure = f"{1e3 * entry['ms']:.1f} us" if row["group"] == "decode" else f"{entry['tflops']:.0f}"
    return f"{figure}{star} ± {50 * entry['spread']:.1f} %"


def _table(rows: list[dict], plans: list[str]) -> list[str]:
    known = list(dict.fromkeys(name for row in rows for name in [*row["contestants"], *row["wrong"]] if name not in plans))
    names = [OURS, *(name for name in known if name != OURS)]
    over = [name for name in _TITLE_OF if any(name in row["contestants"] for row in rows)]
    counted = [name for name in over if any(_by_cycles(row, name) for row in rows)]
    head = ["D", "heads", "type", "S", "B", "mask", *names, *(f"/ {_TITLE_OF[name]}" for name in over), "/ best", "goal", ""]
    head += [*(f"/ {_TITLE_OF[name]} by cycles" for name in counted), "clock, power"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        dims = f"{row['head_dim']}" + (f"/{row['value_dim']}" if row["value_dim"] else "")
        length = f"{row['length']}" + (f" x {row['kv_length']}" if row["kv_length"] else "")
        mask = f"window {row['window']}" if row["window"] else "causal" if row["causal"] else "none"
        goal = row["goal"]
        cells = [dims, f"{row['query_heads']}/{row['kv_heads']}", row["dtype"], length, f"{row['batch']}", mask]
        cells += [_cell(row, name) for name in names]
        cells += [*(_over(row, name) for name in over), number(row["ratios"]["best"])]
        cells += [f"{number(goal['ratio'], '.3f')} of {goal['least']:.3f}", verdict(goal)] if goal["least"] else ["-", ""]
        cells += [_by_cycles(row, name) or "-" for name in counted]
        cells.append(_seen(row))
        lines.append("| " + " | ".join(cells) + " |")
    return lines + [""]


def _clocks(row: dict, name: str) -> dict:
    return row["contestants"].get(name, {}).get("clocks") or {}


def _over(row: dict, name: str) -> str:
    """Our rate over a rival's, and what is wanted of it beside the row's own goal."""
    rates = [row["contestants"].get(who, {}).get("tflops") for who in (OURS, name)]
    goal = row.get(f"goal_over_{name}")
    if goal:
        return f"{number(goal['ratio'], '.3f')} of {goal['least']:.2f} {verdict(goal)}"
    return number(rates[0] / rates[1]) if all(rates) else "-"


def _by_cycles(row: dict, name: str) -> str:
    """How many times our cycles a rival's are, and the clocks at which each ran."""
    mine, theirs = _clocks(row, OURS), _clocks(row, name)
    if not (mine.get("cycles") and theirs.get("cycles")):
        return ""
    return f"{theirs['cycles'] / mine['cycles']:.2f} at {mine['mean_mhz']:.0f} and {theirs['mean_mhz']:.0f} MHz"


def _seen(row: dict) -> str:
    """Clock and power of the card under our last round: NVML's, which is the clock of a moment, where cycles were not counted."""
    clocks = _clocks(row, OURS)
    mhz = clocks.get("mean_mhz") or clocks.get("sm_mhz")
    return f"{mhz:.0f} MHz, {clocks['watt']:.0f} W" if mhz and clocks.get("watt") else "-"


def _plans(rows: list[dict], plans: list[str]) -> list[str]:
    """The plans of ours beside the chosen one, as ratios to it."""
    if not any(name in row["contestants"] or name in row["wrong"] for row in rows for name in plans):
        return []
    lines = ["Other plans of ours, over the chosen one:", "", "| row | " + " | ".join(plans) + " |", "|---" * (len(plans) + 1) + "|"]
    for row in rows:
        mine = row["contestants"].get(OURS)
        cells = []
        for name in plans:
            entry = row["contestants"].get(name)
            cells.append(number(entry["tflops"] / mine["tflops"], ".3f") if entry and mine else "wrong" if name in row["wrong"] else "-")
        lines.append(f"| {row['label']} | " + " | ".join(cells) + " |")
    return lines + [""]


def _remarks(rows: list[dict]) -> list[str]:
    """Notes, refusals and goals, each said once."""
    said: dict[str, list[str]] = {}
    for row in rows:
        for name, entry in row["contestants"].items():
            if entry["note"]:
                said.setdefault(f"* {name} was asked {entry['note']}", []).append(row["label"])
        for name, reason in row["refused"].items():
            if reason.startswith("not installed"):
                continue
            said.setdefault(f"{name} refused: {reason}", []).append(row["label"])
        for name, error in row["wrong"].items():
            said.setdefault(f"{name} was wrong", []).append(f"{row['label']} ({number(error, '.3g')} times what is allowed)")
        if row["goal"]["least"]:
            said.setdefault(f"goal: {row['goal']['why']}", []).append(row["label"])
    lines = []
    for what, labels in said.items():
        where = "every row" if len(labels) == len(rows) else ", ".join(labels)
        lines.append(f"- {what}: {where}")
    return lines + [""]


def _chosen(record: dict) -> list[str]:
    lines = ["## Plans", ""]
    seen = {}
    for row in record["rows"]:
        for name, entry in row["contestants"].items():
            if entry.get("plan"):
                label = row["label"].rsplit("-s", 1)[0]
                seen[label, name] = entry["plan"]
    lines += [f"- {label}, {name}: `{plan}`" for (label, name), plan in seen.items()]
    return lines + [""] if seen else []


def page(record: dict, path: pathlib.Path, record_path: pathlib.Path, plots: pathlib.Path | None) -> str:
    lines = _head(record, _link(record_path, path))
    met = [row["goal"]["met"] for row in record["rows"] if row["goal"]["least"]]
    lines += [f"{met.count(True)} of {len(met)} goals are met, {met.count(None)} could not be judged.", ""]
    beyond = [row["goal_over_fa3"] for row in record["rows"] if "goal_over_fa3" in row]
    if beyond:
        ahead = sum(goal["ratio"] > 1 for goal in beyond)
        held = sum(goal["met"] is True for goal in beyond)
        lines += [f"Of {len(beyond)} rows of the forward table {ahead} are faster than FlashAttention-3 in this run, {held} by what was wanted.", ""]
    for group in dict.fromkeys(row["group"] for row in record["rows"]):
        rows = [row for row in record["rows"] if row["group"] == group]
        lines += [f"## {_TITLES.get(group, group)}", ""]
        lines += _table(rows, record["plans"])
        lines += _plans(rows, record["plans"])
        lines += _remarks(rows)
        if plots and (plots / f"{group}.png").exists():
            lines += [f"![{group}]({_link(plots / f'{group}.png', path)})", ""]
    lines += _chosen(record)
    return "\n".join(lines).rstrip() + "\n"
