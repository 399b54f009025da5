"""How often somebody tried something lately, in the `one-time` table: an item with the key ``ATTEMPTS#<who>``.

Attempts are counted in windows that begin with their first attempt. Each count is one conditional write, so that of
any number of simultaneous attempts exactly as many pass as may.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from keyfob.store.items import Item
from keyfob.store.table import ConditionFailed, Table

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

REMEMBERED_SECONDS = 3600
"""How long a window is kept after it began, for those who ask whether there was any."""

ROUNDS = 4


class Window(NamedTuple):
    """Attempts since the window began, in seconds since the epoch."""

    attempts: int
    since: int


class Exhausted(Exception):
    """No attempt is left in the window."""

    def __init__(self, window: Window) -> None:
        """Keep the window."""
        super().__init__()
        self.window = window


class Attempts:
    """Counts attempts."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        """Take a DynamoDB client and the table's name."""
        self._table = Table(client, table)

    def glance(self, who: str, now: int) -> Window | None:
        """Return the last window of `who`, as it was a moment ago, if it is still remembered. Half a read."""
        item = self._table.glance(_key(who))
        if item is None or item["expires_at"] <= now:
            return None
        return Window(item["attempts"], item["since"])

    def take(self, who: str, seen: Window | None, *, limit: int, seconds: int, now: int) -> Window:
        """Count one attempt in a window of `seconds`, and return the window; raises `Exhausted` at the `limit`.

        `seen` is what a glance showed: if it is right, this is one write, or none at the limit.
        """
        for _ in range(ROUNDS):
            lapsed = seen is None or seen.since <= now - seconds
            if seen and not lapsed and seen.attempts >= limit:
                raise Exhausted(seen)
            try:
                return self._begin(who, seconds, now) if lapsed else self._add(who, limit, seconds, now)
            except ConditionFailed as failed:
                seen = Window(failed.item["attempts"], failed.item["since"]) if failed.item else None
        raise Exhausted(Window(limit, now))

    def give_back(self, who: str) -> None:
        """Count one attempt less: it was none after all. One write."""
        with suppress(ConditionFailed):
            self._table.update(_key(who), "SET attempts = attempts - :one", "attempts > :none", {":one": 1, ":none": 0})

    def _begin(self, who: str, seconds: int, now: int) -> Window:
        self._table.update(
            _key(who),
            "SET attempts = :one, since = :now, expires_at = :expires_at",
            "attribute_not_exists(pk) OR since <= :before",
            {":one": 1, ":now": now, ":before": now - seconds, ":expires_at": now + max(seconds, REMEMBERED_SECONDS)},
        )
        return Window(1, now)

    def _add(self, who: str, limit: int, seconds: int, now: int) -> Window:
        item = self._table.update(
            _key(who),
            "SET attempts = attempts + :one",
            "since > :before AND attempts < :limit",
            {":one": 1, ":before": now - seconds, ":limit": limit},
        )
        return Window(item["attempts"], item["since"])


def _key(who: str) -> Item:
    return {"pk": f"ATTEMPTS#{who}"}
