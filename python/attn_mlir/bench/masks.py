"""Masks, scores and packed sequences beside FlexAttention, PyTorch's varlen kernel and our own dense kernel.

usage: python -m attn_mlir.bench.masks [--json FILE] [--filter PATTERN] [--seconds S]

Rates are of *visited* tiles: 4 * D FLOP for every pair of a tile in which the mask allows any, whoever computes how much.
FlexAttention compiles with torch.compile; its block mask is made ahead and timed by itself. Needs PyTorch and a GPU.
"""

from __future__ import annotations

import argparse
import dataclasses
import fnmatch
import math
import pathlib
import statistics
import sys
import time

from . import mask_rows
from .machine import Clocks, describe, torch_with_gpu
from .measure import Settings, time_in_turns
from .record import write_json
from .reference import ROUNDOFF
from .rivals import Refused, Rival, time_limit


@dataclasses.dataclass
class Made:
    """A contestant and what its making took, in seconds."""

    rival: Rival
    first_call: float
    block_mask: float = 0.0


def seconds_of(torch, action):
    start = time.perf_counter()
    result = action()
    torch.cuda.synchronize()
    return result, time.perf_counter() - start


def ours(torch, attn_mlir, spec: str, inputs, captures) -> Made:
    """Compiled, loaded and launched; the first call is all of it."""
    q, v = inputs[0], inputs[2]
    out = torch.full((*q.shape[:3], v.shape[3]), math.nan, device="cuda", dtype=q.dtype)

    # The length of a packed tensor is that of all its sequences together.
    hint = 0 if "packed(" in spec else inputs[1].shape[2]

    def first():
        launch = attn_mlir.load(attn_mlir.compile(spec, target="sm_90a", length_hint=hint)).bind(*inputs, *captures, out)
        launch()
        return launch

    launch, took = seconds_of(torch, first)
    return Made(Rival(launch, output=lambda _result: out), took)


def plain(torch, attn_mlir, row, inputs) -> Made:
    """Our kernel without a mask on the documents of a row as packed sequences, so on the same visited tiles."""
    batch, heads, length, dim = inputs[0].shape
    packed = [tensor.transpose(0, 1).reshape(1, heads, batch * length, dim) for tensor in inputs]
    made = ours(torch, attn_mlir, mask_rows.packed_spec(), packed, (row.documents, row.documents))
    flat = made.rival.output
    made.rival.output = lambda result: flat(result).view(heads, batch, length, dim).transpose(0, 1)
    return made


def flex(torch, row, inputs) -> Made:
    from torch.nn.attention.flex_attention import create_block_mask, flex_attention

    torch._dynamo.reset()
    length = inputs[0].shape[2]
    block_mask, making = None, 0.0
    if row.allowed:
        make = torch.compile(create_block_mask) if length > 32768 else create_block_mask
        block_mask, making = seconds_of(
            torch, lambda: make(row.allowed, row.mask_batches or None, None, length, length, device="cuda")
        )
    compiled = torch.compile(flex_attention, dynamic=False)

    def call():
        return compiled(*inputs, score_mod=row.score, block_mask=block_mask)

    _, took = seconds_of(torch, call)
    return Made(Rival(call), took, making)


def varlen(torch, row, inputs) -> Made:
    """FlashAttention-2's varlen kernel as PyTorch has it: [tokens, head, head_dim]."""
    from torch.nn.attention.varlen import varlen_attn

    if row.offsets is None:
        raise Refused("expects packed sequences")
    q, k, v = (tensor[0].transpose(0, 1) for tensor in inputs)
    longest = int((row.offsets[1:] - row.offsets[:-1]).max())
    try:
        varlen_attn(q, k, v, row.offsets, row.offsets, longest, longest, is_causal=True)
        flags = {"is_causal": True}
    except TypeError:
        flags = {"window_size": (-1, 0)}

    def call():
        return varlen_attn(q, k, v, row.offsets, row.offsets, longest, longest, **flags)

    _, took = seconds_of(torch, call)
    return Made(Rival(call, output=lambda result: result.transpose(0, 1)[None]), took)


def expected_rows(torch, row, inputs, batch: int, head: int, queries):
    """Attention of some rows in double precision, by the row's own functions."""
    q, k, v = (tensor[batch, head] for tensor in inputs)
    scores = q[queries].double() @ k.double().T / math.sqrt(q.shape[1])
    i, j = queries[:, None], torch.arange(k.shape[0], device=q.device)[None, :]
    b, h = (torch.tensor(number, device=q.device) for number in (batch, head))
    if row.score:
        scores = row.score(scores, b, h, i, j)
    if row.allowed:
        scores = scores.masked_fill(~row.allowed(b, h, i, j), -math.inf)
    return torch.softmax(scores, -1).nan_to_num(0.0) @ v.double()


