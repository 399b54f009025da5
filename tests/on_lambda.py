"""What a function's log holds, under the environment that a deployment gives it on Lambda."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from local.template import TEMPLATE, load_stack


def logged_by_login(probe: str, parameters: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the lines that `probe` logs in the place of the function `login`, deployed with `parameters`."""
    function = load_stack(parameters).properties("LoginFunction")
    result = subprocess.run(  # noqa: S603 - our own interpreter and probe
        [sys.executable, "-W", "error", "-c", probe],
        env={
            **function["Environment"]["Variables"],
            "AWS_LAMBDA_LOG_LEVEL": function["LoggingConfig"]["ApplicationLogLevel"],  # as Lambda sets it
            "PYTHONPATH": str(TEMPLATE.parent / "shared"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in result.stdout.splitlines()]
