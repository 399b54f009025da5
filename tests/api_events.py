"""What API Gateway sends to the functions of our own API."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from keyfob.contracts import contract_named

from local.gateway import rest_event
from local.template import Deployment
from tests.event_facts import (
    API_KEY,
    BEARER,
    CODE,
    DOMAIN,
    GUEST,
    IDENTIFIERS,
    IDS,
    INVITATION_ID,
    INVITATION_TOKEN,
    KEY_ID,
    NEW_PASSWORD,
    OAUTH_COOKIE_VALUE,
    REFRESH_BODIES,
    RESET_TOKEN,
    SESSION_COOKIE_VALUE,
    SESSION_ID,
    STATE,
    TRACE,
    USER_ID,
    USERS,
    VERIFICATION_TOKEN,
    Event,
)

_COOKIE = {"Cookie": f"__Host-session={SESSION_COOKIE_VALUE}"}
_BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
_FORM = {**_BROWSER, "Content-Type": "application/x-www-form-urlencoded"}
_ORIGIN = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}


def api_events(deployment: Deployment) -> dict[str, Event]:
    """Return the events of every endpoint, by the name of their file."""
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
    )
    return {name: event for make in makers for name, event in make(deployment).items()}


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
        **{each: _call(deployment, *each, headers=BEARER) for each in bearing},
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
        "change_password.json": standard("change_password", headers=BEARER, body=change),
        "update_me.json": standard("update_me", headers=BEARER, body={"full_name": "Ada King"}),
        "delete_me.json": standard("delete_me", headers=BEARER),
        "sessions.json": standard("sessions", headers=BEARER),
        "end_session.json": standard("end_session", headers=BEARER, parameters={"session_id": SESSION_ID}),
        "end_other_sessions.json": standard("end_other_sessions", headers=BEARER),
        "verify_email.json": standard("verify_email", parameters={"token": VERIFICATION_TOKEN}),
    }


def _of_keys(deployment: Deployment) -> dict[str, Event]:
    """Return what users do about their API keys, document 003's way as well, and what a key is for."""
    standard, reference = (partial(_call, deployment, contract=each) for each in ("standard", "reference"))
    wanted = {"name": "My Integration Key"}
    of_key: dict[str, Any] = {"headers": BEARER, "parameters": {"key_id": KEY_ID}}
    return {
        "create_key.json": standard(
            "create_key", headers=BEARER, body={**wanted, "scopes": ["profile:read"], "expires_in": 7_776_000}
        ),
        "create_key.reference.json": reference("create_key", headers=BEARER, body=wanted),
        "keys.json": standard("keys", headers=BEARER),
        "keys.reference.json": reference("keys", headers=BEARER),
        "key.json": standard("key", **of_key),
        "rotate_key.json": standard("rotate_key", **of_key, body={"overlap": 3600}),
        "delete_key.json": standard("delete_key", **of_key),
        "delete_key.reference.json": reference("delete_key", **of_key),
        "me.key.json": standard("me", headers={"X-API-Key": API_KEY}),
    }


def _of_members(deployment: Deployment) -> dict[str, Event]:
    """Return what happens about an account's members and those who are invited."""
    standard = partial(_call, deployment, contract="standard", headers=BEARER)
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
    standard = partial(_call, deployment, contract="standard", headers=BEARER)
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
        "session_logout.json": standard("session_logout", headers={**_COOKIE, "Origin": f"https://{DOMAIN}"}),
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
        f"{endpoint}.json": request(deployment, "standard", "GET", f"{page}?token={token}", _BROWSER),
        f"{endpoint}.form.json": request(deployment, "standard", "POST", page, form, content),
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
    return request(deployment, contract, operation.methods[-1], path, headers, content)


def request(
    deployment: Deployment,
    contract: str,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
) -> Event:
    """Return the event of one request, from curl unless `headers` say otherwise."""
    sent = {
        "Accept": "*/*",
        **({"Content-Type": "application/json"} if content else {}),
        "Host": DOMAIN,
        "User-Agent": "curl/8.5.0",
        **(headers or {}),
    }
    return _stable(rest_event(deployment, contract, method, path, headers=sent.items(), body=content))


def _stable(event: Event) -> Event:
    """Replace what is made anew for each request."""
    return {
        **event,
        "headers": {**event["headers"], "X-Amzn-Trace-Id": TRACE},
        "multiValueHeaders": {**event["multiValueHeaders"], "X-Amzn-Trace-Id": [TRACE]},
        "requestContext": {**event["requestContext"], **IDS},
    }


def _of_discovery(deployment: Deployment) -> dict[str, Event]:
    """Return what programs ask that verify tokens by themselves."""
    standard = partial(request, deployment, "standard", "GET")
    return {
        "openid_configuration.json": standard("/.well-known/openid-configuration"),
        "jwks.json": standard("/.well-known/jwks.json"),
    }


def _of_documentation(deployment: Deployment) -> dict[str, Event]:
    """Return what a browser asks for that opens a page of the documentation, and what programs read."""
    get = partial(request, deployment, "standard", "GET")
    return {
        "docs.json": get("/api/docs/", _BROWSER),
        "docs.asset.json": get("/api/docs/swagger-initializer.js"),
        "docs.redoc.json": get("/api/redoc/", _BROWSER),
        "docs.schema.json": get("/api/schema/"),
    }


def _of_other_paths(deployment: Deployment) -> dict[str, Event]:
    return {
        "login.preflight.json": request(deployment, "standard", "OPTIONS", "/api/v1/auth/login", _ORIGIN),
        "not_found.json": request(deployment, "igny8", "GET", "/api/v1/planner/keywords/", BEARER),
    }
