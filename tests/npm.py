"""Packages from npm that tests use, of exactly those versions that a lock file beside them pins."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.demands import demand

LOCAL = Path(__file__).parents[1] / ".local"

_MANIFEST = ("package.json", "package-lock.json")


class Unavailable(RuntimeError):
    """The packages, or what is made of them, cannot be had or does not start; the text says why."""


@dataclass(frozen=True)
class NpmPackages:
    """What `source`, a directory with a ``package.json`` and its lock file, names; installed below `directory`.

    `title` is what messages call it, `min_node` the oldest version of Node.js that runs it, and `demanded_by` the
    environment variable with which a test fails that would be skipped.
    """

    title: str
    source: Path
    directory: Path
    min_node: tuple[int, int]
    demanded_by: str

    def require(self) -> None:
        """Skip the test where the packages cannot run, and say why; with `demanded_by` set, fail instead."""
        demand(self.why_unavailable(), self.demanded_by)

    def why_unavailable(self) -> str | None:
        """Return why the packages cannot run on this machine, or `None` if they can."""
        if shutil.which("node") is None:
            return f"{self.title} needs Node.js"
        if node_version() < self.min_node:
            return f"{self.title} needs Node.js {'.'.join(map(str, self.min_node))} or later"
        if not self._installed.exists() and shutil.which("npm") is None:
            return f"{self.title} comes through npm, which is not here"
        return None

    def fetch(self) -> Path:
        """Return the directory of the packages, installed there if they are not yet.

        Npm checks what it downloads against the lock file's digests. Raises `Unavailable`.
        """
        target = self._installed
        if target.exists():
            return target
        if reason := self.why_unavailable():
            raise Unavailable(reason)
        self.directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.directory) as scratch:
            packages = Path(scratch) / "packages"
            self._install(packages)
            _move(packages, target)
        return target

    @property
    def _installed(self) -> Path:
        content = b"".join((self.source / name).read_bytes() for name in _MANIFEST)
        return self.directory / hashlib.sha256(content).hexdigest()[:12]

    def _install(self, directory: Path) -> None:
        directory.mkdir()
        for name in _MANIFEST:
            shutil.copy(self.source / name, directory)
        npm = ["npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]
        result = subprocess.run(npm, cwd=directory, capture_output=True, text=True, check=False)  # noqa: S603 - our own
        if result.returncode:
            raise Unavailable(f"npm could not install {self.title}: {result.stderr.strip()}")


def node_version() -> tuple[int, ...]:
    """Return the major and minor version of the Node.js that is on the path."""
    result = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)  # noqa: S607 - on the path
    return tuple(int(part) for part in re.findall(r"\d+", result.stdout)[:2])


def _move(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except OSError:
        if not target.exists():
            raise
