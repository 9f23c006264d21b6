"""The gallery and the masks of the benchmark: their specs compile, every example has inputs, and one that fails stops no other."""

import json
import math
import pathlib
import sys

import pytest

import attn_mlir
from attn_mlir.bench import gallery, gallery_inputs, mask_rows

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "docs" / "examples"


@pytest.mark.parametrize("label", mask_rows.LABELS)
def test_every_mask_row_compiles_for_a_gpu(label):
    assert b".target sm_90a" in attn_mlir.lower(mask_rows.specs()[label], target="sm_90a", emit="ptx")


def test_every_example_has_sizes_and_as_many_elements_as_its_shapes_say():
    assert set(gallery_inputs.EXAMPLES) == {path.stem for path in EXAMPLES.glob("*.mlir")}
    for example in gallery_inputs.EXAMPLES.values():
        for size in (example.timed, example.small):
            assert all(len(made.values) == math.prod(made.shape) for made in example.further(size))


def test_a_worker_that_dies_or_hangs_is_told():
    told = []
    dies = f"print({gallery._MARK!r} + '{{\"begins\": \"a\"}}', flush=True); raise SystemExit(3)"
    assert gallery.follow([sys.executable, "-c", dies], 30, told.append) == "its process ended with status 3"
    assert told == [{"begins": "a"}]
    hangs = gallery.follow([sys.executable, "-c", "import time; time.sleep(60)"], 0.5, told.append)
    assert hangs.startswith("it was stopped")


def test_what_a_dead_worker_left_is_taken_by_the_next(monkeypatch, tmp_path, capsys):
    def follow(command, _patience, take):
        left = command[command.index("--worker") + 1 :]
        take({"machine": {"gpu": "none"}})
        take({"begins": left[0]})
        if left[0] == "mha":
            return "its process ended with status 3"
        for name in left:
            take({"begins": name})
            take({"row": {"spec": name, "failure": "Error: made up"}})
        return ""

    monkeypatch.setattr(gallery, "follow", follow)
    assert gallery.main(["--specs", str(EXAMPLES), "--filter", "m[hq]a", "--json", str(tmp_path / "g.json")]) == 1
    rows = json.loads((tmp_path / "g.json").read_text())["rows"]
    assert [row["spec"] for row in rows] == ["mha", "mqa"] and "status 3" in rows[0]["failure"]
    assert "0 of 2 examples are right" in capsys.readouterr().out


def test_the_whole_path_on_the_cpu(tmp_path):
    pytest.importorskip("torch")
    flags = ["--target", "cpu", "--small", "--seconds", "0.01", "--rounds", "1", "--json", str(tmp_path / "g.json")]
    assert gallery.main(["--specs", str(EXAMPLES), *flags]) == 0
    rows = {row["spec"]: row for row in json.loads((tmp_path / "g.json").read_text())["rows"]}
    assert set(rows) == set(gallery_inputs.EXAMPLES)
    assert rows["mha"]["visited_share"] == 1 and rows["document"]["visited_share"] < 0.7


def test_no_specs_is_a_sentence(tmp_path, capsys):
    assert gallery.main(["--specs", str(tmp_path)]) == 2
    assert "expects specs *.mlir in" in capsys.readouterr().err
