"""Checks that a file holds one line of JSON with what attn-run promises."""
import json
import sys

with open(sys.argv[1]) as file:
    lines = file.read().splitlines()
assert len(lines) == 1, lines
record = json.loads(lines[0])
assert record["target"] == "cpu" and record["right"] is True and record["launches"] == 2, record
assert record["q"] == [1, 32, 9, 128] and record["k"] == [1, 8, 9, 128], record
for field in ("max_error", "rms_error", "error_ratio", "compile_ms", "run_ms", "tflops"):
    assert record[field] > 0, (field, record)
assert record["rms_error"] <= record["max_error"] and record["error_ratio"] <= 2, record
