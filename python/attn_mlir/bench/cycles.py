"""Cycles of a stream, by a multiprocessor's own counter.

NVML's clock is a glance at a moment, and the clock of a card at its limit of power wanders. Two small kernels, one before a stream of calls
and one behind it, read the counter of cycles and the time instead (the PTX ISA's %clock64 and %globaltimer). Their differences say how many
cycles a call took, whatever the clock was, and what the clock was on average.
"""

from __future__ import annotations

import ctypes
import functools

# One thread writes its counter, the time in ns and the number of its multiprocessor to 32 bytes at the address given.
_PTX = b"""
.version 8.0
.target sm_90
.address_size 64
.visible .entry mark(.param .u64 place) {
  .reg .b64 %address, %value;
  .reg .b32 %number;
  ld.param.u64 %address, [place];
  cvta.to.global.u64 %address, %address;
  mov.u64 %value, %clock64;
  st.global.u64 [%address], %value;
  mov.u64 %value, %globaltimer;
  st.global.u64 [%address + 8], %value;
  mov.u32 %number, %smid;
  cvt.u64.u32 %value, %number;
  st.global.u64 [%address + 16], %value;
  ret;
}
"""


class CycleCounter:
    """Marks in the current stream. Where the driver or the card lacks what it needs, marks do nothing and nothing is counted."""

    def __init__(self, torch):
        self._torch, self._driver, self._function = torch, None, ctypes.c_void_p()
        try:
            driver, module = ctypes.CDLL("libcuda.so.1"), ctypes.c_void_p()
            self._marks = torch.zeros(8, dtype=torch.int64, device="cuda")
            if driver.cuModuleLoadData(ctypes.byref(module), _PTX) == 0:
                if driver.cuModuleGetFunction(ctypes.byref(self._function), module, b"mark") == 0:
                    self._driver = driver
        except OSError:
            pass

    def mark(self, which: int) -> None:
        """Puts mark 0 or 1 into the current stream."""
        if self._driver is None:
            return
        place = ctypes.c_uint64(self._marks.data_ptr() + 32 * which)
        arguments = (ctypes.c_void_p * 1)(ctypes.cast(ctypes.pointer(place), ctypes.c_void_p))
        stream = ctypes.c_void_p(self._torch.cuda.current_stream().cuda_stream)
        if self._driver.cuLaunchKernel(self._function, 1, 1, 1, 1, 1, 1, 0, stream, arguments, None) != 0:
            self._driver = None

    def between(self) -> tuple[int, int] | None:
        """Cycles and nanoseconds from mark 0 to mark 1, when both have run; None where two multiprocessors ran them."""
        if self._driver is None:
            return None
        first, second = self._marks.view(2, 4).tolist()
        return (second[0] - first[0], second[1] - first[1]) if first[2] == second[2] and second[1] > first[1] else None


@functools.cache
def counter(torch) -> CycleCounter:
    """One for the process: its kernel is loaded once."""
    return CycleCounter(torch)
