"""Cold starts of the artifact: every function as it is built, under the emulator of Lambda's runtime interface.

A start is what Lambda reports as Init Duration: from the start of the function's process until it asks for its first
event. So it has Python's own start, the runtime's client, all imports, and whatever the function makes at import, but
nothing that only an event brings; `bench/cold.py` shows what that adds.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench.table import Reference, Row, Section
from local.artifact import Artifact, build, build_functions, compile_bytecode, why_unavailable
from local.aws import connected
from local.emulator import FunctionFailed, emulate
from local.template import Function

ROUNDS, BOUNDED_ROUNDS = 5, 15
LOGIN_LIMIT, AUTHORIZER_LIMIT = 1.3, 4
BUILD_SECONDS, LAYER_MEGABYTES = 60, 40

TITLE = "Cold start from the artifact, emulated"
EMPTY, BOTO3, LOGIN, STATELESS = "an empty handler", "boto3's client", "login", "authorizer, stateless"

# What others would deploy: without our layer, but compiled just as well.
_HANDLERS = {
    EMPTY: "def handler(event, context):\n    return None\n",
    BOTO3: "import boto3\n\nclient = boto3.client('dynamodb')\n\n\ndef handler(event, context):\n    return None\n",
}
_NOWHERE = "http://127.0.0.1:1"

Starts = Mapping[str, tuple[Function, Sequence[Path]]]


def emulated() -> Section:
    """Build from a warm cache, and start every function in fresh emulators."""
    if reason := why_unavailable():
        return Section(TITLE, [], f"not measured, since {reason}")
    with tempfile.TemporaryDirectory() as scratch, connected(_NOWHERE):
        artifact = build(Path(scratch))
        begin = time.perf_counter()
        build_functions(Path(scratch) / "again", artifact.version)
        seconds = time.perf_counter() - begin
        bounded, others = _starts(artifact, Path(scratch))
        times = {**_times(artifact, bounded, BOUNDED_ROUNDS), **_times(artifact, others, ROUNDS)}
        rows = [*_bounded_rows(times), *_other_rows(times, others), *_build_rows(seconds, artifact.build / "Layer")]
    return Section(
        TITLE,
        rows,
        f"Init Duration, which ends before the first event, in medians of {BOUNDED_ROUNDS} fresh emulators "
        f"({ROUNDS} without a bound), taking turns",
    )


def _starts(artifact: Artifact, scratch: Path) -> tuple[Starts, Starts]:
    """Return what a bound is about, and every function as the template deploys it."""
    strict = artifact.deployment({"EventBus": "default"})
    stateless = artifact.deployment({"AuthorizerMode": "stateless"})
    login = strict.functions["login"]
    bounded: dict[str, tuple[Function, Sequence[Path]]] = {
        **{name: (_handler(artifact, login, scratch / str(at), name), ()) for at, name in enumerate(_HANDLERS)},
        LOGIN: (login, strict.layers),
        STATELESS: (stateless.functions["authorizer"], stateless.layers),
    }
    return bounded, {name: (function, strict.layers) for name, function in strict.functions.items() if name != LOGIN}


def _handler(artifact: Artifact, like: Function, directory: Path, name: str) -> Function:
    directory.mkdir()
    (directory / "app.py").write_text(_HANDLERS[name], encoding="utf-8")
    compile_bytecode(artifact.version, "/var/task", directory)
    return replace(like, code_dir=directory)


def _times(artifact: Artifact, starts: Starts, rounds: int) -> dict[str, float]:
    """Return how long each takes to start, in milliseconds, after one round for the disk's cache."""
    measured = [{name: _start(artifact, *each) for name, each in starts.items()} for _ in range(rounds + 1)][1:]
    return {name: median(each[name] for each in measured) for name in starts}


def _start(artifact: Artifact, function: Function, layers: Sequence[Path]) -> float:
    with emulate(function, layers, artifact) as running:
        with suppress(FunctionFailed):  # the event is none that a function knows: it has started by then
            running.invoke({})
        return running.output().init_milliseconds


def _bounded_rows(times: Mapping[str, float]) -> list[Row]:
    empty, boto3 = (Reference(name, times[name]) for name in (EMPTY, BOTO3))
    return [
        Row(EMPTY, empty.value, "ms"),
        Row(STATELESS, times[STATELESS], "ms", AUTHORIZER_LIMIT, empty),
        Row('boto3\'s client: a handler with boto3.client("dynamodb")', boto3.value, "ms"),
        Row(LOGIN, times[LOGIN], "ms", LOGIN_LIMIT, boto3),
    ]


def _other_rows(times: Mapping[str, float], others: Starts) -> list[Row]:
    client = Reference(BOTO3, times[BOTO3])
    return [Row(name, times[name], "ms", reference=client) for name in sorted(others)]


def _build_rows(seconds: float, layer: Path) -> list[Row]:
    size = sum(path.stat().st_size for path in layer.rglob("*") if path.is_file())
    return [
        Row("building the artifact from a warm cache", seconds, "s", BUILD_SECONDS),
        Row("the layer, unzipped", size / 1e6, "MB", LAYER_MEGABYTES),
    ]
