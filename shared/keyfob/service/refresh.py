"""Refreshing a session (RFC 6749, section 6), with reuse detection (RFC 9700, section 4.14.2)."""

from keyfob.errors import AccountInactive, InvalidRefreshToken, RefreshTokenReused, Unavailable
from keyfob.model.session import Client, Session, SessionRef
from keyfob.model.token import TokenPolicy, Tokens
from keyfob.service.tokens import TokenIssuer
from keyfob.store.sessions import Sessions, StaleSession
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
    ref = SessionRef(claims.sub, claims.sid, user.session_epoch)
    if not policy.rotates:
        session = _touched(ref, client, sessions, now)
        return Tokens(issuer.access_token(user, session, policy, now), token, policy.access_seconds, session.id)
    session = _advanced(ref, claims.gen, policy, client, sessions, grace_seconds, now)
    return issuer.issue(user, session, policy, now)


def _touched(ref: SessionRef, client: Client, sessions: Sessions, now: int) -> Session:
    try:
        return sessions.touch(ref, now=now, client=client)
    except StaleSession as stale:
        raise _ended_or_carried_over(stale, ref) from stale


def _advanced(
    ref: SessionRef,
    generation: int,
    policy: TokenPolicy,
    client: Client,
    sessions: Sessions,
    grace_seconds: int,
    now: int,
) -> Session:
    try:
        return sessions.advance(ref, generation, now=now, lifetime=policy.family_seconds, client=client)
    except StaleSession as stale:
        session = stale.session
        if session is None or session.epoch != ref.epoch or not session.is_live(now):
            raise _ended_or_carried_over(stale, ref) from stale
        if session.generation == generation + 1 and now - session.refreshed_at <= grace_seconds:
            return session
        sessions.end(ref.user_id, ref.id)
        raise RefreshTokenReused(ref.user_id, ref.id) from stale


def _ended_or_carried_over(stale: StaleSession, ref: SessionRef) -> InvalidRefreshToken | Unavailable:
    """Return what to raise: a session that went on to a later epoch than its user had a moment ago is not over."""
    if stale.session is not None and stale.session.epoch > ref.epoch:
        return Unavailable("the session is carried over to another epoch")
    return InvalidRefreshToken("the session has ended")
