"""The devices that a user signs in with, in the `one-time` table: an item with the key ``DEVICES#<user id>``.

Each device is an attribute, ``device_<digest>``, whose number is when it was last used, in seconds since the epoch. The
digest does not show what device it is.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from keyfob.store.items import Item
from keyfob.store.table import Table

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

REMEMBERED_SECONDS = 365 * 24 * 3600
"""How long a device is known after it was last used."""

MOST = 40
"""How many devices of a user are remembered: of more, those that were used last."""

_PREFIX = "device_"


class Devices:
    """Reads and writes devices, each by a digest in hexadecimal."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        """Take a DynamoDB client and the table's name."""
        self._table = Table(client, table)

    def of_user(self, user_id: str) -> dict[str, int]:
        """Return a user's devices and when each was last used, those longer ago than `REMEMBERED_SECONDS` included.

        One consistent read.
        """
        item = self._table.get(_key(user_id)) or {}
        return {name.removeprefix(_PREFIX): used for name, used in item.items() if name.startswith(_PREFIX)}

    def note(self, user_id: str, device: str, devices: Mapping[str, int], now: int) -> None:
        """Note that a user's device was used; `devices` are those that the user has by now. One write."""
        update = f"SET {_PREFIX}{device} = :now, expires_at = :expires_at"
        if surplus := _longest_unused(devices, device):
            update += " REMOVE " + ", ".join(f"{_PREFIX}{each}" for each in surplus)
        self._table.update(_key(user_id), update, "", {":now": now, ":expires_at": now + REMEMBERED_SECONDS})


def _longest_unused(devices: Mapping[str, int], kept: str) -> list[str]:
    """Return the devices to forget, so that with `kept` there are at most `MOST`."""
    others = sorted((each for each in devices if each != kept), key=lambda each: devices[each], reverse=True)
    return others[MOST - 1 :]


def _key(user_id: str) -> Item:
    return {"pk": f"DEVICES#{user_id}"}
