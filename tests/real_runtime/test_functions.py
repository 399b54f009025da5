"""Every function as it is built, under the emulator, with its events as they are: its answers, its log, its modules."""

import json
import re
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.artifact import Artifact
from local.emulator import EmulatedRuntime, FunctionFailed, Output
from local.runtime import Runtime
from local.template import load_deployment
from tests.events_behaviour import MADE, event
from tests.house import PARAMETERS, House

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

FUNCTIONS = sorted({name.partition(".")[0] for name in MADE})

# Ids, tokens and times, which differ from one answer to the next.
_MADE_ANEW = re.compile(r"[\w.-]{20,}|\d{4}-\d\d-\d\dT[\d:.]+|\d{9,}|\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT")


@dataclass(frozen=True)
class Run:
    """What one function did with its events as they are, in a house that knows nobody, and in which process."""

    in_process: Mapping[str, Any]
    emulated: Mapping[str, Any]
    output: Output
    code_dir: Path


@pytest.fixture(scope="module")
def in_process() -> Runtime:
    """The same functions from their sources, in this process, over the same tables, queues and secrets."""
    return Runtime(load_deployment(PARAMETERS))


@pytest.fixture(scope="module")
def places(artifact: Artifact, runtime: EmulatedRuntime) -> Sequence[Path]:
    """Where Lambda would have what every function may load."""
    told = [artifact.python, "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"]
    library = Path(subprocess.run(told, capture_output=True, text=True, check=True).stdout.strip())  # noqa: S603 - Python
    return (*(layer / "python" for layer in runtime.deployment.layers), artifact.runtime, library)


@pytest.fixture(scope="module", params=FUNCTIONS)
def run(request: pytest.FixtureRequest, house: House, runtime: EmulatedRuntime, in_process: Runtime) -> Run:
    """One function after the other."""
    name = request.param
    events = [each for each in MADE if each.partition(".")[0] == name]
    return Run(
        {each: answer_of(house, in_process.invoke, each) for each in events},
        {each: answer_of(house, runtime.invoke, each) for each in events},
        runtime.output(name),
        runtime.deployment.functions[name].code_dir,
    )


def answer_of(house: House, invoke: Callable[[str, Mapping[str, Any]], Any], name: str) -> Any:
    """Return the answer to an event where nobody is known, or what was raised, without what is made anew each time."""
    house.empty()
    try:
        answer = invoke(name.partition(".")[0], event(name))
    except FunctionFailed as failure:
        answer = [failure.kind, str(failure)]
    except Exception as failure:  # noqa: BLE001 - whatever it is, the other must raise the same
        answer = [type(failure).__name__, str(failure)]
    return json.loads(_MADE_ANEW.sub("*", json.dumps(answer)))


def strangers(loaded: Collection[Path], places: Collection[Path]) -> set[Path]:
    """Return what was loaded from none of the places, or from where packages are installed for Python."""
    return {
        path
        for path in loaded
        if not any(path.is_relative_to(place) for place in places) or "site-packages" in path.parts
    }


def test_a_function_answers_as_it_does_in_process(run: Run) -> None:
    """To each event as it is, the answer is the same in both, but for ids and times."""
    assert run.emulated == run.in_process
    assert run.emulated


def test_what_a_function_logs_is_json(run: Run) -> None:
    """Each line is an object with a level and a message, or with the error that the runtime tells of."""
    for line in map(json.loads, run.output.log):
        assert "level" in line
        assert line.keys() & {"message", "errorMessage"}


def test_a_function_loads_nothing_from_elsewhere(run: Run, places: Sequence[Path]) -> None:
    """Its modules are its own, the layer's, the runtime's and Python's, and nothing that a developer has installed."""
    assert strangers(run.output.loaded, (run.code_dir, *places)) == set()
    assert run.code_dir / "__pycache__" in {path.parent for path in run.output.loaded}


def test_a_function_compiles_nothing(run: Run, artifact: Artifact) -> None:
    """What it loads of the artifact is bytecode already, or a library's machine code."""
    ours = {path for path in run.output.loaded if path.is_relative_to(artifact.build)}
    assert {path.suffix for path in ours} <= {".pyc", ".so"}
