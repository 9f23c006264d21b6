"""What a record says about where it was made: card, driver, clocks, versions, commit, command."""

from __future__ import annotations

import ctypes
import os
import pathlib
import shlex
import subprocess
import sys
import time

from . import rivals

_QUERY = "name,driver_version,clocks.sm,clocks.max.sm,clocks.mem,power.limit,temperature.gpu"


def _output(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def commit() -> str:
    """$ATTN_COMMIT, or that of the checkout this file lies in; empty where neither is known."""
    if given := os.environ.get("ATTN_COMMIT"):
        return given
    source = pathlib.Path(__file__).resolve()
    if not any((parent / ".git").exists() for parent in source.parents):
        return ""
    head = _output(["git", "-C", str(source.parent), "rev-parse", "--short=12", "HEAD"])
    changed = _output(["git", "-C", str(source.parent), "status", "--porcelain", "--untracked-files=no"])
    return head + (" with changes" if head and changed else "")


def _without_folder(argument: str) -> str:
    name, equals, value = argument.partition("=")
    if equals and name.startswith("-"):
        return f"{name}={_without_folder(value)}"
    return pathlib.PurePath(argument).name if argument.startswith("/") else argument


def command_line() -> str:
    """The command that this process runs; of paths from the root, which say something of this machine alone, the last part."""
    spec = sys.modules["__main__"].__spec__
    module = ["-m", spec.name.removesuffix(".__main__")] if spec else [pathlib.PurePath(sys.argv[0]).name]
    return shlex.join(["python", *module, *map(_without_folder, sys.argv[1:])])


def describe(torch, attn_mlir) -> dict:
    smi = _output(["nvidia-smi", f"--query-gpu={_QUERY}", "--format=csv,noheader"]).splitlines()
    fields = dict(zip(_QUERY.split(","), (text.strip() for text in smi[0].split(",")))) if smi else {}
    return {
        "gpu": torch.cuda.get_device_name(),
        "driver": fields.get("driver_version", "unknown"),
        "idle": fields or "nvidia-smi not found",
        "versions": {"attn-mlir": attn_mlir.__version__, **rivals.versions(torch), "python": sys.version.split()[0]},
        "commit": commit(),
        "date": time.strftime("%Y-%m-%d"),
        "command": command_line(),
    }


class Clocks:
    """The card's clock, power and temperature, by NVIDIA's management library; nothing where that is not found."""

    def __init__(self, torch):
        self._library, self._device = None, ctypes.c_void_p()
        try:
            library = ctypes.CDLL("libnvidia-ml.so.1")
            uuid = f"GPU-{torch.cuda.get_device_properties(torch.cuda.current_device()).uuid}".encode()
            if library.nvmlInit_v2() == 0 and library.nvmlDeviceGetHandleByUUID(uuid, ctypes.byref(self._device)) == 0:
                self._library = library
        except (OSError, AttributeError):
            pass

    def _number(self, function: str, *arguments) -> int | None:
        value = ctypes.c_uint()
        status = getattr(self._library, function)(self._device, *arguments, ctypes.byref(value))
        return value.value if status == 0 else None

    def read(self) -> dict | None:
        if not self._library:
            return None
        power = self._number("nvmlDeviceGetPowerUsage")
        return {
            "sm_mhz": self._number("nvmlDeviceGetClockInfo", 1),
            "watt": power and power / 1000,
            "celsius": self._number("nvmlDeviceGetTemperature", 0),
        }
