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

# NVML's reasons for a clock below its highest, by bit (nvmlClocksEventReasons).
THROTTLE_REASONS = {
    0x1: "idle",
    0x2: "application clocks",
    0x4: "power cap",
    0x8: "hardware slowdown",
    0x10: "sync boost",
    0x20: "thermal",
    0x40: "hardware thermal",
    0x80: "power brake",
    0x100: "display clocks",
}

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


def torch_with_gpu(program: str):
    """The module torch, or None and a sentence on standard error where there is no PyTorch or no GPU."""
    try:
        import torch
    except ImportError:
        torch = None
    if torch is not None and torch.cuda.is_available():
        return torch
    print(f"{program}: expects PyTorch and a GPU, found no " + ("GPU" if torch else "PyTorch"), file=sys.stderr)
    return None


def throttle_names(bits: int) -> list[str]:
    """The names of the reasons in a mask of bits; a bit that NVML has no name for here keeps its number."""
    known = [name for bit, name in THROTTLE_REASONS.items() if bits & bit]
    rest = bits & ~sum(THROTTLE_REASONS)
    return known + [hex(1 << at) for at in range(rest.bit_length()) if rest >> at & 1]


class Clocks:
    """The card's clock, power, energy and temperature, by NVIDIA's management library; nothing where that is not found."""

    def __init__(self, torch):
        self._library, self._device = None, ctypes.c_void_p()
        try:
            library = ctypes.CDLL("libnvidia-ml.so.1")
            uuid = f"GPU-{torch.cuda.get_device_properties(torch.cuda.current_device()).uuid}".encode()
            if library.nvmlInit_v2() == 0 and library.nvmlDeviceGetHandleByUUID(uuid, ctypes.byref(self._device)) == 0:
                self._library = library
        except (OSError, AttributeError):
            pass

    @property
    def found(self) -> bool:
        return self._library is not None

    def _number(self, function: str, *arguments, kind=ctypes.c_uint) -> int | None:
        """None where the library, the function or the card's answer is missing."""
        value = kind()
        call = getattr(self._library, function, None) if self._library else None
        status = call(self._device, *arguments, ctypes.byref(value)) if call else 1
        return value.value if status == 0 else None

    def sm_mhz(self) -> int | None:
        """The multiprocessors' clock now, MHz."""
        return self._number("nvmlDeviceGetClockInfo", 1)

    def millijoules(self) -> int | None:
        """What the card has taken since its driver was loaded, mJ. The counter moves some ten times a second."""
        return self._number("nvmlDeviceGetTotalEnergyConsumption", kind=ctypes.c_ulonglong)

    def throttle(self) -> int | None:
        """Why the clock is not at its highest now, as bits: throttle_names()."""
        return self._number("nvmlDeviceGetCurrentClocksThrottleReasons", kind=ctypes.c_ulonglong)

    def read(self) -> dict | None:
        if not self._library:
            return None
        power = self._number("nvmlDeviceGetPowerUsage")
        return {
            "sm_mhz": self.sm_mhz(),
            "watt": power and power / 1000,
            "celsius": self._number("nvmlDeviceGetTemperature", 0),
        }
