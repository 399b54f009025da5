"""Amazon's DynamoDB Local, from the npm package that ships it."""

import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

PACKAGE = "amplify-dynamodb-simulator@2.9.30"
HOST = "127.0.0.1"
DIRECTORY = Path(__file__).parent.parent / ".local" / "dynamodb-local"
START_SECONDS = 60

_JAR = "DynamoDBLocal.jar"
_EMULATOR = "package/emulator/"


class Unavailable(RuntimeError):
    """DynamoDB Local cannot be had or does not start; the text says why."""


def why_unavailable() -> str | None:
    """Return why DynamoDB Local cannot run on this machine, or `None` if it can."""
    if shutil.which("java") is None:
        return "DynamoDB Local needs Java"
    if not (DIRECTORY / _JAR).exists() and shutil.which("npm") is None:
        return "DynamoDB Local comes through npm, which is not here"
    return None


def fetch(directory: Path = DIRECTORY) -> Path:
    """Return the directory of DynamoDB Local, downloaded there if it is not yet.

    Npm checks what it downloads against the registry's digest. Raises `Unavailable`.
    """
    if (directory / _JAR).exists():
        return directory
    if reason := why_unavailable():
        raise Unavailable(reason)
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent) as scratch:
        unpack(_download(Path(scratch)), Path(scratch) / "emulator")
        _move(Path(scratch) / "emulator", directory)
    return directory


def unpack(archive: Path, directory: Path) -> None:
    """Unpack the emulator, and nothing else, of an npm package's archive into `directory`."""
    with tarfile.open(archive) as package:
        for member in package:
            if member.name.startswith(_EMULATOR):
                member.name = member.name.removeprefix(_EMULATOR)
                package.extract(member, directory, filter="data")


@contextmanager
def running(data: Path | None = None) -> Iterator[str]:
    """Run DynamoDB Local on a free port for a `with` block, which is given its URL on the loopback.

    It listens on every interface, and cannot be told otherwise.

    Data are kept in the directory `data`, or in memory without one. Raises `Unavailable`.
    """
    directory = fetch()
    port = free_port()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603 - our own arguments
            _command(port, data),
            cwd=directory,
            env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            if not _answers(port, process):
                output.seek(0)
                raise Unavailable(f"DynamoDB Local did not start: {output.read().decode(errors='replace')}")
            yield f"http://{HOST}:{port}"
        finally:
            process.terminate()
            process.wait()


def _command(port: int, data: Path | None) -> list[str]:
    java = ["java", "-Djava.library.path=./DynamoDBLocal_lib", "-jar", _JAR, "-port", str(port), "-disableTelemetry"]
    if data is None:
        return [*java, "-inMemory"]
    data.mkdir(parents=True, exist_ok=True)
    return [*java, "-sharedDb", "-dbPath", str(data.resolve())]


def _download(directory: Path) -> Path:
    npm = ["npm", "pack", "--silent", "--pack-destination", str(directory), PACKAGE]
    result = subprocess.run(npm, cwd=directory, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if result.returncode:
        raise Unavailable(f"npm could not fetch {PACKAGE}: {result.stderr.strip()}")
    return directory / result.stdout.strip().splitlines()[-1]


def _move(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except OSError:
        if not (target / _JAR).exists():
            raise


def free_port() -> int:
    """Return a port of the loopback that nothing listens on."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        connection = HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except (OSError, HTTPException):
            time.sleep(0.05)
        else:
            return True
        finally:
            connection.close()
    return False
