"""Who is sending which mail, in the `one-time` table: an item with the key ``MAIL#<request id>``.

A queue may deliver a message twice, even at once. Whoever wants to send its mail claims it first, with one conditional
write that only one can win, and notes afterwards that it was sent.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from keyfob.store.items import Item
from keyfob.store.table import ConditionFailed, Table

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

LEASE_SECONDS = 90
"""How long a claim is respected: longer than the mailer may run, so its holder is dead when another takes over."""

REMEMBERED_SECONDS = 21 * 24 * 3600
"""How long it is remembered that a mail was sent: longer than its message lives, in the dead-letter queue too."""


class AlreadySent(Exception):
    """The mail was sent before."""


class BeingSent(Exception):
    """Somebody else is sending the mail now, or died doing so and holds the claim until its lease ends."""


class Claim(NamedTuple):
    """The right to send one mail. `holder` is a random id of who holds it."""

    request_id: str
    holder: str


class MailClaims:
    """Claims mails, so that each is sent once."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        """Take a DynamoDB client and the table's name."""
        self._table = Table(client, table)

    def take(self, claim: Claim, now: int) -> None:
        """Claim a mail for `LEASE_SECONDS`. One conditional write; raises `AlreadySent` or `BeingSent`."""
        item: Item = {
            **_key(claim),
            "holder": claim.holder,
            "leased_until": now + LEASE_SECONDS,
            "expires_at": now + REMEMBERED_SECONDS,
        }
        free = (
            "attribute_not_exists(pk) OR expires_at <= :now OR (attribute_not_exists(sent_at) AND leased_until <= :now)"
        )
        try:
            self._table.put(item, free, {":now": now})
        except ConditionFailed as failed:
            if failed.item is None or failed.item["holder"] != claim.holder:
                raise _refusal(failed.item) from failed

    def sent(self, claim: Claim, now: int) -> None:
        """Note that a claimed mail was sent. One write; a claim that was taken over meanwhile stays as it is."""
        try:
            self._table.update(
                _key(claim), "SET sent_at = :now", "holder = :holder", {":now": now, ":holder": claim.holder}
            )
        except ConditionFailed:
            return

    def give_back(self, claim: Claim) -> None:
        """Let others claim the mail, which was not sent. One write."""
        try:
            self._table.delete(_key(claim), "holder = :holder", {":holder": claim.holder})
        except ConditionFailed:
            return


def _refusal(item: dict[str, Any] | None) -> Exception:
    return AlreadySent() if item and "sent_at" in item else BeingSent()


def _key(claim: Claim) -> Item:
    return {"pk": f"MAIL#{claim.request_id}"}
