"""How requests end, for the log to tell and for CloudWatch to count.

A line of the log with the member ``_aws`` is one of CloudWatch's embedded metric format: CloudWatch Logs finds in it a
metric that the line's other members give the values and dimensions of. So the line that tells of a request also counts
it, and no request waits for that.
"""

import time
from typing import Any, Final, Literal

from keyfob.errors import ExpectedFailure, InternalError, KeyfobError, Throttled, Unavailable

Outcome = Literal["success", "refused", "throttled", "unavailable", "fault"]
"""Few, since each of a function's is a metric of its own, which has a price; the line tells more by its message."""

METRIC: Final = "Requests"
DIMENSIONS: Final = ("function", "outcome")


class Outcomes:
    """How the requests of one function end, as members of the log's lines about them."""

    def __init__(self, function: str, namespace: str) -> None:
        """Take the function's name, and the namespace to count in: where that is empty nothing is counted."""
        self.function = function
        self._metrics = [_metrics(namespace)] if namespace else []

    @property
    def are_counted(self) -> bool:
        """Whether CloudWatch counts them."""
        return bool(self._metrics)

    def facts(self, outcome: Outcome) -> dict[str, Any]:
        """Return the members of a line about a request that ended now."""
        facts = {"function": self.function, "outcome": outcome}
        if not self._metrics:
            return facts
        now = time.time_ns() // 1_000_000
        return {**facts, METRIC: 1, "_aws": {"Timestamp": now, "CloudWatchMetrics": self._metrics}}


def outcome_of(error: Exception) -> Outcome:
    """Return how a request ends that fails with `error`."""
    if isinstance(error, Throttled):
        return "throttled"
    if isinstance(error, Unavailable):
        return "unavailable"
    expected = isinstance(error, KeyfobError | ExpectedFailure) and not isinstance(error, InternalError)
    return "refused" if expected else "fault"


def _metrics(namespace: str) -> dict[str, Any]:
    return {"Namespace": namespace, "Dimensions": [DIMENSIONS], "Metrics": [{"Name": METRIC, "Unit": "Count"}]}
