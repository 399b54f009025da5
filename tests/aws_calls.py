"""The functions' calls to AWS, counted and disturbed through botocore's own events.

Only clients that Keyfob makes are tapped, and only those made while tapping: a test's own clients look at what is left.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError

from tests.hooks import hooked

Answer = tuple[AWSResponse, dict[str, Any]]
Disturbance = Callable[[dict[str, Any]], Answer]
"""Takes a call's HTTP request, and answers in place of AWS or raises as a client does that gets no answer."""


class Calls:
    """What was called, such as ``dynamodb.GetItem``, and what happens to calls meanwhile."""

    def __init__(self) -> None:
        """Begin with nothing called and nothing disturbed."""
        self.names: list[str] = []
        self._disturbed: Callable[[str, dict[str, Any]], Answer | None] = _undisturbed
        self._lost = ""

    def before(self, event_name: str, params: dict[str, Any], **_: object) -> Answer | None:
        """See a call before it is sent (botocore's event ``before-call``)."""
        name = event_name.removeprefix("before-call.")
        self.names.append(name)
        return self._disturbed(name, params)

    def after(self, event_name: str, **_: object) -> None:
        """See a call after it was answered (botocore's event ``after-call``)."""
        if self._lost and event_name.removeprefix("after-call.").startswith(self._lost):
            raise ReadTimeoutError(endpoint_url="https://aws.example")

    @contextmanager
    def disturbed(
        self, names: str, disturbance: Disturbance, *, sparing: int = 0, times: int | None = None
    ) -> Iterator[None]:
        """Disturb calls whose names begin with `names`: all after `sparing` of them, or so many `times`."""
        seen = 0

        def disturb(name: str, request: dict[str, Any]) -> Answer | None:
            nonlocal seen
            if not name.startswith(names):
                return None
            seen += 1
            hit = seen > sparing and (times is None or seen <= sparing + times)
            return disturbance(request) if hit else None

        self._disturbed = disturb
        try:
            yield
        finally:
            self._disturbed = _undisturbed

    @contextmanager
    def answers_lost(self, names: str) -> Iterator[None]:
        """Let calls whose names begin with `names` have their effect, and lose the answers."""
        self._lost = names
        try:
            yield
        finally:
            self._lost = ""


@contextmanager
def tapped() -> Iterator[Calls]:
    """Tap every AWS client that Keyfob makes meanwhile."""
    calls = Calls()
    with hooked("before-call", calls.before), hooked("after-call", calls.after):
        yield calls


def answered(status: int, body: dict[str, Any]) -> Disturbance:
    """Return what answers with `status` and `body`, as botocore would have parsed it."""
    metadata = {"ResponseMetadata": {"HTTPStatusCode": status}}
    return lambda _request: (response(status), {**body, **metadata})


def response(status: int, content: bytes = b"") -> AWSResponse:
    """Return an HTTP response of AWS."""
    return AWSResponse("https://aws.example", status, HTTPHeaders(), _Raw(content))


def refused(status: int, code: str, **more: Any) -> Disturbance:
    """Return what answers with an error of the service."""
    return answered(status, {"Error": {"Code": code, "Message": f"{code} at arn:aws:secret"}, **more})


def raising(error: Exception) -> Disturbance:
    """Return what raises `error` in place of an answer."""

    def disturb(_request: dict[str, Any]) -> Answer:
        raise error.with_traceback(None)  # or it grows with each time that it is raised

    return disturb


class _Raw(io.BytesIO):
    def stream(self) -> Iterator[bytes]:
        """Yield the whole body at once, as `AWSResponse.content` reads it."""
        yield self.read()


def _undisturbed(_name: str, _request: dict[str, Any]) -> None:
    return None
