"""A server in a process of its own, and one client of it."""

import json
import os
import select
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

HOST = "127.0.0.1"
START_SECONDS = 60

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answers: its body as JSON, and the cookies that it sets, as a request sends them."""

    body: Any
    cookies: str


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs, and a connection to it, which is kept as long as the server keeps it."""

    pid: int
    connection: HTTPConnection

    def get(self, path: str, headers: Mapping[str, str] = _NOTHING) -> Answer:
        """Send a GET; raises `RuntimeError` unless it succeeds, as the others do."""
        return self._send("GET", path, b"", headers)

    def post(self, path: str, body: Mapping[str, str], headers: Mapping[str, str] = _NOTHING) -> Answer:
        """Post JSON."""
        return self._send("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})

    def post_form(self, path: str, body: Mapping[str, str]) -> Answer:
        """Post a form."""
        content_type = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", path, urlencode(body).encode(), content_type)

    def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        self._drop_if_closed()
        self.connection.request(method, path, body or None, {"User-Agent": "bench/1.0", **headers})
        response = self.connection.getresponse()
        text = response.read()
        if response.status not in {200, 201, 204}:
            raise RuntimeError(f"{method} {path} answered {response.status}: {text.decode(errors='replace')[:300]}")
        cookies = [each.partition(";")[0] for each in response.headers.get_all("Set-Cookie", [])]
        return Answer(json.loads(text) if text else None, "; ".join(cookies))

    def _drop_if_closed(self) -> None:
        """Connect anew if the server has closed the connection meanwhile: then there is an end to read from it."""
        if self.connection.sock and select.select([self.connection.sock], [], [], 0)[0]:
            self.connection.close()


@contextmanager
def serving(command: Sequence[str], port: int, directory: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """Run a server that will listen on `port` for a `with` block. It sees `environment` and the path alone."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - our own arguments
            command,
            cwd=directory,
            env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        try:
            if not _listens(port, process):
                errors.seek(0)
                raise RuntimeError(f"{command[0]} did not begin to listen: {errors.read().decode(errors='replace')}")
            with closing(HTTPConnection(HOST, port, timeout=30)) as connection:
                yield Server(process.pid, connection)
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _listens(port: int, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False
