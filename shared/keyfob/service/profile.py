"""What users change about themselves: password, names, address, and whether they exist."""

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from keyfob.errors import EmailTaken, Unavailable, WrongPassword
from keyfob.model.credentials import PasswordChange, ProfileChange
from keyfob.model.user import PersonName, User
from keyfob.service.authentication import SignedIn
from keyfob.service.password_policy import check_new_password
from keyfob.service.throttling import PasswordGate
from keyfob.service.user_changes import unless_user_changes
from keyfob.store.api_keys import ApiKeys
from keyfob.store.sessions import Sessions
from keyfob.store.transactions import UserChanged
from keyfob.store.users import Users

if TYPE_CHECKING:
    from keyfob.crypto.passwords import PasswordHasher


class Passwords:
    """Asks users who are signed in for their current password, as often as anybody may guess it."""

    def __init__(self, hasher: "PasswordHasher", gate: PasswordGate) -> None:
        """Take what verifies passwords, and what bounds guessing."""
        self._hasher = hasher
        self._gate = gate

    def check(self, user: User, password: str, now: int) -> None:
        """Raise `WrongPassword` unless `password` is the user's, and `Throttled` after too many wrong ones."""
        guess = self._gate.enter(user.id, now)
        if user.password_hash is None or not self._hasher.verify(user.password_hash, password):
            self._gate.failed(guess, now)
            raise WrongPassword(user.id)
        self._gate.passed(guess, now)

    def hash(self, password: str) -> str:
        """Return the encoded hash of a new password."""
        return self._hasher.hash(password)


def change_password(
    change: PasswordChange,
    field: str,
    signed_in: SignedIn,
    *,
    users: Users,
    sessions: Sessions,
    passwords: Passwords,
    now: int,
) -> None:
    """Set a new password and end every session but this one, in one transaction.

    Raises `WrongPassword`, `Throttled`, and `InvalidFields` about `field` for a password that the user should not
    choose. Raises `Unavailable` if this session, or the user's others, ended meanwhile. Then nothing has changed.
    """
    user, session = signed_in
    check_new_password(change.new_password, email=user.email, username=user.username, field=field)
    passwords.check(user, change.current_password, now)
    new_hash = passwords.hash(change.new_password)
    kept = sessions.carrying_over(session, user.session_epoch + 1, UserChanged)
    with unless_user_changes():
        users.change_password(user, new_hash, along_with=[kept])


def change_profile(change: ProfileChange, user: User, *, users: Users) -> User:
    """Store a user's new name and username, and return the user as it then is.

    Raises `UsernameTaken`, and then nothing has changed.
    """
    new = replace(user, username=change.username or user.username, name=_changed_name(change, user.name))
    if new == user:
        return user
    with unless_user_changes():
        users.change_profile(user, new)
    return new


def wanted_address(change: ProfileChange, user: User, *, users: Users, passwords: Passwords, now: int) -> str | None:
    """Return the email address that a user wants instead of its own, or `None`.

    It needs the current password, since an address can be used to set a new one, and becomes the user's when it is
    verified. Raises `WrongPassword`, `Throttled`, or `EmailTaken`.
    """
    if change.email is None or change.email == user.email:
        return None
    passwords.check(user, change.current_password or "", now)
    if users.id_of(change.email) not in {None, user.id}:
        raise EmailTaken
    return change.email


def delete_user(user: User, *, users: Users, sessions: Sessions, keys: ApiKeys) -> None:
    """Delete a user, its account and its names in one transaction.

    Its sessions and API keys are worth nothing with that, and go too.
    """
    with unless_user_changes():
        users.delete(user)
    with suppress(Unavailable):
        sessions.forget(user.id)
        keys.forget(user.id)


def _changed_name(change: ProfileChange, name: PersonName) -> PersonName:
    if change.full_name is not None:
        return PersonName.from_full(change.full_name or None)
    if change.first_name is None and change.last_name is None:
        return name
    first = name.first if change.first_name is None else change.first_name
    last = name.last if change.last_name is None else change.last_name
    return PersonName.from_parts(first, last)
