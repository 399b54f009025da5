"""The Lambda authorizer's side of API Gateway: REST ``TOKEN`` and ``REQUEST`` events, HTTP API events of format 2.0.

An answer covers the whole stage, so that API Gateway's cache never refuses the caller's next route, and carries the
facts of the token as strings, which is all that a context may hold.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from keyfob.errors import AccountInactive, InvalidAccessToken
from keyfob.gateway.bearer import bearer_token
from keyfob.model.token import AccessClaims

Event = Mapping[str, Any]
Handler = Callable[[Event, Any], dict[str, Any]]

FORMAT_2: Final = "2.0"

logger = logging.getLogger("keyfob")


class Unauthorized(Exception):
    """What a REST API's authorizer raises, with this very text, for API Gateway to answer 401."""

    def __init__(self) -> None:
        """Say the word that API Gateway looks for."""
        super().__init__("Unauthorized")


def authorizer(read: Callable[[str], AccessClaims], http_api_response: str) -> Handler:
    """Make an authorizer's Lambda handler.

    `read` returns what a token says or raises `InvalidAccessToken` (401 on REST APIs, 403 on HTTP APIs, which have no
    other answer) or `AccountInactive` (403); `http_api_response` is what HTTP APIs expect, ``simple`` or ``iam``. Any
    other failure is raised, so that API Gateway answers 500 and caches nothing.
    """

    def handler(event: Event, _context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context, not used
        try:
            return _allowed(event, read(_token(event)), http_api_response)
        except InvalidAccessToken as error:
            logger.info("%s: %s", error.event, error)
            if event.get("version") != FORMAT_2:
                raise Unauthorized from error
        except AccountInactive as error:
            logger.info("%s: %s", error.event, error)
        return _denied(event, http_api_response)

    return handler


def _token(event: Event) -> str:
    return bearer_token(event["authorizationToken"] if event["type"] == "TOKEN" else _authorization(event))


def _authorization(event: Event) -> str:
    headers = event.get("headers") or {}
    for name, value in headers.items():
        if name.lower() == "authorization":
            return str(value)
    return ""


def _allowed(event: Event, claims: AccessClaims, http_api_response: str) -> dict[str, Any]:
    context = {
        "sub": claims.sub,
        "user_id": str(claims.user_id),
        "account_id": claims.account_id,
        "role": claims.role,
        "scopes": claims.scope,
        "session_id": claims.sid,
        "contract": claims.aud,
    }
    if event.get("version") != FORMAT_2:
        return _policy("Allow", event["methodArn"], claims.sub, context)
    if http_api_response == "simple":
        return {"isAuthorized": True, "context": context}
    return _policy("Allow", event["routeArn"], claims.sub, context)


def _denied(event: Event, http_api_response: str) -> dict[str, Any]:
    if event.get("version") == FORMAT_2 and http_api_response == "simple":
        return {"isAuthorized": False}
    return _policy("Deny", event.get("routeArn") or event["methodArn"], "anonymous", {})


def _policy(effect: str, arn: str, principal: str, context: Mapping[str, str]) -> dict[str, Any]:
    api, stage, *_ = arn.split("/", 2)
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": f"{api}/{stage}/*"}
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }
