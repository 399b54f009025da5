"""The Lambda authorizer's side of API Gateway: REST ``TOKEN`` and ``REQUEST`` events, HTTP API events of format 2.0.

An answer to a bearer token or an API key covers the whole stage, so that API Gateway's cache never refuses the
caller's next route. One to a session cookie covers reading, or this very request, and must not be cached all the same:
another site's request would get it too. All carry the facts of the caller as strings, which is all that a context may
hold.
"""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from keyfob.errors import AccountInactive, AuthenticationRequired, CrossSiteRequest, InvalidAccessToken
from keyfob.gateway.header_credential import header_credential
from keyfob.gateway.outcomes import Outcomes, outcome_of
from keyfob.model.credentials import ApiKeySecret, BearerToken

if TYPE_CHECKING:
    from keyfob.model.caller import Caller
    from keyfob.model.credentials import SessionCookie
    from keyfob.model.session import Client
    from keyfob.settings import Settings

Event = Mapping[str, Any]
Handler = Callable[[Event, Any], dict[str, Any]]

FORMAT_2: Final = "2.0"
SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
UNAUTHORIZED: Final = (AuthenticationRequired, InvalidAccessToken)
REFUSALS: Final = (*UNAUTHORIZED, AccountInactive, CrossSiteRequest)

# The runtime's own handler writes these lines, in JSON: it is there without an import.
logger = logging.getLogger("keyfob")
logger.setLevel(os.environ.get("POWERTOOLS_LOG_LEVEL") or logging.INFO)
_counting_logger = logging.getLogger("keyfob.request")
_counting_logger.setLevel(logging.INFO)


class Unauthorized(Exception):
    """What a REST API's authorizer raises, with this very text, for API Gateway to answer 401."""

    def __init__(self) -> None:
        """Say the word that API Gateway looks for."""
        super().__init__("Unauthorized")


class Readers(NamedTuple):
    """What returns whom a credential of each kind names."""

    from_token: "Callable[[str], Caller]"
    from_key: "Callable[[str, Client], Caller]"
    from_cookie: "Callable[[SessionCookie], Caller]"


def authorizer(read: Readers, settings: "Settings") -> Handler:
    """Make an authorizer's Lambda handler.

    `read` returns whom a credential names or raises `InvalidAccessToken` (401 on REST APIs, 403
    on HTTP APIs, which have no other answer) or `AccountInactive` (403). A cookie on a request that may change
    something needs proof that it comes from a page of ours (403). Any other failure is raised, so that API Gateway
    answers 500 and caches nothing.
    """
    http_api_response, allowed_origins = settings.http_api_response, settings.allowed_origins
    outcomes = Outcomes("authorizer", settings.metrics_namespace)
    log = _counting_logger if outcomes.are_counted else logger

    def handler(event: Event, context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context has no type
        request = {"request_id": event.get("requestContext", {}).get("requestId") or context.aws_request_id}
        try:
            allowed = _answer(event, read, http_api_response, allowed_origins)
        except REFUSALS as error:
            log.info(error.event, extra={"reason": str(error), **request, **outcomes.facts("refused")})
            if isinstance(error, UNAUTHORIZED) and event.get("version") != FORMAT_2:
                raise Unauthorized from error
            return _denied(event, http_api_response)
        except Exception as error:
            log.error("failed", extra={**request, **outcomes.facts(outcome_of(error))})  # noqa: TRY400 - the runtime logs the traceback of what is raised
            raise
        if log.isEnabledFor(logging.INFO):
            log.info("ok", extra={**request, **outcomes.facts("success")})
        return allowed

    return handler


def _answer(event: Event, read: Readers, http_api_response: str, allowed_origins: frozenset[str]) -> dict[str, Any]:
    headers = _headers(event)
    credential = header_credential(headers)
    if isinstance(credential, BearerToken):
        return _allowed(event, read.from_token(credential.token), ["*"], http_api_response)
    if isinstance(credential, ApiKeySecret):
        return _allowed(event, read.from_key(credential.text, _client(event, headers)), ["*"], http_api_response)
    caller = read.from_cookie(_checked_cookie(event, headers, allowed_origins))
    return _allowed(event, caller, _covered(event), http_api_response)


def _headers(event: Event) -> dict[str, str]:
    """Return the headers by lower-case names; a ``TOKEN`` event has the one alone."""
    if event["type"] == "TOKEN":
        return {"authorization": event["authorizationToken"]}
    headers = {name.lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    cookies = event.get("cookies")
    return {**headers, "cookie": "; ".join(cookies)} if cookies else headers


def _client(event: Event, headers: Mapping[str, str]) -> "Client":
    """Return where a request came from, as far as API Gateway tells: a ``TOKEN`` event says nothing of that."""
    from keyfob.model.session import Client

    context = event.get("requestContext", {})
    caller = context.get("identity") or context.get("http") or {}
    return Client(caller.get("sourceIp", ""), headers.get("user-agent", ""))


def _method(event: Event) -> str:
    method: str = event.get("httpMethod") or event["requestContext"]["http"]["method"]
    return method


def _checked_cookie(event: Event, headers: Mapping[str, str], allowed_origins: frozenset[str]) -> "SessionCookie":
    from keyfob.gateway import cookies, csrf
    from keyfob.gateway.session_cookie import read_session_cookie

    scheme = "http" if headers.get("x-forwarded-proto") == "http" else "https"
    cookie = read_session_cookie(cookies.read_cookie(headers.get("cookie", ""), cookies.SESSION, scheme))
    if cookie is None:
        raise InvalidAccessToken("no session cookie")
    if _method(event) not in csrf.SAFE_METHODS:
        csrf.check_changes(headers, f"{scheme}://{headers.get('host', '')}", allowed_origins, cookie.secret)
    return cookie


def _covered(event: Event) -> list[str]:
    """Return what an answer to a cookie covers, as the ends of ARNs: reading, or the one request."""
    if _method(event) in SAFE_METHODS:
        return [f"{method}/*" for method in SAFE_METHODS]
    return [_arn(event).split("/", 2)[2]]


def _arn(event: Event) -> str:
    arn: str = event.get("routeArn") or event["methodArn"]
    return arn


def _allowed(event: Event, caller: "Caller", covered: Sequence[str], http_api_response: str) -> dict[str, Any]:
    context = caller._asdict()
    context["user_id"] = str(caller.user_id)
    if event.get("version") == FORMAT_2 and http_api_response == "simple":
        return {"isAuthorized": True, "context": context}
    return _policy("Allow", _arn(event), covered, caller.sub, context)


def _denied(event: Event, http_api_response: str) -> dict[str, Any]:
    if event.get("version") == FORMAT_2 and http_api_response == "simple":
        return {"isAuthorized": False}
    return _policy("Deny", _arn(event), ["*"], "anonymous", {})


def _policy(
    effect: str, arn: str, covered: Sequence[str], principal: str, context: Mapping[str, str]
) -> dict[str, Any]:
    api, stage, *_ = arn.split("/", 2)
    resources = [f"{api}/{stage}/{each}" for each in covered]
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": effect,
        "Resource": resources[0] if len(resources) == 1 else resources,
    }
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }
