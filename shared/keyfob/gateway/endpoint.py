"""The decorator that makes a Lambda handler of a function from a request to a reply."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from keyfob.contracts import contract_named
from keyfob.contracts.base import Answer, Contract, Operation
from keyfob.errors import (
    InternalError,
    KeyfobError,
    MethodNotAllowed,
    RefreshTokenReused,
    ResourceNotFound,
    Unavailable,
)
from keyfob.gateway import cors
from keyfob.gateway.request import Event, Request, request_from
from keyfob.settings import Settings

Handle = Callable[[Request, Contract], object]
Handler = Callable[[Event, Any], dict[str, Any]]

ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
NO_BODY = 204

logger = Logger(use_rfc3339=True)


def endpoint(name: str, settings: Settings) -> Callable[[Handle], Handler]:
    """Make a Lambda handler for the operation called `name` of every contract.

    The decorated function returns an instance of the operation's response model or raises a `KeyfobError`. What it
    never sees: unknown paths, wrong methods, preflights, CORS headers, and how its contract tells of failures.
    """
    return lambda handle: _handler(partial(_answer, name, handle), settings)


def no_endpoint(settings: Settings) -> Handler:
    """Make a Lambda handler for every path that is no endpoint's: a 404 in the contract's own shape."""
    return _handler(_not_found, settings)


def _handler(answer: Callable[[Request, Contract], Answer], settings: Settings) -> Handler:
    allowed_origins = settings.allowed_origins

    def handler(event: Event, _context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context, not used
        contract = contract_named(event["stageVariables"]["contract"])
        request = request_from(event)
        origin = request.headers.get("origin", "")
        return _proxy_result(answer(request, contract), cors.headers_for(origin, allowed_origins))

    return handler


def _not_found(request: Request, contract: Contract) -> Answer:
    error = ResourceNotFound(request.resource)
    _log_failure(error, "no_endpoint", contract, request)
    return contract.failure(error, request.request_id)


def _answer(name: str, handle: Handle, request: Request, contract: Contract) -> Answer:
    try:
        operation = _operation(name, request, contract)
        if request.method == "OPTIONS":
            return Answer(NO_BODY, None, cors.preflight_headers(operation.methods))
        answer = contract.success(name, handle(request, contract), request.request_id)
    except KeyfobError as error:
        _log_failure(error, name, contract, request)
        return contract.failure(error, request.request_id)
    except Exception:
        logger.exception("fault", extra=_facts(name, contract, request))
        return contract.failure(InternalError(), request.request_id)
    logger.info("ok", extra=_facts(name, contract, request))
    return answer


def _operation(name: str, request: Request, contract: Contract) -> Operation:
    operation = contract.operations[name]
    if request.resource != (contract.base_path + operation.path).rstrip("/"):
        raise ResourceNotFound(request.resource)
    if request.method not in (*operation.methods, "OPTIONS"):
        raise MethodNotAllowed((*operation.methods, "OPTIONS"))
    return operation


def _log_failure(error: KeyfobError, name: str, contract: Contract, request: Request) -> None:
    serious = isinstance(error, RefreshTokenReused | Unavailable)
    log = logger.warning if serious else logger.info
    log(error.event, extra={"reason": str(error), **_facts(name, contract, request)})


def _facts(name: str, contract: Contract, request: Request) -> dict[str, str]:
    return {
        "endpoint": name,
        "contract": contract.name,
        "method": request.method,
        "request_id": request.request_id,
        "ip": request.client.ip,
    }


def _proxy_result(answer: Answer, cors_headers: Mapping[str, str]) -> dict[str, Any]:
    body = "" if answer.body is None else json.dumps(answer.body, separators=(",", ":"))
    return {
        "statusCode": answer.status,
        "headers": {**ALWAYS, **cors_headers, **answer.headers},
        "body": body,
        "isBase64Encoded": False,
    }
