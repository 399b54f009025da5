"""New sessions, from every way of signing in."""

from keyfob.crypto.random import new_id
from keyfob.model.session import Client, Session
from keyfob.model.token import TokenPolicy


def new_session(user_id: str, policy: TokenPolicy, client: Client, now: int) -> Session:
    """Return a new session at generation 0. It is not stored yet."""
    return Session(
        user_id=user_id,
        id=new_id(),
        contract=policy.audience,
        generation=0,
        created_at=now,
        refreshed_at=now,
        expires_at=now + policy.family_seconds,
        client=client,
    )
