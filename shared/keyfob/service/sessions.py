"""New sessions, from every way of signing in."""

from typing import NamedTuple

from keyfob.crypto.digest import digest
from keyfob.crypto.random import new_id, new_secret
from keyfob.model.credentials import SessionCookie
from keyfob.model.session import COOKIE_SECONDS, Client, Session
from keyfob.model.token import TokenPolicy
from keyfob.model.user import User


class CookieSession(NamedTuple):
    """A cookie session and the cookie that stands for it; only the digest of the cookie's secret is stored."""

    session: Session
    cookie: SessionCookie


def new_session(user: User, policy: TokenPolicy, client: Client, now: int) -> Session:
    """Return a new token family at generation 0. It is not stored yet."""
    return Session(
        user_id=user.id,
        id=new_id(),
        contract=policy.audience,
        epoch=user.session_epoch,
        generation=0,
        created_at=now,
        refreshed_at=now,
        expires_at=now + policy.family_seconds,
        client=client,
    )


def new_cookie_session(user: User, contract: str, client: Client, now: int) -> CookieSession:
    """Return a new cookie session on a contract. It is not stored yet."""
    cookie = SessionCookie(user.id, new_id(), new_secret())
    session = Session(
        user_id=user.id,
        id=cookie.session_id,
        contract=contract,
        epoch=user.session_epoch,
        generation=0,
        created_at=now,
        refreshed_at=now,
        expires_at=now + COOKIE_SECONDS,
        client=client,
        secret_digest=digest(cookie.secret),
    )
    return CookieSession(session, cookie)
