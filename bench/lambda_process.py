"""A function in a process of its own, under Lambda's own runtime client, as AWS would run it."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.process import aws_variables, begin
from bench.runtime_api import RuntimeApi
from local.template import Deployment

_RUNTIME = "from awslambdaric.__main__ import main; main(['awslambdaric', 'app.handler'])"


@dataclass(frozen=True, slots=True)
class LambdaProcess:
    """A function that runs, and where its process asks for events."""

    name: str
    pid: int
    _api: RuntimeApi

    def answer(self, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Return what the function answers to `event`, whatever that is."""
        return self._api.invoke(event)

    def call(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body of what an endpoint answers, and raise `RuntimeError` if it fails."""
        answer = self.answer(event)
        if answer["statusCode"] not in {200, 201}:
            raise RuntimeError(f"{self.name} answered {answer['statusCode']}: {answer['body']}")
        body: dict[str, Any] = json.loads(answer["body"])
        return body


@contextmanager
def running(deployment: Deployment, name: str) -> Iterator[LambdaProcess]:
    """Run one function for a `with` block, where AWS's services are this process's. What it logs goes nowhere."""
    function = deployment.functions[name]
    with RuntimeApi() as api:
        environment = {
            **aws_variables(),
            **function.environment,
            "AWS_LAMBDA_FUNCTION_NAME": function.arn.rpartition(":")[2],
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": "INFO",
            "AWS_LAMBDA_RUNTIME_API": api.address,
        }
        folders = (function.code_dir, *deployment.layers)
        process = begin(_RUNTIME, folders, environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            yield LambdaProcess(name, process.pid, api)
        finally:
            process.terminate()
            process.wait()
