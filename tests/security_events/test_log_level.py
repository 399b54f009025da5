"""Security events are logged whatever the deployment's `LogLevel` is, and nothing else is for their sake."""

import json
import subprocess
import sys

import pytest

from local.template import TEMPLATE, load_stack

LEVELS = ("DEBUG", "INFO", "WARN", "ERROR")

PROBE = """
import logging
from keyfob.gateway.log import logger, security_logger
logger.debug("debug")
logger.info("info")
logger.warning("warn")
logging.getLogger("keyfob").error("error")
security_logger.info("sign_in")
"""


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_silences_everything_less_severe_but_security_events(level: str) -> None:
    """A function under the environment that it has on Lambda writes what `LogLevel` asks for, and each event."""
    function = load_stack({"LogLevel": level}).properties("LoginFunction")
    result = subprocess.run(  # noqa: S603 - our own interpreter and probe
        [sys.executable, "-W", "error", "-c", PROBE],
        env={
            **function["Environment"]["Variables"],
            "AWS_LAMBDA_LOG_LEVEL": function["LoggingConfig"]["ApplicationLogLevel"],  # as Lambda sets it
            "PYTHONPATH": str(TEMPLATE.parent / "shared"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    said = [json.loads(line)["message"] for line in result.stdout.splitlines()]
    assert said == [*(each.lower() for each in LEVELS[LEVELS.index(level) :]), "sign_in"]


@pytest.mark.parametrize("level", LEVELS)
def test_lambda_lets_them_pass(level: str) -> None:
    """Lambda drops lines below a level of its own, which is never above that of the events."""
    stack = load_stack({"LogLevel": level, "EventBus": "default"})
    allowed = {
        name: stack.properties(name)["LoggingConfig"]["ApplicationLogLevel"]
        for name in stack.of_type("AWS::Lambda::Function")
    }
    assert set(allowed.values()) == {"DEBUG" if level == "DEBUG" else "INFO"}
