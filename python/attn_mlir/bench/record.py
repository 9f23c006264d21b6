"""What a run shows and leaves: progress, a line a row, CSV, plots. The record itself is JSON as measure() makes it."""

from __future__ import annotations

import csv
import json
import math
import pathlib
import sys
import time

from .kernels import OURS


class Progress:
    """A bar on a terminal, a line now and then elsewhere; on standard error."""

    def __init__(self, stream=None):
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self.what, self.total, self.done, self.started, self.told = "", 0, 0, 0.0, 0.0

    def start(self, what: str, total: int) -> None:
        self.what, self.total, self.done = what, total, 0
        self.started = self.told = time.monotonic()

    def step(self, current: str = "") -> None:
        self.done += 1
        now = time.monotonic()
        if self.live:
            width = 28
            full = width * self.done // max(1, self.total)
            left = (now - self.started) / self.done * (self.total - self.done)
            bar = "#" * full + "-" * (width - full)
            self.stream.write(f"\r\033[K{self.what} [{bar}] {self.done}/{self.total}, {left:.0f} s left {current[:40]}")
            self.stream.flush()
        elif now - self.told >= 10 or self.done == self.total:
            self.told = now
            self.stream.write(f"{self.what}: {self.done} of {self.total}, {now - self.started:.0f} s\n")
            self.stream.flush()

    def clear(self) -> None:
        """Before a line on standard output."""
        if self.live:
            self.stream.write("\r\033[K")
            self.stream.flush()

    end = clear


def plain(value):
    """A record with null for what is not a number, which JSON does not have."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_json(path: pathlib.Path, record: dict) -> None:
    path.write_text(json.dumps(plain(record), indent=1, allow_nan=False) + "\n")


def number(value: float | None, form: str = ".2f") -> str:
    return "-" if value is None or not math.isfinite(value) else format(value, form)


def verdict(goal: dict) -> str:
    return {True: "met", False: "MISSED", None: "not judged"}[goal["met"]]


def line(row: dict, plans: list[str]) -> str:
    """One row of the table that a run prints."""
    rates = {name: entry["tflops"] for name, entry in row["contestants"].items()}
    parts = [f"{row['label']:38}"]
    for name in [OURS, *plans]:
        if name in rates:
            parts.append(f"{name} {rates[name]:.0f}")
    parts.append("|")
    parts += [f"{name} {rate:.0f}" for name, rate in rates.items() if name not in (OURS, *plans)]
    parts.append(f"| /cudnn {number(row['ratios']['cudnn'])} /best {number(row['ratios']['best'])}")
    goal = row["goal"]
    if goal["least"]:
        parts.append(f"goal {number(goal['ratio'], '.3f')} of {goal['least']:.3f} {verdict(goal)}")
    if row["wrong"]:
        parts.append("WRONG: " + ", ".join(f"{name} ({number(error, '.3g')} times what is allowed)" for name, error in row["wrong"].items()))
    return " ".join(parts)


def refusals(row: dict) -> list[str]:
    return [f"  {name} refused: {reason}" for name, reason in row["refused"].items() if "not installed" not in reason]


def write_csv(path: pathlib.Path, record: dict) -> None:
    """A line for every row and contestant."""
    shape = ("head_dim", "value_dim", "query_heads", "kv_heads", "batch", "length", "kv_length", "causal", "window", "dtype")
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["group", *shape, "contestant", "tflops", "ms", "spread", "over_cudnn", "sm_mhz", "watt", "note", "plan"])
        for row in record["rows"]:
            known = row["contestants"]
            cudnn = known.get("cudnn", {}).get("tflops", math.nan)
            for name, entry in known.items():
                clocks = entry.get("clocks") or {}
                figures = [f"{entry['tflops']:.1f}", f"{entry['ms']:.5f}", f"{entry['spread']:.4f}"]
                figures += [number(entry["tflops"] / cudnn, ".4f"), clocks.get("sm_mhz", ""), clocks.get("watt", "")]
                out.writerow([row["group"], *(row[field] for field in shape), name, *figures, entry["note"], entry.get("plan", "")])


def write_plots(folder: pathlib.Path, record: dict) -> list[pathlib.Path] | None:
    """A picture a group: TFLOP/s of every contestant in every row. None where matplotlib is not installed."""
    try:
        import matplotlib
    except ImportError:
        return None
    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for group in dict.fromkeys(row["group"] for row in record["rows"]):
        rows = [row for row in record["rows"] if row["group"] == group]
        names = list(dict.fromkeys(name for row in rows for name in row["contestants"]))
        figure, axes = pyplot.subplots(figsize=(max(6, 0.28 * len(rows) * (len(names) + 1) + 2), 4.5))
        width = 0.85 / max(1, len(names))
        for index, name in enumerate(names):
            at = [place + (index - (len(names) - 1) / 2) * width for place, row in enumerate(rows) if name in row["contestants"]]
            entries = [row["contestants"][name] for row in rows if name in row["contestants"]]
            rates = [entry["tflops"] for entry in entries]
            spread = [entry["tflops"] * entry["spread"] / 2 for entry in entries]
            axes.bar(at, rates, width, yerr=spread, label=name, error_kw={"elinewidth": 0.7})
        axes.set_xticks(range(len(rows)), [row["label"] for row in rows], rotation=60, ha="right", fontsize=7)
        axes.set_ylabel("TFLOP/s")
        axes.set_title(f"{group}: {record['machine']['gpu']}, {record['machine']['date']}")
        axes.grid(axis="y", alpha=0.3)
        axes.legend(fontsize=7)
        figure.tight_layout()
        paths.append(folder / f"{group}.png")
        figure.savefig(paths[-1], dpi=130)
        pyplot.close(figure)
    return paths
