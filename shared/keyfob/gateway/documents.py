"""Documents that a stage serves to everybody, at paths of their own: who may read them, and how long they keep."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from keyfob.contracts.base import Answer, Contract
from keyfob.errors import MethodNotAllowed
from keyfob.gateway import cors
from keyfob.gateway.endpoint import NO_BODY, Handler, guarded, handler_of
from keyfob.gateway.outcomes import Outcomes
from keyfob.gateway.request import Request
from keyfob.settings import Settings

METHODS = ("GET", "HEAD")
OK = 200


@dataclass(frozen=True, slots=True)
class Document:
    """A document: its content (a text as it is, anything else as JSON), its media type, and headers of its own.

    Without a ``Cache-Control`` among them nobody may keep it.
    """

    content: Any
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


DocumentHandle = Callable[[Request, Contract], Document]


def document(name: str, settings: Settings) -> Callable[[DocumentHandle], Handler]:
    """Make a Lambda handler, called `name` in the log, that serves what the decorated function returns for a request.

    The function may raise a `KeyfobError`, which is answered as the stage's contract does. It never sees other methods
    than those that read.
    """
    outcomes = Outcomes(name, settings.metrics_namespace)
    return lambda handle: handler_of(partial(_answer, outcomes, handle), settings)


def _answer(outcomes: Outcomes, handle: DocumentHandle, request: Request, contract: Contract) -> Answer:
    def make() -> Answer:
        if request.method == "OPTIONS":
            return Answer(NO_BODY, None, cors.preflight_headers(METHODS))
        if request.method not in METHODS:
            raise MethodNotAllowed((*METHODS, "OPTIONS"))
        found = handle(request, contract)
        return Answer(OK, found.content, {"Content-Type": found.media_type, **found.headers})

    return guarded(outcomes, request, contract, contract, make)
