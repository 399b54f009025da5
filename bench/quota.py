"""A share of a processor, as Lambda gives it by memory: a control group of Linux that a process enters."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.process import run

PERIOD_MICROSECONDS = 20_000
"""How often a process gets its share anew."""

_TRIAL_SHARE, _MOST_OF_TRIAL = 0.25, 0.4
_TRIAL = "from bench.inside import time_share; time_share()"

_GROUPS = Path("/sys/fs/cgroup")
_NAME = f"keyfob-bench-{os.getpid()}"


class Unavailable(RuntimeError):
    """No control group can be made here; the text says why."""


class Quota:
    """A control group: what it holds gets `share` processors, and what it starts does too."""

    def __init__(self, directory: Path) -> None:
        """Take the group's directory."""
        self._directory = directory

    @property
    def processes(self) -> Path:
        """The file that a process writes its id to, in order to enter."""
        return self._directory / "cgroup.procs"

    def set(self, share: float) -> None:
        """Give `share` processors from now on."""
        allowed = round(share * PERIOD_MICROSECONDS)
        if (self._directory / "cpu.max").exists():
            self._write("cpu.max", f"{allowed} {PERIOD_MICROSECONDS}")
        else:
            self._write("cpu.cfs_quota_us", "-1")
            self._write("cpu.cfs_period_us", str(PERIOD_MICROSECONDS))
            self._write("cpu.cfs_quota_us", str(allowed))

    def _write(self, name: str, content: str) -> None:
        (self._directory / name).write_text(content, encoding="ascii")


@contextmanager
def quota() -> Iterator[Quota]:
    """Make a control group for a `with` block, at whose end it must be empty. Raises `Unavailable`."""
    parent = _GROUPS if (_GROUPS / "cgroup.controllers").exists() else _GROUPS / "cpu"
    directory = parent / _NAME
    try:
        directory.mkdir()
    except OSError as error:
        raise Unavailable(f"no control group can be made: {error.strerror}") from error
    try:
        if not any((directory / name).exists() for name in ("cpu.max", "cpu.cfs_quota_us")):
            raise Unavailable("control groups here have no share of the processor")
        group = Quota(directory)
        _try_out(group)
        yield group
    finally:
        directory.rmdir()


def _try_out(group: Quota) -> None:
    """Raise `Unavailable` where who enters gets more than its share: some kernels take a quota and keep none."""
    group.set(_TRIAL_SHARE)
    got = run(_TRIAL, (), given=str(group.processes))
    if got > _MOST_OF_TRIAL:
        raise Unavailable(f"a process with {_TRIAL_SHARE:.0%} of a processor took {got:.0%}")
