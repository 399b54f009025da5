"""What a laptop that runs announces to other programs of this machine: `.local/running.json`, there while it runs."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from local.private_file import write_privately

FILE = Path(__file__).parent.parent / ".local" / "running.json"


class NothingRuns(RuntimeError):
    """No laptop runs here, or none that announces itself."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """A laptop that runs: its process, the URL of its DynamoDB, and its tables' names by the template's names.

    `password_hashing` is the parameter set by which it hashes passwords.
    """

    pid: int
    dynamodb_url: str
    tables: Mapping[str, str]
    password_hashing: str


@contextmanager
def announced(announcement: Announcement, file: Path = FILE) -> Iterator[None]:
    """Announce a laptop for a `with` block. What one that began later has announced is left alone."""
    file.parent.mkdir(exist_ok=True)
    write_privately(file, json.dumps(asdict(announcement)))
    try:
        yield
    finally:
        if _read(file) == announcement:
            file.unlink()


def current_announcement(file: Path = FILE) -> Announcement:
    """Return what the laptop that runs on this machine announces; raises `NothingRuns`."""
    announcement = _read(file)
    if announcement is None or not _is_alive(announcement.pid):
        raise NothingRuns("nothing runs here: begin with `make run`, in another terminal")
    return announcement


def _read(file: Path) -> Announcement | None:
    return Announcement(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
