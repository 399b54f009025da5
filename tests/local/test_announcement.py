"""What a laptop that runs announces to other programs of the machine."""

import os
import stat
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from local.announcement import Announcement, NothingRuns, announced, current_announcement

LAPTOP = Announcement(os.getpid(), "http://127.0.0.1:1", {"UsersTable": "keyfob-UsersTable"}, "test")


def test_it_is_announced_while_it_runs_and_to_its_owner_alone(tmp_path: Path) -> None:
    """The file is there for the time of the block, readable to nobody else."""
    file = tmp_path / "new" / "running.json"
    with announced(LAPTOP, file):
        assert current_announcement(file) == LAPTOP
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not file.exists()
    with pytest.raises(NothingRuns):
        current_announcement(file)


def test_one_that_was_killed_does_not_run(tmp_path: Path) -> None:
    """Its file is still there, and its process is not."""
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], stdout=subprocess.PIPE, check=True)
    file = tmp_path / "running.json"
    with announced(replace(LAPTOP, pid=int(ended.stdout)), file), pytest.raises(NothingRuns):
        current_announcement(file)


def test_the_one_that_began_last_is_announced(tmp_path: Path) -> None:
    """When the first one ends, the second is still announced."""
    file, second = tmp_path / "running.json", replace(LAPTOP, dynamodb_url="http://127.0.0.1:2")
    with ExitStack() as later:
        with announced(LAPTOP, file):
            later.enter_context(announced(second, file))
        assert current_announcement(file) == second
