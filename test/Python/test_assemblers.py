"""The comparison of two assemblers without a GPU: what it reads of a plan table, and what it refuses."""

import pathlib
import subprocess

import pytest

from attn_mlir.bench import assemblers

TABLE = """
// {head_dim = 16, value_dim = 16, mask = "all", type = bf16, plan = #tile.plan<target = "sm_90a">} is a comment
[
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 512, plan = #tile.plan<target = "sm_90a",
   query_tile = 128>},
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 1024, plan = #tile.plan<target = "sm_90a", query_tile = 128>},
  {head_dim = 192, value_dim = 128, group = 4, mask = "causal", type = f16, plan = #tile.plan<target = "sm_90a", query_tile = 64>},
]
"""


def test_kernels_of_a_table_each_once():
    first, second = assemblers.read_entries(TABLE)
    assert (first.shape.head_dim, first.shape.value_dim, first.shape.causal) == (64, 0, False)
    assert first.plan == '#tile.plan<target = "sm_90a", query_tile = 128>'
    assert (second.shape.head_dim, second.shape.value_dim, second.shape.dtype) == (192, 128, "f16")
    assert (second.shape.query_heads, second.shape.kv_heads, second.shape.causal) == (16, 4, True)


def test_all_entries_of_the_compilers_table_are_read():
    text = (pathlib.Path(__file__).parents[2] / "lib/Transforms/Plans/hopper.mlir").read_text()
    plans = {entry.plan for entry in assemblers.read_entries(text)}
    lines = [line for line in text.splitlines() if not line.strip().startswith("//")]
    assert plans == {f"#tile.plan{part.split('>')[0]}>" for part in " ".join(lines).split("#tile.plan")[1:]}


@pytest.mark.parametrize(
    "row, right",
    [
        ({"refused": {}, "error": {"a": 0.2, "b": 1.0}}, True),
        ({"refused": {}, "error": {"a": 0.2, "b": 1.1}}, False),
        ({"refused": {}, "error": {"a": 0.2, "b": float("nan")}}, False),
        ({"refused": {"b": "spills"}, "error": {"a": 0.2}}, False),
    ],
)
def test_a_row_is_right_by_both(row, right):
    assert assemblers.is_right(row) == right


def test_the_version_is_read_from_the_assembler(tmp_path):
    fake = tmp_path / "ptxas"
    fake.write_text("#!/bin/sh\necho 'Cuda compilation tools, release 13.5, V13.5.37'\n")
    fake.chmod(0o755)
    assert assemblers.version_of(fake) == "V13.5.37"
    fake.write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(subprocess.CalledProcessError):
        assemblers.version_of(fake)


def test_missing_files_are_bad_input(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        assemblers.main([str(tmp_path / "a"), str(tmp_path / "b"), "--plan-table", str(tmp_path / "c")])
    assert ended.value.code == 2
    assert "expects a file, found none at" in capsys.readouterr().err


def test_a_table_without_entries_is_bad_input(tmp_path, capsys):
    for name in ("a", "b", "table"):
        (tmp_path / name).write_text("")
    with pytest.raises(SystemExit) as ended:
        assemblers.main([str(tmp_path / "a"), str(tmp_path / "b"), "--plan-table", str(tmp_path / "table")])
    assert ended.value.code == 2
    assert "expects entries, found none" in capsys.readouterr().err
