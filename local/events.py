"""HTTP requests as Lambda proxy events of a REST API."""

import base64
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qsl

from local.http import HttpRequest, header
from local.intrinsics import ACCOUNT_ID, Json
from local.media import is_binary
from local.routes import Match
from local.template import Deployment

# The gateway names these itself, whatever the client wrote.
_CANONICAL_NAMES = {"authorization": "Authorization", "host": "Host", "user-agent": "User-Agent"}
# These are about one connection, and the gateway's connection to Lambda is another.
_CONNECTION_HEADERS = frozenset(
    [
        "connection",
        "content-length",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ]
)


def proxy_event(
    deployment: Deployment, stage: str, request: HttpRequest, match: Match, request_id: str
) -> dict[str, Json]:
    """Return the Lambda proxy event of a request that `match` routes; an unknown stage raises `KeyError`."""
    headers = _group(_spelled_once(_received(request, request_id)))
    query = _group(parse_qsl(request.query, keep_blank_values=True))
    body, is_base64 = _encode_body(deployment, request)
    return {
        "resource": match.route.path,
        "path": request.path,
        "httpMethod": request.method,
        "headers": _last(headers),
        "multiValueHeaders": headers or None,
        "queryStringParameters": _last(query),
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(match.parameters) or None,
        "stageVariables": dict(deployment.stages[stage].variables) or None,
        "requestContext": _request_context(deployment, stage, request, match, request_id),
        "body": body,
        "isBase64Encoded": is_base64,
    }


def _received(request: HttpRequest, request_id: str) -> list[tuple[str, str]]:
    kept = [
        (_CANONICAL_NAMES.get(name.lower(), name), value)
        for name, value in request.headers
        if name.lower() not in _CONNECTION_HEADERS and not name.lower().startswith("x-forwarded-")
    ]
    forwarded = [value for name, value in request.headers if name.lower() == "x-forwarded-for"]
    trace = f"Root=1-{int(time.time()):08x}-{request_id.replace('-', '')[:24]}"
    return [
        *kept,
        ("X-Amzn-Trace-Id", trace),
        ("X-Forwarded-For", ", ".join([*forwarded, request.source_ip])),
        ("X-Forwarded-Port", str(request.port)),
        ("X-Forwarded-Proto", request.scheme),
    ]


def _spelled_once(headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    spelling: dict[str, str] = {}
    return ((spelling.setdefault(name.lower(), name), value) for name, value in headers)


def _group(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value)
    return groups


def _last(groups: Mapping[str, list[str]]) -> dict[str, str] | None:
    return {name: values[-1] for name, values in groups.items()} or None


def _encode_body(deployment: Deployment, request: HttpRequest) -> tuple[str | None, bool]:
    if not request.body:
        return None, False
    if is_binary(deployment, header(request.headers, "content-type")):
        return base64.b64encode(request.body).decode(), True
    return request.body.decode("utf-8", errors="replace"), False


def _request_context(
    deployment: Deployment, stage: str, request: HttpRequest, match: Match, request_id: str
) -> dict[str, Json]:
    now = time.time()
    domain = header(request.headers, "host").partition(":")[0] or f"{deployment.api_id}.execute-api.amazonaws.com"
    return {
        "accountId": ACCOUNT_ID,
        "apiId": deployment.api_id,
        "deploymentId": "local",
        "domainName": domain,
        "domainPrefix": domain.partition(".")[0],
        "extendedRequestId": secrets.token_urlsafe(11) + "=",
        "httpMethod": request.method,
        "identity": {
            "accessKey": None,
            "accountId": None,
            "caller": None,
            "cognitoAuthenticationProvider": None,
            "cognitoAuthenticationType": None,
            "cognitoIdentityId": None,
            "cognitoIdentityPoolId": None,
            "principalOrgId": None,
            "sourceIp": request.source_ip,
            "user": None,
            "userAgent": header(request.headers, "user-agent") or None,
            "userArn": None,
        },
        "path": f"/{stage}{request.path}" if request.stage_in_path else request.path,
        "protocol": "HTTP/1.1",
        "requestId": request_id,
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "requestTimeEpoch": int(now * 1000),
        "resourceId": "local",
        "resourcePath": match.route.path,
        "stage": stage,
    }
