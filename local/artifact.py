"""What `make artifact` builds for this machine, and what it takes beside that to run it as Lambda would."""

import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from local.template import TEMPLATE, Deployment, Function, load_deployment

ROOT = TEMPLATE.parent
LAMBDA_PYTHON = "3.13"

_HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
_TELL = "import sys; print(*sys.version_info[:2], sep='.'); print(sys.executable)"
_EMULATORS = {"x86_64": "aws-lambda-rie-x86_64", "aarch64": "aws-lambda-rie-arm64"}


class BuildFailed(RuntimeError):
    """The artifact cannot be built; the text is what the build said."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """The functions and layers in the directory `build`, for `python`; and what of Lambda's own they run with.

    `version` is that Python's, such as ``3.13``; `runtime` has the packages that Lambda's runtime brings, boto3 among
    them; `emulator` is that of its interface.
    """

    build: Path
    runtime: Path
    version: str
    python: Path
    emulator: Path

    def deployment(self, parameters: Mapping[str, str]) -> Deployment:
        """Return what the template deploys with these parameters, with the functions and layers that are built."""
        sources = load_deployment(parameters)
        functions = {
            name: replace(each, code_dir=self.build / _logical_id(each)) for name, each in sources.functions.items()
        }
        return replace(sources, functions=functions, layers=(self.build / "Layer",))


def why_unavailable() -> str | None:
    """Return why an artifact cannot run on this machine, or `None` if it can."""
    if platform.system() != "Linux" or platform.machine() not in _EMULATORS:
        return "the emulator of Lambda's runtime interface runs on Linux, on x86_64 and aarch64"
    return None


def build(directory: Path) -> Artifact:
    """Build for this machine into `directory`, for the runtime's Python or else the one that runs here.

    Raises `BuildFailed`.
    """
    version, python = _python()
    build_functions(directory / "build", version)
    runtime = directory / "runtime"
    run(ROOT / "scripts" / "install-locked", runtime, "--only-group=runtime", "--python-version", version)
    compile_bytecode(version, "/var/runtime", runtime)
    emulators = Path(run("make", "--silent", "emulator").splitlines()[-1])
    return Artifact(directory / "build", runtime, version, python, emulators / _EMULATORS[platform.machine()])


def build_functions(directory: Path, version: str) -> None:
    """Build functions and layer into `directory`, for a Python of that version. Raises `BuildFailed`."""
    run("make", "--silent", "artifact", f"ARTIFACT={directory}", f"LAMBDA_PYTHON={version}")


def compile_bytecode(version: str, path: str, directory: Path) -> None:
    """Compile what Lambda would find at `path`, as the build does it. Raises `BuildFailed`."""
    run(ROOT / "scripts" / "compile-bytecode", version, path, directory)


def run(*command: str | Path) -> str:
    """Return what a command of this repository prints, or raise `BuildFailed` with what it complains of."""
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if result.returncode:
        raise BuildFailed(f"{command[0]} failed: {result.stdout[-2000:]}{result.stderr[-2000:]}")
    return result.stdout


def _python() -> tuple[str, Path]:
    """Return the first Python that is here and its version: the runtime's, or else the one of this process."""
    found = run(ROOT / "scripts" / "find-python", LAMBDA_PYTHON, _HERE).strip()
    version, python = run(found, "-c", _TELL).split("\n")[:2]
    return version, Path(python)


def _logical_id(function: Function) -> str:
    """Return the name of a function in the template, which its directory in the artifact has too."""
    return function.arn.rpartition("-")[2]
