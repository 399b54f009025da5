"""Members of accounts and invitations in camelCase."""

from typing import NamedTuple

from keyfob.clock import iso
from keyfob.contracts.base import Contract
from keyfob.model.membership import Invitation, InvitationList, Member, MemberList


class MemberReply(NamedTuple):
    """A member of an account; times in ISO 8601."""

    userId: str | int
    email: str
    username: str
    name: str | None
    role: str
    isActive: bool
    joinedAt: str


class MembersReply(NamedTuple):
    """A page of members, and the ``cursor`` of the next one, if there is one."""

    members: list[MemberReply]
    nextCursor: str | None


class InvitationReply(NamedTuple):
    """An invitation; times in ISO 8601."""

    invitationId: str
    email: str
    role: str
    createdAt: str
    expiresAt: str


class InvitationsReply(NamedTuple):
    """A page of invitations that nobody has accepted yet, and the ``cursor`` of the next one, if there is one."""

    invitations: list[InvitationReply]
    nextCursor: str | None


class CamelCaseMembers(Contract):
    """Shows members and invitations."""

    def member(self, member: Member) -> MemberReply:
        """Show the member."""
        user = member.user
        return MemberReply(
            userId=self.tokens.user_id(user),
            email=user.email,
            username=user.username,
            name=user.name.full,
            role=user.role,
            isActive=user.is_active,
            joinedAt=iso(member.joined_at),
        )

    def members(self, page: MemberList) -> MembersReply:
        """Show the members."""
        return MembersReply([self.member(each) for each in page.members], page.next_cursor)

    def invitation(self, invitation: Invitation) -> InvitationReply:
        """Show the invitation."""
        return InvitationReply(
            invitationId=invitation.id,
            email=invitation.email,
            role=invitation.role,
            createdAt=iso(invitation.created_at),
            expiresAt=iso(invitation.expires_at),
        )

    def invitations(self, page: InvitationList) -> InvitationsReply:
        """Show the invitations."""
        return InvitationsReply([self.invitation(each) for each in page.invitations], page.next_cursor)
