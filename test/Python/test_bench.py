"""The benchmark's parts that need no GPU: rows, goals, plans, images made ahead, and what is written from a record."""

import contextlib
import csv
import json
import math
import sys
import types

import pytest

import attn_mlir
from attn_mlir.bench import goals, kernels, machine, measure, plans, record, rivals, shapes
from attn_mlir.bench.command import main

CHOSEN = '#tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 176, ping_pong = false>'


def row(shape, group="forward", rates=None, **others):
    """A row as measure() makes it, with made-up rates."""
    rates = rates or {"attn-mlir": 600.0, "cudnn": 500.0, "flash": 300.0}
    entry = {"ms": 1.0, "spread": 0.02, "times": [1.0], "error": 0.2, "note": "", "clocks": None, "plan": CHOSEN}
    found = {name: {"tflops": rate, **entry} for name, rate in rates.items()}
    made = {"group": group, "label": shape.label, **vars(shape), "flop": shape.flop, "contestants": found}
    made |= {"refused": {"flex": "not installed: x"}, "wrong": {"efficient": math.inf}, "best_rival": "cudnn"}
    made["ratios"] = {"cudnn": 1.2, "best": 1.2}
    return made | {"goal": goals.goal_of(shape, group).judge(rates["attn-mlir"], rates)} | others


def run_record(rows):
    machine = {"gpu": "NVIDIA H200", "driver": "1", "idle": {}, "versions": {"torch": "2"}, "commit": "abc"}
    machine |= {"date": "2026-11-24", "command": "python -m attn_mlir.bench"}
    return {"machine": machine, "plans": ["pp"], "settings": {"rounds": 3, "seconds": 0.2}, "rows": rows}


@pytest.mark.parametrize("group", shapes.GROUPS)
def test_every_spec_compiles_and_every_row_has_a_goal(group):
    for shape in shapes.GROUPS[group]:
        assert goals.goal_of(shape, group).why
    for spec in {shape.name: shape.spec() for shape in shapes.GROUPS[group]}.values():
        attn_mlir.lower(spec, target="sm_90a", stop_after="planned")


def test_pairs_are_counted_as_the_mask_allows_them():
    def brute(queries, keys, window):
        distance = keys - queries
        return sum(j <= i + distance and j > i + distance - window for i in range(queries) for j in range(keys))

    for queries, keys, window in ((5, 9, 0), (9, 9, 4), (7, 12, 3)):
        shape = shapes.Shape(64, 1, 1, queries, 1, True, kv_length=keys, window=window)
        assert shape.pairs == brute(queries, keys, window or keys)
    assert shapes.Shape(64, 1, 1, 8, 1, True).pairs == 32
    assert shapes.Shape(64, 2, 1, 8, 3, False).flop == 4 * 64 * 64 * 2 * 3


def test_a_row_is_measured_once_and_short_lengths_follow_their_neighbours():
    found = shapes.select(["all"])
    assert len({shape for _, shape in found}) == len(found)
    ragged = [shape for shape in shapes.GROUPS["ragged"]]
    for at, shape in enumerate(ragged):
        assert shape.beside is None or shape.beside in ragged[:at]  # whose kernel is made then, and timed in the same turns
    assert sum(shape.beside is not None for shape in ragged) == 12


def test_no_contestant_always_follows_the_same_one(monkeypatch):
    ran = []

    def stream_time(_torch, rival, _count, look=lambda: None, _cycles=None):
        ran.append(rival)
        look()
        return 1.0

    monkeypatch.setattr(measure, "stream_time", stream_time)
    monkeypatch.setattr(measure, "counter", lambda _torch: types.SimpleNamespace(between=lambda: (300_000, 200_000)))
    for rivals, rounds in (("abc", 3), ("abcde", 3)):
        ran.clear()
        settings = measure.Settings(rounds=rounds)
        clocks = types.SimpleNamespace(read=lambda: {"watt": 700.0})
        times, seen = measure.time_in_turns(None, {name: name for name in rivals}, settings, clocks)
        assert all(len(found) == rounds for found in times.values())
        # 200 calls a stream
        assert all(found == {"watt": 700.0, "cycles": 1500.0, "mean_mhz": 1500.0} for found in seen.values())
        turns = ran[2 * len(rivals) - 1 :]  # from the last stream that warms up on
        for rival in rivals:
            before = {turns[at - 1] for at in range(1, len(turns)) if turns[at] == rival}
            assert len(before) > 1, (rivals, rival, turns)


