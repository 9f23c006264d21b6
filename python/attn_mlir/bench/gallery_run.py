"""One example of the gallery: compiled, held against the CPU target, looked at for the tiles it visits, and timed.

Which tiles a kernel visits is seen, not computed. Where the value of a key is NaN in one column, that column of the output
is NaN for every query whose tile visits the key, since a forbidden weight of 0 times NaN is NaN; so each block of keys gets
a column of its own. Tiles whose queries see no key at all do not show: their rows are 0 by definition.
"""

from __future__ import annotations

import math
import re
import statistics
import time

from .gallery_inputs import EXAMPLES, Example, Size
from .reference import ROUNDOFF

_OTHER_TILES = (
    '#tile.plan<target = "cpu", query_tile = 32, kv_tile = 48, warpgroups = 0, stages = 0, overlap = false, ping_pong = false>'
)
_SEQUENCES = ("query_offsets", "kv_offsets")


class Wrong(Exception):
    """The kernel's result is not what it should be; str() says in what."""


def dtype_of(torch, argument):
    return {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32, "i32": torch.int32}[argument.dtype]


def shape_of(argument, size: Size) -> tuple[int, ...]:
    """Of q, k, v, the output or lse: what the spec fixes, and the size where it leaves an extent open."""
    rows = size.keys if argument.role in ("key", "value") else size.queries
    open_extents = (size.batch, 0, rows, 0)
    return tuple(open_extents[axis] if extent is None else extent for axis, extent in enumerate(argument.shape))


def make_tensors(torch, arguments, example: Example, size: Size, device: str) -> list:
    """In the order of the launch; outputs are full of NaN."""
    torch.manual_seed(1)
    further = iter(example.further(size))
    tensors = []
    for argument in arguments:
        dtype = dtype_of(torch, argument)
        if argument.role in ("query", "key", "value"):
            tensors.append(torch.randn(shape_of(argument, size), dtype=torch.float32).to(dtype).to(device))
        elif argument.role in ("output", "lse"):
            tensors.append(torch.full(shape_of(argument, size), math.nan, dtype=dtype, device=device))
        else:
            made = next(further, None)
            if made is None:
                raise ValueError(f"gallery_inputs has nothing for the {argument.role} of this spec")
            tensors.append(torch.tensor(made.values, dtype=dtype).view(made.shape).to(device))
    return tensors


def place(arguments, role: str) -> int:
    return next(at for at, argument in enumerate(arguments) if argument.role == role)


def errors(found, expected) -> float:
    """The largest difference of a row relative to the row, in units of six roundings: three for either side. Infinite where
    one has NaN and the other a number."""
    found, expected = found.double().cpu(), expected.double()
    if bool((found.isfinite() != expected.isfinite()).any()):
        return math.inf
    difference = (found - expected).norm(dim=-1) / expected.norm(dim=-1).clamp(min=1e-3)
    return difference.max().item() if difference.numel() else 0.0


def check(torch, attn_mlir, spec, kernel, example: Example, device: str) -> float:
    """The small size on this kernel and on one for the CPU, in units of the bound."""
    tensors = make_tensors(torch, kernel.arguments, example, example.small, "cpu")
    # On the CPU this would be the same kernel: other tiles make it a check all the same.
    attn_mlir.load(attn_mlir.compile(spec, target="cpu", plan=_OTHER_TILES)).launch(*tensors)
    ours = [tensor.to(device, copy=True) for tensor in tensors]
    output = place(kernel.arguments, "output")
    for tensor in ours[output:]:
        tensor.fill_(math.nan)
    kernel.launch(*ours)
    bound = 6 * ROUNDOFF[kernel.arguments[output].dtype]
    error = errors(ours[output], tensors[output]) / bound
    if not error <= 1:
        raise Wrong(f"the output differs from that of the CPU target by {error:.3g} times the bound")
    if len(ours) > output + 1:
        close = torch.isclose(ours[-1].cpu(), tensors[-1], rtol=1e-3, atol=1e-3)  # infinities of one sign are close
        if not bool(close.all()):
            raise Wrong("the log-sum-exp differs from that of the CPU target")
    return error


