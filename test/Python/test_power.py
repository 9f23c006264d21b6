"""The benchmark's module power without a GPU: its rows, what NVML says, streams on a made-up card, and the page of a record."""

import json
import math
import sys
import types

import pytest

from attn_mlir.bench import machine, power, power_page, record
from attn_mlir.bench.rivals import Rival

NO_NVML = {"sm_mhz": None, "throttle": None}


def part(milliseconds, watt=700.0, sm_mhz=1500, throttle=None):
    seen = {"sm_mhz": sm_mhz, "throttle": throttle or {}}
    return {"ms": milliseconds, "launches": 40, "watt": watt, "mj": watt * milliseconds, **seen}


def entry(sustained, rest, zeros, **load):
    alone = part(rest, sm_mhz=1980) | {"late": 0}
    return {"error": 0.2, "note": "", "rest": alone, "sustained": part(sustained, **load), "zeros": part(zeros, watt=500.0)}


def row(at=0, ours=(1.0, 0.9, 0.8), cudnn=(1.2, 1.0, 0.9)):
    """A row as measure() makes it: ms sustained, at rest and on zeros."""
    group, shape = power.missed_rows()[at]
    goal = power.goal_of(shape, group)
    made = {"group": group, "label": shape.label, **vars(shape), "flop": shape.flop, "refused": {}, "wrong": {}}
    made["goal"] = {"over": list(goal.over), "least": goal.least, "why": goal.why}
    load = {"throttle": {"power cap": 0.75, "thermal": 0.25}}
    return made | {"contestants": {"attn-mlir": entry(*ours, **load), "cudnn": entry(*cudnn)}}


def run_record(rows, nvml=True):
    told = {"gpu": "NVIDIA H100", "driver": "1", "idle": {"power.limit": "700.00 W"}, "versions": {"torch": "2"}, "commit": "abc"}
    told |= {"date": "2026-11-26", "command": "python -m attn_mlir.bench.power"}
    settings = {"seconds": 1.0, "warm_seconds": 0.5, "pairs": 40, "pause_seconds": 0.02}
    return {"machine": told, "nvml": nvml, "multiprocessors": 132, "settings": settings, "rows": rows}


