"""Compares the numbered constraints of the definitions and of docs/spec.md with the names of the tests that break them."""
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])


def numbers(pattern, files):
    return {number for file in files for number in re.findall(pattern, file.read_text(), re.M)}


def report(what, missing):
    for number in sorted(missing):
        print(f"{what}: {number}")
    return bool(missing)


wrong = False
for dialect in ("Attn", "Tile"):
    defined = numbers(r"^\s*- \(([A-Z]{1,2}\d+)\)", (source / "include/attn/Dialect" / dialect / "IR").glob("*.td"))
    names = [file.name for file in (source / "test/Dialect" / dialect).glob("*.mlir")]
    tested = {match[1] for name in names if (match := re.match(r"([A-Z]{1,2}\d+)-", name))}
    assert len(defined) > 10, defined
    wrong |= report(f"{dialect}, a constraint without a test", defined - tested)
    wrong |= report(f"{dialect}, a test of a constraint that is not defined", tested - defined)
    if dialect == "Attn":
        written = numbers(r"^\| ([A-Z]{1,2}\d+) \|", [source / "docs/spec.md"])
        wrong |= report("a constraint that docs/spec.md leaves out", defined - written)
        wrong |= report("a constraint that docs/spec.md has alone", written - defined)
sys.exit(wrong)
