"""The log: JSON lines on standard output. One logger is for all that a function tells, and one for security events.

`LogLevel` of the deployment is the least severe level of the first. The second tells each event whatever that is: an
operator who wants to read of errors alone does not want to lose who signed in.
"""

import logging
import os
from typing import Final

from aws_lambda_powertools import Logger

MARKER: Final = "security_event"
"""The member that a line has only if it tells of a security event; its value is the kind."""

logger = Logger(use_rfc3339=True)

# Lambda has to let INFO pass for the second logger, and Powertools would take the level at which Lambda lets pass
# (AWS_LAMBDA_LOG_LEVEL) for the one that is wanted.
logging.getLogger(logger.name).setLevel(os.environ.get("POWERTOOLS_LOG_LEVEL") or logging.INFO)

# A line of a child is written by its parent's handlers, in their form, and the parent's level does not matter to it.
security_logger = logging.getLogger(f"{logger.name}.{MARKER}")
security_logger.setLevel(logging.INFO)
