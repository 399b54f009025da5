"""What the client gets: a function's answer, or one of the gateway's own."""

import base64
import binascii
import json
from collections.abc import Mapping
from http import HTTPStatus

from local.http import Headers, HttpResponse
from local.intrinsics import Json
from local.media import is_binary
from local.template import Deployment, GatewayResponse

_ANSWER_KEYS = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})
_STATUSES = {"MISSING_AUTHENTICATION_TOKEN": 403, "REQUEST_TOO_LARGE": 413, "DEFAULT_5XX": 502}
_UNCUSTOMISED = GatewayResponse(None, {}, {"application/json": '{"message":$context.error.messageString}'})


class MalformedAnswer(ValueError):
    """A function's answer is not what API Gateway takes from a Lambda proxy integration."""


def proxy_response(deployment: Deployment, answer: Json, accept: str = "") -> HttpResponse:
    """Return what the gateway makes of a function's answer, or raise `MalformedAnswer`.

    A body in base64 is decoded where the API has binary media types for `accept`, as on AWS; otherwise it is sent
    as it is.
    """
    if not isinstance(answer, dict) or answer.keys() - _ANSWER_KEYS:
        raise MalformedAnswer(f"not a proxy answer: {answer!r}")
    headers = _answer_headers(answer)
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers = (*headers, ("Content-Type", "application/json"))
    decode = answer.get("isBase64Encoded") and is_binary(deployment, accept.partition(",")[0])
    return HttpResponse(_status(answer), headers, _answer_body(answer, decode=bool(decode)))


def gateway_response(deployment: Deployment, kind: str, message: str, request_id: str) -> HttpResponse:
    """Return the gateway's own response of the type `kind`, as the template customises it.

    A type without a gateway response of its own has that of ``DEFAULT_4XX`` or ``DEFAULT_5XX``.
    """
    own_status = _STATUSES[kind]
    default = "DEFAULT_5XX" if own_status >= HTTPStatus.INTERNAL_SERVER_ERROR else "DEFAULT_4XX"
    customised = deployment.gateway_responses
    response = customised.get(kind) or customised.get(default) or _UNCUSTOMISED
    content_type, template = next(iter(response.templates.items()))
    body = (
        template.replace("$context.error.messageString", json.dumps(message))
        .replace("$context.error.message", message)
        .replace("$context.error.responseType", kind)
        .replace("$context.requestId", request_id)
    )
    headers = (("Content-Type", content_type), ("x-amzn-RequestId", request_id), *response.headers.items())
    return HttpResponse(response.status or own_status, headers, body.encode())


def _status(answer: Mapping[str, Json]) -> int:
    try:
        status = int(answer.get("statusCode", 200))
    except (TypeError, ValueError) as error:
        raise MalformedAnswer(f"not a status: {answer['statusCode']!r}") from error
    if status not in range(100, 600):
        raise MalformedAnswer(f"not a status: {status}")
    return status


def _answer_headers(answer: Mapping[str, Json]) -> Headers:
    single, multiple = answer.get("headers") or {}, answer.get("multiValueHeaders") or {}
    if not isinstance(single, dict) or not isinstance(multiple, dict):
        raise MalformedAnswer("headers are not objects")
    pairs = [(name, value) for name, values in multiple.items() for value in values]
    pairs += [(name, value) for name, value in single.items() if (name, value) not in pairs]
    return tuple((name, _header_value(name, value)) for name, value in pairs)


def _header_value(name: str, value: Json) -> str:
    text = json.dumps(value) if isinstance(value, bool | int | float) else value
    if not isinstance(text, str) or not text.isascii() or not text.isprintable():
        raise MalformedAnswer(f"not a header: {name}: {value!r}")
    return text


def _answer_body(answer: Mapping[str, Json], *, decode: bool) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise MalformedAnswer(f"not a body: {body!r}")
    try:
        return base64.b64decode(body, validate=True) if decode else body.encode()
    except (binascii.Error, UnicodeEncodeError) as error:
        raise MalformedAnswer(f"not a body: {body!r}") from error
