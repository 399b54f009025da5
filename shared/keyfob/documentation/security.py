"""How callers say who they are, as security schemes (OpenAPI 3.1, section 4.8.27)."""

from typing import Final

from keyfob.contracts.base import Contract, Json
from keyfob.model.permission import PUBLIC, SESSION

_BEARER: Final[Json] = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "An access token, from `login` or `refresh`; or an API key.",
}
_WHOLE_HEADER: Final[Json] = {
    "type": "apiKey",
    "in": "header",
    "name": "Authorization",
    "description": "`Bearer`, a blank, and an access token from `login` or `refresh`, or an API key.",
}
_API_KEY: Final[Json] = {
    "type": "apiKey",
    "in": "header",
    "name": "X-API-Key",
    "description": "An API key whose scopes allow what is called.",
}
_COOKIE: Final[Json] = {
    "type": "apiKey",
    "in": "cookie",
    "name": "__Host-session",
    "description": "The cookie that `session/login` sets, and browsers send by themselves. Over plain HTTP, as on a"
    " laptop, its name is `session`. A request that changes something must come from a page of this origin or of one"
    " that is allowed, or bring the header `X-CSRF-Token`.",
}


def schemes(contract: Contract) -> dict[str, Json]:
    """Return the schemes by name. Document 002 has its readers type ``Bearer`` themselves, and so they may.

    Swagger UI's dialog begins in the field of the last one, so that is the one that people fill in most.
    """
    bearer = _WHOLE_HEADER if contract.name == "igny8" else _BEARER
    return {"cookie": _COOKIE, "api_key": _API_KEY, "bearer": bearer}


def requirements(permission: str) -> list[dict[str, list[str]]]:
    """Return which schemes, each by itself, an operation takes that demands `permission`; none if it is public."""
    names = {PUBLIC: (), SESSION: ("bearer", "cookie")}.get(permission, ("bearer", "api_key", "cookie"))
    return [{name: []} for name in names]


def explanation(permission: str) -> str:
    """Return a sentence about who may call what demands `permission`, or ``""`` if everybody may."""
    if permission == PUBLIC:
        return ""
    if permission == SESSION:
        return "For those who are signed in, and not for their API keys."
    return f"Needs the permission `{permission}`."
