"""Example values by the names of fields and of paths' parameters: of one user throughout, who is Ada."""

from collections.abc import Mapping
from types import MappingProxyType, NoneType
from typing import Any, Final, get_args, get_origin, get_type_hints

from keyfob.contracts.base import Contract, Json
from keyfob.contracts.reading import fields_of, is_model

REQUEST_ID: Final = "9a1b6c1e-3c57-4d0f-8a55-0c1f0d7f4b6a"
_USER_ID: Final = "550e8400-e29b-41d4-a716-446655440000"
_INVITATION_ID: Final = "0f8fad5b-d9cb-469f-a165-70867728950e"
_SESSION_ID: Final = "b64e4e52-0e69-40be-8aea-768b3da262fa"
_TOKEN: Final = "eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"  # noqa: S105 - signs nothing
_REFRESH_TOKEN: Final = "eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"  # noqa: S105 - signs nothing
_PASSWORD: Final = "correct horse battery staple"  # noqa: S105 - nobody's
_NEW_PASSWORD: Final = "NewSecurePass456!"  # noqa: S105 - nobody's
_BEGAN: Final = "2026-03-03T10:10:00Z"
_LAST_USED: Final = "2026-03-03T11:45:00Z"
_EXPIRES: Final = "2026-06-01T10:10:00Z"
_USER_AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

VALUES: Final[Mapping[str, Any]] = MappingProxyType(
    {
        # Who somebody is
        "email": "ada@example.com",
        "username": "ada",
        "full_name": "Ada Lovelace",
        "name": "Ada Lovelace",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "User.id": _USER_ID,
        "UserReply.id": _USER_ID,
        "user_id": _USER_ID,
        "role": "owner",
        **dict.fromkeys(("is_active", "isActive"), True),
        **dict.fromkeys(("is_verified", "email_verified", "emailVerified"), False),
        **dict.fromkeys(("is_staff", "isStaff", "is_superuser", "isSuperuser"), False),
        **dict.fromkeys(("has_membership", "hasMembership"), False),
        **dict.fromkeys(("has_password", "hasPassword"), True),
        # Its account, and who else is there
        **dict.fromkeys(("Account.id", "UserAccountReply.id"), "7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        **dict.fromkeys(("Account.name", "UserAccountReply.name"), "My Account"),
        "slug": "my-account",
        **dict.fromkeys(("InvitationBody.email", "InvitationReply.email"), "grace@example.com"),
        **dict.fromkeys(("InvitationBody.role", "InvitationReply.role", "RoleBody.role"), "editor"),
        **dict.fromkeys(("InvitationReply.id", "invitationId", "invitation_id"), _INVITATION_ID),
        # What it proves that with
        **dict.fromkeys(("password", "current_password", "currentPassword"), _PASSWORD),
        **dict.fromkeys(("new_password", "newPassword", "PasswordResetForm.password"), _NEW_PASSWORD),
        **dict.fromkeys(
            (
                *("PasswordResetBody.token", "PasswordResetForm.token"),
                *("InvitationTokenBody.token", "InvitationForm.token", "path.token"),
            ),
            "ONE_TIME_TOKEN",
        ),
        **dict.fromkeys(("token", "access", "access_token"), _TOKEN),
        **dict.fromkeys(("refresh", "refresh_token", "refreshToken"), _REFRESH_TOKEN),
        "token_type": "bearer",
        # Its API keys
        **dict.fromkeys(("NewKeyBody.name", "IssuedKeyReply.name", "ListedKeyReply.name", "KeyReply.name"), "Backups"),
        **dict.fromkeys(("IssuedKeyReply.id", "KeyReply.id", "key_id"), "7b0a5a3e-52a4-4c11-9c2e-4a5b8f0e1d23"),
        **dict.fromkeys(("api_key", "apiKey"), "sk_live_EXAMPLE"),
        "scopes": ["profile:read"],
        **dict.fromkeys(("NewKeyBody.expires_in", "NewKeyBody.expiresIn"), 90 * 24 * 3600),
        "overlap": 24 * 3600,
        # Its sessions
        **dict.fromkeys(("SessionReply.id", "sessionId", "session_id"), _SESSION_ID),
        "device": "Firefox on Linux",
        **dict.fromkeys(("user_agent", "userAgent", "last_used_user_agent", "lastUsedUserAgent"), _USER_AGENT),
        **dict.fromkeys(("ip", "last_used_ip", "lastUsedIp"), "203.0.113.7"),
        "current": True,
        # What else paths name
        "provider": "github",
        "asset": "swagger-ui.css",
        # Times, and what is of every reply
        **dict.fromkeys(("created_at", "createdAt", "joined_at", "joinedAt"), _BEGAN),
        **dict.fromkeys(("last_used_at", "lastUsed"), _LAST_USED),
        **dict.fromkeys(("expires_at", "expiresAt"), _EXPIRES),
        **dict.fromkeys(("next_cursor", "nextCursor"), None),
        "success": True,
    }
)
"""By a name, or by a field's model (``path`` for a path) and its name, where it means something else there."""

_USER_NUMBER: Final = 2147483659
_ACCOUNT_NUMBER: Final = 2147483693
_USER_REFERENCE: Final = "user_550e8400e29b41d4a716446655440000"

_OF_CONTRACTS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "standard": {"token_type": "Bearer"},
        "igny8": {
            **dict.fromkeys(("User.id", "UserReply.id", "user_id"), _USER_NUMBER),
            "Account.id": _ACCOUNT_NUMBER,
        },
        "reference": {
            **dict.fromkeys(("User.id", "userId", "user_id"), _USER_REFERENCE),
            **dict.fromkeys(("keyId", "key_id"), "key_7b0a5a3e52a44c119c2e4a5b8f0e1d23"),
        },
    }
)

