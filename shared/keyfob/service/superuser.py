"""Superusers: the first of them is nobody's to appoint but the operator's, who has the tables anyway."""

from dataclasses import replace
from typing import TYPE_CHECKING

from keyfob.model.credentials import Registration
from keyfob.model.user import User
from keyfob.service.registration import candidate_of, first_that_is_free
from keyfob.service.user_changes import unless_user_changes
from keyfob.store.users import Users

if TYPE_CHECKING:
    from keyfob.crypto.passwords import PasswordHasher


def create_superuser(registration: Registration, *, users: Users, passwords: "PasswordHasher", now: int) -> User:
    """Store a new user that is staff and a superuser, whose address counts as verified, and return it.

    Raises `InvalidFields` for a password that nobody should choose, `EmailTaken` or `UsernameTaken`; then nothing is
    stored.
    """
    user = _as_superuser(replace(candidate_of(registration, passwords, now), email_verified=True))
    return first_that_is_free(user, users.create, users, renames=registration.username is None)


def promote(user: User, *, users: Users) -> User:
    """Make a user staff and a superuser, and return it as it then is; its password and sessions stay as they are."""
    new = _as_superuser(user)
    with unless_user_changes():
        users.set_rights(user, new)
    return new


def _as_superuser(user: User) -> User:
    return replace(user, is_staff=True, is_superuser=True)
