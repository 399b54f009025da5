"""Users as staff sees and changes them, in snake_case."""

from typing import NamedTuple

from keyfob.clock import iso
from keyfob.contracts.base import Contract, Json
from keyfob.contracts.fields import AnyRole, Flag
from keyfob.contracts.reading import read
from keyfob.model.administration import UserChange, UserList
from keyfob.model.user import User


class UserChangeBody(NamedTuple):
    """What ``PATCH /users/{user_id}`` takes: what changes. Only superusers change more than whether one is active."""

    is_active: Flag | None = None
    is_staff: Flag | None = None
    is_superuser: Flag | None = None
    has_membership: Flag | None = None
    role: AnyRole | None = None


class UserAccountReply(NamedTuple):
    """The account of a user; `id` is a UUID on every contract."""

    id: str
    name: str
    slug: str


class UserReply(NamedTuple):
    """A user as staff sees it; times in ISO 8601."""

    id: str | int
    email: str
    email_verified: bool
    username: str
    full_name: str | None
    is_active: bool
    is_staff: bool
    is_superuser: bool
    has_membership: bool
    has_password: bool
    role: str
    account: UserAccountReply
    created_at: str


class UsersReply(NamedTuple):
    """A page of users, and the ``cursor`` of the next one, if there is one."""

    users: list[UserReply]
    next_cursor: str | None


class SnakeCaseUsers(Contract):
    """Reads and shows what staff does."""

    def user_change(self, body: Json) -> UserChange:
        """Read what changes."""
        change = read(UserChangeBody, body)
        return UserChange(
            is_active=change.is_active,
            is_staff=change.is_staff,
            is_superuser=change.is_superuser,
            has_membership=change.has_membership,
            role=change.role,
        )

    def user(self, user: User) -> UserReply:
        """Show the user."""
        return UserReply(
            id=self.tokens.user_id(user),
            email=user.email,
            email_verified=user.email_verified,
            username=user.username,
            full_name=user.name.full,
            is_active=user.is_active,
            is_staff=user.is_staff,
            is_superuser=user.is_superuser,
            has_membership=user.has_membership,
            has_password=user.password_hash is not None,
            role=user.role,
            account=UserAccountReply(user.account.id, user.account.name, user.account.slug),
            created_at=iso(user.created_at),
        )

    def users(self, page: UserList) -> UsersReply:
        """Show the users."""
        return UsersReply([self.user(each) for each in page.users], page.next_cursor)
