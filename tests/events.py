"""The events of `events/`, and how they are made; `make events` writes them anew.

Each is what API Gateway or Secrets Manager would send to one function. What differs from request to request, such as
ids and times, is always the same here, and tokens are placeholders.
"""

import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from hashlib import md5
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from keyfob.contracts import contract_named
from keyfob.model.mail import MailRequest

from local.aws import ROTATION_STEPS, rotation_event
from local.gateway import rest_event
from local.intrinsics import ACCOUNT_ID, REGION, STACK_NAME
from local.records import queue_record, stream_record
from local.template import TEMPLATE, Deployment, load_deployment
from tests.log_batches import log_batch

if TYPE_CHECKING:
    from types_boto3_dynamodbstreams.type_defs import RecordTypeDef
    from types_boto3_sqs.type_defs import MessageTypeDef

Event = dict[str, Any]

DIRECTORY = TEMPLATE.parent / "events"
ACCESS_TOKEN = "ACCESS_TOKEN"
REFRESH_TOKEN = "REFRESH_TOKEN"
SESSION_COOKIE_VALUE = "SESSION_COOKIE"
OAUTH_COOKIE_VALUE = "OAUTH_COOKIE"
SESSION_ID = "SESSION_ID"
VERIFICATION_TOKEN = "VERIFICATION_TOKEN"
RESET_TOKEN = "RESET_TOKEN"
INVITATION_TOKEN = "INVITATION_TOKEN"
INVITATION_ID = "INVITATION_ID"
API_KEY = "API_KEY"
KEY_ID = "KEY_ID"
USER_ID = "USER_ID"
GUEST = "grace@example.com"
CODE = "CODE"
STATE = "STATE"
NEW_PASSWORD = "NewSecurePass456!"

USERS: Mapping[str, Mapping[str, str]] = {
    "standard": {
        "email": "ada@example.com",
        "username": "ada",
        "password": "correct horse battery staple",
        "full_name": "Ada Lovelace",
    },
    "metatag": {"email": "john.doe@example.com", "password": "SecurePassword123!", "full_name": "John Doe"},
    "pythonorg": {
        "username": "pythonista",
        "email": "pythonista@example.com",
        "password": "SecurePass123!",
        "first_name": "Guido",
        "last_name": "van Rossum",
    },
    "igny8": {
        "email": "user@example.com",
        "username": "user",
        "password": "secure_password123",
        "first_name": "John",
        "last_name": "Doe",
    },
    "reference": {"username": "jane.doe", "email": "jane.doe@example.com", "password": "correct horse battery staple"},
}
IDENTIFIERS = {
    "standard": "email",
    "metatag": "email",
    "pythonorg": "username",
    "igny8": "email",
    "reference": "username",
}
REFRESH_BODIES = {
    "standard": {"refresh_token": REFRESH_TOKEN},
    "igny8": {"refresh": REFRESH_TOKEN},
    "reference": {"refreshToken": REFRESH_TOKEN},
}

_BEARER = {"Authorization": f"Bearer {ACCESS_TOKEN}"}
_COOKIE = {"Cookie": f"__Host-session={SESSION_COOKIE_VALUE}"}
_BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
_FORM = {**_BROWSER, "Content-Type": "application/x-www-form-urlencoded"}
_ORIGIN = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}
_API = "a1b2c3d4e5"
_DOMAIN = f"{_API}.execute-api.eu-west-1.amazonaws.com"
_ROUTE_ARN = f"arn:aws:execute-api:eu-west-1:123456789012:{_API}/prod/GET/orders/42"
_VERSION = "5e8ff9bf-55ba-4508-84e9-5b29b5c1d2e4"
_SECONDS = 1_772_532_600
_TIME = "03/Mar/2026:10:10:00 +0000"
_TRACE = "Root=1-69a6b3f8-0123456789abcdef01234567"
_IDS = {
    "requestId": "9a1b6c1e-3c57-4d0f-8a55-0c1f0d7f4b6a",
    "extendedRequestId": "ZbRrQGvYjoEFXcA=",
    "requestTime": _TIME,
    "requestTimeEpoch": _SECONDS * 1000,
}