_LEFT_OUT: Final = frozenset({"LoginBody.username"})
"""Fields that are not given because another one is."""


def body_example(model: Any) -> Json:  # noqa: ANN401 - a `NamedTuple`
    """Return an example of what a request model reads; raises `KeyError` for a field without an example."""
    names = [field.name for field in fields_of(model)]
    return {name: _value(model.__name__, name, VALUES) for name in names if f"{model.__name__}.{name}" not in _LEFT_OUT}


def path_example(contract: Contract, name: str) -> str:
    """Return an example of a path's parameter in the contract's form; raises `KeyError` for one without an example."""
    return str(_value("path", name, _values(contract)))


def reply_example(contract: Contract, hint: Any, message: str) -> Any:  # noqa: ANN401 - a type annotation, and JSON
    """Return an example of a whole reply of the type `hint`; `message` is the sentence in it, where it is one.

    Raises `KeyError` for a field without an example.
    """
    values = {
        **_values(contract),
        "expires_in": contract.tokens.access_seconds,
        "contract": contract.name,
        "message": message,
    }
    return contract.reply_body(_example(hint, values), REQUEST_ID)


def _values(contract: Contract) -> Json:
    return {**VALUES, **_OF_CONTRACTS.get(contract.name, {})}


def _example(hint: Any, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a type annotation, and JSON
    """Return an example of what is made of models, or `None` for what is a plain value."""
    if is_model(hint):
        return {
            name: _example(each, values) or _value(hint.__name__, name, values)
            for name, each in get_type_hints(hint).items()
        }
    if get_origin(hint) is list:
        inner = _example(get_args(hint)[0], values)
        return [inner] if inner else None
    if NoneType in get_args(hint):
        [other] = [each for each in get_args(hint) if each is not NoneType]
        return _example(other, values)
    return None


def _value(owner: str, name: str, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever JSON has
    own = f"{owner}.{name}"
    return values[own] if own in values else values[name]
