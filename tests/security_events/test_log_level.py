"""Security events are logged whatever the deployment's `LogLevel` is, and nothing else is for their sake."""

import pytest

from local.template import load_stack
from tests.on_lambda import logged_by_login

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
    said = [line["message"] for line in logged_by_login(PROBE, {"LogLevel": level})]
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
