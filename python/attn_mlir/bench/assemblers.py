"""Two assemblers beside each other: every kernel of a plan table, its PTX assembled by each, on the same inputs.

    python -m attn_mlir.bench.assemblers A B --plan-table FILE [--seconds 0.05] [--json FILE]

A and B are paths of ptxas. Each result is held against double precision, and the two against each other bit for bit: they may
differ by the order in which an assembler fuses or leaves multiplications and additions, never by more than the error bound of
attn_mlir.bench. Exit codes: 0, 1: a wrong result or a refused kernel, 2: bad input.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import pathlib
import re
import subprocess
import sys

from . import kernels, record
from .machine import describe, torch_with_gpu
from .measure import Reference, Refused, ours, stream_time, tensors
from .shapes import Shape

PROGRAM = "python -m attn_mlir.bench.assemblers"
# Odd, so that the last tile of either axis is a partial one; short, so that the reference fits.
LENGTH, BATCH, KV_HEADS = 1500, 2, 4
NUMBERS = ("head_dim", "value_dim", "group", "length")


@dataclasses.dataclass(frozen=True)
class Entry:
    shape: Shape
    plan: str

    @property
    def label(self) -> str:
        return f"{self.shape.name} {self.plan}"


def read_entries(text: str) -> list[Entry]:
    """The kernels of a plan table (attn/Transforms/Plans.h), each once."""
    text = re.sub(r"//[^\n]*", "", text)
    found = {}
    for fields, plan in re.findall(r"\{([^{}]*?)plan = (#tile\.plan<[^>]*>)", text, re.S):
        number = {name: int(value) for name, value in re.findall(r"(\w+) = (\d+)", fields) if name in NUMBERS}
        mask, kind = re.search(r'mask = "(\w+)"', fields)[1], re.search(r"type = (\w+)", fields)[1]
        value = number["value_dim"] if number["value_dim"] != number["head_dim"] else 0
        shape = Shape(
            number["head_dim"], KV_HEADS * number.get("group", 1), KV_HEADS, LENGTH, BATCH, mask != "all", value, kind,
            window=256 if mask == "window" else 0,
        )
        entry = Entry(shape, " ".join(plan.split()))
        found[entry.label] = entry
    return list(found.values())


def version_of(ptxas: pathlib.Path) -> str:
    told = subprocess.run([ptxas, "--version"], capture_output=True, text=True, check=True).stdout
    return re.search(r"V[\d.]+", told)[0]


def compare(torch, attn_mlir, entry: Entry, made: list[kernels.Compiled], names: list[str], seconds: float) -> dict:
    """One row of the record."""
    shape, inputs = entry.shape, tensors(torch, entry.shape)
    reference = Reference(torch, shape, *inputs)
    row = {"label": entry.label, "error": {}, "ms": {}, "refused": {}}
    found = {}
    for name, compiled in zip(names, made):
        try:
            found[name] = ours(torch, attn_mlir, shape, compiled, *inputs)
        except Refused as error:
            row["refused"][name] = str(error)
    outputs = [rival.output(rival.call()).clone() for rival in found.values()]
    for name, output in zip(found, outputs):
        row["error"][name] = reference.error(output)
    for name, rival in found.items():
        once = stream_time(torch, rival, 3)
        row["ms"][name] = stream_time(torch, rival, max(5, int(seconds * 1e3 / max(once, 1e-3))))
    if len(outputs) == 2:
        apart = outputs[0].view(torch.int16) != outputs[1].view(torch.int16)
        row["different"] = apart.float().mean().item()
        row["largest"] = (outputs[0].float() - outputs[1].float()).abs().max().item()
    return row


def is_right(row: dict) -> bool:
    return not row["refused"] and all(error <= 1 for error in row["error"].values())


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__.split("\n\n")[0])
    parser.add_argument("assemblers", nargs=2, type=pathlib.Path, metavar="PTXAS", help="the two assemblers")
    parser.add_argument("--plan-table", type=pathlib.Path, required=True, help="a plan table, as attn-tune writes it")
    parser.add_argument("--seconds", type=float, default=0.05, help="of each stream of launches (default 0.05)")
    parser.add_argument("--json", type=pathlib.Path, help="where the record goes")
    return parser


def main(arguments=None) -> int:
    parser = make_parser()
    options = parser.parse_args(arguments)
    for path in [*options.assemblers, options.plan_table]:
        if not path.is_file():
            parser.error(f"expects a file, found none at {path}")
    entries = read_entries(options.plan_table.read_text())
    if not entries:
        parser.error(f"--plan-table expects entries, found none in {options.plan_table}")
    torch = torch_with_gpu("attn_mlir.bench.assemblers")
    if torch is None:
        return 2
    import attn_mlir

    names = [version_of(path) for path in options.assemblers]
    progress, rows = record.Progress(), []
    with concurrent.futures.ThreadPoolExecutor(kernels.workers()) as pool:
        made = [[pool.submit(kernels.compile_shape, attn_mlir, entry.shape, entry.plan, path) for path in options.assemblers] for entry in entries]
        progress.start("kernels", len(entries))
        for entry, pair in zip(entries, made):
            rows.append(compare(torch, attn_mlir, entry, [one.result() for one in pair], names, options.seconds))
            progress.step(entry.shape.name)
    progress.end()
    wrong = [row["label"] for row in rows if not is_right(row)]
    same = sum(row.get("different") == 0 for row in rows)
    slower = sorted(row["ms"][names[1]] / row["ms"][names[0]] for row in rows if len(row["ms"]) == 2)
    if options.json:
        told = {"machine": describe(torch, attn_mlir), "assemblers": names, "rows": rows}
        record.write_json(options.json, told)
    times = f"; times of {names[1]} over {names[0]}: {slower[0]:.2f} to {slower[-1]:.2f}" if slower else ""
    print(f"{len(rows)} kernels by {names[0]} and {names[1]}: {len(wrong)} wrong or refused, {same} with the same bits{times}")
    for label in wrong:
        print("wrong or refused:", label)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
