"""What staff does about users: finding, listing, activating and deactivating, flags and roles, sessions, resets."""

from dataclasses import replace
from typing import NamedTuple

from keyfob.crypto.base64url import decode, encode
from keyfob.errors import PermissionDenied
from keyfob.model.administration import UserChange, UserList
from keyfob.model.permission import SUPERUSER
from keyfob.model.security_event import SecurityEventKind
from keyfob.model.user import User
from keyfob.service.authentication import Principal
from keyfob.service.paging import not_a_cursor
from keyfob.service.references import user_of
from keyfob.service.user_changes import unless_user_changes
from keyfob.store.directory import Directory, Place
from keyfob.store.users import Users

FLAGS = ("is_staff", "is_superuser", "has_membership")


def find_users(identifier: str, users: Users) -> UserList:
    """Return the user with an email address or a username, if there is one."""
    user = users.find(identifier)
    return UserList([user] if user else [], None)


def list_users(cursor: str, *, directory: Directory) -> UserList:
    """Return some users; `cursor` is ``""`` or a page's next one. Raises `InvalidFields` about ``cursor``."""
    users, last = directory.page(_place(cursor) if cursor else None)
    return UserList(users, _cursor(last) if last else None)


class ChangedUser(NamedTuple):
    """A user as it is now, and as it was before."""

    user: User
    before: User


def change_user(reference: str | int, change: UserChange, principal: Principal, *, users: Users) -> ChangedUser:
    """Change a user, and return it as it then is; one that is deactivated has no session and no API key any more.

    Staff activates and deactivates. Flags, roles, and whatever concerns other staff, take a superuser; and nobody
    changes itself. Raises `PermissionDenied`, `ResourceNotFound`, and `LastOwner`.
    """
    user = user_of(reference, users)
    new = _changed(user, change)
    _check(user, new, principal)
    if new != user:
        with unless_user_changes():
            users.set_rights(user, new)
    return ChangedUser(new, user)


def events_of(changed: ChangedUser) -> list[tuple[SecurityEventKind, dict[str, str]]]:
    """Return the security events that a change of a user is."""
    new, before = changed
    events: list[tuple[SecurityEventKind, dict[str, str]]] = []
    if new.is_active != before.is_active:
        events.append(("user_activated" if new.is_active else "user_deactivated", {}))
    if new.role != before.role:
        events.append(("role_changed", {"from": before.role, "to": new.role}))
    flags = {name: getattr(new, name) for name in FLAGS if getattr(new, name) != getattr(before, name)}
    if flags:
        events.append(("user_changed", {name: str(value).lower() for name, value in flags.items()}))
    return events


def user_in_reach(reference: str | int, principal: Principal, *, users: Users) -> User:
    """Return a user that the principal may do something about; raises `PermissionDenied` and `ResourceNotFound`."""
    user = user_of(reference, users)
    _check_reach(user, principal)
    return user


def end_sessions(reference: str | int, principal: Principal, *, users: Users) -> User:
    """End all sessions of a user, and return it; raises `PermissionDenied` and `ResourceNotFound`."""
    user = user_in_reach(reference, principal, users=users)
    with unless_user_changes():
        users.end_sessions(user, along_with=[])
    return user


def _changed(user: User, change: UserChange) -> User:
    """Return the user as `change` makes it: once it is deactivated, with sessions and keys of later epochs alone."""
    values = {name: value for name, value in change._asdict().items() if value is not None}
    new = replace(user, **values)
    if user.is_active and not new.is_active:
        return replace(new, session_epoch=user.session_epoch + 1, key_epoch=user.key_epoch + 1)
    return new


def _check(user: User, new: User, principal: Principal) -> None:
    if user.id == principal.user.id:
        raise PermissionDenied("nobody changes its own rights")
    _check_reach(user, principal)
    rest = replace(new, is_active=user.is_active, session_epoch=user.session_epoch, key_epoch=user.key_epoch)
    if rest != user:
        principal.demand(SUPERUSER)


def _check_reach(user: User, principal: Principal) -> None:
    """Raise `PermissionDenied` if staff reaches for other staff without being a superuser."""
    if user.is_staff or user.is_superuser:
        principal.demand(SUPERUSER)


def _cursor(place: Place) -> str:
    return encode("\n".join(place).encode())


def _place(cursor: str) -> Place:
    try:
        pk, sk = decode(cursor).decode().split("\n")
        return Place.at(pk, sk)
    except ValueError as error:
        raise not_a_cursor() from error
