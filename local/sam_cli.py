"""SAM CLI as a program of its own, with the files that `local.sam_project` writes."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.server import HOST

START_SECONDS = 300  # for a container; a laptop may have other things to do


class Failed(RuntimeError):
    """SAM CLI ended where it should not have; it has told why itself."""


@dataclass(frozen=True, slots=True)
class SamCli:
    """How SAM CLI is run: the command with its arguments so far, its settings' file, and the engine's URL."""

    command: Sequence[str]
    settings: Path
    engine_url: str

    def local(self, subcommand: str, *arguments: str) -> list[str]:
        """Return the command line of a subcommand of ``sam local``."""
        return [*self.command, "local", subcommand, *arguments, "--config-file", str(self.settings)]

    @property
    def environment(self) -> dict[str, str]:
        """The environment that it is run in."""
        return {
            **os.environ,
            "DOCKER_HOST": self.engine_url,
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_CONTAINER_CONNECTION_TIMEOUT": str(START_SECONDS),
        }


@contextmanager
def start_api(sam: SamCli, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Run ``sam local start-api`` at a port of the loopback for a `with` block, which begins when it answers.

    Containers are kept from request to request, and removed at the end. Raises `Failed`.
    """
    command = sam.local("start-api", "--host", HOST, "--port", str(port), "--warm-containers", "LAZY")
    process = subprocess.Popen(  # noqa: S603 - our own arguments
        command, env=sam.environment, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _await(process, port)
        yield process
    finally:
        _end(process)


def _await(process: "subprocess.Popen[bytes]", port: int) -> None:
    while process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise Failed(f"sam local start-api ended with status {process.returncode}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End SAM CLI by one signal: it removes its containers then, which a second one would cut short."""
    process.terminate()
    process.wait()
