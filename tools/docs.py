#!/usr/bin/env python3
"""Writes the generated pages of docs/: the dialects and passes from their definitions, one small program at every stage
from the compiler's own output, what is supported by asking the compiler, and the gallery (docs_gallery.py). The target
attn-docs runs it; the tests of test/Docs compare.

usage: tools/docs.py [--bin build/dev/bin] [--out docs] [PAGE …]     all pages if none is named
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap

sys.dont_write_bytecode = True
import docs_gallery  # noqa: E402 (what stands beside this file leaves no folder there)

ROOT = pathlib.Path(__file__).resolve().parent.parent
TRANSFORMS = ROOT / "include/attn/Transforms/Passes.td"
CONVERSIONS = ROOT / "include/attn/Conversion/Passes.td"
NOTE = "<!-- Written by tools/docs.py; change what it reads instead. -->\n\n"

SPEC = """\
func.func @attention(%q: tensor<?x4x?x16xbf16>, %k: tensor<?x2x?x16xbf16>, %v: tensor<?x2x?x16xbf16>)
    -> tensor<?x4x?x16xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 4, kv = 2>) causality(#attn.causality<top_left>)
      : (tensor<?x4x?x16xbf16>, tensor<?x2x?x16xbf16>, tensor<?x2x?x16xbf16>) -> tensor<?x4x?x16xbf16>
  return %out : tensor<?x4x?x16xbf16>
}
"""
PLAN = (
    '#tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 32, warpgroups = 1, stages = 2, overlap = true, '
    "ping_pong = false>"
)

# What each stage promises and what to look for in its text.
STAGES = {
    "problem": "What is computed: one operation in which every semantic choice is an attribute. Types say nothing of memory "
    "order.",
    "planned": "How it is cut up: `attn-choose-plan` has refused what the target cannot do and set `tile.plan`. (Here the "
    "plan was given, so that tiles are small.)",
    "tiled": "`attn-tile-attention` has made loops over tiles. The function is a kernel over strided memory; a program "
    "(batch, head, query tile) visits every key/value block with one masked online-softmax step. Query heads 2h and 2h + 1 "
    "read key/value head h.",
    "split": "`tile-split-ranges` has cut the range of blocks by the mask: absent blocks are not visited, the loop runs from "
    "the last block to the first, and the mask stands in an `scf.if` that full blocks skip. (A mask region of captured buffers "
    "may have no range in closed form; the loop then counts through a `tile.tabulate`, a table of the blocks of this query "
    "tile that both roles make for themselves.)",
    "stepped": "`tile-expand-softmax` has written the step out. Only scf, arith, math and tile are left; the CPU path leaves "
    "here, so both targets share all of the mathematics.",
    "laid-out": "`tile-assign-layouts` has given every tile a place: loaded ones in shared memory, the others in registers "
    "as accumulators, rows of accumulators, or operands of a product.",
    "specialized": "`tile-specialize-roles` has moved the loads into a producer role. Consumers wait for slots of rings and "
    "give them back.",
    "overlapped": "`tile-overlap-loop` has made products asynchronous and rotated the loop: the scores of the next block are "
    "issued in front of the value product of this one, which then runs under the softmax.",
    "placed": "`tile-lower-rings` and `tile-place-shared` have written rings out as barriers, slots and parities and placed "
    "everything in shared memory.",
    "checked": "`tile-check-protocol` has proved that no role waits for ever and no slot is overwritten while it is read. "
    "The program is the one above.",
    "lowered": "`convert-tile-to-nvvm` and upstream conversions leave one `gpu.module` of llvm and nvvm. A tile has become "
    "the registers of one thread, so the text is long; its machine instructions without arithmetic and branches are:",
}


def run(*command, cwd=None):
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd)
    if done.returncode != 0:
        sys.exit(f"docs.py: {command[0]} failed:\n{done.stderr}")
    return done.stdout


def tablegen(*arguments):
    """mlir-tblgen's output without its head line; its headers lie beside it."""
    program = shutil.which("mlir-tblgen") or "/usr/lib/llvm-22/bin/mlir-tblgen"
    headers = pathlib.Path(os.path.realpath(program)).parent.parent / "include"
    text = run(program, *arguments, "-I", str(ROOT / "include"), "-I", str(headers))
    return text.split("\n", 2)[2]


def tidy(text):
    """No trailing blanks, no runs of empty lines, one newline at the end."""
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def dialect_page(name, source):
    text = tablegen("-gen-dialect-doc", f"-dialect={name}", str(ROOT / source))
    text = text.replace(f"# '{name}' Dialect", f"# The `{name}` dialect").replace("[TOC]\n", "")
    return tidy(NOTE + text)