def cut(torch, extent: int, tile: int, starts: list[int]):
    """The number of the tile that each row lies in, counted through all sequences, and how many tiles there are."""
    numbers, first = [], 0
    for begin, end in zip(starts, [*starts[1:], extent]):
        numbers.append(first + torch.arange(end - begin) // tile)
        first += -(-(end - begin) // tile)
    return torch.cat(numbers), first


def visited(torch, kernel, tensors, query_tile: int, kv_tile: int) -> float:
    """Pairs in the tiles that a launch visits, over all batches and heads."""
    arguments = kernel.arguments
    value, output = place(arguments, "value"), place(arguments, "output")
    starts = {"query_offsets": [0], "kv_offsets": [0]}
    for argument, tensor in zip(arguments, tensors):
        if argument.role in _SEQUENCES:
            starts[argument.role] = tensor.tolist()[:-1]
    v, out = torch.zeros_like(tensors[value]), torch.empty_like(tensors[output])
    tile_of_query, tiles = cut(torch, out.shape[2], query_tile, starts["query_offsets"])
    block_of_key, blocks = cut(torch, v.shape[2], kv_tile, starts["kv_offsets"])
    rows, keys = torch.bincount(tile_of_query, minlength=tiles), torch.bincount(block_of_key, minlength=blocks)
    tile_of_query, columns, pairs = tile_of_query.to(v.device), v.shape[3], 0.0
    launched = [*tensors[:value], v, *tensors[value + 1 : output], out, *tensors[output + 1 :]]
    for first in range(0, blocks, columns):
        v.zero_()
        chosen = ((block_of_key >= first) & (block_of_key < first + columns)).nonzero()[:, 0]
        v[:, :, chosen.to(v.device), (block_of_key[chosen] - first).to(v.device)] = math.nan
        kernel.launch(*launched)
        for batch in range(out.shape[0]):
            seen = torch.zeros(out.shape[1], tiles, columns, device=v.device)
            seen.index_add_(1, tile_of_query, out[batch].isnan().float())
            count = min(columns, blocks - first)
            some = (seen[:, :, :count] > 0).sum(0).cpu().double()
            pairs += (some * rows[:, None].double() * keys[None, first : first + count].double()).sum().item()
    return pairs


def stream(torch, launch, count: int, device: str, look=lambda: None) -> float:
    """Milliseconds a call in a stream of `count` calls."""
    if device == "cpu":
        start = time.perf_counter()
        for _ in range(count):
            launch()
        return (time.perf_counter() - start) * 1e3 / count
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    for _ in range(count):
        launch()
    end.record()
    look()
    end.synchronize()
    return start.elapsed_time(end) / count


def time_calls(torch, launch, device: str, seconds: float, rounds: int, clocks) -> dict:
    """The median of some streams behind one that warms up."""
    once, seen = stream(torch, launch, 2, device), {}
    count = max(1 if device == "cpu" else 5, min(20000, math.ceil(seconds * 1e3 / max(once, 1e-4))))
    stream(torch, launch, count, device)
    times = [stream(torch, launch, count, device, lambda: seen.update(clocks.read() or {})) for _ in range(rounds)]
    return {"ms": statistics.median(times), "times": times, "calls": count, "clocks": seen or None}


def plan_of(image) -> str:
    """The plan that the compiler says it took."""
    found = re.search(r"#tile\.plan<[^>]*>", "\n".join(image.messages))
    return found[0] if found else ""


def measure(torch, attn_mlir, name: str, spec: str, target: str, options) -> dict:
    """A row of the record. `options`: seconds, rounds, small, clocks."""
    if name not in EXAMPLES:
        raise ValueError(f"expects an entry for {name} in attn_mlir/bench/gallery_inputs.py, found none")
    example, device = EXAMPLES[name], "cpu" if target == "cpu" else "cuda"
    size = example.small if options.small else example.timed
    start = time.perf_counter()
    image = attn_mlir.compile(spec, target=target, remarks=True)
    compile_ms = (time.perf_counter() - start) * 1e3
    kernel, plan = attn_mlir.load(image), plan_of(image)
    error = check(torch, attn_mlir, spec, kernel, example, device)
    tensors = make_tensors(torch, kernel.arguments, example, size, device)
    launch = kernel.bind(*tensors)
    timed = time_calls(torch, launch, device, options.seconds, options.rounds, options.clocks)
    output, value = tensors[place(kernel.arguments, "output")], tensors[place(kernel.arguments, "value")]
    if not bool(torch.isfinite(output.sum(dtype=torch.float32))):
        raise Wrong("the output at the timed size holds NaN or infinity")
    query_tile, kv_tile = (int(re.search(rf"\b{word} = (\d+)", plan)[1]) for word in ("query_tile", "kv_tile"))
    packed = re.search(r"\bpacked_heads = (\d+)", plan)
    pairs = visited(torch, kernel, tensors, query_tile // int(packed[1] if packed else 1), kv_tile)
    batch, heads, queries = output.shape[:3]
    columns = tensors[0].shape[3] + value.shape[3]
    return {
        "spec": name,
        "q": list(tensors[0].shape),
        "k": list(tensors[1].shape),
        "v": list(value.shape),
        "dtype": kernel.arguments[0].dtype,
        **timed,
        "visited_share": pairs / (batch * heads * queries * value.shape[2]),
        "visited_tflops": 2 * pairs * columns / timed["ms"] * 1e-9,
        "error": error,
        "plan": plan,
        "kind": kernel.kind,
        "compile_ms": compile_ms,
    }
