"""Invitations, in the `users` table among the items of the account: one for each address.

DynamoDB deletes an invitation some time after its `expires_at` (seconds since the epoch); every use checks it before.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from keyfob.errors import InvalidOneTimeToken, ResourceNotFound
from keyfob.model.membership import Invitation
from keyfob.store.items import Item
from keyfob.store.table import ConditionFailed, Table
from keyfob.store.transactions import Removal
from keyfob.store.user_items import (
    INVITATION,
    account_attributes,
    account_from_attributes,
    account_pk,
    invitation_key,
)

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class InvitationPage(NamedTuple):
    """Some invitations to an account, and the id to go on after, if there are more."""

    invitations: list[Invitation]
    last: str | None


class Invitations:
    """Reads and writes invitations."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        """Take a DynamoDB client and the table's name."""
        self._table = Table(client, table)

    def put(self, invitation: Invitation) -> None:
        """Store an invitation in place of the last one of its address to the account. One write."""
        self._table.put(_item_from_invitation(invitation))

    def find(self, account_id: str, invitation_id: str) -> Invitation | None:
        """Return an invitation, expired or not, or `None`. One consistent read."""
        item = self._table.get(invitation_key(account_id, invitation_id))
        return _invitation_from_item(item) if item else None

    def of_account(self, account_id: str, *, after: str | None, limit: int) -> InvitationPage:
        """Return up to `limit` invitations to an account in the order of their ids, expired ones included.

        `after` is such an id. One query.
        """
        start = invitation_key(account_id, after) if after else None
        page = self._table.query({"pk": account_pk(account_id)}, prefix={"sk": INVITATION}, after=start, limit=limit)
        invitations = [_invitation_from_item(item) for item in page.items]
        return InvitationPage(invitations, page.last.removeprefix(INVITATION) if page.last else None)

    def seal(self, invitation: Invitation, digest: str) -> None:
        """Note the digest of the secret that a mail about an invitation holds; it voids the last mail's.

        Raises `ResourceNotFound` if the invitation is gone, or another by now. One conditional write.
        """
        try:
            self._table.update(
                invitation_key(invitation.account.id, invitation.id),
                "SET digest = :digest",
                "created_at = :created_at",
                {":digest": digest, ":created_at": invitation.created_at},
            )
        except ConditionFailed as failed:
            raise ResourceNotFound(invitation.id) from failed

    def revoke(self, account_id: str, invitation_id: str) -> None:
        """Delete an invitation; raises `ResourceNotFound` if there is none. One conditional write."""
        try:
            self._table.delete(invitation_key(account_id, invitation_id), "attribute_exists(pk)")
        except ConditionFailed as failed:
            raise ResourceNotFound(invitation_id) from failed

    def accepting(self, invitation: Invitation, now: int) -> Removal:
        """Return the use of an invitation, unless it is used, replaced or expired, as a part of a transaction."""
        return Removal(
            self._table.name,
            invitation_key(invitation.account.id, invitation.id),
            "digest = :digest AND expires_at > :now",
            {":digest": invitation.digest or "", ":now": now},
            InvalidOneTimeToken,
        )


def _invitation_from_item(item: dict[str, Any]) -> Invitation:
    return Invitation(
        id=item["invitation_id"],
        account=account_from_attributes(item),
        email=item["email"],
        role=item["role"],
        invited_by=item["invited_by"],
        created_at=item["created_at"],
        expires_at=item["expires_at"],
        digest=item.get("digest"),
    )


def _item_from_invitation(invitation: Invitation) -> Item:
    return {
        **invitation_key(invitation.account.id, invitation.id),
        **account_attributes(invitation.account),
        "invitation_id": invitation.id,
        "email": invitation.email,
        "role": invitation.role,
        "invited_by": invitation.invited_by,
        "created_at": invitation.created_at,
        "expires_at": invitation.expires_at,
        "digest": invitation.digest,
    }