def pass_sections(source):
    """The passes of a file in the order in which it defines them, as (name, text)."""
    parts = re.split(r"^### `-(\S+)`\n", tablegen("-gen-pass-doc", str(source)), flags=re.M)
    sections = dict(zip(parts[1::2], parts[2::2]))
    order = re.findall(r'Pass<"([^"]+)"', source.read_text())
    return [(name, sections[name]) for name in order]


def passes_page():
    text = NOTE + "# Passes\n\nIn the order of the pipelines `--attn-cuda` and `--attn-cpu` of attn-opt, each of which takes the options\n"
    text += "`plan` and `stop-after`. The page of [stages](stages.md) shows one program after each of them.\n"
    for title, source in (("From a spec to stage checked", TRANSFORMS), ("To machine-near code", CONVERSIONS)):
        text += f"\n## {title}\n"
        for name, body in pass_sections(source):
            text += f"\n### `{name}`\n{body.replace('#### Options', 'Options:')}"
    return tidy(text)


def stages_page(compiler):
    with tempfile.TemporaryDirectory() as folder:
        spec = pathlib.Path(folder) / "spec.mlir"
        spec.write_text(SPEC)
        dump = pathlib.Path(folder) / "stages"
        dump.mkdir()
        run(str(compiler), str(spec), "--target=sm_90a", f"--plan={PLAN}", "--stop-after=lowered", "-o",
            str(pathlib.Path(folder) / "out.mlir"), f"--dump-dir={dump}")
        files = sorted(dump.iterdir())
        text = NOTE + "# One program at every stage\n\nThe output of\n\n```\nattn-compile spec.mlir --target=sm_90a "
        text += f"--dump-dir=stages \\\n  --plan='{PLAN}'\n```\n\nfor this spec, a causal attention of four query heads "
        text += f"over two key/value heads:\n\n```mlir\n{SPEC}```\n"
        before = ""
        for file in files:
            name = file.stem.split("-", 1)[1]
            body = file.read_text().rstrip() + "\n"
            text += f"\n## {name}\n\n{textwrap.fill(STAGES[name], 120, break_on_hyphens=False)}\n"
            language = "mlir"
            if name == "lowered":
                language, body = "text", instructions(body)
            if body != before:
                text += f"\n```{language}\n{body}```\n"
            before = body
    return tidy(text)


SUPPORT = """\
# What is supported

Every mask, score, head grouping, batch form, dropout and so on, with every other: what compiles and what is refused, as the
compiler says itself. `attn-check --pairs` makes a covering array, in which every pair of choices of two factors stands in some
spec ([CoverPairs.h](../include/attn/Reference/CoverPairs.h)), and checks each against attention in double precision: CI does so
on the CPU, and `tools/gpu.sh` on a GPU. `attn-check --support` has compiled all of it for this page, for the CPU up to LLVM IR
and for sm_90a up to machine code.

"""


def support_page(checker):
    return tidy(NOTE + SUPPORT + run(str(checker), "--support"))


def instructions(text):
    """The machine instructions of lowered IR that have no arithmetic form, in order, repeated ones counted."""
    names = []
    for line in text.splitlines():
        if "inline_asm" in line:
            for part in line.split('"')[1].replace("\\0A", " ").split(";"):
                word = re.match(r"(?:[{} ]|\.reg [^;]*|@p |[A-Z]+:)*([a-z0-9_.:]+)(?: (\d+)$)?", part)
                if word and "." in word[1] and not re.match(r"setp|add|\.reg", word[1]):
                    names.append(word[1] + (f" {word[2]}" if word[2] else ""))
        elif found := re.search(r"nvvm\.(cp\.async[a-z.]*|shfl\.sync +\w+)", line):
            names.append(re.sub(" +", ".", found[1]))
    runs = []
    for name in names:
        if runs and runs[-1][0] == name:
            runs[-1][1] += 1
        else:
            runs.append([name, 1])
    return "".join(name + (f"  x {count}" if count > 1 else "") + "\n" for name, count in runs)


def main():
    parser = argparse.ArgumentParser(description="Writes the generated pages of docs/.")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/dev/bin", help="where attn-compile is")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs", help="where the pages go")
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="as in stages.md")
    options = parser.parse_args()
    pages = {
        "stages.md": lambda: stages_page(options.bin / "attn-compile"),
        "passes.md": passes_page,
        "dialects/attn.md": lambda: dialect_page("attn", "include/attn/Dialect/Attn/IR/AttnOps.td"),
        "dialects/tile.md": lambda: dialect_page("tile", "include/attn/Dialect/Tile/IR/TileOps.td"),
        "support.md": lambda: support_page(options.bin / "attn-check"),
        "gallery.md": lambda: tidy(NOTE + docs_gallery.page(ROOT, options.bin, options.out)),
    }
    for name in options.pages or pages:
        if name not in pages:
            sys.exit(f"docs.py: expects pages among {', '.join(pages)}, got {name}")
        path = options.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages[name]())


if __name__ == "__main__":
    main()
