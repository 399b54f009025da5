"""The log: JSON lines on standard output. One logger is for all that a function tells, and one for security events.

`LogLevel` of the deployment is the least severe level of the first. The second tells each event whatever that is: an
operator who wants to read of errors alone does not want to lose who signed in. So does a third with each request, where
CloudWatch counts requests by these lines.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aws_lambda_powertools import Logger

from keyfob.errors import ExpectedFailure, KeyfobError
from keyfob.gateway.outcomes import Outcomes, outcome_of

MARKER: Final = "security_event"
"""The member that a line has only if it tells of a security event; its value is the kind."""

logger = Logger(use_rfc3339=True)

# Lambda has to let INFO pass for the other loggers, and Powertools would take the level at which Lambda lets pass
# (AWS_LAMBDA_LOG_LEVEL) for the one that is wanted.
logging.getLogger(logger.name).setLevel(os.environ.get("POWERTOOLS_LOG_LEVEL") or logging.INFO)

# A line of a child is written by its parent's handlers, in their form, and the parent's level does not matter to it.
security_logger = logging.getLogger(f"{logger.name}.{MARKER}")
security_logger.setLevel(logging.INFO)
_counting_logger = logging.getLogger(f"{logger.name}.request")
_counting_logger.setLevel(logging.INFO)


def request_logger(outcomes: Outcomes) -> logging.Logger:
    """Return what logs the one line about each request that tells its outcome."""
    return _counting_logger if outcomes.are_counted else logging.getLogger(logger.name)


@contextmanager
def told(outcomes: Outcomes, request_id: str, **facts: str | int) -> Iterator[None]:
    """Log how the work of a `with` block ends; what it raises is raised. What it worked on is not told, but `facts`."""
    log = request_logger(outcomes)
    about = {"request_id": request_id, **facts}
    try:
        yield
    except KeyfobError as error:
        log.warning(error.event, extra={"reason": str(error), **about, **outcomes.facts(outcome_of(error))})
        raise
    except ExpectedFailure as error:
        log.warning("failed", extra={"reason": str(error), **about, **outcomes.facts(outcome_of(error))})
        raise
    except Exception:
        log.exception("fault", extra={**about, **outcomes.facts("fault")})
        raise
    log.info("ok", extra={**about, **outcomes.facts("success")})
