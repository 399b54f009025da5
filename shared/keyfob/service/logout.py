"""Signing out: the session ends, and every token of it at once."""

from keyfob.errors import InvalidRefreshToken
from keyfob.model.token import RefreshClaims
from keyfob.service.authentication import SignedIn
from keyfob.service.tokens import TokenIssuer
from keyfob.store.sessions import Sessions


def log_out(signed_in: SignedIn, sessions: Sessions) -> None:
    """End the session that someone is signed in with."""
    sessions.end(signed_in.session.user_id, signed_in.session.id)


def log_out_with_refresh_token(
    token: str, audience: str, *, issuer: TokenIssuer, sessions: Sessions, now: int
) -> RefreshClaims | None:
    """End the session of a refresh token, and return what it says.

    A token that is worth nothing says nothing, and leaves nothing to end (RFC 7009, section 2.2).
    """
    try:
        claims = issuer.read_refresh_token(token, audience, now)
    except InvalidRefreshToken:
        return None
    sessions.end(claims.sub, claims.sid)
    return claims
