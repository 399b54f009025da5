"""API Gateway's REST API, from HTTP request to HTTP response, over any way to invoke a function."""

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping

from local.answers import gateway_response, proxy_response
from local.events import proxy_event
from local.http import HttpRequest, HttpResponse, header
from local.intrinsics import Json
from local.routes import find_route
from local.template import Deployment

Invoke = Callable[[str, Mapping[str, Json]], Json]
"""Takes a function's name and an event, and gives its answer."""

MAX_BODY_BYTES = 10 * 1024 * 1024

_logger = logging.getLogger(__name__)


def handle(deployment: Deployment, invoke: Invoke, stage: str, request: HttpRequest) -> HttpResponse:
    """Return the answer to `request` on a stage: that of the function which its route names, or the gateway's own.

    What a function raises is logged with its traceback, and answered as API Gateway answers it.
    """
    request_id = str(uuid.uuid4())
    match = find_route(deployment.routes, request.method, request.path)
    if match is None:
        return gateway_response(deployment, "MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token", request_id)
    if len(request.body) > MAX_BODY_BYTES:
        return gateway_response(deployment, "REQUEST_TOO_LARGE", "Request Too Long", request_id)
    try:
        answer = invoke(match.route.function, proxy_event(deployment, stage, request, match, request_id))
        response = proxy_response(deployment, answer, header(request.headers, "accept"))
    except Exception:
        _logger.exception("%s failed", match.route.function)
        return gateway_response(deployment, "DEFAULT_5XX", "Internal server error", request_id)
    return HttpResponse(response.status, (*response.headers, ("x-amzn-RequestId", request_id)), response.body)


def rest_event(
    deployment: Deployment,
    stage: str,
    method: str,
    path: str,
    *,
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    source_ip: str = "203.0.113.7",
    scheme: str = "https",
) -> dict[str, Json]:
    """Return the event for one request to a stage, as the server makes it; `path` may end in a query string.

    Raises `KeyError` for an unknown stage and `LookupError` for a request that no route takes.
    """
    path, _, query = path.partition("?")
    request = HttpRequest(
        method, path, query, tuple(headers), body, source_ip, scheme, port=443 if scheme == "https" else 80
    )
    match = find_route(deployment.routes, method, path)
    if match is None:
        raise LookupError(f"no route takes {method} {path}")
    return proxy_event(deployment, stage, request, match, str(uuid.uuid4()))
