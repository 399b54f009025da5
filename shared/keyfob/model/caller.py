"""Who calls another API."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from keyfob.model.token import AccessClaims


class Caller(NamedTuple):
    """What the authorizer tells another API of a caller; `user_id` is the contract's own form of the user's id."""

    sub: str
    user_id: str | int
    account_id: str
    role: str
    scopes: str
    session_id: str
    contract: str

    @classmethod
    def of(cls, claims: "AccessClaims") -> "Caller":
        """Return what an access token says of its bearer."""
        return cls(claims.sub, claims.user_id, claims.account_id, claims.role, claims.scope, claims.sid, claims.aud)
