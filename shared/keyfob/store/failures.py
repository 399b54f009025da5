"""Wrong passwords of one account in a row, in the `one-time` table: an item with the key ``FAILURES#<account>``.

Each count is one conditional write, so that simultaneous guesses cannot share one.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from keyfob.store.items import Item, Value
from keyfob.store.table import ConditionFailed, Table

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

REMEMBERED_SECONDS = 24 * 3600


class Streak(NamedTuple):
    """How many wrong passwords in a row, and when the last one was, in seconds since the epoch."""

    failures: int
    failed_at: int


class Overtaken(Exception):
    """Another guess was counted meanwhile. `streak` is how it stands, or `None` if it was forgotten."""

    def __init__(self, streak: Streak | None) -> None:
        """Keep the streak as the failed condition found it."""
        super().__init__()
        self.streak = streak


class Failures:
    """Counts wrong passwords."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        """Take a DynamoDB client and the table's name."""
        self._table = Table(client, table)

    def glance(self, account: str, now: int) -> Streak | None:
        """Return the streak of an account as it was a moment ago, or `None` if there is none. Half a read."""
        return _live(self._table.glance(_key(account)), now)

    def begin(self, account: str, now: int) -> Streak:
        """Count the first wrong password; raises `Overtaken` if there is a streak already."""
        return self._count(account, ":one", "attribute_not_exists(pk) OR expires_at <= :now", {}, now)

    def add(self, account: str, below: int, now: int) -> Streak:
        """Count another wrong password while there are fewer than `below`; raises `Overtaken`."""
        condition = "failures < :below AND expires_at > :now"
        return self._count(account, "failures + :one", condition, {":below": below}, now)

    def follow(self, account: str, seen: Streak, now: int) -> Streak:
        """Count the one wrong password that comes next after `seen`; raises `Overtaken`."""
        values: dict[str, Value] = {":failures": seen.failures, ":failed_at": seen.failed_at}
        condition = "failures = :failures AND failed_at = :failed_at AND expires_at > :now"
        return self._count(account, "failures + :one", condition, values, now)

    def forgive(self, account: str, now: int) -> None:
        """Begin the streak of an account anew with none; for a day, the next guess is counted first all the same."""
        values: dict[str, Value] = {":none": 0, ":now": now, ":expires_at": now + REMEMBERED_SECONDS}
        self._table.update(
            _key(account), "SET failures = :none, failed_at = :now, expires_at = :expires_at", "", values
        )

    def _count(self, account: str, failures: str, condition: str, values: dict[str, Value], now: int) -> Streak:
        update = f"SET failures = {failures}, failed_at = :now, expires_at = :expires_at"
        counted = {**values, ":one": 1, ":now": now, ":expires_at": now + REMEMBERED_SECONDS}
        try:
            item = self._table.update(_key(account), update, condition, counted)
        except ConditionFailed as failed:
            raise Overtaken(_live(failed.item, now)) from failed
        return Streak(item["failures"], item["failed_at"])


def _live(item: dict[str, Any] | None, now: int) -> Streak | None:
    if item is None or item["expires_at"] <= now:
        return None
    return Streak(item["failures"], item["failed_at"])


def _key(account: str) -> Item:
    return {"pk": f"FAILURES#{account}"}
