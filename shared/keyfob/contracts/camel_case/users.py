"""Users as staff sees and changes them, in camelCase."""

from typing import NamedTuple

from keyfob.clock import iso
from keyfob.contracts.base import Contract, Json
from keyfob.contracts.fields import AnyRole, Flag
from keyfob.contracts.reading import read
from keyfob.model.administration import UserChange, UserList
from keyfob.model.user import User


class UserChangeBody(NamedTuple):
    """What ``PATCH /users/{user_id}`` takes: what changes. Only superusers change more than whether one is active."""

    isActive: Flag | None = None
    isStaff: Flag | None = None
    isSuperuser: Flag | None = None
    hasMembership: Flag | None = None
    role: AnyRole | None = None


class UserAccountReply(NamedTuple):
    """The account of a user; `id` is a UUID on every contract."""

    id: str
    name: str
    slug: str


class UserReply(NamedTuple):
    """A user as staff sees it; times in ISO 8601."""

    userId: str | int
    email: str
    emailVerified: bool
    username: str
    name: str | None
    isActive: bool
    isStaff: bool
    isSuperuser: bool
    hasMembership: bool
    hasPassword: bool
    role: str
    account: UserAccountReply
    createdAt: str


class UsersReply(NamedTuple):
    """A page of users, and the ``cursor`` of the next one, if there is one."""

    users: list[UserReply]
    nextCursor: str | None


class CamelCaseUsers(Contract):
    """Reads and shows what staff does."""

    def user_change(self, body: Json) -> UserChange:
        """Read what changes."""
        change = read(UserChangeBody, body)
        return UserChange(
            is_active=change.isActive,
            is_staff=change.isStaff,
            is_superuser=change.isSuperuser,
            has_membership=change.hasMembership,
            role=change.role,
        )

    def user(self, user: User) -> UserReply:
        """Show the user."""
        return UserReply(
            userId=self.tokens.user_id(user),
            email=user.email,
            emailVerified=user.email_verified,
            username=user.username,
            name=user.name.full,
            isActive=user.is_active,
            isStaff=user.is_staff,
            isSuperuser=user.is_superuser,
            hasMembership=user.has_membership,
            hasPassword=user.password_hash is not None,
            role=user.role,
            account=UserAccountReply(user.account.id, user.account.name, user.account.slug),
            createdAt=iso(user.created_at),
        )

    def users(self, page: UserList) -> UsersReply:
        """Show the users."""
        return UsersReply([self.user(each) for each in page.users], page.next_cursor)
