"""Who calls another API."""

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from keyfob.model.token import AccessClaims


EVERYTHING: Final = "*"
"""The scope that hardly narrows what a role allows: deleting the user, and what flags give, must be named."""


class Caller(NamedTuple):
    """What the authorizer tells another API of a caller; `user_id` is the contract's own form of the user's id.

    `permissions` are what the caller may do, and `scopes` what its credential is limited to: ``*`` for a session.
    Either has a blank between two. A caller has a `session_id` or a `key_id`, and the other one is empty.
    """

    sub: str
    user_id: str | int
    account_id: str
    role: str
    permissions: str
    scopes: str
    session_id: str
    key_id: str
    contract: str

    @classmethod
    def of(cls, claims: "AccessClaims") -> "Caller":
        """Return what an access token says of its bearer."""
        who = (claims.sub, claims.user_id, claims.account_id, claims.role)
        return cls(*who, claims.scope, EVERYTHING, claims.sid, "", claims.aud)
