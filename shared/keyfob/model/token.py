"""Tokens: what they say and how long they live."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from keyfob.model.user import User

LONGEST_ACCESS_SECONDS = 7 * 24 * 3600
LONGEST_REFRESH_SECONDS = 30 * 24 * 3600


class TokenPolicy(NamedTuple):
    """How one contract's tokens live. `audience` is the contract's name; lifetimes are in seconds.

    `rotates`: each refresh token works once and is replaced; otherwise it works until it expires or is revoked.
    `user_id` gives a user's id in the form that the contract shows.
    """

    audience: str
    access_seconds: int
    refresh_seconds: int
    rotates: bool
    user_id: "Callable[[User], str | int]"

    @property
    def family_seconds(self) -> int:
        """How long after its newest refresh token a family may have a live token of either kind."""
        return self.refresh_seconds + self.access_seconds


class AccessClaims(NamedTuple):
    """What an access token says (RFC 9068, section 2.2).

    `user_id` is the contract's own form of the user's id, and `scope` what the user may do (RFC 6749, section 3.3).
    """

    iss: str
    sub: str
    aud: str
    exp: int
    iat: int
    jti: str
    sid: str
    user_id: str | int
    account_id: str
    role: str
    scope: str
    type: str = "access"


class RefreshClaims(NamedTuple):
    """What a refresh token says: its session and the generation it is."""

    iss: str
    sub: str
    aud: str
    exp: int
    iat: int
    jti: str
    sid: str
    gen: int
    type: str = "refresh"


class Tokens(NamedTuple):
    """A fresh pair, and its session. `expires_in` is the access token's lifetime in seconds, its ``exp - iat``."""

    access_token: str
    refresh_token: str
    expires_in: int
    session_id: str
