"""The Lambda runtime: loads each function under its own environment and hands it events."""

import importlib.util
import json
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import ModuleType
from unittest.mock import patch

from local.intrinsics import Json
from local.template import Deployment, Function

Handler = Callable[[dict[str, Json], "LambdaContext"], Json]

running: ContextVar[Function] = ContextVar("running")
"""The function that runs in this context, or is being imported; none does where it is not set."""

# One process has one environment, so functions are imported one at a time.
_importing = threading.Lock()


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """What a handler is told of its invocation; the names are those of the Python runtime."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    log_group_name: str
    log_stream_name: str
    deadline: float
    function_version: str = "$LATEST"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run, in milliseconds; never below 0."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))


class Runtime:
    """The functions of a deployment, each freshly imported: two runtimes share no function's module.

    A function is imported when it is first invoked, as on Lambda, or by `start`. It sees the process's environment with
    its own variables on top while it is imported. Whatever else it needs when it runs, such as `AWS_ENDPOINT_URL`, must
    be in the process's environment by itself. Layers join the process's `sys.path`, so their modules are shared by all
    functions.
    """

    def __init__(self, deployment: Deployment) -> None:
        """Take what is deployed."""
        sys.path += [str(layer) for layer in deployment.layers if str(layer) not in sys.path]
        self._functions = deployment.functions
        self._handlers: dict[str, Handler] = {}
        self._starting = threading.Lock()

    def start(self) -> "Runtime":
        """Import every function now, so that one that cannot be imported fails here, and return the runtime."""
        for name in self._functions:
            self._handler(name)
        return self

    def invoke(self, name: str, event: Mapping[str, Json]) -> Json:
        """Return the answer of one function to `event`; both pass through JSON, as on Lambda.

        What the function raises is raised. An unknown `name` raises `KeyError`. Calls may be simultaneous.
        """
        function = self._functions[name]
        with _run(function):
            answer = self._handler(name)(json.loads(json.dumps(event)), _context(function))
        return json.loads(json.dumps(answer))

    def _handler(self, name: str) -> Handler:
        with self._starting:
            if name not in self._handlers:
                self._handlers[name] = _load(self._functions[name])
            return self._handlers[name]


@contextmanager
def _run(function: Function) -> Iterator[None]:
    token = running.set(function)
    try:
        yield
    finally:
        running.reset(token)


def _load(function: Function) -> Handler:
    file, attribute = function.handler.split(".")
    name = f"functions.{function.name}.{file}"
    spec = importlib.util.spec_from_file_location(name, function.code_dir / f"{file}.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"{function.name} has no {file}.py")
    module = importlib.util.module_from_spec(spec)
    with _importing, _run(function), patch.dict(os.environ, environment_of(function)), _registered(module):
        spec.loader.exec_module(module)
    handler: Handler = getattr(module, attribute)
    return handler


@contextmanager
def _registered(module: ModuleType) -> Iterator[None]:
    name = module.__name__
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        yield
    finally:
        del sys.modules[name]
        if before is not None:
            sys.modules[name] = before


def environment_of(function: Function) -> dict[str, str]:
    """Return the variables that a function has and another has not: the template's, and those that tell who it is."""
    return {
        **function.environment,
        "AWS_LAMBDA_FUNCTION_NAME": _full_name(function),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    }


def _context(function: Function) -> LambdaContext:
    return LambdaContext(
        function_name=_full_name(function),
        invoked_function_arn=function.arn,
        memory_limit_in_mb=str(function.memory),
        log_group_name=f"/aws/lambda/{_full_name(function)}",
        log_stream_name="local",
        deadline=time.monotonic() + function.timeout,
    )


def _full_name(function: Function) -> str:
    return function.arn.rpartition(":")[2]
