"""Fresh Python processes that hold what a Lambda function's would.

They see no environment variable but those given and no ``.pth`` file, and they load and keep compiled bytecode. Of the
installed packages, they load those that they import.
"""

import compileall
import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bench import ROOT

_PATH = "BENCH_PATH"
_NOTHING: Mapping[str, str] = MappingProxyType({})

_PREAMBLE = f"""
import os, site, sys
sys.path[:0] = os.environ.pop({_PATH!r}).split(os.pathsep)
"""


def run(code: str, folders: Sequence[Path], environment: Mapping[str, str] = _NOTHING, given: Any = None) -> Any:  # noqa: ANN401 - JSON
    """Return what `code` prints, read as JSON.

    It imports from `folders`, the installed packages and this repository, and finds `given` as JSON on its standard
    input. Its `environment` has the variables given and no others.
    """
    with begin(code, folders, environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        output, _ = process.communicate(json.dumps(given))
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, code)
    return json.loads(output.splitlines()[-1])


def begin(
    code: str, folders: Sequence[Path], environment: Mapping[str, str], *, stdin: int, stdout: int
) -> subprocess.Popen[str]:
    """Begin a process that runs `code`, and imports and sees what `run` says."""
    installed = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    path = os.pathsep.join([*map(str, folders), *installed, str(ROOT)])
    return subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-I", "-S", "-c", _PREAMBLE + code],
        env={**environment, _PATH: path},
        stdin=stdin,
        stdout=stdout,
        text=True,
    )


def aws_variables() -> dict[str, str]:
    """Return the variables of this process that tell AWS clients where to go and who they are."""
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}


def compile_bytecode(folders: Sequence[Path]) -> None:
    """Compile the sources in `folders`; those of installed packages are compiled when they are first imported."""
    for folder in folders:
        compileall.compile_dir(folder, quiet=1)
