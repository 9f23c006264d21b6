"""docs/gallery.md and its pictures, for docs.py: what each mask and score of the gallery is, and which tiles it visits.

Where a mask follows from lengths alone, the compiler draws its tiles. Where it depends on what a buffer holds, a kernel for
the CPU is run on the tensors of gallery_inputs.py and its tiles are seen: each block of keys has a column of the value to
itself, which is NaN in one launch (every visited tile shows, as 0 times NaN is NaN) and 1 in another (tiles in which some pair
is allowed show). Every picture is in tiles of 128 x 128, whatever tiles a target takes.
"""
import array
import dataclasses
import importlib.util
import json
import math
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

TILE = 128
PLAN = (
    f'#tile.plan<target = "cpu", query_tile = {TILE}, kv_tile = {TILE}, warpgroups = 0, stages = 0, overlap = false, '
    "ping_pong = false>"
)
COLOURS = {"absent": "#f0f0f0", "partial": "#f2a33a", "full": "#3a7bd5", "in vain": "#c8483c"}
NAN, ONE = b"\xc0\x7f", b"\x80\x3f"  # of bf16


@dataclasses.dataclass
class Entry:
    """`size`: of the picture, (batch, queries, keys); `run`: tiles are seen in a launch."""

    name: str
    spec: str
    told: str
    size: tuple = (1, 8192, 8192)
    run: bool = False


ENTRIES = [
    Entry("Causal", "llama3-prefill", "A query sees the keys up to its own."),
    Entry("Window", "mistral-window", "Causal, and at most 4096 keys back."),
    Entry("Prefix", "prefix", "The first 256 keys are seen by every query, the rest causally."),
    Entry("Document", "document", "Documents in one sequence, by sorted numbers in a region: a search finds their keys.", run=True),
    Entry("Chunked local", "chunked-local", "Causal within chunks of 256 keys."),
    Entry("Dilated", "dilated", "Every second key back, at most 256 of them."),
    Entry("Longformer", "longformer", "128 keys to each side, and 16 tokens that see all and that all see."),
    Entry("BigBird", "bigbird", "Blocks of 64: a global one, the neighbours, and three from a table of random blocks.", run=True),
    Entry("ALiBi", "alibi", "Causal; each head subtracts its slope times the distance."),
    Entry("T5 relative bias", "t5-bias", "A learned bias for each head and bucket of the distance."),
    Entry("Softcap (Gemma-2)", "softcap", "Causal; scores are capped at 50 by a tanh."),
    Entry("Sinks (gpt-oss)", "sinks", "128 keys back, and a sink for each head in the denominator."),
    Entry("2-D neighbourhood (NATTEN)", "neighbourhood", "A grid 32 wide; 3 rows and 3 columns to each side."),
    Entry("Tree (speculative decoding)", "tree", "32 drafts see a context and their ancestors.", (1, 32, 8192), run=True),
    Entry("Padding", "padding", "Causal; each batch has as many queries and keys as its lengths say.", (1, 4096, 4096), run=True),
    Entry(
        "Packed documents", "packed-documents", "Documents in one sequence, causal, as a clause: a search finds their keys.", run=True
    ),  # fmt: skip
]  # fmt: skip


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"docs.py: {command[0]} failed:\n{done.stderr}{done.stdout}")
    return done.stdout


