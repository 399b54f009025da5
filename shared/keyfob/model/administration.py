"""What staff sees and changes of users."""

from typing import NamedTuple

from keyfob.model.account import Role
from keyfob.model.user import User


class UserChange(NamedTuple):
    """What is to change of a user; `None` stays as it is."""

    is_active: bool | None = None
    is_staff: bool | None = None
    is_superuser: bool | None = None
    has_membership: bool | None = None
    role: Role | None = None


class UserList(NamedTuple):
    """Some users, in no order that tells anything, and the cursor of the next page, if there is one."""

    users: list[User]
    next_cursor: str | None
