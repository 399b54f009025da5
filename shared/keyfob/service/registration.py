"""Registering: a user, its account, and the names that are now taken, all at once or not at all."""

import re
from collections.abc import Callable
from typing import TypeVar

from keyfob.crypto.passwords import PasswordHasher
from keyfob.crypto.random import new_id, new_number, new_suffix
from keyfob.errors import Unavailable, UsernameTaken
from keyfob.model.account import Account
from keyfob.model.credentials import Registration
from keyfob.model.session import Client
from keyfob.model.token import TokenPolicy
from keyfob.model.user import User
from keyfob.service.login import Welcome
from keyfob.service.password_policy import check_new_password
from keyfob.service.sessions import new_session
from keyfob.service.tokens import TokenIssuer
from keyfob.store.sessions import Sessions
from keyfob.store.transactions import IdTaken, SlugTaken
from keyfob.store.users import Users

R = TypeVar("R")

ATTEMPTS = 6
ACCOUNT_NAME = "My Account"
ACCOUNT_SLUG = "my-account"
MAX_USERNAME_STEM = 64


def register(registration: Registration, *, users: Users, passwords: PasswordHasher, now: int) -> User:
    """Store a new user, its account and its uniqueness records, and return the user.

    Raises `InvalidFields` for a password that nobody should choose, `EmailTaken` or `UsernameTaken`; then nothing is
    stored.
    """

    def store(user: User) -> User:
        users.create(user)
        return user

    return _first_that_is_free(registration, store, users, passwords, now)


def register_and_log_in(
    registration: Registration,
    policy: TokenPolicy,
    client: Client,
    *,
    users: Users,
    sessions: Sessions,
    passwords: PasswordHasher,
    issuer: TokenIssuer,
    now: int,
) -> Welcome:
    """Register as `register` does, and start the user's first session in the same transaction."""

    def store(user: User) -> Welcome:
        session = new_session(user.id, policy, client, now)
        tokens = issuer.issue(user, session, policy, now)
        users.create(user, along_with=[sessions.creation(session)])
        return Welcome(user, tokens)

    return _first_that_is_free(registration, store, users, passwords, now)


def _first_that_is_free(
    registration: Registration, store: Callable[[User], R], users: Users, passwords: PasswordHasher, now: int
) -> R:
    """Return what `store` does with the first candidate whose derived names and random numbers are not taken."""
    username = registration.username or _username_from(registration.email)
    check_new_password(registration.password, email=registration.email, username=username)
    password_hash = passwords.hash(registration.password)
    slug = _suffixed(ACCOUNT_SLUG) if users.slug_exists(ACCOUNT_SLUG) else ACCOUNT_SLUG
    for _ in range(ATTEMPTS):
        try:
            return store(_new_user(registration, username, slug, password_hash, now))
        except UsernameTaken:
            if registration.username:
                raise
            username = _suffixed(_username_from(registration.email))
        except SlugTaken:
            slug = _suffixed(ACCOUNT_SLUG)
        except IdTaken:
            continue
    raise Unavailable("no free name was found")


def _new_user(registration: Registration, username: str, slug: str, password_hash: str, now: int) -> User:
    return User(
        id=new_id(),
        number=new_number(),
        email=registration.email,
        username=username,
        name=registration.name,
        password_hash=password_hash,
        account=Account(id=new_id(), number=new_number(), name=ACCOUNT_NAME, slug=slug),
        role="owner",
        created_at=now,
    )


def _username_from(email: str) -> str:
    stem, _, _ = email.partition("@")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", stem)[:MAX_USERNAME_STEM].lower()


def _suffixed(name: str) -> str:
    return f"{name}-{new_suffix()}"
