"""Members of an account: seen, given another role, removed, and leaving by themselves."""

from dataclasses import replace
from typing import NamedTuple

from keyfob.errors import ForeignResource, PermissionDenied, Unavailable
from keyfob.model.account import Role
from keyfob.model.membership import Member, MemberList
from keyfob.model.permission import OWNERS, Permissions
from keyfob.model.user import User
from keyfob.service.authentication import Principal
from keyfob.service.paging import PAGE, cursor_after
from keyfob.service.references import user_of
from keyfob.service.registration import first_that_is_free, new_account
from keyfob.service.user_changes import unless_user_changes
from keyfob.store.users import Users


class ChangedRole(NamedTuple):
    """A member as it is now, and the role that it had before."""

    member: Member
    before: Role


def list_members(account_id: str, cursor: str, *, users: Users) -> MemberList:
    """Return up to `PAGE` members of an account; `cursor` is ``""`` or a page's next one.

    Raises `InvalidFields` about ``cursor`` if it is none.
    """
    page = users.members(account_id, after=cursor_after(cursor), limit=PAGE)
    return MemberList(page.members, page.last)


def change_role(
    member: str | int, role: Role, principal: Principal, *, users: Users, permissions: Permissions
) -> ChangedRole:
    """Give a member of the principal's account another role, and return it as it then is; `member` is an id or number.

    Nobody gives more than it may do itself, and only owners change owners. Raises `ResourceNotFound`,
    `ForeignResource`, `PermissionDenied`, and `LastOwner`.
    """
    user = _member(member, principal, users)
    if user.role == "owner":
        principal.demand(OWNERS)
    check_grant(role, principal, permissions)
    joined_at = users.joined_at(user)
    if joined_at is None:
        raise Unavailable("the user has just left the account")
    changed = replace(user, role=role)
    if changed != user:
        with unless_user_changes():
            users.set_rights(user, changed)
    return ChangedRole(Member(changed, joined_at), user.role)


def check_grant(role: Role, principal: Principal, permissions: Permissions) -> None:
    """Raise `PermissionDenied` if the principal may not give a role."""
    if not permissions.may_give(role, principal.permissions):
        raise PermissionDenied(f"{principal.user.id} may not give the role {role}")


def remove_member(member: str | int, principal: Principal, *, users: Users, now: int) -> User:
    """Take a member out of the principal's account, and return it as it was; raises as `change_role` does."""
    user = _member(member, principal, users)
    if user.role == "owner":
        principal.demand(OWNERS)
    leave_account(user, users=users, now=now)
    return user


def leave_account(user: User, *, users: Users, now: int) -> User:
    """Let a user leave its account for a new one of its own, and return it as it then is; raises `LastOwner`."""

    def leave(alone: User) -> User:
        users.leave(user, alone, now)
        return replace(alone, number=user.number)

    with unless_user_changes():
        return first_that_is_free(replace(user, account=new_account(), role="owner"), leave, users, renames=False)


def _member(reference: str | int, principal: Principal, users: Users) -> User:
    user = user_of(reference, users)
    if user.account.id != principal.user.account.id:
        raise ForeignResource(f"{user.id} is in another account than {principal.user.id}")
    return user
