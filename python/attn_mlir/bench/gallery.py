"""Every example of docs/examples at a realistic size: its time, its rate on visited tiles, and whether it is right.

usage: python -m attn_mlir.bench.gallery --specs DIR [--json FILE] [--filter PATTERN] [--target TARGET] [--small]

DIR is docs/examples of a checkout, share/attn-mlir/docs/examples of the bundle. Each result is held at a small size against
the CPU target of the same compiler (which `attn-run --check` holds against double precision). Needs PyTorch, and a GPU
unless --target=cpu. A process of its own measures; where it dies or says nothing for long, the next one takes what is left.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import pathlib
import queue
import subprocess
import sys
import threading
import types

from .machine import command_line
from .record import write_json

_MARK = "gallery-row "


def worker(options, names: list[str]) -> int:
    """Measures and prints a line of JSON a row, in front of them one about the machine. 3: the GPU answers no more."""
    import torch

    import attn_mlir

    from . import cpu, gallery_run, machine

    def tell(**fields) -> None:
        print(_MARK + json.dumps(fields), flush=True)

    on_gpu = options.target != "cpu"
    if on_gpu and not torch.cuda.is_available():
        tell(fatal="expects a GPU, found none; --target=cpu --small needs none")
        return 2
    torch.set_num_threads(attn_mlir.thread_count())
    tell(machine=machine.describe(torch, attn_mlir) if on_gpu else cpu.machine(torch, ""))
    silent = types.SimpleNamespace(read=lambda: None)
    clocks = machine.Clocks(torch) if on_gpu else silent
    settings = types.SimpleNamespace(seconds=options.seconds, rounds=options.rounds, small=options.small, clocks=clocks)
    for name in names:
        tell(begins=name)
        try:
            text = (options.specs / f"{name}.mlir").read_text(encoding="utf-8")
            row = gallery_run.measure(torch, attn_mlir, name, text, options.target, settings)
        except Exception as error:  # one may fail in any way, and the others go on
            told = (str(error).strip().splitlines() or [type(error).__name__])[0]
            row = {"spec": name, "failure": f"{type(error).__name__}: {told}"[:300]}
        tell(row=row)
        if on_gpu:
            try:
                torch.cuda.synchronize()
                torch.cuda.empty_cache()
            except Exception:  # no later launch of this process can succeed
                return 3
    return 0


def follow(command: list[str], patience: float, take) -> str:
    """Runs a worker and gives `take` what it tells. Says why it ended too early, else nothing."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    lines: queue.Queue = queue.Queue()

    def read() -> None:
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    try:
        while (line := lines.get(timeout=patience)) is not None:
            if line.startswith(_MARK):
                take(json.loads(line[len(_MARK) :]))
            else:
                print(line, end="", flush=True)
        code = process.wait(timeout=30)
        return f"its process ended with status {code}" if code else ""
    except (queue.Empty, subprocess.TimeoutExpired):
        return f"it was stopped: nothing came from it for {patience:.0f} s"
    finally:
        process.kill()
        process.wait()


def line(row: dict) -> str:
    if "failure" in row:
        return f"{row['spec']:18} FAILED: {row['failure']}"
    shape = "x".join(map(str, row["q"])) + (f", {row['k'][2]} keys" if row["k"][2] != row["q"][2] else "")
    return (
        f"{row['spec']:18} {row['ms']:9.4f} ms, visits {100 * row['visited_share']:5.1f} %, {row['visited_tflops']:7.2f} TFLOP/s "
        f"of visited tiles | q {shape} {row['dtype']} | error {row['error']:.3f} of the bound | {row['kind']}"
    )


class Gallery:
    """What has been told so far."""

    def __init__(self, options, names: list[str]):
        self.options, self.names, self.current = options, names, ""
        self.record: dict = {"machine": {}, "settings": {"seconds": options.seconds, "rounds": options.rounds}, "rows": []}
        self.fatal = ""

    def left(self) -> list[str]:
        done = {row["spec"] for row in self.record["rows"]}
        return [name for name in self.names if name not in done]

    def take(self, told: dict) -> None:
        self.fatal = told.get("fatal", self.fatal)
        self.current = told.get("begins", self.current)
        if "machine" in told:
            self.record["machine"] = told["machine"]
            self.record["machine"]["command"] = command_line()
        if "row" in told:
            self.add(told["row"])

    def add(self, row: dict) -> None:
        self.record["rows"].append(row)
        self.current = ""
        print(line(row), flush=True)
        if self.options.json:
            write_json(self.options.json, self.record)


def run(options, names: list[str]) -> int:
    gallery = Gallery(options, names)
    given = ["--specs", str(options.specs), "--target", options.target, "--seconds", str(options.seconds)]
    given += ["--rounds", str(options.rounds), *(["--small"] if options.small else [])]
    while left := gallery.left():
        command = [sys.executable, "-m", "attn_mlir.bench.gallery", *given, "--worker", *left]
        why = follow(command, options.patience, gallery.take)
        if gallery.fatal:
            print(f"attn_mlir.bench.gallery: {gallery.fatal}", file=sys.stderr)
            return 2
        if why and not gallery.record["machine"]:
            print(f"attn_mlir.bench.gallery: nothing was measured, {why}", file=sys.stderr)
            return 2
        if why and gallery.current:
            gallery.add({"spec": gallery.current, "failure": why})
        if gallery.left() == left:  # nothing came of it, and would not of the next one either
            told = why or "and none says why"
            print(f"attn_mlir.bench.gallery: {len(left)} examples were not measured, {told}", file=sys.stderr)
            return 2
    failed = sum("failure" in row for row in gallery.record["rows"])
    print(f"{len(names) - failed} of {len(names)} examples are right", flush=True)
    return 1 if failed else 0


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(prog="python -m attn_mlir.bench.gallery", description=__doc__.split("\n")[0])
    parser.add_argument("--specs", type=pathlib.Path, required=True, help="the folder of the examples")
    parser.add_argument("--json", type=pathlib.Path, help="write the record there")
    parser.add_argument("--filter", default="*", help="pattern of names, as in 'pa*'")
    parser.add_argument("--target", choices=("sm_90a", "cpu"), default="sm_90a")
    parser.add_argument("--small", action="store_true", help="time the small size that is checked")
    parser.add_argument("--seconds", type=float, default=0.1, help="length of one stream of calls")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--patience", type=float, default=60, help="seconds after which an example hangs")
    parser.add_argument("--worker", nargs="+", metavar="NAME", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.worker:
        return worker(options, options.worker)
    names = fnmatch.filter(sorted(path.stem for path in options.specs.glob("*.mlir")), options.filter)
    if not names:
        print(f"attn_mlir.bench.gallery: expects specs {options.filter}.mlir in {options.specs}, found none", file=sys.stderr)
        return 2
    return run(options, names)


if __name__ == "__main__":
    sys.exit(main())
