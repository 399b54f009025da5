"""Cookies (RFC 6265bis): names that bind them to this host where the scheme allows it, and attributes that hide them.

A cookie is ``HttpOnly`` and ``SameSite=Lax``. Over HTTPS it is ``Secure`` too, and its name begins with ``__Host-``, so
that no other host of the domain can set it.
"""

from typing import Final

SESSION: Final = "session"
OAUTH: Final = "oauth"

BLANKS: Final = " \t"
"""What may stand around a name. No other blank: browsers let pages set names that begin with one of Unicode's."""

_PREFIX: Final = "__Host-"
_SECURE_SCHEME: Final = "https"


def read_cookie(header: str, name: str, scheme: str) -> str:
    """Return the value of the cookie `name` in a ``Cookie`` header, or ``""``. Given twice, it counts as not given."""
    wanted = _name(name, scheme)
    pairs = (part.strip(BLANKS).partition("=") for part in header.split(";"))
    values = [value.strip('"') for found, _, value in pairs if found == wanted]
    return values[0] if len(values) == 1 else ""


def set_cookie(name: str, value: str, scheme: str, max_age: int) -> str:
    """Return a ``Set-Cookie`` header's value; `max_age` in seconds."""
    secure = "; Secure" if scheme == _SECURE_SCHEME else ""
    return f"{_name(name, scheme)}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}"


def clear_cookie(name: str, scheme: str) -> str:
    """Return a ``Set-Cookie`` header's value that makes the browser forget a cookie."""
    return set_cookie(name, "", scheme, 0)


def _name(name: str, scheme: str) -> str:
    return _PREFIX + name if scheme == _SECURE_SCHEME else name
