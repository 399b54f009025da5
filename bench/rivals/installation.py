"""The rivals' packages, of exactly the versions that are pinned beside their apps, below `.local/bench`."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import ROOT

APPS = Path(__file__).parent / "apps"
DIRECTORY = ROOT / ".local" / "bench"
UV = ROOT / ".local" / "uv-command"

_PROCESSORS = {"x86_64": "x64", "aarch64": "arm64"}


class NotInstalled(RuntimeError):
    """The packages cannot be had; the text says why."""


def python_for(app: Path) -> Path:
    """Return a Python of this one's version that has what `requirements.txt` in `app` pins. Raises `NotInstalled`."""

    def install(target: Path) -> None:
        _run([str(UV), "--no-config", "venv", "--quiet", "--python", sys.executable, str(target)], app)
        python = str(target / "bin" / "python")
        pinned = ["--no-deps", "--requirements", "requirements.txt"]
        _run(
            [str(UV), "--no-config", "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *pinned],
            app,
        )

    return _installed(app, ["requirements.txt"], install) / "bin" / "python"


def node_for(app: Path) -> Path:
    """Return a Node.js beside the packages that `package-lock.json` in `app` pins. Raises `NotInstalled`.

    The app's own files are copied beside them, since Node.js looks for packages there.
    """
    if shutil.which("npm") is None:
        raise NotInstalled("npm is not here")

    def install(target: Path) -> None:
        target.mkdir()
        for file in app.iterdir():
            shutil.copy(file, target)
        _run(["npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"], target)

    directory = _installed(app, sorted(file.name for file in app.iterdir()), install)
    processor = _PROCESSORS.get(platform.machine(), platform.machine())
    node = directory / "node_modules" / f"node-linux-{processor}" / "bin" / "node"
    if not node.exists():
        raise NotInstalled(f"npm has no Node.js for {processor}")
    return node


def _installed(app: Path, files: Sequence[str], install: Callable[[Path], None]) -> Path:
    content = b"".join((app / name).read_bytes() for name in files)
    target = DIRECTORY / f"{app.name}-{hashlib.sha256(content).hexdigest()[:12]}"
    stamp = target / "installed"
    if not stamp.exists():
        shutil.rmtree(target, ignore_errors=True)
        DIRECTORY.mkdir(parents=True, exist_ok=True)
        install(target)
        stamp.touch()
    return target


def _run(command: Sequence[str], directory: Path) -> None:
    result = subprocess.run(  # noqa: S603 - our own arguments
        command,
        cwd=directory,
        env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise NotInstalled(f"{Path(command[0]).name} says: {(result.stderr or result.stdout).strip()[-300:]}")
