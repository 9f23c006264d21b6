"""Forward attention beside the rivals that PyTorch holds, on one GPU, in one process.

    python -m attn_mlir.bench [--shapes floor] [--json FILE] [--seconds 0.2] [--rounds 3]
    python -m attn_mlir.bench --target cpu      # the CPU half: bench_cpu.py

Every figure is the median over rounds of a back-to-back stream of calls, the rivals taking turns within each round, on
random normal inputs. TFLOP/s count 2·B·H·Sq·Sk·(D + Dv), half of it under a causal mask. The record names the card, the
driver, the versions and the clocks. Kernels are compiled here, in the same process, unless --images names a folder of
images made ahead.
"""

import argparse
import dataclasses
import json
import pathlib
import statistics
import subprocess
import sys
import time


@dataclasses.dataclass(frozen=True)
class Shape:
    """One row of the table. Lengths are in tokens, head dimensions in elements."""

    head_dim: int
    query_heads: int
    kv_heads: int
    length: int
    batch: int
    causal: bool
    value_dim: int = 0  # 0: as head_dim
    dtype: str = "bf16"

    @property
    def value(self) -> int:
        return self.value_dim or self.head_dim

    @property
    def name(self) -> str:
        dims = f"d{self.head_dim}" + (f"v{self.value_dim}" if self.value_dim else "")
        return f"{dims}-h{self.query_heads}-{self.kv_heads}-{self.dtype}-{'causal' if self.causal else 'full'}"

    @property
    def flop(self) -> float:
        pairs = self.length * self.length * (0.5 if self.causal else 1.0)
        return 2.0 * self.batch * self.query_heads * pairs * (self.head_dim + self.value)

    def spec(self) -> str:
        """The spec of this row; batch and lengths are launch arguments, so rows of one name share a kernel."""
        query = f"tensor<?x{self.query_heads}x?x{self.head_dim}x{self.dtype}>"
        key = f"tensor<?x{self.kv_heads}x?x{self.head_dim}x{self.dtype}>"
        value = f"tensor<?x{self.kv_heads}x?x{self.value}x{self.dtype}>"
        output = f"tensor<?x{self.query_heads}x?x{self.value}x{self.dtype}>"
        causality = " causality(#attn.causality<bottom_right>)" if self.causal else ""
        return (
            f"func.func @attention(%q: {query}, %k: {key}, %v: {value}) -> {output} {{\n"
            f"  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = {self.query_heads}, kv = "
            f"{self.kv_heads}>){causality} : ({query}, {key}, {value}) -> {output}\n"
            f"  return %out : {output}\n}}\n"
        )


