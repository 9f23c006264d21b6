"""Forward attention beside PyTorch's own on this machine's CPU, in one process, on the same threads.

    python -m attn_mlir.bench --target cpu [--threads N] [--json FILE] [--seconds 0.5] [--rounds 7]

The rival is torch.nn.functional.scaled_dot_product_attention on CPU tensors, as a program would call it. Every figure is
the median over rounds of single calls, the two taking turns within each round, on random normal inputs. GFLOP/s count
2·B·H·Sq·Sk·(D + Dv), half of it under a causal mask. Errors are those of one head against attention in double precision.
"""

import os
import platform
import statistics
import time

from .machine import command_line
from .shapes import Shape

# The floor of the first release: 0.7 of PyTorch's speed on each of these.
SHAPES = [
    Shape(head_dim, 8, 8, 2048, 1, causal, dtype=dtype)
    for dtype in ("f32", "bf16")
    for head_dim in (64, 128)
    for causal in (False, True)
]
FLOOR = 0.7


def seconds_of(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def largest_errors(torch, shape, q, k, v, outputs):
    """Of each output's first head, against double precision."""
    wide = [tensor[:, :1].double() for tensor in (q, k, v)]
    exact = torch.nn.functional.scaled_dot_product_attention(*wide, is_causal=shape.causal)
    return {name: (output[:, :1].double() - exact).abs().max().item() for name, output in outputs.items()}


def measure(torch, kernel, shape, rounds, seconds):
    """One row: GFLOP/s, spread and error of both."""
    dtype = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}[shape.dtype]

    def normal(heads, columns):
        return torch.randn(shape.batch, heads, shape.length, columns, dtype=dtype)

    q = normal(shape.query_heads, shape.head_dim)
    k, v = normal(shape.kv_heads, shape.head_dim), normal(shape.kv_heads, shape.value)
    out = torch.full((shape.batch, shape.query_heads, shape.length, shape.value), float("nan"), dtype=dtype)

    def rival():
        return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=shape.causal)

    calls = {"attn-mlir": kernel.bind(q, k, v, out), "pytorch": rival}
    calls["attn-mlir"]()
    error = largest_errors(torch, shape, q, k, v, {"attn-mlir": out, "pytorch": rival()})
    once = sum(seconds_of(call) for call in calls.values())
    rounds = max(rounds, int(seconds * len(calls) / once))
    times = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            times[name].append(seconds_of(call))
    return {
        "gflops": {name: shape.flop / statistics.median(t) * 1e-9 for name, t in times.items()},
        "spread": {name: (max(t) - min(t)) / statistics.median(t) for name, t in times.items()},
        "calls": rounds,
        "error": error,
    }


def machine(torch, architecture):
    """What the record has to say about where it was made."""
    model = platform.processor()
    try:
        with open("/proc/cpuinfo") as lines:
            model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    except OSError:
        pass
    return {
        "cpu": model,
        "features of our code": ",".join(sorted(part for part in architecture.split(",") if part.startswith("+"))),
        "torch": torch.__version__,
        "capability of torch": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "load at start": os.getloadavg()[0],
        "date": time.strftime("%Y-%m-%d"),
        "command": command_line(),
    }


def run(options):
    """Prints the table and returns the record."""
    import torch

    import attn_mlir

    threads = options.threads or len(os.sched_getaffinity(0))
    torch.set_num_threads(threads)
    attn_mlir.set_thread_count(threads)
    torch.manual_seed(1)
    record: dict = {"machine": None, "rows": []}
    print(f"{'kernel':24} {'S':>6} {'attn-mlir':>9} {'pytorch':>8} {'ratio':>6} {'error':>9} {'its':>9}  GFLOP/s", flush=True)
    for shape in SHAPES:
        start = time.perf_counter()
        image = attn_mlir.compile(shape.spec(), target="cpu")
        compile_ms = (time.perf_counter() - start) * 1e3
        kernel = attn_mlir.load(image)
        record["machine"] = record["machine"] or machine(torch, kernel.architecture)
        row = {**vars(shape), "compile_ms": compile_ms}
        row.update(measure(torch, kernel, shape, options.rounds, options.seconds))
        rate = row["gflops"]
        row["ratio"] = rate["attn-mlir"] / rate["pytorch"]
        record["rows"].append(row)
        print(
            f"{shape.name:24} {shape.length:6} {rate['attn-mlir']:9.1f} {rate['pytorch']:8.1f} {row['ratio']:6.2f} "
            f"{row['error']['attn-mlir']:9.2e} {row['error']['pytorch']:9.2e}",
            flush=True,
        )
    worst = min(row["ratio"] for row in record["rows"])
    print(f"slowest: {worst:.2f} of PyTorch's speed; the floor is {FLOOR}", flush=True)
    return record