def made() -> dict[str, Event]:
    """Return every event by the name of its file."""
    deployment = load_deployment()
    makers = (
        _of_contracts,
        _of_accounts,
        _of_keys,
        _of_members,
        _of_staff,
        _of_browsers,
        _of_discovery,
        _of_documentation,
        _of_other_paths,
        _authorizer,
        _rotation,
        _schedule,
        _of_logs,
        _of_sources,
    )
    return {name: event for make in makers for name, event in make(deployment).items()}


def rendered(event: Event) -> str:
    """Return the text of an event's file."""
    return json.dumps(event, indent=2, ensure_ascii=False) + "\n"


def write(directory: Path = DIRECTORY) -> None:
    """Write every event's file."""
    for name, event in made().items():
        (directory / name).write_text(rendered(event), encoding="utf-8")


def file_name(endpoint: str, contract: str) -> str:
    """Return the name of the file with an endpoint's event on a contract."""
    return f"{endpoint}.json" if contract == "standard" else f"{endpoint}.{contract}.json"


def _of_contracts(deployment: Deployment) -> dict[str, Event]:
    bodies: dict[tuple[str, str], Mapping[str, str]] = {
        **{("register", contract): user for contract, user in USERS.items()},
        **{("login", contract): _credentials(contract) for contract in USERS},
        **{("refresh", contract): body for contract, body in REFRESH_BODIES.items()},
        ("logout", "metatag"): REFRESH_BODIES["standard"],
    }
    bearing = [("logout", "standard"), ("me", "standard"), ("me", "pythonorg")]
    events = {
        **{each: _call(deployment, *each, body=body) for each, body in bodies.items()},
        **{each: _call(deployment, *each, headers=_BEARER) for each in bearing},
    }
    return {file_name(*each): event for each, event in events.items()}


def _of_accounts(deployment: Deployment) -> dict[str, Event]:
    """Return what users do about their accounts, and document 001's own samples of it."""
    email = {contract: {"email": USERS[contract]["email"]} for contract in ("standard", "pythonorg")}
    reset = {"token": RESET_TOKEN, "new_password": NEW_PASSWORD}
    bodies: dict[tuple[str, str], Mapping[str, str]] = {
        **{("session_login", contract): _credentials(contract) for contract in email},
        **{("send_verification", contract): body for contract, body in email.items()},
        **{("forgot_password", contract): body for contract, body in email.items()},
        **dict.fromkeys([("reset_password", "standard"), ("reset_password", "pythonorg")], reset),
    }
    change = {"current_password": USERS["standard"]["password"], "new_password": NEW_PASSWORD}
    standard = partial(_call, deployment, contract="standard")
    return {
        **{file_name(*each): _call(deployment, *each, body=body) for each, body in bodies.items()},
        "change_password.json": standard("change_password", headers=_BEARER, body=change),
        "update_me.json": standard("update_me", headers=_BEARER, body={"full_name": "Ada King"}),
        "delete_me.json": standard("delete_me", headers=_BEARER),
        "sessions.json": standard("sessions", headers=_BEARER),
        "end_session.json": standard("end_session", headers=_BEARER, parameters={"session_id": SESSION_ID}),
        "end_other_sessions.json": standard("end_other_sessions", headers=_BEARER),
        "verify_email.json": standard("verify_email", parameters={"token": VERIFICATION_TOKEN}),
    }


def _of_keys(deployment: Deployment) -> dict[str, Event]:
    """Return what users do about their API keys, document 003's way as well, and what a key is for."""
    standard, reference = (partial(_call, deployment, contract=each) for each in ("standard", "reference"))
    wanted = {"name": "My Integration Key"}
    of_key: dict[str, Any] = {"headers": _BEARER, "parameters": {"key_id": KEY_ID}}
    return {
        "create_key.json": standard(
            "create_key", headers=_BEARER, body={**wanted, "scopes": ["profile:read"], "expires_in": 7_776_000}
        ),
        "create_key.reference.json": reference("create_key", headers=_BEARER, body=wanted),
        "keys.json": standard("keys", headers=_BEARER),
        "keys.reference.json": reference("keys", headers=_BEARER),
        "key.json": standard("key", **of_key),
        "rotate_key.json": standard("rotate_key", **of_key, body={"overlap": 3600}),
        "delete_key.json": standard("delete_key", **of_key),
        "delete_key.reference.json": reference("delete_key", **of_key),
        "me.key.json": standard("me", headers={"X-API-Key": API_KEY}),
    }


