"""CPU time, user and system together, that other processes have consumed."""

import ctypes
import os
import time
from collections.abc import Iterator
from pathlib import Path

_TASKS = "/proc/{}/task"


def why_unavailable() -> str | None:
    """Return why this system cannot tell the CPU time of other processes, or `None` if it can."""
    return None if Path(_TASKS.format(os.getpid())).exists() else "this system has no /proc"


def cpu_seconds(pid: int) -> float:
    """Return what a process and its descendants have consumed; a process that has ended counts no more."""
    return sum(time.clock_gettime(_clock_of(each)) for each in _family(pid))


def _clock_of(pid: int) -> int:
    """Return the id of a process's CPU clock (POSIX `clock_getcpuclockid`), which counts nanoseconds, and not ticks."""
    clock = ctypes.c_int()
    if number := ctypes.CDLL(None).clock_getcpuclockid(ctypes.c_int(pid), ctypes.byref(clock)):
        raise OSError(number, os.strerror(number))
    return clock.value


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(_TASKS.format(pid)).iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            yield from _family(int(child))
