"""Refreshing a session (RFC 6749, section 6), with reuse detection (RFC 9700, section 4.14.2)."""

from keyfob.errors import AccountInactive, InvalidRefreshToken, RefreshTokenReused
from keyfob.model.session import Client, Session
from keyfob.model.token import RefreshClaims, TokenPolicy, Tokens
from keyfob.service.tokens import TokenIssuer
from keyfob.store.sessions import Sessions, StaleGeneration
from keyfob.store.users import Users


def refresh(
    token: str,
    policy: TokenPolicy,
    client: Client,
    *,
    users: Users,
    sessions: Sessions,
    issuer: TokenIssuer,
    grace_seconds: int,
    now: int,
) -> Tokens:
    """Return new tokens for a refresh token, which a rotating policy replaces and a reusable one gives back.

    Raises `InvalidRefreshToken`, its kind `RefreshTokenReused` after ending the session, or `AccountInactive`.
    """
    claims = issuer.read_refresh_token(token, policy.audience, now)
    user = users.get(claims.sub)
    if user is None:
        raise InvalidRefreshToken("no such user")
    if not user.is_active:
        raise AccountInactive(user.id)
    if not policy.rotates:
        session = _touched(claims, client, sessions, now)
        return Tokens(issuer.access_token(user, session, policy, now), token, policy.access_seconds)
    session = _advanced(claims, policy, client, sessions, grace_seconds, now)
    return issuer.issue(user, session, policy, now)


def _touched(claims: RefreshClaims, client: Client, sessions: Sessions, now: int) -> Session:
    try:
        return sessions.touch((claims.sub, claims.sid), now=now, client=client)
    except StaleGeneration as stale:
        raise InvalidRefreshToken("the session has ended") from stale


def _advanced(
    claims: RefreshClaims,
    policy: TokenPolicy,
    client: Client,
    sessions: Sessions,
    grace_seconds: int,
    now: int,
) -> Session:
    key = (claims.sub, claims.sid)
    try:
        return sessions.advance(key, claims.gen, now=now, lifetime=policy.family_seconds, client=client)
    except StaleGeneration as stale:
        session = stale.session
        if session is None or not session.is_live(now):
            raise InvalidRefreshToken("the session has ended") from stale
        if _is_successor(session, claims) and now - session.refreshed_at <= grace_seconds:
            return session
        sessions.end(*key)
        raise RefreshTokenReused(*key) from stale


def _is_successor(session: Session, claims: RefreshClaims) -> bool:
    return session.generation == claims.gen + 1
