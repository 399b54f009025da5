"""Registering: a user, its account, and the names that are now taken, all at once or not at all."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from keyfob.crypto.random import new_id, new_number, new_suffix
from keyfob.errors import Unavailable, UsernameTaken
from keyfob.model.account import Account
from keyfob.model.credentials import Registration
from keyfob.model.session import Client
from keyfob.model.token import TokenPolicy
from keyfob.model.user import PersonName, User
from keyfob.service.login import Welcome
from keyfob.service.password_policy import check_new_password
from keyfob.service.sessions import new_session
from keyfob.service.tokens import TokenIssuer
from keyfob.store.sessions import Sessions
from keyfob.store.transactions import IdTaken, SlugTaken
from keyfob.store.users import Users

if TYPE_CHECKING:
    from keyfob.crypto.passwords import PasswordHasher

R = TypeVar("R")

Variants = Mapping[type[Exception], Callable[[User], User]]
"""What to try instead of a user for whom something is taken, by the error that says so."""

ATTEMPTS = 6
ACCOUNT_NAME = "My Account"
ACCOUNT_SLUG = "my-account"
MAX_USERNAME_STEM = 64


Announce = Callable[[str], None]
"""Is told the id of a user that is about to be stored, and sees to it that its address will be verified."""


def register(
    registration: Registration, *, users: Users, passwords: "PasswordHasher", announce: Announce, now: int
) -> User:
    """Store a new user, its account and its uniqueness records, and return the user.

    Raises `InvalidFields` for a password that nobody should choose, `EmailTaken` or `UsernameTaken`; then nothing is
    stored.
    """
    user = candidate_of(registration, passwords, now)
    announce(user.id)
    return first_that_is_free(user, users.create, users, renames=registration.username is None)


def register_and_log_in(
    registration: Registration,
    policy: TokenPolicy,
    client: Client,
    *,
    users: Users,
    sessions: Sessions,
    passwords: "PasswordHasher",
    issuer: TokenIssuer,
    announce: Announce,
    now: int,
) -> Welcome:
    """Register as `register` does, and start the user's first session in the same transaction."""

    def store(user: User) -> Welcome:
        session = new_session(user, policy, client, now)
        tokens = issuer.issue(user, session, policy, now)
        users.create(user, along_with=[sessions.creation(session)])
        return Welcome(user, tokens)

    user = candidate_of(registration, passwords, now)
    announce(user.id)
    return first_that_is_free(user, store, users, renames=registration.username is None)


def new_user(
    *, email: str, username: str, name: PersonName, password_hash: str | None, now: int, email_verified: bool = False
) -> User:
    """Return a new user, the owner of a new account. It is not stored yet."""
    return User(
        id=new_id(),
        number=new_number(),
        email=email,
        username=username,
        name=name,
        password_hash=password_hash,
        account=new_account(),
        role="owner",
        created_at=now,
        email_verified=email_verified,
    )


def new_account() -> Account:
    """Return a new account, whose slug may be taken. It is not stored yet."""
    return Account(id=new_id(), number=new_number(), name=ACCOUNT_NAME, slug=ACCOUNT_SLUG)


def first_that_is_free(user: User, store: Callable[[User], R], users: Users, *, renames: bool) -> R:
    """Return what `store` does with the first variant of `user` whose derived names and random numbers are not taken.

    Raises what `store` raises, `UsernameTaken` only where the username is the user's own choice.
    """
    candidate = _with_slug(user, _suffixed(ACCOUNT_SLUG)) if users.slug_exists(ACCOUNT_SLUG) else user
    founding: Variants = {
        SlugTaken: lambda taken: _with_slug(taken, _suffixed(ACCOUNT_SLUG)),
        IdTaken: lambda taken: _renumbered(replace(taken, account=replace(taken.account, number=new_number()))),
    }
    return _first_stored(candidate, store, {**founding, **_renaming(user)} if renames else founding)


def first_member_that_is_free(user: User, store: Callable[[User], R]) -> R:
    """Do as `first_that_is_free` does for a user that enters an account which is there already, and stays as it is."""
    return _first_stored(user, store, {IdTaken: _renumbered, **_renaming(user)})


def candidate_of(registration: Registration, passwords: "PasswordHasher", now: int) -> User:
    """Return the user that a registration makes, not stored yet.

    Raises `InvalidFields` for a password that nobody should choose.
    """
    username = registration.username or username_from(registration.email)
    check_new_password(registration.password, email=registration.email, username=username)
    return new_user(
        email=registration.email,
        username=username,
        name=registration.name,
        password_hash=passwords.hash(registration.password),
        now=now,
    )


def username_from(email: str) -> str:
    """Return a username for who has this email address and chose none."""
    stem, _, _ = email.partition("@")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", stem)[:MAX_USERNAME_STEM].lower()


def _first_stored(user: User, store: Callable[[User], R], variants: Variants) -> R:
    candidate = user
    for _ in range(ATTEMPTS):
        try:
            return store(candidate)
        except tuple(variants) as taken:
            candidate = variants[type(taken)](candidate)
    raise Unavailable("no free name was found")


def _renaming(user: User) -> Variants:
    return {UsernameTaken: lambda taken: replace(taken, username=_suffixed(user.username))}


def _renumbered(user: User) -> User:
    return replace(user, number=new_number())


def _with_slug(user: User, slug: str) -> User:
    return replace(user, account=replace(user.account, slug=slug))


def _suffixed(name: str) -> str:
    return f"{name}-{new_suffix()}"
