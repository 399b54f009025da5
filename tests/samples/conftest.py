"""The server that the documents' samples talk to: the program itself, as `make run` starts it."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from local.template import TEMPLATE

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A laptop server on a port of its own, with `metatag` at its root. Its host is called as the documents call it."""

    port: str

    @property
    def root(self) -> str:
        """URL of the root: only the port differs from what document 000 says."""
        return f"http://localhost:{self.port}"

    def stage(self, contract: str) -> str:
        """URL of one contract's stage."""
        return f"{self.root}/{contract}"

    def mailed(self, part: str, to: str, before: int = 0) -> list[str]:
        """Return every link with `part` in it that mail brought `to` somebody, newest first, once there are more.

        `before` is how many there were.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            mails = httpx.get(f"{self.root}/_local/mail", headers={"Accept": "application/json"}).json()
            links = [link for mail in mails for link in mail["links"] if part in link and to in mail["to"]]
            if len(links) > before:
                return links
            time.sleep(0.1)
        pytest.fail(f"no mail with {part} came")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run the program for all samples."""
    said = tmp_path_factory.mktemp("server") / "said"
    options = {"PORT": "0", "CONTRACT": "metatag", "DYNAMODB": "moto"}
    with said.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "local"],
            cwd=TEMPLATE.parent,
            env={**os.environ, **options},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        with process:
            try:
                yield Server(port_of(process, said))
            finally:
                process.terminate()


def port_of(process: subprocess.Popen[bytes], said: Path) -> str:
    """Return the port that the program says it serves, once it does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        served = re.search(r"http://127\.0\.0\.1:(\d+)/api/auth +\(CONTRACT=metatag\)", said.read_text("utf-8"))
        if served:
            return served[1]
        time.sleep(0.05)
    pytest.fail(f"the server did not start: {said.read_text('utf-8')}")