def error_of(torch, row, inputs, out) -> float:
    """The largest error of a row relative to the row, in units of three roundings; infinite for NaN."""
    if not bool(torch.isfinite(out.sum(dtype=torch.float32))):
        return math.inf
    length, worst = inputs[0].shape[2], 0.0
    queries = torch.tensor(sorted({*range(40), *range(0, length, max(1, length // 50)), *range(length - 40, length)}))
    for batch, head in {(0, 0), (inputs[0].shape[0] - 1, inputs[0].shape[1] - 1)}:
        want = expected_rows(torch, row, inputs, batch, head, queries.to(out.device))
        difference = (out[batch, head][queries.to(out.device)].double() - want).norm(dim=-1)
        worst = max(worst, (difference / want.norm(dim=-1).clamp(min=1e-3)).max().item() / (3 * ROUNDOFF["bf16"]))
    return worst


def visited_pairs(torch, row, length: int, tile: int = 128) -> float:
    """Pairs in tiles of 128 queries and keys in which any pair is allowed, in one head."""
    if not row.allowed:
        return float(length) * length
    keys, found, zero = torch.arange(length, device="cuda")[None, :], 0, torch.zeros((), dtype=torch.int64, device="cuda")
    for first in range(0, length, tile):
        allowed = row.allowed(zero, zero, torch.arange(first, min(length, first + tile), device="cuda")[:, None], keys)
        padded = torch.nn.functional.pad(allowed.any(0), (0, -length % tile))
        found += int(padded.view(-1, tile).any(1).sum())
    return float(found) * tile * tile


def contestants(torch, attn_mlir, row, inputs):
    """By name, with the errors, and why others do not take part."""
    makers = {
        "attn-mlir": lambda: ours(torch, attn_mlir, row.spec, inputs, row.captures),
        "dense": lambda: ours(torch, attn_mlir, mask_rows.dense_spec(inputs[0].shape[1]), inputs, ()),
        "plain": lambda: plain(torch, attn_mlir, row, inputs),
        "flex": lambda: flex(torch, row, inputs),
        "varlen": lambda: varlen(torch, row, inputs),
    }
    if row.ours_alone:
        makers = {"attn-mlir": makers["attn-mlir"]}
    elif row.offsets is not None:
        del makers["dense"]
    else:
        del makers["varlen"]
    if row.documents is None:
        makers.pop("plain", None)
    found, errors, refused = {}, {}, {}
    for name, make in makers.items():
        try:
            with time_limit(180, "the first call"):
                found[name] = make()
        except Exception as error:  # a contestant may fail in any way, and the others go on
            refused[name] = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            continue
        if name == "dense":
            continue
        errors[name] = error_of(torch, row, inputs, found[name].rival.output(found[name].rival.call()))
        if not errors[name] <= 1:
            refused[name] = f"WRONG: its error is {errors[name]:.3g} times the bound"
            del found[name]
    return found, errors, refused


def measure(torch, attn_mlir, row, settings: Settings, clocks: Clocks) -> dict:
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    inputs = row.tensors(torch)
    batch, heads, length, dim = inputs[0].shape
    before = torch.cuda.max_memory_allocated()
    found, errors, refused = contestants(torch, attn_mlir, row, inputs)
    memory = torch.cuda.max_memory_allocated() - before
    times, seen = time_in_turns(torch, {name: made.rival for name, made in found.items()}, settings, clocks)
    made = {name: statistics.median(values) for name, values in times.items()}
    pairs = visited_pairs(torch, row, length) * batch * heads
    result = {"label": row.label, "visited_share": pairs / (batch * heads * length * length), "refused": refused}
    result["contestants"] = {
        name: {
            "ms": made[name],
            "visited_tflops": 4 * dim * (length * length * batch * heads if name == "dense" else pairs) / made[name] * 1e-9,
            "times": times[name],
            "error": errors.get(name),
            "first_call_s": found[name].first_call,
            "block_mask_s": found[name].block_mask,
            "clocks": seen.get(name),
        }
        for name in found
    }
    rates = {name: entry["visited_tflops"] for name, entry in result["contestants"].items()}
    mine = made.get("attn-mlir", math.nan)
    result["memory_bytes"] = memory
    result["over"] = {name: made[name] / mine for name in ("flex", "varlen", "plain") if name in made}
    if "dense" in rates:
        result["of_dense_rate"] = rates.get("attn-mlir", math.nan) / rates["dense"]
        result["over"]["dense"] = made["dense"] / mine
    result["goals"] = {
        name: {"least": least, "met": value >= least if (value := ratio_of(result, name)) is not None else None}
        for name, least in row.goals.items()
    }
    return result


def ratio_of(result: dict, name: str) -> float | None:
    if name == "rate":
        return result.get("of_dense_rate")
    return result["over"].get(name)


def line(result: dict) -> str:
    entries = " ".join(
        f"{name} {entry['ms']:.3f} ms ({entry['visited_tflops']:.0f} TFLOP/s, first call {entry['first_call_s']:.2f} s)"
        for name, entry in result["contestants"].items()
    )
    goals = " ".join(
        f"{name} {ratio_of(result, name) or math.nan:.2f}/{goal['least']}{'' if goal['met'] else ' MISSED'}"
        for name, goal in result["goals"].items()
    )
    told = "".join(f"\n    {name}: {why}" for name, why in result["refused"].items())
    return f"{result['label']:24} visits {100 * result['visited_share']:.1f} % | {entries} | {goals}{told}"


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(prog="python -m attn_mlir.bench.masks", description=__doc__.split("\n")[0])
    parser.add_argument("--json", type=pathlib.Path, help="write the record there")
    parser.add_argument("--filter", default="*", help="pattern of row labels, as in 'document*'")
    parser.add_argument("--seconds", type=float, default=0.2, help="length of one stream of calls")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--list", action="store_true", help="print the labels of the rows and stop")
    options = parser.parse_args(arguments)
    if options.list:
        print(*mask_rows.LABELS, sep="\n")
        return 0
    torch = torch_with_gpu("attn_mlir.bench.masks")
    if torch is None:
        return 2

    import attn_mlir

    record = {"machine": describe(torch, attn_mlir), "rows": []}
    settings, clocks = Settings(options.rounds, options.seconds), Clocks(torch)
    for label in fnmatch.filter(mask_rows.LABELS, options.filter):
        record["rows"].append(measure(torch, attn_mlir, mask_rows.make(torch, label), settings, clocks))
        print(line(record["rows"][-1]), flush=True)
        if options.json:
            write_json(options.json, record)
    return 1 if any("attn-mlir" in row["refused"] for row in record["rows"]) else 0


if __name__ == "__main__":
    sys.exit(main())
