"""Every function as it is built, under the emulator: what it answers to its events, what it logs, and what it loads."""

import json
import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pytest

from local.artifact import Artifact
from local.emulator import EmulatedRuntime, FunctionFailed, Output
from local.runtime import Runtime
from local.template import load_deployment
from tests.events_behaviour import MADE, EventsBehaviour, event
from tests.house import PARAMETERS, House

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

FUNCTIONS = sorted({name.partition(".")[0] for name in MADE})
OF_NOBODY = [name for name in MADE if name.partition(".")[0] in {"docs", "jwks", "not_found", "openid_configuration"}]
"""Events whose answers are about nobody, and so are always the same."""


@pytest.fixture(scope="module")
def places(artifact: Artifact) -> Sequence[Path]:
    """Where Lambda has what a function may load, besides its own code."""
    told = [str(artifact.python), "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"]
    library = subprocess.run(told, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - Python
    return (artifact.build / "Layer" / "python", artifact.runtime, Path(library))


@pytest.fixture(scope="module")
def in_process(house: House) -> Runtime:
    """The functions from their sources, in this process, over the tables, queues and secrets of `house`."""
    assert house.deployment.functions
    return Runtime(load_deployment(PARAMETERS))


@pytest.fixture(params=FUNCTIONS)
def name(request: pytest.FixtureRequest) -> str:
    """One function after the other."""
    function: str = request.param
    return function


@pytest.fixture
def outputs(name: str, house: House, runtime: EmulatedRuntime) -> list[Output]:
    """What each process of a function printed, which has had the events of the tests before, or its own as they are."""
    assert house.runtime is runtime
    if not runtime.printed(name):
        for each in MADE:
            if each.partition(".")[0] == name:
                runtime.invoke(name, event(each))
    return runtime.printed(name)


class TestEvents(EventsBehaviour):
    """The events in the order in which clients would send them, with the tokens that answers gave."""

    refusal = FunctionFailed

    def logged(self, house: House, name: str, answered: Any) -> list[dict[str, Any]]:
        """Read what the function's process printed meanwhile."""
        runtime, function = house.runtime, name.partition(".")[0]
        assert isinstance(runtime, EmulatedRuntime)
        assert runtime.invoke(function, event(name)) == answered
        return [json.loads(runtime.printed(function)[-1].log[-1])]


@pytest.mark.parametrize("file", OF_NOBODY)
def test_what_is_about_nobody_is_answered_as_in_process(
    file: str, runtime: EmulatedRuntime, in_process: Runtime
) -> None:
    """Pages, documents, keys and other paths are the same, to the letter."""
    function = file.partition(".")[0]
    runtime.renew(function)  # it may have read keys that were replaced since
    assert runtime.invoke(function, event(file)) == in_process.invoke(function, event(file))


def test_what_a_function_logs_is_json(outputs: list[Output]) -> None:
    """Each line is an object with a level and a message, or with the error that the runtime tells of."""
    for line in (json.loads(line) for output in outputs for line in output.log):
        assert "level" in line
        assert line.keys() & {"message", "errorMessage"}


def test_a_function_loads_nothing_from_elsewhere(
    name: str, outputs: list[Output], runtime: EmulatedRuntime, places: Sequence[Path]
) -> None:
    """Its modules are its own, the layer's, the runtime's and Python's, and nothing that a developer has installed."""
    own = runtime.deployment.functions[name].code_dir
    for output in outputs:
        assert strangers(output.loaded, (own, *places)) == set()
        assert own in {path.parent.parent for path in output.loaded}


def test_a_function_compiles_nothing(outputs: list[Output], artifact: Artifact) -> None:
    """What it loads of the artifact is bytecode already, or a library's machine code."""
    built = {path for output in outputs for path in output.loaded if path.is_relative_to(artifact.build)}
    assert {path.suffix for path in built} <= {".pyc", ".so"}


def strangers(loaded: Collection[Path], places: Collection[Path]) -> set[Path]:
    """Return what was loaded from none of the places, or from where packages are installed for Python."""
    return {
        path
        for path in loaded
        if not any(path.is_relative_to(place) for place in places) or "site-packages" in path.parts
    }


def test_a_stranger_is_noticed(tmp_path: Path) -> None:
    """Neither a file beside the places is let pass, nor an installed package below Python's own library."""
    own, other, package = (
        tmp_path / "own" / "app.py",
        tmp_path / "other.py",
        tmp_path / "own" / "site-packages" / "x.py",
    )
    assert strangers({own, other, package}, [tmp_path / "own"]) == {other, package}
