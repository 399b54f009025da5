"""`python -m local`, as a program."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from local.announcement import FILE
from local.server import listen
from local.template import TEMPLATE

pytestmark = pytest.mark.slow

LAST_LINE = "Stop   Ctrl-C\n"


@contextmanager
def started(options: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Start the program; it is no longer there afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "local"],
        cwd=TEMPLATE.parent,
        env={**os.environ, **options},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def base_url(process: subprocess.Popen[str], contract: str) -> str:
    """Return where a contract is served, once it is."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if line == LAST_LINE:
            break
    return next(line.split()[1] for line in said if line.split()[:1] == [contract])


def test_serves_until_interrupted() -> None:
    """It says where it is, answers there, and ends without a traceback."""
    with started({"PORT": "0", "CONTRACT": "igny8"}) as process:
        url = base_url(process, "igny8")
        assert httpx.get(f"{url}/me/").json()["success"] is False
        login = {"email": "nobody@example.com", "password": "nobody's password"}
        assert httpx.post(f"{url}/login/", json=login).json()["success"] is False
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out.endswith("Stopped.\n")
    assert "security_event" not in out + err
    assert "Traceback" not in err


def test_a_port_in_use_is_said_plainly() -> None:
    """One line, and a failure that `make` shows."""
    with listen(0) as taken:
        port = str(taken.getsockname()[1])
        with started({"PORT": port}) as process:
            _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.strip() == f"keyfob: port {port} of 127.0.0.1 is not free: Address already in use"


def test_a_wrong_option_is_said_plainly() -> None:
    """One line names the option."""
    with started({"CONTRACT": "metatags"}) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith("keyfob: CONTRACT is 'metatags'")
    assert len(err.splitlines()) == 1


def admin(directory: Path, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    """Run `scripts/keyfob admin --local …` in a directory."""
    command: list[str | Path] = [TEMPLATE.parent / "scripts" / "keyfob", "admin", "--local", *arguments]
    return subprocess.run(command, input=stdin, text=True, capture_output=True, cwd=directory, check=False)  # noqa: S603 - our own


def test_the_command_works_on_what_runs(tmp_path: Path) -> None:
    """From any directory it makes a user who then signs in, and it says when nothing runs any more."""
    body = {"email": "root@example.com", "password": "a fine long password"}
    with started({"PORT": "0"}) as process:
        url = base_url(process, "metatag")
        options = ("--email", body["email"], "--password-stdin")
        made = admin(tmp_path, "create-superuser", *options, stdin=body["password"])
        assert (made.returncode, made.stdout) == (0, ""), made.stderr
        assert stat.S_IMODE(FILE.stat().st_mode) == 0o600
        assert httpx.post(f"{url}/login", json=body).status_code == 200
        assert json.loads(admin(tmp_path, "export", "-").stdout)["is_superuser"] is True
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    gone = admin(tmp_path, "export", "-")
    assert (gone.returncode, len(gone.stderr.splitlines())) == (1, 1)
    assert "make run" in gone.stderr