def test_goals_are_those_of_the_table():
    (long,) = [s for s in shapes.GROUPS["forward"] if s.name == "d128-h16-16-bf16-causal" and s.length == 16384]
    assert goals.goal_of(long, "forward").least == round(1.30 * 1.03, 3)
    (short,) = [s for s in shapes.GROUPS["forward"] if s.name == "d64-h32-32-bf16-full" and s.length == 1024]
    assert goals.goal_of(short, "forward").least == 1.12
    assert goals.goal_over_fa3(long, "forward").least == 1.03
    assert goals.goal_over_fa3(short, "odd") is None
    goal = goals.Goal(("cudnn", "flash"), 1.15, "")
    assert goal.judge(115, {"cudnn": 100, "flash": 50})["met"] is True
    assert goal.judge(115, {"cudnn": 101, "flash": 50})["met"] is False
    assert goal.judge(115, {})["met"] is None


def test_plans_are_whole_or_changes():
    pp, wide, old = plans.parse_plans(["// a comment", "pp: ping_pong = true", "wide@d64-*: kv_tile = 256", "old = " + CHOSEN])
    assert pp.resolve(CHOSEN) == CHOSEN.replace("ping_pong = false", "ping_pong = true")
    assert wide.suits("d64-h1-1") and not wide.suits("d128-h1-1")
    assert "kv_tile = 256" in wide.resolve(CHOSEN)
    assert old.resolve("") == CHOSEN
    assert plans.parse_plan("new: turns = true").resolve(CHOSEN).endswith("ping_pong = false, turns = true>")


@pytest.mark.parametrize("line", ["kv_tile = 128", "pp: ", "x = #tile.plan", "pp: kv_tile"])
def test_lines_that_are_no_plan_get_a_sentence(line):
    with pytest.raises(plans.PlanError, match="expects"):
        plans.parse_plan(line)


def test_two_plans_of_one_name_are_refused():
    with pytest.raises(plans.PlanError, match="names of their own"):
        plans.parse_plans(["pp: ping_pong = true", "pp: stages = 1"])


def test_images_are_made_ahead_and_read_back(tmp_path, capsys):
    filters = ["--shapes", "floor", "--filter", "d64-*-full-*"]
    lines = ["--plan", "pp: ping_pong = true", "--plan", "same: stages = 2", "--plan", "bad: stages = 99"]
    assert main([*filters, *lines, "--write-images", str(tmp_path)]) == 0
    assert "bad refused: " in capsys.readouterr().out
    chosen = [shape for shape in shapes.GROUPS["floor"] if "d64" in shape.name and not shape.causal]
    found = kernels.read_images(tmp_path, chosen, plans.parse_plans(lines[1::2] + ["other: stages = 1"]))
    by_name = {name: made for (_, name), made in found.items()}
    assert by_name["attn-mlir"].image and by_name["pp"].image and "ping_pong = true" in by_name["pp"].plan
    assert by_name["same"].refused == "it is the chosen plan"
    assert "expects" in by_name["bad"].refused and "found none" in by_name["other"].refused


