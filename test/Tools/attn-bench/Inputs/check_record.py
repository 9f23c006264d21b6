"""Checks that a file holds one line of JSON with what attn-bench promises: of a spec or of an image."""
import json
import sys

with open(sys.argv[1]) as file:
    lines = file.read().splitlines()
assert len(lines) == 1, lines
record = json.loads(lines[0])
assert sys.argv[2] in record and record["target"] == "cpu" and record["rounds"] == 3, record
assert ("compile_ms" in record) == (sys.argv[2] == "spec"), record
assert record["q"] == [1, 32, 70, 128] and record["k"] == [1, 8, 70, 128], record
assert record["pairs"] == 32 * 70 * 71 / 2, record
assert 0 < record["fastest_ms"] <= record["median_ms"] <= record["slowest_ms"], record
assert record["spread"] >= 0 and record["warm_up_launches"] >= 2 and record["launches_per_round"] >= 1, record
flops = record["pairs"] * 4 * 128
assert abs(record["tflops"] / (flops / record["median_ms"] / 1e9) - 1) < 1e-3, record
assert abs(record["share"] / (record["tflops"] / 2) - 1) < 1e-3, record
