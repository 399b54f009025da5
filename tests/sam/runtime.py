"""Lambda as `sam local invoke` runs it: the built function, in a container of its own, for each event."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keyfob.gateway.authorizer import Unauthorized

from local.emulator import FunctionFailed
from local.sam_cli import SamCli
from local.sam_project import logical_id
from local.template import Deployment
from tests.house import Invoker


@dataclass
class SamRuntime:
    """Runs one ``sam local invoke`` for each event; `log` is what the functions have logged, a line for each entry.

    An event that has been in a container already only sets the scene for another, and is answered `in_process`: a
    container takes seconds, and every test begins by registering and logging in.
    """

    sam: SamCli
    deployment: Deployment
    in_process: Invoker
    directory: Path
    log: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """Return the answer of a function. Raises `FunctionFailed`, also where SAM CLI does not get as far."""
        text = json.dumps(event)
        if text in self.answered:
            return self._in_process(name, event)
        self.answered.add(text)
        return self._in_container(name, text)

    def _in_process(self, name: str, event: Mapping[str, Any]) -> Any:
        try:
            return self.in_process.invoke(name, event)
        except Unauthorized as refusal:
            raise FunctionFailed(Unauthorized.__name__, str(refusal)) from refusal

    def _in_container(self, name: str, text: str) -> Any:
        function = logical_id(self.deployment.functions[name])
        file = self.directory / f"{name}.json"
        file.write_text(text, encoding="utf-8")
        command = self.sam.local("invoke", function, "--event", str(file))
        result = subprocess.run(command, env=self.sam.environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
        sys.stderr.write(result.stderr)  # for pytest to show when a test fails
        self.log += [line for line in result.stderr.splitlines() if line.startswith("{")]
        if not result.stdout:
            raise FunctionFailed("SamCli", result.stderr)
        answer = json.loads(result.stdout)
        if isinstance(answer, dict) and "errorType" in answer:
            raise FunctionFailed(answer["errorType"], answer.get("errorMessage", ""))
        return answer
