"""Members of accounts, and invitations to join one."""

from dataclasses import dataclass, field
from typing import NamedTuple

from keyfob.model.account import Account, Role
from keyfob.model.user import User


class Member(NamedTuple):
    """A user that belongs to an account, and since when, in seconds since the epoch."""

    user: User
    joined_at: int


class MemberList(NamedTuple):
    """Some of an account's members, and the cursor of the next page, if there is one."""

    members: list[Member]
    next_cursor: str | None


class InvitationList(NamedTuple):
    """Some of the invitations to an account, and the cursor of the next page, if there is one."""

    invitations: "list[Invitation]"
    next_cursor: str | None


class NewInvitation(NamedTuple):
    """Whom somebody invites, and as what."""

    email: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An invitation of an address to an account. Times are seconds since the epoch.

    Its id follows from account and address, so an address has one invitation to an account at most. `digest` is that of
    the secret in the last mail about it, `None` until one is sent.
    """

    id: str
    account: Account
    email: str
    role: Role
    invited_by: str
    created_at: int
    expires_at: int
    digest: str | None = field(default=None, repr=False)

    def is_live(self, now: int) -> bool:
        """Tell whether it has not expired; DynamoDB deletes expired items days late."""
        return now < self.expires_at
