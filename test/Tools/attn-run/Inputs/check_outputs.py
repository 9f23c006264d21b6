"""Checks names, dtypes and shapes of a safetensors file: check_outputs.py FILE name:dtype:1,2,3 ..."""
import json
import struct
import sys

with open(sys.argv[1], "rb") as file:
    content = file.read()
(length,) = struct.unpack("<Q", content[:8])
header = json.loads(content[8 : 8 + length])
header.pop("__metadata__", None)
expected = dict(text.split(":", 1) for text in sys.argv[2:])
assert set(header) == set(expected), header
for name, text in expected.items():
    dtype, shape = text.split(":")
    assert header[name]["dtype"] == dtype and header[name]["shape"] == [int(n) for n in shape.split(",")], header