def rows(head_dim, query_heads, kv_heads, lengths, tokens=16384, **others):
    """Rows with batch * length = tokens, without and with a causal mask."""
    return [
        Shape(head_dim, query_heads, kv_heads, length, max(1, tokens // length), causal, **others)
        for length in lengths
        for causal in (False, True)
    ]


SHAPES = {
    # The floors of the first release: 0.9 of cuDNN at D 128, 0.7 at D 64 and 256.
    "floor": rows(128, 16, 16, [8192]) + rows(64, 32, 32, [8192]) + rows(256, 8, 8, [8192]),
    # The whole forward table.
    "forward": rows(128, 16, 16, [512, 1024, 2048, 8192, 16384])
    + rows(128, 32, 8, [8192])
    + rows(64, 32, 32, [1024, 2048, 8192, 16384])
    + rows(256, 8, 8, [2048, 8192]),
    # Shapes that others pad or leave out.
    "odd": [shape for d in (80, 96, 112, 192) for shape in rows(d, 16, 16, [8192])]
    + rows(192, 16, 16, [8192], value_dim=128)
    + rows(128, 16, 16, [8192], dtype="f16"),
}


def rivals(torch, shape, q, k, v):
    """Callables for PyTorch's attention backends that take this shape, by name, and why the others do not."""
    from torch.nn.attention import SDPBackend, sdpa_kernel

    found, refused = {}, {}
    for name, backend in (("cudnn", SDPBackend.CUDNN_ATTENTION), ("flash2", SDPBackend.FLASH_ATTENTION)):

        def call(backend=backend):
            with sdpa_kernel(backend):
                return torch.nn.functional.scaled_dot_product_attention(
                    q, k, v, is_causal=shape.causal, enable_gqa=shape.query_heads != shape.kv_heads
                )

        try:
            call()
            torch.cuda.synchronize()
            found[name] = call
        except RuntimeError as error:
            refused[name] = str(error).splitlines()[0][:200]
    return found, refused


def stream_time(torch, call, count):
    """Milliseconds a call in a stream of `count` calls."""
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    for _ in range(count):
        call()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / count


def measure(torch, kernel, shape, rounds, seconds):
    """One row: TFLOP/s of each contestant, and the largest error against f32 attention over a slice."""
    dtype = {"bf16": torch.bfloat16, "f16": torch.float16}[shape.dtype]

    def normal(heads, columns):
        return torch.randn(shape.batch, heads, shape.length, columns, device="cuda", dtype=dtype)

    q, k, v = normal(shape.query_heads, shape.head_dim), normal(shape.kv_heads, shape.head_dim), normal(
        shape.kv_heads, shape.value
    )
    out = torch.full((shape.batch, shape.query_heads, shape.length, shape.value), float("nan"), device="cuda", dtype=dtype)
    launch = kernel.bind(q, k, v, out)
    calls, refused = rivals(torch, shape, q, k, v)
    calls = {"attn-mlir": launch, **calls}
    launch()
    torch.cuda.synchronize()
    group = shape.query_heads // shape.kv_heads
    reference = torch.nn.functional.scaled_dot_product_attention(
        q[:1, :group].float(), k[:1, :1].float(), v[:1, :1].float(), is_causal=shape.causal, enable_gqa=group > 1
    )
    error = (out[:1, :group].float() - reference).abs().max().item()
    count = max(10, int(seconds * 500e12 / shape.flop))
    for call in calls.values():
        stream_time(torch, call, count)
    times = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            times[name].append(stream_time(torch, call, count))
    tflops = {name: shape.flop / statistics.median(t) * 1e-9 for name, t in times.items()}
    spread = {name: (max(t) - min(t)) / statistics.median(t) for name, t in times.items()}
    return {"tflops": tflops, "spread": spread, "error": error, "refused": refused}


def machine(torch):
    """What the record has to say about where it was made."""
    query = "name,driver_version,clocks.sm,clocks.mem,power.limit,temperature.gpu"
    try:
        smi = subprocess.run(
            ["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader"], capture_output=True, text=True, timeout=20
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        smi = "nvidia-smi not found"
    return {
        "gpu": torch.cuda.get_device_name(),
        "nvidia-smi": smi,
        "torch": torch.__version__,
        "cudnn": torch.backends.cudnn.version(),
        "date": time.strftime("%Y-%m-%d"),
        "command": " ".join(sys.argv),
    }


def load_kernel(attn_mlir, shape, images):
    if images:
        return attn_mlir.load((images / f"{shape.name}.attn").read_bytes()), None
    start = time.perf_counter()
    image = attn_mlir.compile(shape.spec(), target="sm_90a")
    milliseconds = (time.perf_counter() - start) * 1e3
    return attn_mlir.load(image), milliseconds


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m attn_mlir.bench", description=__doc__.splitlines()[0])
    parser.add_argument("--target", choices=("gpu", "cpu"), default="gpu", help="cpu: beside PyTorch's CPU attention")
    parser.add_argument("--threads", type=int, default=0, help="on the CPU, of both contestants; 0: one for each core")
    parser.add_argument("--shapes", default="floor", help="comma-separated: " + ", ".join(SHAPES))
    parser.add_argument("--images", type=pathlib.Path, help="folder with NAME.attn images made ahead")
    parser.add_argument("--write-specs", type=pathlib.Path, help="write NAME.mlir for every kernel and stop")
    parser.add_argument("--json", type=pathlib.Path, help="write the record there")
    parser.add_argument("--seconds", type=float, default=0.2, help="length of one stream of calls")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    if options.target == "cpu":
        from . import bench_cpu

        record = bench_cpu.run(options)
        if options.json:
            options.json.write_text(json.dumps(record, indent=1) + "\n")
        return 0
    unknown = [name for name in options.shapes.split(",") if name not in SHAPES]
    if unknown:
        parser.error(f"expects shapes out of {', '.join(SHAPES)}, got {', '.join(unknown)}")
    shapes = [shape for name in options.shapes.split(",") for shape in SHAPES[name]]
    if options.write_specs:
        options.write_specs.mkdir(parents=True, exist_ok=True)
        for shape in shapes:
            (options.write_specs / f"{shape.name}.mlir").write_text(shape.spec())
        return 0

    import torch

    import attn_mlir

    if not torch.cuda.is_available():
        print("attn_mlir.bench: expects a GPU, found none", file=sys.stderr)
        return 2
    kernels, record = {}, {"machine": machine(torch), "rows": []}
    print(f"{'kernel':28} {'S':>6} {'attn-mlir':>9} {'cudnn':>7} {'flash2':>7} {'/cudnn':>7} {'error':>9}", flush=True)
    for shape in shapes:
        if shape.name not in kernels:
            kernels[shape.name] = load_kernel(attn_mlir, shape, options.images)
        kernel, compile_ms = kernels[shape.name]
        row = {**dataclasses.asdict(shape), "compile_ms": compile_ms}
        row.update(measure(torch, kernel, shape, options.rounds, options.seconds))
        record["rows"].append(row)
        rate = row["tflops"]
        ratio = rate["attn-mlir"] / rate["cudnn"] if "cudnn" in rate else float("nan")
        print(
            f"{shape.name:28} {shape.length:6} {rate['attn-mlir']:9.0f} {rate.get('cudnn', float('nan')):7.0f} "
            f"{rate.get('flash2', float('nan')):7.0f} {ratio:7.3f} {row['error']:9.2e}",
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps(record, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
