"""Plans of ours to measure beside the chosen one.

A line names a plan and says what it is, whole or as changes to the plan that the compiler chooses for each kernel:

    pp: ping_pong = true
    wide@d64-*: kv_tile = 256, stages = 1
    old = #tile.plan<target = "sm_90a", ...>

After the @ stands a pattern of kernel names; others do not get that plan. Lines that start with // are comments.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import re

_LINE = re.compile(r"\s*(?P<name>[\w.+-]+)\s*(?:@\s*(?P<pattern>[^\s:=]+)\s*)?[:=]\s*(?P<text>.+?)\s*$")
_PLAN = re.compile(r"#tile\.plan<(.*)>")
_FIELD = re.compile(r"\s*(\w+)\s*=\s*(\"[^\"]*\"|[^,\s]+)\s*(?:,|$)")


class PlanError(ValueError):
    """A line that is no plan; str() is a sentence."""


def fields_of(text: str) -> dict[str, str]:
    """The fields of `a = 1, b = true`, in order."""
    found, at = {}, 0
    while at < len(text):
        match = _FIELD.match(text, at)
        if not match:
            raise PlanError(f"plan expects fields as in 'kv_tile = 128, ping_pong = true', got '{text}'")
        found[match[1]] = match[2]
        at = match.end()
    return found


@dataclasses.dataclass(frozen=True)
class Plan:
    """A named plan. `text` is a whole #tile.plan, or changes to the chosen one."""

    name: str
    text: str
    pattern: str = "*"

    def suits(self, kernel: str) -> bool:
        return fnmatch.fnmatch(kernel, self.pattern)

    def resolve(self, chosen: str) -> str:
        """The whole plan, given the chosen one."""
        if self.text.startswith("#"):
            return self.text
        match = _PLAN.search(chosen)
        if not match:
            raise PlanError(f"plan {self.name} expects a chosen plan to change, got '{chosen}'")
        fields = {**fields_of(match[1]), **fields_of(self.text)}
        return "#tile.plan<" + ", ".join(f"{name} = {value}" for name, value in fields.items()) + ">"


def parse_plan(line: str) -> Plan:
    if line.strip().startswith("#tile.plan<"):
        return Plan("plan", line.strip())
    match = _LINE.match(line)
    if not match:
        raise PlanError(f"plan expects 'NAME: field = value, ...' or 'NAME = #tile.plan<...>', got '{line.strip()}'")
    plan = Plan(match["name"], match["text"], match["pattern"] or "*")
    if plan.text.startswith("#"):
        if not _PLAN.fullmatch(plan.text):
            raise PlanError(f"plan {plan.name} expects #tile.plan<...>, got '{plan.text}'")
    else:
        fields_of(plan.text)
    return plan


def parse_plans(lines) -> list[Plan]:
    """Plans of all lines; names may repeat where their patterns differ."""
    plans = [parse_plan(line) for line in lines if line.strip() and not line.strip().startswith("//")]
    seen = set()
    for plan in plans:
        if (plan.name, plan.pattern) in seen or plan.name == "attn-mlir":
            raise PlanError(f"plans expect names of their own, got {plan.name} twice")
        seen.add((plan.name, plan.pattern))
    return plans
