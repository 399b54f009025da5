"""Lambda as `sam local invoke` runs it: the built function, in a container of its own, for each event."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.emulator import FunctionFailed
from local.sam_cli import SamCli
from local.sam_project import logical_id
from local.template import Deployment


@dataclass
class SamRuntime:
    """Runs one ``sam local invoke`` an invocation; `log` is what the functions have logged, a line for each entry."""

    sam: SamCli
    deployment: Deployment
    directory: Path
    log: list[str] = field(default_factory=list)

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """Return the answer of a function. Raises `FunctionFailed`, also where SAM CLI does not get as far."""
        function = logical_id(self.deployment.functions[name])
        file = self.directory / f"{name}.json"
        file.write_text(json.dumps(event), encoding="utf-8")
        command = self.sam.local("invoke", function, "--event", str(file))
        result = subprocess.run(command, env=self.sam.environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
        self.log += [line for line in result.stderr.splitlines() if line.startswith("{")]
        if not result.stdout:
            raise FunctionFailed("SamCli", result.stderr)
        answer = json.loads(result.stdout)
        if isinstance(answer, dict) and "errorType" in answer:
            raise FunctionFailed(answer["errorType"], answer.get("errorMessage", ""))
        return answer
