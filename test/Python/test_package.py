"""The package as such: a quiet import, remarks, stages."""

import pathlib
import subprocess
import sys

import pytest
from conftest import spec

import attn_mlir


def test_import_loads_no_compiler_and_opens_no_driver():
    program = (
        "import attn_mlir, sys\n"
        "maps = open('/proc/self/maps').read()\n"
        "assert 'libattn_runtime' in maps\n"
        "assert not any(name in maps for name in ('libattn_compiler', 'libMLIR', 'libLLVM', 'libcuda')), maps\n"
        "assert not {'numpy', 'torch'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_remarks_are_kept_when_asked_for():
    assert not attn_mlir.compile(spec("bf16"), target="sm_90a").messages
    remarks = attn_mlir.compile(spec("bf16"), target="sm_90a", remarks=True).messages
    assert any("attn-choose-plan: plan: #tile.plan<" in remark for remark in remarks)


def test_a_plan_table_comes_before_the_compilers_own(tmp_path):
    plan = '#tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 48, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>'
    entry = f'[{{head_dim = 16, value_dim = 24, mask = "causal", type = bf16, plan = {plan}}}]'
    for table in (entry, tmp_path / "plans.mlir"):
        (tmp_path / "plans.mlir").write_text(entry)
        remarks = attn_mlir.compile(spec("bf16"), target="sm_90a", plan_table=table, remarks=True).messages
        assert any(plan + ", from the user's table" in remark for remark in remarks)
    hinted = attn_mlir.compile(spec("bf16"), target="sm_90a", length_hint=640, remarks=True).messages
    assert any("from the compiler's table" in remark and "length 512" in remark for remark in hinted)
    with pytest.raises(attn_mlir.Error, match="plan-table:1:1: .*expects a plan table to be an array"):
        attn_mlir.compile(spec("bf16"), target="sm_90a", plan_table="{}")
    with pytest.raises(attn_mlir.Error, match="plan_table expects a readable text file"):
        attn_mlir.compile(spec("bf16"), target="sm_90a", plan_table=tmp_path / "none")


def test_stages_can_be_read():
    planned = attn_mlir.lower(spec("bf16"), target="sm_90a", stop_after="planned").decode()
    assert "#tile.plan<" in planned and "attn.attention" in planned
    assert ".target sm_90a" in attn_mlir.lower(spec("bf16"), target="sm_90a", emit="ptx").decode()


def test_all_names_are_there():
    assert all(hasattr(attn_mlir, name) for name in attn_mlir.__all__)
    assert attn_mlir.__version__.count(".") == 2


def test_documentation_runs(monkeypatch, tmp_path):
    root = pathlib.Path(__file__).resolve().parents[2]
    program = (root / "docs" / "use.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(root)
    names = {}
    exec(program.replace("jit(spec)", f"jit(spec, target='cpu', cache_dir={str(tmp_path / 'cache')!r})"), names)
    assert (names["out"] == 1).all()