def test_a_record_becomes_lines_csv_and_a_page(tmp_path):
    forward, window = shapes.GROUPS["forward"][1], shapes.GROUPS["window"][0]
    rows = [row(forward, rates={"attn-mlir": 600.0, "cudnn": 500.0, "pp": 610.0}), row(window, "window")]
    rows[1]["contestants"]["cudnn"]["note"] = "by a mask tensor"
    made = run_record(rows)
    assert "attn-mlir 600 pp 610 | cudnn 500 |" in record.line(made["rows"][0], ["pp"])
    assert "WRONG: efficient" in record.line(made["rows"][0], ["pp"])
    record.write_json(tmp_path / "r.json", made)
    assert json.loads((tmp_path / "r.json").read_text())["rows"][0]["wrong"] == {"efficient": None}
    record.write_csv(tmp_path / "r.csv", made)
    with (tmp_path / "r.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [line["contestant"] for line in lines] == ["attn-mlir", "cudnn", "pp", "attn-mlir", "cudnn", "flash"]
    assert lines[0]["over_cudnn"] == "1.2000"
    assert main(["--page", str(tmp_path / "r.md"), "--json", str(tmp_path / "r.json")]) == 0
    page = (tmp_path / "r.md").read_text()
    for text in ("[r.json](r.json)", "## Sliding windows", "500* ±", "| wrong |", "| met |", "1.017", CHOSEN):
        assert text in page, text


def test_decoding_is_told_in_microseconds(tmp_path):
    decode = row(shapes.GROUPS["decode"][0], "decode", rates={"attn-mlir": 2.0, "cudnn": 1.0})
    decode["contestants"]["attn-mlir"]["ms"] = 0.0187
    record.write_json(tmp_path / "r.json", run_record([decode]))
    assert main(["--page", str(tmp_path / "r.md"), "--json", str(tmp_path / "r.json")]) == 0
    page = (tmp_path / "r.md").read_text()
    assert "| 18.7 us ±" in page and "or microseconds of a call" in page and "by cycles" not in page, page


def test_a_page_tells_cycles_from_clocks(tmp_path):
    made = row(shapes.GROUPS["forward"][1])
    for name, clocks in (("attn-mlir", (1.0e6, 1400.4)), ("cudnn", (1.25e6, 1550.0))):
        made["contestants"][name]["clocks"] = {"sm_mhz": 1275, "watt": 698.0, "cycles": clocks[0], "mean_mhz": clocks[1]}
    record.write_json(tmp_path / "r.json", run_record([made]))
    assert main(["--page", str(tmp_path / "r.md"), "--json", str(tmp_path / "r.json")]) == 0
    page = (tmp_path / "r.md").read_text()
    assert "| / cuDNN by cycles |" in page and "| 1.25 at 1400 and 1550 MHz | 1400 MHz, 698 W |" in page, page


class FakeCuda:
    """What a rival needs of torch.cuda; a graph calls once, while it is captured."""

    class Stream:
        def wait_stream(self, _other):
            pass

    class CUDAGraph:
        replays = 0

        def replay(self):
            self.replays += 1

    current_stream = Stream
    stream = graph = staticmethod(contextlib.nullcontext)


@pytest.mark.parametrize("other", [None, types.ModuleType("flash_attn_interface")])  # not there, and PyPI's, which is empty
def test_flash_attention_3_is_taken_from_its_wheel_and_replayed(monkeypatch, other):
    calls = []
    wheel = types.ModuleType("fa3_fwd_interface")
    wheel.flash_attn_func = lambda *inputs, **how: calls.append(how) or types.SimpleNamespace(transpose=lambda i, j: (i, j))
    monkeypatch.setitem(sys.modules, "flash_attn_interface", other)
    monkeypatch.setitem(sys.modules, "fa3_fwd_interface", wheel)
    shape, tensor = shapes.GROUPS["forward"][1], types.SimpleNamespace(transpose=lambda i, j: None)
    rival = rivals.fa3(types.SimpleNamespace(cuda=FakeCuda), shape, tensor, tensor, tensor)
    assert calls == 2 * [{"causal": True, "window_size": (-1, -1)}] and rival.note
    assert rival.output(rival.call()) == (1, 2) and len(calls) == 2


def test_a_page_holds_the_forward_table_against_flash_attention_3(tmp_path):
    made = []
    for shape, rate in zip(shapes.GROUPS["forward"][:2], (520.0, 505.0)):
        rates = {"attn-mlir": rate, "cudnn": 450.0, "fa3": 450.0 if rate > 510 else 510.0}
        beyond = goals.goal_over_fa3(shape, "forward").judge(rate, rates)
        made.append(row(shape, rates=rates, goal_over_fa3=beyond))
    record.write_json(tmp_path / "r.json", run_record(made))
    assert main(["--page", str(tmp_path / "r.md"), "--json", str(tmp_path / "r.json")]) == 0
    page = (tmp_path / "r.md").read_text()
    assert "| / cuDNN | / FA3 |" in page and "| 1.156 of 1.15 met |" in page and "| 0.990 of 1.15 MISSED |" in page, page
    assert "Of 2 rows of the forward table 1 are faster than FlashAttention-3 in this run, 1 by what was wanted." in page


def test_progress_is_plain_lines_without_a_terminal(capsys):
    progress = record.Progress()
    progress.start("rows", 2)
    progress.step("a")
    progress.step("b")
    progress.end()
    assert capsys.readouterr().err == "rows: 2 of 2, 0 s\n"


def test_wrong_flags_get_a_sentence(capsys):
    for flags in (["--shapes", "none"], ["--filter", "x"], ["--rivals", "triton"], ["--page", "x.md"]):
        with pytest.raises(SystemExit):
            main(flags)
        assert "expects" in capsys.readouterr().err


def test_without_pytorch_it_says_so(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["--shapes", "floor", "--filter", "d64-*-full-*"]) == 2
    assert "expects PyTorch and a GPU" in capsys.readouterr().err


def test_a_record_names_its_command_without_folders_of_the_machine(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["x", "--specs", "/somewhere/a/examples", "--json=/elsewhere/b.json", "--shapes", "forward,odd"])
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", types.SimpleNamespace(name="attn_mlir.bench.__main__"))
    assert machine.command_line() == "python -m attn_mlir.bench --specs examples --json=b.json --shapes forward,odd"
