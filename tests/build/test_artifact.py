"""The artifact: how big it is, what is in it and what is not, and that its bytecode is what Lambda would load."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from local.artifact import Artifact

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

LAYER_MEGABYTES = 40
UNCHECKED_HASH = 1
MAGIC = "import importlib.util, sys; print(importlib.util.MAGIC_NUMBER.hex(), sys.implementation.cache_tag)"


def files(directory: Path) -> list[Path]:
    """Return every file in a directory and below, whatever its name."""
    return sorted(path for path in directory.rglob("*") if path.is_file())


def test_the_layer_is_small(layer: Path) -> None:
    """It takes at most 40 MB when it is unpacked, of the 250 that Lambda allows."""
    assert sum(path.stat().st_size for path in files(layer)) <= LAYER_MEGABYTES * 1e6


def test_the_runtimes_own_packages_are_not_in_the_layer(layer: Path) -> None:
    """Neither boto3 nor botocore, which Lambda has, is there a second time."""
    assert not {path.name for path in (layer / "python").iterdir()} & {
        "boto3",
        "botocore",
        "s3transfer",
        "awslambdaric",
    }


def test_nothing_is_shipped_that_no_function_runs(artifact: Artifact) -> None:
    """No tests, type stubs or C headers, no source maps, no build tools, and of a package's records its METADATA."""
    for path in files(artifact.build):
        assert "tests" not in path.relative_to(artifact.build).parts
        assert path.suffix not in {".pyi", ".h", ".map"}
        assert path.parent.suffix != ".dist-info" or path.name == "METADATA"
        assert path.parent.parent.suffix != ".dist-info"
        assert path.name not in {"Makefile", "requirements.txt", ".lock"}


def test_every_package_still_tells_its_version(layer: Path) -> None:
    """What scanners of layers read is there: a name and a version for each."""
    for path in (layer / "python").glob("*.dist-info"):
        text = (path / "METADATA").read_text(encoding="utf-8")
        assert "\nName: " in text
        assert "\nVersion: " in text


def test_everything_is_compiled_for_the_runtime(artifact: Artifact) -> None:
    """Each source has bytecode of the Python that it is built for, which is never compared with its source's date."""
    told = subprocess.run([artifact.python, "-c", MAGIC], capture_output=True, text=True, check=True).stdout  # noqa: S603 - ours
    magic, tag = told.split()
    sources = [path for path in files(artifact.build) if path.suffix == ".py"]
    assert len(sources) > 1000
    for source in sources:
        bytecode = (source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc").read_bytes()
        assert bytecode[:4].hex() == magic
        assert int.from_bytes(bytecode[4:8], "little") == UNCHECKED_HASH


def test_bytecode_names_files_where_lambda_has_them(artifact: Artifact) -> None:
    """No path of the machine that built it is in the artifact."""
    for path in files(artifact.build):
        assert os.fsencode(artifact.build.parent) not in path.read_bytes()


def test_lambda_may_read_everything(artifact: Artifact) -> None:
    """Whatever the umask of who builds, each file is readable for every user and writable for its owner alone."""
    for path in [*artifact.build.glob("Layer/**/*"), *artifact.build.glob("*Function/**/*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o444 == 0o444
        assert mode & 0o022 == 0


def test_every_function_has_its_handler(artifact: Artifact) -> None:
    """Each function that the template deploys is there, and alone in its directory but for `docs` with its files."""
    functions = {path.parent.name: path for path in artifact.build.glob("*Function/app.py")}
    deployed = artifact.deployment({"EventBus": "default"}).functions.values()
    assert {function.code_dir.name for function in deployed} == functions.keys()
    for name, path in functions.items():
        beside = {each.name for each in path.parent.iterdir()}
        assert beside == {"app.py", "__pycache__"} or name == "DocsFunction"
