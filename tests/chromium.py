"""A real browser, where there is one."""

import shutil
import subprocess
from pathlib import Path

from tests.demands import demand

PATIENCE_SECONDS = 60


def require_chromium() -> str:
    """Return the path of Chromium, or skip the test; with `REQUIRE_CHROMIUM` set, fail instead."""
    path = shutil.which("chromium")
    demand(None if path else "this machine has no chromium", "REQUIRE_CHROMIUM")
    return str(path)


def dumped(url: str, directory: Path) -> str:
    """Return a page's elements as the browser sees them; `directory` is for the browser's own files."""
    return _run(directory, "--dump-dom", url)


def picture(url: str, directory: Path) -> bytes:
    """Return what a page looks like, as PNG; `directory` is for the browser's own files."""
    file = directory / "picture.png"
    _run(directory, f"--screenshot={file}", "--window-size=800,600", "--hide-scrollbars", url)
    return file.read_bytes()


def _run(directory: Path, *arguments: str) -> str:
    command = [
        require_chromium(),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-sync",
        "--no-first-run",
        f"--user-data-dir={directory / 'profile'}",
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)  # noqa: S603 - the browser
    assert done.returncode == 0, done.stderr
    return done.stdout