def test_the_rows_are_one_of_each_kind_of_missed_goal(capsys):
    assert power.main(["--list"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 18 == len({label for _, label in lines})
    assert ["forward", "d128-h16-16-bf16-causal-s512-b32"] in lines and ["odd", "d192-h16-16-bf16-full-s8192-b2"] in lines
    assert not any("v128" in label or label.startswith("d80-h16-16-bf16-causal") for _, label in lines)


def test_throttle_reasons_have_names():
    assert machine.throttle_names(0) == []
    assert machine.throttle_names(0x24) == ["power cap", "thermal"]
    assert machine.throttle_names(0x48) == ["hardware slowdown", "hardware thermal"]
    assert machine.throttle_names(0x4 | 0x400 | 0x1000) == ["power cap", "0x400", "0x1000"]


def test_power_is_taken_between_steps_of_the_energy_counter():
    # 600 W: 60 J a step of 0.1 s, looked at every 10 ms from the middle of a step on.
    samples = [(0.05 + 0.01 * at, 60000 * int((5 + at) / 10 + 1e-9)) for at in range(60)]
    assert power.mean_watts(samples) == pytest.approx(600.0)
    assert math.isnan(power.mean_watts([(0.0, 5), (0.1, 5), (0.2, 9)])) and math.isnan(power.mean_watts([]))


def test_what_bounds_a_row():
    assert power_page.bound(1.20, 1.10, 1.2) == "met"
    assert power_page.bound(1.10, 1.05, 1.2) == power_page.bound(1.10, 1.11, 1.2) == "schedule"
    assert power_page.bound(1.10, 1.25, 1.2) == "power"
    assert power_page.bound(1.10, 1.15, 1.2) == "power and schedule"
    assert power_page.bound(1.10, math.nan, 1.2) == power_page.bound(math.nan, 1.3, 1.2) == "not judged"
    assert power_page.bound(1.10, 1.15, math.nan) == "-"


def test_ratios_shares_and_energy_follow_from_times_clocks_and_power():
    made = row()
    assert [power_page.ratio(made, kind) for kind in ("sustained", "rest", "zeros")] == pytest.approx([1.2, 1 / 0.9, 1.125])
    assert power_page.clock_lost(made, "attn-mlir") == pytest.approx(1 - 1500 / 1980)
    load = made["contestants"]["attn-mlir"]["sustained"]
    # 1 ms at 1.5 GHz, 132 multiprocessors: 4096 * 132 * 1.5e6 FLOP at most. 700 W take 0.7 J.
    assert power_page.share_of_peak(made, load, 132) == pytest.approx(made["flop"] / (4096 * 132 * 1.5e6))
    assert power_page.tflop_per_joule(made, load) == pytest.approx(made["flop"] * 1e-12 / 0.7)
    assert math.isnan(power_page.ratio(made | {"contestants": {}}, "rest"))


def test_goals_over_others_alone_are_not_held_against_cudnn():
    goal = {"over": ["neighbour"], "least": 0.95, "why": ""}
    assert math.isnan(power_page.least(row() | {"goal": goal})) and power_page.verdict(row() | {"goal": goal}) == "-"


def test_a_record_becomes_a_line_and_a_page(tmp_path):
    rows = [row(ours=(1.1, 0.8, 0.8)), row(-1)]
    rows[1]["refused"] = {"cudnn": "made up"}
    rows[1]["contestants"].pop("cudnn")
    rows[0]["contestants"]["cudnn"]["rest"] |= {"late": 3, "launches": 37}
    assert "at rest 1.25, sustained 1.09, on zeros 1.12 of 1.196: power |" in power_page.line(rows[0])
    assert "700 W, 1500 MHz (-24 %)" in power_page.line(rows[0])
    record.write_json(tmp_path / "p.json", run_record(rows))
    assert power.main(["--json", str(tmp_path / "p.json"), "--page", str(tmp_path / "p.md")]) == 0
    page = (tmp_path / "p.md").read_text()
    label = rows[0]["label"]
    texts = ["[p.json](p.json)", "power limit 700.00 W", f"| {label} | 1.250 | 1.091 | 1.125 | 1.196 | power |"]
    texts += ["1.150* | not judged |", "(power: 1, not judged: 1)", "power cap 75 %, thermal 25 %", "never a rate"]
    for text in [*texts, "cudnn refused: made up", "3 of 40 launches of cudnn"]:
        assert text in page, text
    zeros = page.split("## On zeros")[1]
    assert "TFLOP" not in zeros and f"| {label} | attn-mlir | 500 | 1500 | 400.0 | 48 | nothing |" in zeros


def test_without_nvml_the_page_has_empty_columns(tmp_path):
    made = row()
    for contestant in made["contestants"].values():
        for kind in ("rest", "sustained", "zeros"):
            contestant[kind] |= NO_NVML | {"watt": math.nan, "mj": math.nan}
    assert "- W, - MHz" in power_page.line(made)
    record.write_json(tmp_path / "p.json", run_record([made], nvml=False))
    assert power.main(["--json", str(tmp_path / "p.json"), "--page", str(tmp_path / "p.md")]) == 0
    page = (tmp_path / "p.md").read_text()
    assert "NVML was not found" in page and "| - | - | - | - | - | - | - | - | - |" in page
    assert "nan" not in page and "None" not in page


def test_clocks_say_nothing_where_nvml_is_not(monkeypatch):
    def missing(_name):
        raise OSError("no library")

    monkeypatch.setattr(machine.ctypes, "CDLL", missing)
    clocks = machine.Clocks(None)
    assert not clocks.found and clocks.read() is None
    assert clocks.sm_mhz() is None and clocks.millijoules() is None and clocks.throttle() is None
    looks = power.Looks(clocks)
    looks.look()
    assert looks.seen() == NO_NVML and math.isnan(power.mean_watts(looks.energy))


class Card:
    """A made-up card: its time moves by launches, and by the programs' pauses; events are times. It takes 500 W."""

    def __init__(self, milliseconds, late=()):
        self.milliseconds, self.late, self.time, self.launches = milliseconds, set(late), 0.0, 0
        self.cuda = types.SimpleNamespace(Event=lambda enable_timing=False: Event(self))

    def launch(self):
        self.launches += 1
        self.time += self.milliseconds

    def millijoules(self):
        return int(self.time * 500)

    def sm_mhz(self):
        return 1755

    def throttle(self):
        return 0x5 if self.launches % 2 else 0x4

    def sleep(self, seconds):
        self.time += seconds * 1e3

    def perf_counter(self):
        return self.time * 1e-3


class Event:
    def __init__(self, card):
        self.card, self.at, self.launch = card, 0.0, 0

    def record(self):
        self.at, self.launch = self.card.time, self.card.launches

    def elapsed_time(self, end):
        return end.at - self.at

    def query(self):
        return self.launch in self.card.late

    def synchronize(self):
        pass


def on_a_made_up_card(monkeypatch, card):
    monkeypatch.setattr(power, "time", types.SimpleNamespace(sleep=card.sleep, perf_counter=card.perf_counter))
    return Rival(card.launch)


def test_a_stream_is_looked_at_after_half_a_second_alone(monkeypatch):
    card = Card(0.4)
    made = power.under_load(card, on_a_made_up_card(monkeypatch, card), card, 1.0)
    assert made["ms"] == pytest.approx(0.4) and made["launches"] * 0.4 == pytest.approx(1000, rel=0.02)
    assert card.launches * 0.4 == pytest.approx(1500, rel=0.02)
    assert made["watt"] == pytest.approx(500, rel=1e-3) and made["mj"] == pytest.approx(200, rel=1e-3)
    assert made["sm_mhz"] == 1755 and made["throttle"] == {"power cap": 1.0}


def test_late_launches_at_rest_do_not_count(monkeypatch):
    # 3 launches to learn the time; then 2 of 0.2 ms in front of each timed one.
    card = Card(0.2, late=[5, 8])
    made = power.at_rest(card, on_a_made_up_card(monkeypatch, card), card)
    assert (made["launches"], made["late"]) == (power.PAIRS - 2, 2) and made["ms"] == pytest.approx(0.2)
    assert card.launches == 3 + 3 * power.PAIRS
    card = Card(0.2, late=range(1000))
    assert math.isnan(power.at_rest(card, on_a_made_up_card(monkeypatch, card), card)["ms"])


@pytest.mark.parametrize("wrong_on_zeros", [False, True])
def test_a_row_is_measured_on_random_inputs_and_then_on_zeros(monkeypatch, wrong_on_zeros):
    torch = pytest.importorskip("torch")
    inputs = [torch.ones(2), torch.ones(2), torch.ones(2)]
    seen = []
    rival = Rival(lambda: inputs[0] + (1 if wrong_on_zeros else 0))
    found = {"attn-mlir": rival, "cudnn": Rival(lambda: inputs[2] * 2)}
    monkeypatch.setattr(power, "tensors", lambda _torch, _shape: inputs)
    monkeypatch.setattr(power, "contestants", lambda *_: (found, dict.fromkeys(found, 0.1), {}, {}))
    monkeypatch.setattr(power, "at_rest", lambda *_: seen.append(("rest", float(inputs[0][0]))) or part(1.0))
    monkeypatch.setattr(power, "under_load", lambda *_: seen.append(("load", float(inputs[0][0]))) or part(1.0))
    made = power.measure(torch, None, *power.missed_rows()[0], {"attn-mlir": types.SimpleNamespace(plan="p")}, None, 1.0)
    assert seen[:4] == [("rest", 1.0)] * 2 + [("load", 1.0)] * 2 and set(seen[4:]) == {("load", 0.0)}
    assert made["wrong"] == ({"attn-mlir": math.inf} if wrong_on_zeros else {})
    assert ("attn-mlir" in made["contestants"]) is not wrong_on_zeros and "zeros" in made["contestants"]["cudnn"]
    json.dumps(record.plain(made), allow_nan=False)


def test_wrong_flags_get_a_sentence(capsys):
    for flags in (["--shapes", "none"], ["--filter", "x"], ["--seconds", "0"], ["--page", "x.md"]):
        with pytest.raises(SystemExit):
            power.main(flags)
        assert "expects" in capsys.readouterr().err


def test_without_pytorch_it_says_so(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert power.main([]) == 2
    assert "expects PyTorch and a GPU, found no PyTorch" in capsys.readouterr().err
