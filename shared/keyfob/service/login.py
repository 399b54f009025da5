"""Signing in with a password."""

from contextlib import suppress
from typing import NamedTuple

from keyfob.crypto.passwords import PasswordHasher
from keyfob.errors import AccountInactive, InvalidCredentials, Unavailable
from keyfob.model.credentials import Credentials
from keyfob.model.session import Client
from keyfob.model.token import TokenPolicy, Tokens
from keyfob.model.user import User
from keyfob.service.sessions import new_session
from keyfob.service.tokens import TokenIssuer
from keyfob.store.sessions import Sessions
from keyfob.store.users import Users


class Welcome(NamedTuple):
    """A user and the tokens of its new session."""

    user: User
    tokens: Tokens


def log_in(
    credentials: Credentials,
    policy: TokenPolicy,
    client: Client,
    *,
    users: Users,
    sessions: Sessions,
    passwords: PasswordHasher,
    issuer: TokenIssuer,
    now: int,
) -> Welcome:
    """Start a session for whom the credentials belong to.

    Raises `InvalidCredentials` after the same work for an unknown user as for a wrong password, and
    `AccountInactive` only to those who know the password.
    """
    user = users.find(credentials.identifier)
    known_hash = user.password_hash if user else None
    if not passwords.verify(known_hash, credentials.password) or user is None or known_hash is None:
        raise InvalidCredentials
    if not user.is_active:
        raise AccountInactive(user.id)
    if passwords.needs_rehash(known_hash):
        _renew_hash(user, credentials.password, users, passwords)
    session = new_session(user.id, policy, client, now)
    tokens = issuer.issue(user, session, policy, now)
    sessions.add(session)
    return Welcome(user, tokens)


def _renew_hash(user: User, password: str, users: Users, passwords: PasswordHasher) -> None:
    """Store a better hash if that is possible now; the next login may do it as well."""
    with suppress(Unavailable):
        users.replace_password_hash(user, passwords.hash(password))
