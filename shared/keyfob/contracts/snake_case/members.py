"""Members of accounts and invitations in snake_case."""

from typing import NamedTuple

from keyfob.clock import iso
from keyfob.contracts.base import Contract
from keyfob.model.membership import Invitation, InvitationList, Member, MemberList


class MemberReply(NamedTuple):
    """A member of an account; times in ISO 8601."""

    user_id: str | int
    email: str
    username: str
    full_name: str | None
    role: str
    is_active: bool
    joined_at: str


class MembersReply(NamedTuple):
    """A page of members, and the ``cursor`` of the next one, if there is one."""

    members: list[MemberReply]
    next_cursor: str | None


class InvitationReply(NamedTuple):
    """An invitation; times in ISO 8601."""

    id: str
    email: str
    role: str
    created_at: str
    expires_at: str


class InvitationsReply(NamedTuple):
    """A page of invitations that nobody has accepted yet, and the ``cursor`` of the next one, if there is one."""

    invitations: list[InvitationReply]
    next_cursor: str | None


class SnakeCaseMembers(Contract):
    """Shows members and invitations."""

    def member(self, member: Member) -> MemberReply:
        """Show the member."""
        user = member.user
        return MemberReply(
            user_id=self.tokens.user_id(user),
            email=user.email,
            username=user.username,
            full_name=user.name.full,
            role=user.role,
            is_active=user.is_active,
            joined_at=iso(member.joined_at),
        )

    def members(self, page: MemberList) -> MembersReply:
        """Show the members."""
        return MembersReply([self.member(each) for each in page.members], page.next_cursor)

    def invitation(self, invitation: Invitation) -> InvitationReply:
        """Show the invitation."""
        return InvitationReply(
            id=invitation.id,
            email=invitation.email,
            role=invitation.role,
            created_at=iso(invitation.created_at),
            expires_at=iso(invitation.expires_at),
        )

    def invitations(self, page: InvitationList) -> InvitationsReply:
        """Show the invitations."""
        return InvitationsReply([self.invitation(each) for each in page.invitations], page.next_cursor)
