"""`python -m local`, as a program."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
import pytest

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


def test_serves_until_interrupted() -> None:
    """It says where it is, answers there, and ends without a traceback."""
    with started({"PORT": "0", "CONTRACT": "igny8"}) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if line == LAST_LINE:
                break
        url = next(line.split()[1] for line in said if "(CONTRACT=igny8)" in line or "igny8" in line.split()[:1])
        assert httpx.get(f"{url}/me/").json()["success"] is False
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out.endswith("Stopped.\n")
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
