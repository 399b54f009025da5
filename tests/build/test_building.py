"""How the artifact is built: the same each time, for the processor that is asked for, of what the lock pins alone."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from local.artifact import LAMBDA_PYTHON, ROOT, Artifact, build_functions
from local.template import load_stack
from tests.artifact import require_artifact

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

ELF_MACHINES = {"x86_64": 62, "arm64": 183}


def contents(directory: Path) -> dict[str, tuple[int, str]]:
    """Return the mode and the digest of every file that Lambda gets, by its name."""
    return {
        str(path.relative_to(directory)): (path.stat().st_mode, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in directory.glob("*/**/*")
        if path.is_file()
    }


def build_layer(target: Path, architecture: str, project: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the layer's own build as `sam build` does, and return what became of it."""
    variables = {"ARTIFACTS_DIR": str(target), "ARCHITECTURE": architecture, "LAMBDA_PYTHON": LAMBDA_PYTHON}
    return subprocess.run(  # noqa: S603 - our own
        ["make", "--makefile", str(project / "shared" / "Makefile"), "build-Layer"],  # noqa: S607 - on the path
        env={**os.environ, **variables},
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


def machines(layer: Path) -> set[int]:
    """Return the processors that a layer's libraries are for, in the numbers of ELF."""
    return {int.from_bytes(path.read_bytes()[18:20], "little") for path in layer.rglob("*.so")}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of all that the layer is built from, to change something in."""
    require_artifact()
    copy = tmp_path / "project"
    for name in ("scripts", "shared"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("uv.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, copy)
    for name in (".venv", ".local"):
        (copy / name).symlink_to(ROOT / name)
    return copy


def test_the_same_input_builds_the_same_bytes(artifact: Artifact, tmp_path: Path) -> None:
    """Built once more, elsewhere and under another umask, every file has the same name, mode and content."""
    again = tmp_path / "of another length" / "build"
    umask = os.umask(0o077)
    try:
        build_functions(again, artifact.version)
    finally:
        os.umask(umask)
    assert contents(again) == contents(artifact.build)
    assert (again / "template.yaml").read_text() == (artifact.build / "template.yaml").read_text()


@pytest.mark.parametrize("architecture", ELF_MACHINES)
def test_the_layer_is_for_the_processor_asked_for(architecture: str, tmp_path: Path) -> None:
    """Every library in it is for that one, whatever this machine's is."""
    require_artifact()
    built = build_layer(tmp_path, architecture)
    assert built.returncode == 0, built.stderr
    assert machines(tmp_path) == {ELF_MACHINES[architecture]}


def test_another_processor_is_refused(tmp_path: Path) -> None:
    """What Lambda has not is told at once."""
    built = build_layer(tmp_path, "riscv64")
    assert built.returncode != 0
    assert "ARCHITECTURE is riscv64, and neither arm64 nor x86_64" in built.stderr
    assert not list(tmp_path.iterdir())


def test_a_package_that_is_not_what_the_lock_pins_fails_the_build(project: Path, tmp_path: Path) -> None:
    """A digest that does not fit ends the build, and the message names the package."""
    lock = project / "uv.lock"
    (locked,) = re.findall(r'\[\[package\]\]\nname = "pyjwt"\n.+?\n\n', lock.read_text(encoding="utf-8"), re.DOTALL)
    other = re.sub(r"sha256:[0-9a-f]{64}", "sha256:" + "0" * 64, locked)
    lock.write_text(lock.read_text(encoding="utf-8").replace(locked, other), encoding="utf-8")
    built = build_layer(tmp_path / "target", "arm64", project)
    assert built.returncode != 0
    assert "pyjwt" in built.stderr
    assert "sha256:" + "0" * 64 in built.stderr


def test_the_build_says_when_it_cannot_compile(tmp_path: Path) -> None:
    """Without a Python of the runtime's version, what is built works, without bytecode, and the message says so."""
    (tmp_path / "app.py").write_text("x = 1\n", encoding="utf-8")
    compiling = [str(ROOT / "scripts" / "compile-bytecode"), "3.99", "/opt/python", str(tmp_path)]
    result = subprocess.run(compiling, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert result.stderr == (
        "No Python 3.99 here: /opt/python is without bytecode, and each cold start compiles it anew.\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["app.py"]


def test_the_build_is_for_the_runtime_that_the_template_names() -> None:
    """One Python version is in the template, both Makefiles, and here."""
    stack = load_stack()
    runtimes = {stack.properties(each)["Runtime"] for each in stack.of_type("AWS::Lambda::Function")}
    assert runtimes == {f"python{LAMBDA_PYTHON}"}
    for makefile in (ROOT / "Makefile", ROOT / "shared" / "Makefile"):
        assert f"\nLAMBDA_PYTHON ?= {LAMBDA_PYTHON}\n" in makefile.read_text(encoding="utf-8")
