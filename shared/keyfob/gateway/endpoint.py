"""The decorators that make a Lambda handler of a function from a request to a reply."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from keyfob.contracts import contract_named
from keyfob.contracts.base import Answer, Contract, Operation
from keyfob.errors import (
    CrossSiteRequest,
    InternalError,
    KeyfobError,
    MethodNotAllowed,
    RefreshTokenReused,
    ResourceNotFound,
    Throttled,
    Unavailable,
)
from keyfob.gateway import cors
from keyfob.gateway.log import request_logger
from keyfob.gateway.outcomes import Outcome, Outcomes, outcome_of
from keyfob.gateway.rate_limit import rate_limit_headers
from keyfob.gateway.replies import Redirect, Reply
from keyfob.gateway.request import Event, Request, request_from
from keyfob.gateway.security_events import record_failure
from keyfob.settings import Settings

Handle = Callable[[Request, Contract], object]
Handler = Callable[[Event, Any], dict[str, Any]]

ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
FOUND = 302
NO_BODY = 204
BAD_REQUEST = 400


class Voice(Protocol):
    """How an answer is written: as a contract does, or as a page for people."""

    def success(self, endpoint: str, reply: object, request_id: str) -> Answer:
        """Return the answer that carries `reply`, an instance of the operation's response model."""

    def failure(self, error: KeyfobError, request_id: str) -> Answer:
        """Return the answer that tells of `error`."""


VoiceFor = Callable[[Request, Contract], Voice]


def contracts_voice(_request: Request, contract: Contract) -> Voice:
    """Return the contract: it speaks for itself."""
    return contract


def endpoint(name: str, settings: Settings, voice_for: VoiceFor = contracts_voice) -> Callable[[Handle], Handler]:
    """Make a Lambda handler for the operation called `name` of every contract.

    The decorated function returns an instance of the operation's response model, a `Reply` around one or a `Redirect`,
    or raises a `KeyfobError`. What it never sees: unknown paths, wrong methods, preflights, CORS headers, and how its
    answers are written.
    """
    outcomes = Outcomes(name, settings.metrics_namespace)
    return lambda handle: handler_of(partial(_answer, outcomes, handle, voice_for), settings)


def no_endpoint(settings: Settings) -> Handler:
    """Make a Lambda handler for every path that is no endpoint's: a 404 in the contract's own shape."""
    return handler_of(partial(_not_found, Outcomes("not_found", settings.metrics_namespace)), settings)


def handler_of(answer: Callable[[Request, Contract], Answer], settings: Settings) -> Handler:
    """Make a Lambda handler of what answers the requests to a contract's stage; it adds CORS and the like."""
    allowed_origins = settings.allowed_origins

    def handler(event: Event, _context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context, not used
        contract = contract_named(event["stageVariables"]["contract"])
        request = request_from(event)
        origin = request.headers.get("origin", "")
        return _proxy_result(answer(request, contract), cors.headers_for(origin, allowed_origins))

    return handler


def _not_found(outcomes: Outcomes, request: Request, contract: Contract) -> Answer:
    error = ResourceNotFound(request.resource)
    _log_failure(error, outcomes, contract, request)
    return contract.failure(error, request.request_id)


def guarded(
    outcomes: Outcomes, request: Request, contract: Contract, voice: Voice, make: Callable[[], Answer]
) -> Answer:
    """Return the answer that `make` makes, or what tells of the failure that it raises; either is logged."""
    log = request_logger(outcomes)
    try:
        answer = make()
    except KeyfobError as error:
        _log_failure(error, outcomes, contract, request)
        answer = voice.failure(error, request.request_id)
        return answer._replace(headers={**answer.headers, **rate_limit_headers(error.allowance)})
    except Exception:
        log.exception("fault", extra=_facts("fault", outcomes, contract, request))
        return voice.failure(InternalError(), request.request_id)
    outcome: Outcome = "success" if answer.status < BAD_REQUEST else "refused"
    log.info("ok", extra=_facts(outcome, outcomes, contract, request))
    return answer


def _answer(outcomes: Outcomes, handle: Handle, voice_for: VoiceFor, request: Request, contract: Contract) -> Answer:
    name, voice = outcomes.function, voice_for(request, contract)

    def make() -> Answer:
        operation = _operation(name, request, contract)
        if request.method == "OPTIONS":
            return Answer(NO_BODY, None, cors.preflight_headers(contract.methods_at(operation.path)))
        return _written(name, handle(request, contract), voice, request)

    return guarded(outcomes, request, contract, voice, make)


def _written(name: str, result: object, voice: Voice, request: Request) -> Answer:
    if isinstance(result, Redirect):
        return Answer(FOUND, None, {**result.headers, "Location": result.location}, result.cookies)
    reply = result if isinstance(result, Reply) else Reply(result)
    answer = voice.success(name, reply.model, request.request_id)
    return answer._replace(headers={**answer.headers, **reply.headers}, cookies=reply.cookies)


def _operation(name: str, request: Request, contract: Contract) -> Operation:
    operation = contract.operations[name]
    if request.resource != (contract.base_path + operation.path).rstrip("/"):
        raise ResourceNotFound(request.resource)
    if request.method not in (*operation.methods, "OPTIONS"):
        raise MethodNotAllowed((*contract.methods_at(operation.path), "OPTIONS"))
    return operation


def _log_failure(error: KeyfobError, outcomes: Outcomes, contract: Contract, request: Request) -> None:
    serious = isinstance(error, RefreshTokenReused | Unavailable | Throttled | CrossSiteRequest)
    log = request_logger(outcomes)
    facts = _facts(outcome_of(error), outcomes, contract, request)
    (log.warning if serious else log.info)(error.event, extra={"reason": str(error), **facts})
    record_failure(error, outcomes.function, request, contract)


def _facts(outcome: Outcome, outcomes: Outcomes, contract: Contract, request: Request) -> dict[str, Any]:
    return {
        "contract": contract.name,
        "method": request.method,
        "request_id": request.request_id,
        "ip": request.client.ip,
        **outcomes.facts(outcome),
    }


def _proxy_result(answer: Answer, cors_headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "statusCode": answer.status,
        "headers": {**ALWAYS, **cors_headers, **answer.headers},
        **({"multiValueHeaders": {"Set-Cookie": list(answer.cookies)}} if answer.cookies else {}),
        "body": _text(answer.body),
        "isBase64Encoded": False,
    }


def _text(body: Any) -> str:  # noqa: ANN401 - whatever JSON has
    if body is None:
        return ""
    return body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