def load_inputs(root):
    """gallery_inputs.py of the Python package, without the package, which may not be built."""
    path = root / "python/attn_mlir/bench/gallery_inputs.py"
    spec = importlib.util.spec_from_file_location("gallery_inputs", path)
    module = sys.modules["gallery_inputs"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shapes(text, size):
    """Of q, k and v, by a spec's text and (batch, queries, keys)."""
    found = [list(map(str, part.split("x")[:4])) for part in re.findall(r"%[qkv]: tensor<([0-9x?]+)", text)]
    for extents, rows in zip(found, (size[1], size[2], size[2])):
        extents[0] = extents[0].replace("?", str(size[0]))
        extents[2] = extents[2].replace("?", str(rows))
    return [list(map(int, extents)) for extents in found]


def drawn(compiler, path, size):
    """Tiles as the compiler draws them: names of kinds, row by row."""
    named = {colour: name for name, colour in COLOURS.items()}
    flags = [f"{name}={'x'.join(map(str, shape))}" for name, shape in zip("qkv", shapes(path.read_text(), size))]
    svg = run(str(compiler), str(path), "--target=cpu", f"--plan={PLAN}", "--emit=mask-picture", "--shape", *flags)
    across = -(-size[2] // TILE)
    kinds = []
    rects = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="(#\w+)"', svg)
    for _, _, width, height, colour in rects:
        kinds += [named[colour]] * round(float(width) / float(height))
    assert len(kinds) == across * -(-size[1] // TILE), path
    return [kinds[at : at + across] for at in range(0, len(kinds), across)]


def save(path, tensors):
    """A safetensors file of (name, dtype, shape, bytes)."""
    header, at = {}, 0
    for name, dtype, shape, data in tensors:
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data for *_, data in tensors))


def launch(runner, path, size, mark, further, folder):
    """The first head's output, as bits of bf16, where the value is `mark` in column n of key block n and 0 elsewhere."""
    q, k, v = shapes(path.read_text(), size)
    columns, rows = v[3], b""
    assert -(-size[2] // TILE) <= columns, "expects a column for each block"
    for block in range(-(-size[2] // TILE)):
        row = bytes(2 * block) + mark + bytes(2 * (columns - block - 1))
        rows += row * min(TILE, size[2] - block * TILE)
    tensors = [("q", "BF16", q, bytes(2 * math.prod(q))), ("k", "BF16", k, bytes(2 * math.prod(k)))]
    tensors.append(("v", "BF16", v, rows * (v[0] * v[1])))
    names = ["query_lengths", "kv_lengths"] if "lengths(" in path.read_text() else [f"c{n}" for n in range(len(further))]
    for name, made in zip(names, further):
        tensors.append((name, "I32", made.shape, struct.pack(f"<{len(made.values)}i", *made.values)))
    save(folder / "in", tensors)
    files = [f"--inputs={folder / 'in'}", f"--outputs={folder / 'out'}"]
    run(str(runner), str(path), "--target=cpu", f"--plan={PLAN}", "--repeat=1", *files)
    data = (folder / "out").read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    begin = 8 + length + json.loads(data[8 : 8 + length])["out"]["data_offsets"][0]
    return array.array("H", data[begin : begin + 2 * size[1] * columns]), columns


def seen(runner, inputs, path, size):
    """Tiles as a launch visits them."""
    further = inputs.EXAMPLES[path.stem].further(inputs.Size(*size))
    with tempfile.TemporaryDirectory() as folder:
        visits, columns = launch(runner, path, size, NAN, further, pathlib.Path(folder))
        allowed, _ = launch(runner, path, size, ONE, further, pathlib.Path(folder))
    rows = []
    for first in range(0, size[1], TILE):
        begin, end, row = first * columns, min(size[1], first + TILE) * columns, []
        for block in range(-(-size[2] // TILE)):
            visited = any(bits & 0x7FFF > 0x7F80 for bits in visits[begin + block : end : columns])
            row.append("absent" if not visited else "partial" if any(allowed[begin + block : end : columns]) else "in vain")
        rows.append(row)
    return rows


def picture(tiles):
    """An SVG with one path a kind, in units of a tile."""
    across, cell = len(tiles[0]), 4 if len(tiles) > 1 else 8
    text = f'<svg xmlns="http://www.w3.org/2000/svg" width="{across * cell}" height="{len(tiles) * cell}" '
    text += f'viewBox="0 0 {across} {len(tiles)}" shape-rendering="crispEdges">\n'
    text += f'<rect width="{across}" height="{len(tiles)}" fill="{COLOURS["absent"]}"/>\n'
    for kind, colour in list(COLOURS.items())[1:]:
        runs = ""
        for y, row in enumerate(tiles):
            first = 0
            while first < across:
                last = first
                while last < across and row[last] == row[first]:
                    last += 1
                runs += f"M{first} {y}h{last - first}v1H{first}z" if row[first] == kind else ""
                first = last
        text += f'<path fill="{colour}" d="{runs}"/>\n' if runs else ""
    return text + "</svg>\n"


def timed(record, spec):
    """The cell of an entry's time on a GPU."""
    row = next((row for row in record.get("rows", []) if row["spec"] == spec), None)
    if row is None:
        return "not run"
    if "failure" in row:
        return f"failed: {row['failure']}"
    keys = f", {row['k'][2]} keys" if row["k"][2] != row["q"][2] else ""
    shape, share = "x".join(map(str, row["q"])), f"{100 * row['visited_share']:.1f} %"
    return f"{row['ms']:.3f} ms, {row['visited_tflops']:.0f} TFLOP/s; q {shape}{keys}, {share}"


HEAD = """\
# The gallery

Masks and scores that models use, each a spec of a few lines. CI holds all of them against attention in double precision on the
CPU ([is-right-on-every-example](../test/Tools/attn-run/is-right-on-every-example.test)), and `tools/gpu.sh BUNDLE OUTPUT
examples` on a GPU.

A picture has queries down and keys across, in tiles of 128 x 128: grey is not visited, blue is visited without a mask, orange
with one. For masks that depend on a buffer, marked *seen*, it is what a kernel did with the numbers of
[gallery_inputs.py](../python/attn_mlir/bench/gallery_inputs.py): orange tiles were visited and hold an allowed pair, red ones were
visited and hold none.

"""


def page(root, bin_folder, out):
    """The text of gallery.md; writes its pictures beside it."""
    inputs, folder = load_inputs(root), out / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    path = root / "docs/measured/h100-gallery.json"
    record = json.loads(path.read_text()) if path.exists() else {}
    text = HEAD
    if record:
        machine = record["machine"]
        text += f"Times on one {machine['gpu']}, {machine['date']}, at commit {machine['commit']} (`{machine['command']}`):\n"
        text += "the median of 3 streams of 0.1 s. Rate and share are of the tiles that the kernel visits, in its own tile\n"
        text += "size.\n\n"
    else:
        text += "Times are from `tools/gpu.sh BUNDLE OUTPUT gallery`, whose record is not here yet.\n\n"
    text += "| | picture | visited tiles | H100 |\n|---|---|---|---|\n"
    for entry in ENTRIES:
        spec = root / f"docs/examples/{entry.spec}.mlir"
        if entry.run:
            tiles = seen(bin_folder / "attn-run", inputs, spec, entry.size)
        else:
            tiles = drawn(bin_folder / "attn-compile", spec, entry.size)
        (folder / f"{entry.spec}.svg").write_text(picture(tiles))
        kinds = [kind for row in tiles for kind in row]
        share = 100 * (1 - kinds.count("absent") / len(kinds))
        vain = f", {100 * kinds.count('in vain') / len(kinds):.1f} % in vain" if "in vain" in kinds else ""
        lengths = f"S {entry.size[1]}" if entry.size[1] == entry.size[2] else f"{entry.size[1]} queries, {entry.size[2]} keys"
        text += f"| **[{entry.name}](examples/{entry.spec}.mlir)**: {entry.told} | ![{entry.name}](gallery/{entry.spec}.svg) "
        text += f"| {share:.1f} % at {lengths}{vain}{', *seen*' if entry.run else ''} | {timed(record, entry.spec)} |\n"
    return text
