"""Signing in with a password."""

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from keyfob.crypto.digest import digest
from keyfob.errors import InvalidCredentials, KeyfobError, Unavailable
from keyfob.model.credentials import Credentials, SessionCookie
from keyfob.model.session import Client
from keyfob.model.throttle import Allowance
from keyfob.model.token import TokenPolicy, Tokens
from keyfob.model.user import User
from keyfob.service.admission import refusal_of
from keyfob.service.sessions import new_cookie_session, new_session
from keyfob.service.throttling import LoginGate, guessed_account
from keyfob.service.tokens import TokenIssuer
from keyfob.store.sessions import Sessions
from keyfob.store.user_items import NOBODY
from keyfob.store.users import Users

if TYPE_CHECKING:
    from keyfob.crypto.passwords import PasswordHasher


class Welcome(NamedTuple):
    """A user and the tokens of its new session."""

    user: User
    tokens: Tokens


class Proven(NamedTuple):
    """A user that gave its password, and what is left of attempts to where it did."""

    user: User
    allowance: Allowance


class PasswordLogin:
    """Proves who somebody is by a password, for every way of signing in with one."""

    def __init__(
        self, users: Users, passwords: "PasswordHasher", gate: LoginGate, *, needs_verified_email: bool
    ) -> None:
        """Take where users are, what verifies passwords, what bounds guessing, and whether addresses must be proven."""
        self._users = users
        self._passwords = passwords
        self._gate = gate
        self._needs_verified_email = needs_verified_email

    def prove(self, credentials: Credentials, client: Client, now: int) -> Proven:
        """Return whom the credentials belong to.

        Raises `Throttled`, `InvalidCredentials` after the same work for an unknown user as for a wrong password, and
        `AccountInactive` or `EmailNotVerified` only to those who know the password. The log alone learns from each of
        them whose the identifier is.
        """
        user_id = self._users.id_of(credentials.identifier)
        try:
            return self._proven(user_id, credentials, client, now)
        except KeyfobError as error:
            error.user_id = user_id
            raise

    def _proven(self, user_id: str | None, credentials: Credentials, client: Client, now: int) -> Proven:
        entry = self._gate.enter(client.ip, guessed_account(credentials.identifier), now)
        user = self._users.get(user_id or NOBODY)
        known_hash = user.password_hash if user else None
        if not self._passwords.verify(known_hash, credentials.password) or user is None or known_hash is None:
            raise _refusal(InvalidCredentials(), self._gate.failed(entry, now))
        self._gate.passed(entry, now)
        refusal = refusal_of(user, needs_verified_email=self._needs_verified_email)
        if refusal:
            raise _refusal(refusal, entry.allowance)
        if self._passwords.needs_rehash(known_hash):
            _renew_hash(user, credentials.password, self._users, self._passwords)
        return Proven(user, entry.allowance)


def log_in(
    user: User, policy: TokenPolicy, client: Client, *, sessions: Sessions, issuer: TokenIssuer, now: int
) -> Tokens:
    """Start a session of a user that has proven who it is, and return its tokens."""
    session = new_session(user, policy, client, now)
    tokens = issuer.issue(user, session, policy, now)
    sessions.add(session)
    return tokens


def log_in_with_cookie(
    user: User, contract: str, client: Client, before: SessionCookie | None, *, sessions: Sessions, now: int
) -> SessionCookie:
    """Start a cookie session of a user that has proven who it is, in place of the one that the browser had `before`."""
    new = new_cookie_session(user, contract, client, now)
    sessions.add(new.session)
    if before is not None:
        sessions.end_cookie(before.user_id, before.session_id, digest(before.secret))
    return new.cookie


def _refusal(error: KeyfobError, allowance: Allowance) -> KeyfobError:
    error.allowance = allowance
    return error


def _renew_hash(user: User, password: str, users: Users, passwords: "PasswordHasher") -> None:
    """Store a better hash if that is possible now; the next login may do it as well."""
    with suppress(Unavailable):
        users.replace_password_hash(user, passwords.hash(password))
