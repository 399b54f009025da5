"""The functions of an artifact under Amazon's emulator of the runtime interface, each in a process of its own.

Such a process has the environment that Lambda would give it, its own code, its layers, and the packages of the runtime.
"""

import json
import os
import re
import subprocess
import tempfile
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Self

from local.artifact import LAMBDA_PYTHON, Artifact
from local.dynamodb_local import HOST, free_port
from local.intrinsics import Json
from local.runtime import environment_of
from local.template import Deployment, Function

MOST_PROCESSES = 24

_START_SECONDS = 30
_ANSWER_SECONDS = 60
_INVOCATIONS = "/2015-03-31/functions/function/invocations"
_REPORT = re.compile(r"INIT REPORT\(durationMs: ([0-9.]+)\)")
_OF_THE_EMULATOR = re.compile(r"(START|END|REPORT) RequestId: ")
_OF_PYTHON = re.compile(r"# |import |Python 3")
_LOADED = re.compile(r"# (?:code object from|extension module '[^']+' loaded from) '(.+)'")


class FunctionFailed(Exception):
    """A function raised, or could not be started; `kind` is the name of its error, the text is the error's."""

    def __init__(self, kind: str, message: str) -> None:
        """Take what the runtime told of the error."""
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Output:
    """What a process printed by now, the emulator's part apart from the function's."""

    function: str
    emulator: str

    @property
    def log(self) -> list[str]:
        """The lines that the function logged."""
        own = re.compile(f"{_OF_THE_EMULATOR.pattern}|{_OF_PYTHON.pattern}")
        return [line for line in self.function.splitlines() if line and not own.match(line)]

    @property
    def loaded(self) -> set[Path]:
        """The files that modules were loaded from, where Python was told to say so by its option ``-v``."""
        return {Path(found[1]) for line in self.function.splitlines() if (found := _LOADED.match(line))}

    @property
    def init_milliseconds(self) -> float:
        """How long the function took to start, from its process to its first question for an event."""
        found = _REPORT.search(self.emulator)
        if found is None:
            raise LookupError("the function has not started")
        return float(found[1])


class EmulatedFunction:
    """One function in a process, begun by the first event, for a `with` block."""

    def __init__(self, command: Sequence[str], code_dir: Path, environment: Mapping[str, str]) -> None:
        """Take what runs in `code_dir` under the emulator, and with which variables."""
        self._port = free_port()
        addresses = ("--runtime-interface-emulator-address", f"{HOST}:{self._port}")
        runtime_api = ("--runtime-api-address", f"{HOST}:{free_port()}")
        emulator, *runtime = command
        self._command = (emulator, *addresses, *runtime_api, *runtime)
        self._code_dir, self._environment = code_dir, environment
        self._function_output, self._emulator_output = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        """Begin the emulator, which begins the function at its first event."""
        self._process = subprocess.Popen(  # noqa: S603 - our own arguments
            self._command,
            cwd=self._code_dir,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._function_output,
            stderr=self._emulator_output,
            start_new_session=True,
        )
        self._await_emulator()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the emulator, which ends the function."""
        self._process.terminate()
        self._process.wait()
        self._function_output.close()
        self._emulator_output.close()

    def invoke(self, event: Mapping[str, Json]) -> Json:
        """Return the answer to `event`. Raises `FunctionFailed`."""
        connection = HTTPConnection(HOST, self._port, timeout=_ANSWER_SECONDS)
        try:
            connection.request("POST", _INVOCATIONS, json.dumps(event))
            answer = json.loads(connection.getresponse().read() or "null")
        finally:
            connection.close()
        if isinstance(answer, dict) and "errorType" in answer:
            raise FunctionFailed(answer["errorType"], answer.get("errorMessage", ""))
        return answer

    def output(self) -> Output:
        """Return what was printed by now."""
        return Output(*(_text(each.fileno()) for each in (self._function_output, self._emulator_output)))

    def _await_emulator(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            connection = HTTPConnection(HOST, self._port, timeout=1)
            try:
                connection.connect()
            except OSError:
                time.sleep(0.01)
            else:
                return
            finally:
                connection.close()
        raise FunctionFailed("Emulator", f"the emulator did not start: {self.output().emulator}")


@dataclass(slots=True)
class EmulatedRuntime:
    """The functions of a deployment under the emulator, at most `MOST_PROCESSES` at a time, for a `with` block.

    It is invoked as `local.runtime.Runtime` is. Python gets the `options` given.
    """

    deployment: Deployment
    artifact: Artifact
    options: tuple[str, ...] = ()
    _ended: dict[str, list[Output]] = field(default_factory=dict)
    _running: OrderedDict[str, EmulatedFunction] = field(default_factory=OrderedDict)

    def __enter__(self) -> Self:
        """Begin nothing yet: a function is begun when it is first invoked."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End every process."""
        for name in list(self._running):
            self.end(name)

    def invoke(self, name: str, event: Mapping[str, Json]) -> Json:
        """Return the answer of one function to `event`. Raises `FunctionFailed`; `KeyError` for an unknown `name`."""
        if name not in self._running:
            self._begin(name)
        self._running.move_to_end(name)
        return self._running[name].invoke(event)

    def printed(self, name: str) -> list[Output]:
        """Return what each process of a function has printed by now, the newest last."""
        ended = self._ended.get(name, [])
        return [*ended, self._running[name].output()] if name in self._running else ended

    def end(self, name: str) -> None:
        """End a function's process; the next event begins another."""
        function = self._running.pop(name)
        self._ended.setdefault(name, []).append(function.output())
        function.__exit__(None, None, None)

    def renew(self, name: str) -> None:
        """Let the next event of a function begin another process, if one runs."""
        if name in self._running:
            self.end(name)

    def _begin(self, name: str) -> None:
        if len(self._running) >= MOST_PROCESSES:
            self.end(next(iter(self._running)))
        emulated = emulate(self.deployment.functions[name], self.deployment.layers, self.artifact, self.options)
        self._running[name] = emulated.__enter__()


def emulate(
    function: Function, layers: Sequence[Path], artifact: Artifact, options: Sequence[str] = ()
) -> EmulatedFunction:
    """Return one function to be run, over the AWS that this process's environment names."""
    aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    path = [function.code_dir, *(layer / "python" for layer in layers), artifact.runtime]
    environment = {
        **aws,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{LAMBDA_PYTHON}",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_LEVEL": "INFO",
        "LAMBDA_TASK_ROOT": str(function.code_dir),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",  # Lambda's file system is read-only
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "TZ": ":UTC",
        **environment_of(function),
    }
    # -S: nothing that is installed for this Python is Lambda's.
    runtime = [str(artifact.python), "-S", *options, "-m", "awslambdaric", function.handler]
    return EmulatedFunction([str(artifact.emulator), *runtime], function.code_dir, environment)


def _text(descriptor: int) -> str:
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, size, 0).decode(errors="replace")
