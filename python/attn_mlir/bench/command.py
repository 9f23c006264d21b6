"""The flags of the benchmark, and the order of a run."""

from __future__ import annotations

import argparse
import fnmatch
import json
import pathlib
import sys

from . import cpu, kernels, plans, record, rivals
from .machine import Clocks, describe, torch_with_gpu
from .measure import Settings, measure
from .page import page
from .shapes import GROUPS, select

PROGRAM = "python -m attn_mlir.bench"


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Forward attention beside the rivals found in this process.")
    add = parser.add_argument
    add("--target", choices=("gpu", "cpu"), default="gpu", help="cpu: beside PyTorch's CPU attention, rows of its own")
    add("--threads", type=int, default=0, help="on the CPU, of both contestants; 0: one for each core")
    add("--shapes", default="floor", help="comma-separated groups: all, " + ", ".join(GROUPS))
    add("--filter", default="*", help="pattern of row labels, as in 'd64-*-causal-*'")
    add("--rivals", default="auto", help="comma-separated: " + ", ".join(rivals.NAMES) + "; all; none; auto: all, flex for windows")
    add("--plan", action="append", default=[], metavar="LINE", help="another plan: 'NAME: field = value' or 'NAME = #tile.plan<...>'")
    add("--plans", type=pathlib.Path, metavar="FILE", help="more plans, one a line")
    add("--rounds", type=int, default=3)
    add("--seconds", type=float, default=0.2, help="length of one stream of calls")
    add("--first-call-seconds", type=float, default=60.0, help="limit of a rival's first call, compilation included")
    add("--json", type=pathlib.Path, help="write the record there; with --page alone, read it")
    add("--csv", type=pathlib.Path, help="write a line for every row and contestant")
    add("--plots", type=pathlib.Path, metavar="DIR", help="write a PNG for every group")
    add("--page", type=pathlib.Path, help="write the record's Markdown page; measures nothing")
    add("--images", type=pathlib.Path, metavar="DIR", help="kernels made ahead by --write-images")
    add("--write-images", type=pathlib.Path, metavar="DIR", help="compile all kernels into a folder and stop; needs no GPU")
    add("--write-specs", type=pathlib.Path, metavar="DIR", help="write NAME.mlir for every kernel and stop")
    add("--list", action="store_true", help="print the labels of the rows and stop")
    return parser


def select_rows(parser, options):
    unknown = [name for name in options.shapes.split(",") if name not in (*GROUPS, "all")]
    if unknown:
        parser.error(f"--shapes expects groups out of all, {', '.join(GROUPS)}, got {', '.join(unknown)}")
    found = [(g, s) for g, s in select(options.shapes.split(",")) if fnmatch.fnmatch(s.label, options.filter)]
    if not found:
        parser.error(f"--filter expects a pattern that some row's label fits, got '{options.filter}': see --list")
    return found


def select_rivals(parser, text: str, group: str) -> tuple[str, ...]:
    if text == "none":
        return ()
    if text == "all":
        return rivals.NAMES
    if text == "auto":
        return tuple(name for name in rivals.NAMES if name != "flex" or group == "window")
    names = tuple(text.split(","))
    unknown = [name for name in names if name not in rivals.NAMES]
    if unknown:
        parser.error(f"--rivals expects auto, all, none or names out of {', '.join(rivals.NAMES)}, got {', '.join(unknown)}")
    return names


def select_plans(parser, options):
    try:
        lines = options.plans.read_text().splitlines() if options.plans else []
        return plans.parse_plans([*lines, *options.plan])
    except (plans.PlanError, OSError, UnicodeDecodeError) as error:
        parser.error(str(error))


def write_specs(folder: pathlib.Path, shapes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for shape in shapes:
        (folder / f"{shape.name}.mlir").write_text(shape.spec())


def measure_all(torch, attn_mlir, parser, options, rows, compiled, others) -> dict:
    """The record of a run. Each row is printed when it is there."""
    clocks, progress = Clocks(torch), record.Progress()
    made = {"machine": describe(torch, attn_mlir), "plans": list(dict.fromkeys(plan.name for plan in others))}
    made |= {"settings": {"rounds": options.rounds, "seconds": options.seconds}, "rows": []}
    progress.start("rows", len(rows))
    for group, shape in rows:
        mine = {name: image for (kernel, name), image in compiled.items() if kernel == shape.kernel}
        order = {name: mine[name] for name in [kernels.OURS, *made["plans"]] if name in mine}
        settings = Settings(
            options.rounds, options.seconds, select_rivals(parser, options.rivals, group), options.first_call_seconds
        )
        beside = compiled.get((shape.beside.kernel, kernels.OURS)) if shape.beside else None
        row = measure(torch, attn_mlir, group, shape, order, settings, beside, clocks)
        made["rows"].append(row)
        progress.clear()
        print(record.line(row, made["plans"]), *record.refusals(row), sep="\n", flush=True)
        progress.step(shape.label)
        if options.json:
            record.write_json(options.json, made)
    progress.end()
    return made


def write_page(parser, options) -> int:
    if not options.json or not options.json.exists():
        parser.error("--page expects --json FILE with a record")
    made = json.loads(options.json.read_text())
    options.page.write_text(page(made, options.page, options.json, options.plots))
    return 0


def write_results(options, made: dict) -> int:
    if options.csv:
        record.write_csv(options.csv, made)
    if options.plots and record.write_plots(options.plots, made) is None:
        print("attn_mlir.bench: no plots, matplotlib is not installed", file=sys.stderr)
    wrong = [row["label"] for row in made["rows"] if kernels.OURS in row["wrong"]]
    lost = [row["label"] for row in made["rows"] if kernels.OURS in row["refused"]]
    met = [row["goal"]["met"] for row in made["rows"] if row["goal"]["least"]]
    print(f"goals: {met.count(True)} of {len(met)} met, {met.count(None)} not judged")
    if wrong or lost:
        print(f"attn_mlir.bench: wrong in {wrong or 'no row'}, refused in {lost or 'no row'}", file=sys.stderr)
    return 1 if wrong or lost else 0


def main(arguments=None) -> int:
    parser = make_parser()
    options = parser.parse_args(arguments)
    if options.page:
        return write_page(parser, options)
    if options.target == "cpu":
        made = cpu.run(options)
        if options.json:
            record.write_json(options.json, made)
        return 0
    rows = select_rows(parser, options)
    others = select_plans(parser, options)
    select_rivals(parser, options.rivals, "")
    shapes = [shape for _, shape in rows]
    if options.list:
        print(*(f"{group:8} {shape.label}" for group, shape in rows), sep="\n")
        return 0
    if options.write_specs:
        write_specs(options.write_specs, shapes)
        return 0

    import attn_mlir

    if options.write_images:
        compiled = kernels.compile_all(attn_mlir, shapes, others, record.Progress())
        kernels.write_images(options.write_images, compiled)
        for (kernel, name), made in compiled.items():
            if made.image is None:
                print(f"{kernel} {name} refused: {made.refused}")
        return 0
    torch = torch_with_gpu("attn_mlir.bench")
    if torch is None:
        return 2
    if options.images:
        compiled = kernels.read_images(options.images, shapes, others)
    else:
        compiled = kernels.compile_all(attn_mlir, shapes, others, record.Progress())
    made = measure_all(torch, attn_mlir, parser, options, rows, compiled, others)
    return write_results(options, made)