def _of_members(deployment: Deployment) -> dict[str, Event]:
    """Return what happens about an account's members and those who are invited."""
    standard = partial(_call, deployment, contract="standard", headers=_BEARER)
    of_member: dict[str, Any] = {"parameters": {"user_id": USER_ID}}
    return {
        "members.json": standard("members"),
        "update_member.json": standard("update_member", **of_member, body={"role": "editor"}),
        "remove_member.json": standard("remove_member", **of_member),
        "leave_account.json": standard("leave_account"),
        "invite.json": standard("invite", body={"email": GUEST, "role": "viewer"}),
        "invitations.json": standard("invitations"),
        "revoke_invitation.json": standard("revoke_invitation", parameters={"invitation_id": INVITATION_ID}),
        "accept_invitation.json": standard("accept_invitation", body={"token": INVITATION_TOKEN}),
    }


def _of_staff(deployment: Deployment) -> dict[str, Event]:
    """Return what staff does."""
    standard = partial(_call, deployment, contract="standard", headers=_BEARER)
    of_user: dict[str, Any] = {"parameters": {"user_id": USER_ID}}
    return {
        "users.json": standard("users", query=f"?email={GUEST}"),
        "user.json": standard("user", **of_user),
        "update_user.json": standard("update_user", **of_user, body={"is_active": False}),
        "end_user_sessions.json": standard("end_user_sessions", **of_user),
        "send_user_reset.json": standard("send_user_reset", **of_user),
    }


def _of_browsers(deployment: Deployment) -> dict[str, Event]:
    """Return what browsers send: cookies, forms, and the ways to a provider and back."""
    github = {"provider": "github"}
    back = f"?code={CODE}&state={STATE}"
    standard = partial(_call, deployment, contract="standard")
    return {
        **_of_page(deployment, "reset_password_page", RESET_TOKEN),
        **_of_page(deployment, "invitation_page", INVITATION_TOKEN),
        "me.cookie.json": standard("me", headers=_COOKIE),
        "session_logout.json": standard("session_logout", headers={**_COOKIE, "Origin": f"https://{_DOMAIN}"}),
        "verify_email.browser.json": standard(
            "verify_email", headers=_BROWSER, parameters={"token": VERIFICATION_TOKEN}
        ),
        "oauth.json": standard("oauth", headers=_BROWSER, parameters=github),
        "oauth_callback.json": standard(
            "oauth_callback",
            headers={"Cookie": f"__Host-oauth={OAUTH_COOKIE_VALUE}"},
            parameters=github,
            query=back,
        ),
    }


def _of_page(deployment: Deployment, endpoint: str, token: str) -> dict[str, Event]:
    """Return the opening of a link that leads to a page, and the sending of that page's form."""
    standard = contract_named("standard")
    page = standard.base_path + standard.operations[endpoint].path
    content = urlencode({"token": token, "password": NEW_PASSWORD}).encode()
    form = {**_FORM, "Origin": "null"}
    return {
        f"{endpoint}.json": _request(deployment, "standard", "GET", f"{page}?token={token}", _BROWSER),
        f"{endpoint}.form.json": _request(deployment, "standard", "POST", page, form, content),
    }


def _credentials(contract: str) -> dict[str, str]:
    return {name: USERS[contract][name] for name in (IDENTIFIERS[contract], "password")}


def _call(
    deployment: Deployment,
    endpoint: str,
    contract: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    parameters: Mapping[str, str] | None = None,
    query: str = "",
) -> Event:
    spoken = contract_named(contract)
    operation = spoken.operations[endpoint]
    path = spoken.base_path + operation.path.format(**(parameters or {})) + query
    content = json.dumps(body).encode() if body else b""
    return _request(deployment, contract, operation.methods[-1], path, headers, content)


