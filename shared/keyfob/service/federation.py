"""Which user somebody is who signed in at a provider (docs/decisions/0029-who-is-linked.md)."""

from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple

from keyfob.errors import AccountExists, EmailNotVouched, EmailTaken, Unavailable
from keyfob.model.identity import Identity
from keyfob.model.user import User
from keyfob.service.admission import refusal_of
from keyfob.service.registration import MAX_USERNAME_STEM, first_that_is_free, new_user, username_from
from keyfob.store.transactions import UserChanged
from keyfob.store.users import IdentityTaken, Users

ROUNDS = 4

ReadAddress = Callable[[str], str]
"""Returns an email address as a registration would take it, or raises `ValueError`."""


class FederatedLogin:
    """Proves who somebody is by an identity at a provider."""

    def __init__(self, users: Users, read_address: ReadAddress, *, needs_verified_email: bool) -> None:
        """Take where users are, what reads a new user's address, and whether a user's address must be proven."""
        self._users = users
        self._read_address = read_address
        self._needs_verified_email = needs_verified_email

    def prove(self, identity: Identity, now: int) -> "FederatedUser":
        """Return whose identity it is; one that is nobody's yet is linked to a user, or becomes a new one.

        Raises `EmailNotVouched`, `AccountExists`, `AccountInactive` or `EmailNotVerified`, and then nothing is stored.
        The conditions of the writes decide, so what changes meanwhile is judged again as it then is.
        """
        for _ in range(ROUNDS):
            try:
                known = self._users.with_identity(identity)
                return FederatedUser(self._admitted(known), "known") if known else self._first(identity, now)
            except (IdentityTaken, EmailTaken, UserChanged):
                continue
        raise Unavailable("the identity or its address changed hands each time")

    def _first(self, identity: Identity, now: int) -> "FederatedUser":
        email = self._vouched_address(identity)
        user = self._users.find(email)
        if user is None:
            return FederatedUser(self._created(identity, email, now), "registered")
        if not user.email_verified:
            raise AccountExists(user.id)
        self._users.link(self._admitted(user), identity)
        return FederatedUser(user, "linked")

    def _vouched_address(self, identity: Identity) -> str:
        if identity.email is None or not identity.email_verified:
            raise EmailNotVouched("the provider tells no address, or does not vouch for it")
        try:
            return self._read_address(identity.email)
        except ValueError as error:
            raise EmailNotVouched("the address is not one that can be registered") from error

    def _created(self, identity: Identity, email: str, now: int) -> User:
        username = identity.username or username_from(email)
        user = new_user(
            email=email,
            username=username[:MAX_USERNAME_STEM],
            name=identity.name,
            password_hash=None,
            now=now,
            email_verified=True,
        )
        store = partial(self._users.create, identities=[identity])
        return first_that_is_free(user, store, self._users, renames=True)

    def _admitted(self, user: User) -> User:
        """Return a user that may sign in; raises `AccountInactive` or `EmailNotVerified` for another."""
        refusal = refusal_of(user, needs_verified_email=self._needs_verified_email)
        if refusal:
            raise refusal
        return user


class FederatedUser(NamedTuple):
    """Whose identity it is, and since when: it was known before, or it was linked to a user or made one just now."""

    user: User
    became: Literal["known", "linked", "registered"]
