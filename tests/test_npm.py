"""How tests get their packages from npm: whole or not at all, and with a word on what is missing."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests import npm
from tests.npm import NpmPackages, Unavailable
from tests.provider import SOURCE

VARIABLE = "REQUIRE_PACKAGES_OF_A_TEST"


@pytest.fixture
def packages(tmp_path: Path) -> NpmPackages:
    """Packages that are not installed yet."""
    return NpmPackages("the test", SOURCE, tmp_path, (20, 19), VARIABLE)


def pretend(monkeypatch: pytest.MonkeyPatch, *programs: str, version: tuple[int, int] = (24, 0)) -> None:
    """Let only `programs` be there, and Node.js be of this version."""
    monkeypatch.setattr(shutil, "which", lambda name: name if name in programs else None)
    monkeypatch.setattr(npm, "node_version", lambda: version)


def test_an_install_that_fails_leaves_nothing(
    packages: NpmPackages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an install would look like a whole one to the next run."""
    pretend(monkeypatch, "node", "npm")
    failed = subprocess.CompletedProcess([], 1, "", "no network")
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_options: failed)
    with pytest.raises(Unavailable, match="no network"):
        packages.fetch()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("programs", "version", "reason"),
    [
        ((), (24, 0), "Node.js"),
        (("node", "npm"), (18, 19), "20.19"),
        (("node",), (20, 19), "npm"),
        (("node", "npm"), (20, 19), None),
    ],
)
def test_says_what_is_missing(
    packages: NpmPackages,
    monkeypatch: pytest.MonkeyPatch,
    programs: tuple[str, ...],
    version: tuple[int, int],
    reason: str | None,
) -> None:
    """The reason names the program to install, and is nothing where all are there."""
    pretend(monkeypatch, *programs, version=version)
    found = packages.why_unavailable()
    assert found is None if reason is None else reason in str(found)


@pytest.mark.parametrize(("demanded", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)])
def test_a_test_is_skipped_unless_its_packages_are_demanded(
    packages: NpmPackages, monkeypatch: pytest.MonkeyPatch, demanded: str, outcome: type[Exception]
) -> None:
    """Where all must run, packages that are missing fail the test."""
    pretend(monkeypatch)
    monkeypatch.setenv(VARIABLE, demanded)
    with pytest.raises(outcome, match="Node"):
        packages.require()