def _request(
    deployment: Deployment,
    contract: str,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
) -> Event:
    sent = {
        "Accept": "*/*",
        **({"Content-Type": "application/json"} if content else {}),
        "Host": _DOMAIN,
        "User-Agent": "curl/8.5.0",
        **(headers or {}),
    }
    return _stable(rest_event(deployment, contract, method, path, headers=sent.items(), body=content))


def _stable(event: Event) -> Event:
    """Replace what is made anew for each request."""
    return {
        **event,
        "headers": {**event["headers"], "X-Amzn-Trace-Id": _TRACE},
        "multiValueHeaders": {**event["multiValueHeaders"], "X-Amzn-Trace-Id": [_TRACE]},
        "requestContext": {**event["requestContext"], **_IDS},
    }


def _of_discovery(deployment: Deployment) -> dict[str, Event]:
    """Return what programs ask that verify tokens by themselves."""
    standard = partial(_request, deployment, "standard", "GET")
    return {
        "openid_configuration.json": standard("/.well-known/openid-configuration"),
        "jwks.json": standard("/.well-known/jwks.json"),
    }


def _of_documentation(deployment: Deployment) -> dict[str, Event]:
    """Return what a browser asks for that opens a page of the documentation, and what programs read."""
    get = partial(_request, deployment, "standard", "GET")
    return {
        "docs.json": get("/api/docs/", _BROWSER),
        "docs.asset.json": get("/api/docs/swagger-initializer.js"),
        "docs.redoc.json": get("/api/redoc/", _BROWSER),
        "docs.schema.json": get("/api/schema/"),
    }


def _of_other_paths(deployment: Deployment) -> dict[str, Event]:
    return {
        "login.preflight.json": _request(deployment, "standard", "OPTIONS", "/api/v1/auth/login", _ORIGIN),
        "not_found.json": _request(deployment, "igny8", "GET", "/api/v1/planner/keywords/", _BEARER),
    }


def _authorizer(deployment: Deployment) -> dict[str, Event]:
    return {
        "authorizer.rest-token.json": {
            "type": "TOKEN",
            "authorizationToken": f"Bearer {ACCESS_TOKEN}",
            "methodArn": _ROUTE_ARN,
        },
        "authorizer.rest-request.json": _rest_request(deployment),
        "authorizer.http-v2.json": _HTTP_API_EVENT,
    }


def _rest_request(deployment: Deployment) -> Event:
    """Return what a REST API other than ours asks: a proxy event without a body, and with the method's ARN."""
    event = _request(deployment, "standard", "GET", "/orders/42", _BEARER)
    resource = {"resource": "/orders/{id}", "pathParameters": {"id": "42"}, "stageVariables": None}
    context = {"apiId": _API, "path": "/prod/orders/42", "resourcePath": "/orders/{id}", "stage": "prod"}
    unsent = {"body", "isBase64Encoded"}
    return {
        "type": "REQUEST",
        "methodArn": _ROUTE_ARN,
        **{name: value for name, value in event.items() if name not in unsent},
        **resource,
        "requestContext": {**event["requestContext"], **context},
    }


_HTTP_API_EVENT: Event = {
    "version": "2.0",
    "type": "REQUEST",
    "routeArn": _ROUTE_ARN,
    "identitySource": [f"Bearer {ACCESS_TOKEN}"],
    "routeKey": "GET /orders/{id}",
    "rawPath": "/prod/orders/42",
    "rawQueryString": "",
    "headers": {
        "accept": "*/*",
        "authorization": f"Bearer {ACCESS_TOKEN}",
        "content-length": "0",
        "host": _DOMAIN,
        "user-agent": "curl/8.5.0",
        "x-amzn-trace-id": _TRACE,
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    },
    "requestContext": {
        "accountId": "123456789012",
        "apiId": _API,
        "domainName": _DOMAIN,
        "domainPrefix": _API,
        "http": {
            "method": "GET",
            "path": "/prod/orders/42",
            "protocol": "HTTP/1.1",
            "sourceIp": "203.0.113.7",
            "userAgent": "curl/8.5.0",
        },
        "requestId": "ZbRrQjGdDoEEPbA=",
        "routeKey": "GET /orders/{id}",
        "stage": "prod",
        "time": _TIME,
        "timeEpoch": _SECONDS * 1000,
    },
    "pathParameters": {"id": "42"},
}


