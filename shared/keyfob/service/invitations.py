"""Inviting people to an account by mail, and joining it: with the token from the mail, at the address it went to."""

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from keyfob.crypto.digest import fingerprint, is_digest_of
from keyfob.crypto.opaque import read_opaque
from keyfob.crypto.random import new_id
from keyfob.errors import AlreadyMember, InvalidOneTimeToken, InvitationForAnother, ResourceNotFound
from keyfob.model.ids import is_id
from keyfob.model.mail import MailRequest
from keyfob.model.membership import Invitation, InvitationList, NewInvitation
from keyfob.model.permission import MEMBERS, Permissions
from keyfob.model.user import User, normalised_email
from keyfob.service.authentication import Principal
from keyfob.service.invitation_tokens import LIFETIME_SECONDS
from keyfob.service.membership import check_grant
from keyfob.service.paging import PAGE, cursor_after
from keyfob.service.user_changes import unless_user_changes
from keyfob.store.invitations import Invitations
from keyfob.store.transactions import Part, UserChanged
from keyfob.store.users import Users

if TYPE_CHECKING:
    from keyfob.mail.queue import MailQueue


class Inviting:
    """Invites people."""

    def __init__(self, users: Users, invitations: Invitations, queue: "MailQueue", permissions: Permissions) -> None:
        """Take where users and invitations are, the queue of mail, and the table of permissions."""
        self._users = users
        self._invitations = invitations
        self._queue = queue
        self._permissions = permissions

    def invite(self, wanted: NewInvitation, principal: Principal, link: str, now: int) -> Invitation:
        """Store an invitation to the principal's account, and queue the mail about it, whoever the address may be of.

        `link` is where the mail leads, with ``{token}`` in it. An address that is invited again gets another mail,
        which voids the last one. Raises `PermissionDenied` for a role that the principal may not give,
        `AlreadyMember`, and `Unavailable`, after which the same may be asked again.
        """
        check_grant(wanted.role, principal, self._permissions)
        account = principal.user.account
        known = self._users.find(wanted.email)
        if known is not None and known.account.id == account.id:
            raise AlreadyMember(known.id)
        invitation = Invitation(
            id=invitation_id(account.id, wanted.email),
            account=account,
            email=wanted.email,
            role=wanted.role,
            invited_by=principal.user.id,
            created_at=now,
            expires_at=now + LIFETIME_SECONDS,
        )
        self._invitations.put(invitation)
        self._queue.send(_mail(invitation, link, now))
        return invitation


class Joining:
    """Lets people join accounts that they are invited to."""

    def __init__(self, users: Users, invitations: Invitations, permissions: Permissions) -> None:
        """Take where users and invitations are, and the table of permissions."""
        self._users = users
        self._invitations = invitations
        self._permissions = permissions

    def check(self, token: str, now: int) -> Invitation:
        """Return the invitation that a token is of, unused; raises `InvalidOneTimeToken` if it is worth nothing."""
        try:
            (account_id, found_id), secret = read_opaque(token, ids=2)
        except ValueError as error:
            raise InvalidOneTimeToken("malformed") from error
        invitation = self._invitations.find(account_id, found_id)
        if invitation is None or invitation.digest is None or not is_digest_of(invitation.digest, secret):
            raise InvalidOneTimeToken("unknown, used, revoked or replaced")
        if not invitation.is_live(now):
            raise InvalidOneTimeToken("expired")
        self._inviter(invitation)
        return invitation

    def accepting(self, invitation: Invitation, now: int) -> list[Part]:
        """Return the use of an invitation, whose inviter may still give what it offers, as parts of a transaction.

        Raises `InvalidOneTimeToken`, which or `UserChanged` refuses it.
        """
        inviter = self._inviter(invitation)
        return [self._invitations.accepting(invitation, now), self._users.unchanged(inviter)]

    def _inviter(self, invitation: Invitation) -> User:
        inviter = self._users.get(invitation.invited_by)
        if inviter is None or not still_invites(inviter, invitation, self._permissions):
            raise InvalidOneTimeToken("who invited may not do so any more")
        return inviter

    def accept(self, token: str, user: User, now: int) -> User:
        """Let a user join the account that it is invited to, use up the token, and return the user as it then is.

        The user leaves its own account, which goes with its only member, and the address is proven by that. Raises
        `InvalidOneTimeToken`, `InvitationForAnother`, `AlreadyMember`, and `LastOwner` if others would stay behind
        without an owner; then nothing has changed.
        """
        invitation = self.check(token, now)
        if normalised_email(invitation.email) != normalised_email(user.email):
            raise InvitationForAnother(user.id)
        if invitation.account.id == user.account.id:
            raise AlreadyMember(user.id)
        accepting = self.accepting(invitation, now)
        with unless_user_changes():
            try:
                self._users.join(user, invitation.account, invitation.role, now, along_with=accepting)
            except UserChanged:
                self.check(token, now)
                raise
        return joined(user, invitation)


def still_invites(inviter: User, invitation: Invitation, permissions: Permissions) -> bool:
    """Tell whether who invited somebody is still there to do so, and may give the role."""
    may = permissions.of(inviter)
    is_there = inviter.is_active and inviter.account.id == invitation.account.id
    return is_there and MEMBERS in may and permissions.may_give(invitation.role, may)


def joined(user: User, invitation: Invitation) -> User:
    """Return a user as it is once it has accepted an invitation."""
    return replace(user, account=invitation.account, role=invitation.role, email_verified=True)


def list_invitations(account_id: str, cursor: str, *, invitations: Invitations, now: int) -> InvitationList:
    """Return up to `PAGE` of the live invitations to an account, the newest first; `cursor` as for `list_members`."""
    page = invitations.of_account(account_id, after=cursor_after(cursor), limit=PAGE)
    live = [each for each in page.invitations if each.is_live(now)]
    return InvitationList(sorted(live, key=lambda each: each.created_at, reverse=True), page.last)


def revoke_invitation(invitation_id: str, account_id: str, *, invitations: Invitations) -> None:
    """Take an invitation to an account back; raises `ResourceNotFound` if the account has none of this id."""
    if not is_id(invitation_id):
        raise ResourceNotFound("not an id of an invitation")
    invitations.revoke(account_id, invitation_id)


def invitation_id(account_id: str, email: str) -> str:
    """Return the id of an address's invitation to an account: always the same one."""
    return str(UUID(fingerprint(f"{account_id}#{normalised_email(email)}")[:32]))


def _mail(invitation: Invitation, link: str, now: int) -> MailRequest:
    return MailRequest(
        id=new_id(),
        kind="invitation",
        email=invitation.email,
        link=link,
        requested_at=now,
        facts={"account_id": invitation.account.id, "invitation_id": invitation.id},
    )
