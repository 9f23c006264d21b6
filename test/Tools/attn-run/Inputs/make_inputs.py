"""Writes the safetensors files of the attn-run tests into a folder: good ones, and one for each mistake."""
import json
import struct
import sys

SIZES = {"F16": 2, "BF16": 2, "F32": 4, "I32": 4}


def draft_tree(context: int, nodes: int) -> tuple:
    """The captures of docs/examples/tree.mlir: a tree in which node n hangs below node (n - 1) / 2, behind a context."""
    above = [1]
    for node in range(1, nodes):
        above.append(above[(node - 1) // 2] | 1 << node)
    return above, [-1] * context + list(range(nodes))


def number(index: int, dtype: str) -> bytes:
    """A small number that differs from element to element."""
    value = ((index * 37) % 41 - 20) / 16
    if dtype == "F16":
        return struct.pack("<e", value)
    packed = struct.pack("<f", value)
    return packed if dtype == "F32" else packed[2:]  # exact in bf16: few bits


def save(path: str, tensors: dict, integers: dict = {}) -> bytes:
    header, data = {}, b""
    for name, (dtype, shape) in tensors.items():
        count = 1
        for extent in shape:
            count *= extent
        begin = len(data)
        data += b"".join(number(index, dtype) for index in range(count))
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, len(data)]}
    for name, values in integers.items():
        begin = len(data)
        data += struct.pack(f"<{len(values)}i", *values)
        header[name] = {"dtype": "I32", "shape": [len(values)], "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    content = struct.pack("<Q", len(text)) + text + data
    with open(path, "wb") as file:
        file.write(content)
    return content


def main(folder: str) -> None:
    q, k, v = [1, 16, 4, 64], [1, 16, 6, 64], [1, 16, 6, 64]
    good = save(f"{folder}/good.safetensors", {"q": ("F16", q), "k": ("F16", k), "v": ("F16", v)})
    save(f"{folder}/long-names.safetensors", {"query": ("F16", q), "key": ("F16", k), "value": ("F16", v)})
    save(f"{folder}/no-value.safetensors", {"q": ("F16", q), "k": ("F16", k)})
    save(f"{folder}/f32.safetensors", {"q": ("F16", q), "k": ("F32", k), "v": ("F16", v)})
    save(f"{folder}/rank3.safetensors", {"q": ("F16", q[1:]), "k": ("F16", k), "v": ("F16", v)})
    save(f"{folder}/heads.safetensors", {"q": ("F16", q), "k": ("F16", k), "v": ("F16", [1, 8, 6, 64])})
    bf16 = {"q": ("BF16", [1, 32, 5, 128]), "k": ("BF16", [1, 8, 9, 128]), "v": ("BF16", [1, 8, 9, 128])}
    save(f"{folder}/bf16.safetensors", bf16)
    above, of_key = draft_tree(200, 20)
    q, k = [1, 32, 20, 128], [1, 8, 220, 128]
    save(f"{folder}/tree.safetensors", {"q": ("BF16", q), "k": ("BF16", k), "v": ("BF16", k)}, {"c0": above, "c1": of_key})
    with open(f"{folder}/truncated.safetensors", "wb") as file:
        file.write(good[:-10])
    with open(f"{folder}/garbage.safetensors", "wb") as file:
        file.write(bytes(range(256)))


main(sys.argv[1])