def _rotation(deployment: Deployment) -> dict[str, Event]:
    (key_set,) = (secret for secret in deployment.secrets if secret.rotated_by)
    return {f"rotate_keys.{step}.json": rotation_event(key_set, step, _VERSION) for step in ROTATION_STEPS}


def _schedule(_deployment: Deployment) -> dict[str, Event]:
    """Return what EventBridge sends once a day."""
    rule = f"arn:aws:events:{REGION}:{ACCOUNT_ID}:rule/{STACK_NAME}-CheckKeysFunctionDaily"
    event = {
        "version": "0",
        "id": _VERSION,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT_ID,
        "time": "2026-11-24T10:10:00Z",
        "region": REGION,
        "resources": [rule],
        "detail": {},
    }
    return {"check_keys.json": event}


def _of_logs(_deployment: Deployment) -> dict[str, Event]:
    """Return what CloudWatch Logs hands over: a line that tells of a security event, and one that tells of none."""
    line = {"level": "INFO", "message": "ok", "service": "keyfob", "function": "login"}
    facts = {"contract": "standard", "request_id": _IDS["requestId"], "ip": "203.0.113.7", "user_agent": "curl/8.5.0"}
    event = {**line, "message": "sign_in", "security_event": "sign_in", **facts}
    return {"forward_events.json": log_batch([json.dumps(event), json.dumps({**line, **facts})])}


def _of_sources(deployment: Deployment) -> dict[str, Event]:
    """Return what Lambda hands over of the queue and of the stream."""
    sources = {source.kind: source.resource for source in deployment.event_sources}
    request = MailRequest(
        id="3d0c0a5e-7f6f-4b34-9d43-6a2b8c1f0e55",
        kind="reset_password",
        email=USERS["standard"]["email"],
        link="https://auth.example.com/api/v1/auth/reset-password/page?token={token}",
        requested_at=_SECONDS,
    )
    body = json.dumps(dataclasses.asdict(request))
    message: MessageTypeDef = {
        "MessageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "ReceiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "Body": body,
        "Attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(_SECONDS * 1000),
            "SenderId": "AROA123456789:keyfob-ForgotPasswordFunction",
            "ApproximateFirstReceiveTimestamp": str(_SECONDS * 1000 + 5),
        },
        "MD5OfBody": md5(body.encode(), usedforsecurity=False).hexdigest(),
    }
    return {
        "mailer.json": {"Records": [queue_record(message, sources["sqs"])]},
        "notify_sign_ins.json": {"Records": [stream_record(_NEW_SESSION, _stream_arn(deployment))]},
    }


def _stream_arn(deployment: Deployment) -> str:
    (table,) = (source.resource for source in deployment.event_sources if source.kind == "dynamodb")
    return f"arn:aws:dynamodb:eu-west-1:123456789012:table/{table}/stream/2026-03-03T00:00:00.000"


_SESSION_KEY: Any = {
    "user_id": {"S": "550e8400-e29b-41d4-a716-446655440000"},
    "session_id": {"S": "b64e4e52-0e69-40be-8aea-768b3da262fa"},
}
_NEW_SESSION: "RecordTypeDef" = {
    "eventID": "c4ca4238a0b923820dcc509a6f75849b",
    "eventName": "INSERT",
    "dynamodb": {
        "ApproximateCreationDateTime": datetime.fromtimestamp(_SECONDS, UTC),
        "Keys": _SESSION_KEY,
        "NewImage": {
            **_SESSION_KEY,
            "contract": {"S": "standard"},
            "epoch": {"N": "0"},
            "generation": {"N": "0"},
            "created_at": {"N": str(_SECONDS)},
            "refreshed_at": {"N": str(_SECONDS)},
            "expires_at": {"N": str(_SECONDS + 2_592_900)},
            "ip": {"S": "203.0.113.7"},
            "user_agent": {"S": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
        },
        "SequenceNumber": "4421584500000000017450439091",
        "SizeBytes": 380,
        "StreamViewType": "NEW_IMAGE",
    },
}


if __name__ == "__main__":
    write()
