"""The `api-keys` table: one item a key, keyed by `user_id` and `slot`, so all of a user's are one query.

A user has as many slots as it may have keys, so the condition that a slot is free is what keeps the limit too. The
text of a key says where it is stored, and its item holds nothing but digests of its secrets. DynamoDB deletes an item
some time after its `expires_at` (seconds since the epoch); every use checks it before.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from keyfob.errors import KeyNotFound, TooManyKeys, Unavailable
from keyfob.model.api_key import USE_NOTED_SECONDS, ApiKey, KeySecret
from keyfob.model.session import Client
from keyfob.store.items import Item, Value, Wire, to_wire
from keyfob.store.table import ConditionFailed, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from types_boto3_dynamodb import DynamoDBClient

MOST_SLOTS = 100


class ApiKeys:
    """Reads and writes API keys."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        """Take a DynamoDB client and the table's name."""
        self._table = Table(client, table)

    def of_user(self, user_id: str) -> list[ApiKey]:
        """Return all keys of a user in the order of their slots, expired ones included. One query."""
        return [key_from_item(item) for item in self._table.query({"user_id": user_id}, limit=MOST_SLOTS).items]

    def add(self, key: ApiKey, now: int) -> None:
        """Store a new key in its slot; raises `TooManyKeys` if another live key has it. One conditional write.

        A key that is found there already was stored by an attempt whose answer was lost.
        """
        free = "attribute_not_exists(user_id) OR expires_at <= :now OR epoch < :epoch"
        try:
            self._table.put(item_from_key(key), free, {":now": now, ":epoch": key.epoch})
        except ConditionFailed as failed:
            if failed.item is None or failed.item["key_id"] != key.id:
                raise TooManyKeys from failed

    def replace_secrets(self, key: ApiKey, secrets: "Sequence[KeySecret]") -> None:
        """Store other secrets of a key, in place of those that `key` was read with.

        Raises `KeyNotFound` if the key is gone, and `Unavailable` if it has others by now: nobody may find a secret
        ended that was just given out. One conditional write.
        """
        values: dict[str, Value] = {":new": _joined(secrets), ":old": _joined(key.secrets), ":id": key.id}
        condition = "key_id = :id AND secrets = :old"
        try:
            self._table.update(_key(key.user_id, key.slot), "SET secrets = :new", condition, values)
        except ConditionFailed as failed:
            if failed.item is None or failed.item["key_id"] != key.id:
                raise KeyNotFound(key.id) from failed
            if failed.item["secrets"] != values[":new"]:
                raise Unavailable("the key was rotated meanwhile") from failed

    def delete(self, key: ApiKey) -> None:
        """Delete a key; one that is gone is deleted already. One conditional write."""
        with suppress(ConditionFailed):
            self._table.delete(_key(key.user_id, key.slot), "key_id = :id", {":id": key.id})

    def note_use(self, key: ApiKey, client: Client, now: int) -> None:
        """Note that a key was used, unless that was noted less than `USE_NOTED_SECONDS` ago. One conditional write."""
        with suppress(ConditionFailed):
            self._table.update(
                _key(key.user_id, key.slot),
                "SET last_used_at = :now, last_used_ip = :ip, last_used_user_agent = :user_agent",
                "key_id = :id AND (attribute_not_exists(last_used_at) OR last_used_at <= :before)",
                {
                    ":id": key.id,
                    ":now": now,
                    ":before": now - USE_NOTED_SECONDS,
                    ":ip": client.ip,
                    ":user_agent": client.user_agent,
                },
            )

    def forget(self, user_id: str) -> None:
        """Delete the keys of a user that is gone."""
        for key in self.of_user(user_id):
            self.delete(key)


def item_key_to_wire(user_id: str, slot: int) -> Wire:
    """Return the key of an API key's item in DynamoDB's wire format."""
    return to_wire(_key(user_id, slot))


def key_from_item(item: dict[str, Any]) -> ApiKey:
    """Return the API key that an item stores."""
    used = "last_used_at" in item
    return ApiKey(
        user_id=item["user_id"],
        slot=item["slot"],
        id=item["key_id"],
        epoch=item["epoch"],
        contract=item["contract"],
        name=item["name"],
        scopes=tuple(item["scopes"].split()),
        secrets=_split(item["secrets"]),
        created_at=item["created_at"],
        expires_at=item.get("expires_at"),
        last_used_at=item.get("last_used_at"),
        last_used_by=Client(item["last_used_ip"], item["last_used_user_agent"]) if used else None,
    )


def item_from_key(key: ApiKey) -> Item:
    """Return the item that stores an API key."""
    used = key.last_used_by
    return {
        **_key(key.user_id, key.slot),
        "key_id": key.id,
        "epoch": key.epoch,
        "contract": key.contract,
        "name": key.name,
        "scopes": " ".join(key.scopes),
        "secrets": _joined(key.secrets),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "last_used_ip": used.ip if used else None,
        "last_used_user_agent": used.user_agent if used else None,
    }


def _joined(secrets: "Sequence[KeySecret]") -> str:
    return " ".join(each.digest if each.ends_at is None else f"{each.digest}:{each.ends_at}" for each in secrets)


def _split(text: str) -> tuple[KeySecret, ...]:
    parts = (each.partition(":") for each in text.split())
    return tuple(KeySecret(digest, int(ends_at) if ends_at else None) for digest, _, ends_at in parts)


def _key(user_id: str, slot: int) -> dict[str, Value]:
    return {"user_id": user_id, "slot": slot}
