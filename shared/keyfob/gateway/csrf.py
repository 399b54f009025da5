"""Cross-site request forgery: a browser sends cookies along whoever made it send a request, so they prove little.

A request with a session cookie that may change something must prove that it comes from a page of ours: by
`Sec-Fetch-Site` or `Origin`, which browsers set themselves, or by the CSRF token, which only who can read our answers
has.
"""

from collections.abc import Collection, Mapping
from typing import Final

from keyfob.crypto.digest import derived, same
from keyfob.errors import CrossSiteRequest

TOKEN_HEADER: Final = "x-csrf-token"  # noqa: S105 - the name of a header
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_PURPOSE: Final = "csrf"
_NO_ORIGIN: Final = "null"
_OURS: Final = frozenset({"same-origin", "none"})
_OF_OTHERS: Final = frozenset({"cross-site", "same-site"})


def csrf_token(secret: bytes) -> str:
    """Return the CSRF token of the session cookie with this secret."""
    return derived(secret, _PURPOSE)


def check_changes(headers: Mapping[str, str], own_origin: str, allowed: Collection[str], secret: bytes) -> None:
    """Raise `CrossSiteRequest` unless a request proves that it comes from a page of ours.

    `headers` have lower-case names; pages of ours are those of `own_origin` and of the `allowed` origins; `secret` is
    that of the session cookie.
    """
    sent = headers.get(TOKEN_HEADER, "")
    if sent and same(sent, csrf_token(secret)):
        return
    check_origin(headers, own_origin, allowed)
    if "origin" not in headers and headers.get("sec-fetch-site", "") not in _OURS:
        raise CrossSiteRequest("neither an origin nor a CSRF token")


def check_origin(headers: Mapping[str, str], own_origin: str, allowed: Collection[str]) -> None:
    """Raise `CrossSiteRequest` if a browser says that a request comes from a page that is not ours.

    The origin ``null`` names nobody, and may be that of a page of ours with the referrer policy ``no-referrer`` (Fetch
    Standard, section 3.1): `Sec-Fetch-Site` decides then.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "")
    if origin == own_origin or origin in allowed or (origin == _NO_ORIGIN and site in _OURS):
        return
    if origin is not None or site in _OF_OTHERS:
        raise CrossSiteRequest("from another site")
