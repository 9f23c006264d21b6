"""Writes a safetensors file for docs/examples/packed.mlir: 64 rows, and the offsets that the arguments give."""
import json
import struct
import sys


def main(path: str, query: str, key: str) -> None:
    header, data = {}, b""
    for name, heads in (("q", 16), ("k", 4), ("v", 4)):
        begin = len(data)
        data += bytes(heads * 64 * 128 * 2)
        header[name] = {"dtype": "BF16", "shape": [1, heads, 64, 128], "data_offsets": [begin, len(data)]}
    for name, text in (("query_offsets", query), ("kv_offsets", key)):
        numbers = [int(number) for number in text.split(",")]
        begin = len(data)
        data += struct.pack(f"<{len(numbers)}i", *numbers)
        header[name] = {"dtype": "I32", "shape": [len(numbers)], "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


main(*sys.argv[1:])
