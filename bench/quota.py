"""A share of a processor, as Lambda gives it by memory: a control group of Linux that a process enters."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PERIOD_MICROSECONDS = 20_000
"""How often a process gets its share anew."""

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
        yield Quota(directory)
    finally:
        directory.rmdir()
