"""API keys in camelCase, as document 003 shows them."""

from collections.abc import Sequence
from typing import NamedTuple

from keyfob.clock import iso
from keyfob.contracts.base import Contract, Json
from keyfob.contracts.fields import KeyName, Lifetime, Scopes
from keyfob.contracts.prefixed_ids import from_prefixed, prefixed
from keyfob.contracts.reading import read
from keyfob.errors import KeyNotFound
from keyfob.model.api_key import DEFAULT_NAME, ApiKey, IssuedKey, NewKey
from keyfob.model.caller import EVERYTHING

PREFIX = "key_"


class NewKeyBody(NamedTuple):
    """What ``POST /keys`` takes. A key without `scopes` has that of its user's role, one without `expiresIn` stays."""

    name: KeyName | None = None
    scopes: Scopes | None = None
    expiresIn: Lifetime | None = None


class IssuedKeyReply(NamedTuple):
    """A key with its text, which is shown this once; times in ISO 8601."""

    keyId: str
    apiKey: str
    name: str
    createdAt: str


class ListedKeyReply(NamedTuple):
    """A key in a list; times in ISO 8601."""

    keyId: str
    name: str
    createdAt: str
    lastUsed: str | None


class KeyReply(NamedTuple):
    """A key with all that the document's list leaves out; times in ISO 8601."""

    keyId: str
    name: str
    scopes: list[str]
    contract: str
    createdAt: str
    expiresAt: str | None
    lastUsed: str | None
    lastUsedIp: str | None
    lastUsedUserAgent: str | None


class CamelCaseKeys(Contract):
    """Reads and shows API keys."""

    def new_key(self, body: Json) -> NewKey:
        """Read what the key is to be."""
        wanted = read(NewKeyBody, body)
        return NewKey(wanted.name or DEFAULT_NAME, wanted.scopes or (EVERYTHING,), wanted.expiresIn)

    def key_id(self, text: str) -> str:
        """Return the id behind the one that is shown."""
        key_id = from_prefixed(PREFIX, text)
        if key_id is None:
            raise KeyNotFound("not an id of a key")
        return key_id

    def issued_key(self, issued: IssuedKey) -> IssuedKeyReply:
        """Show the key and its text."""
        key = issued.key
        return IssuedKeyReply(prefixed(PREFIX, key.id), issued.text, key.name, iso(key.created_at))

    def key(self, key: ApiKey) -> KeyReply:
        """Show the key."""
        used = key.last_used_by
        return KeyReply(
            keyId=prefixed(PREFIX, key.id),
            name=key.name,
            scopes=list(key.scopes),
            contract=key.contract,
            createdAt=iso(key.created_at),
            expiresAt=iso(key.expires_at) if key.expires_at else None,
            lastUsed=iso(key.last_used_at) if key.last_used_at else None,
            lastUsedIp=(used.ip or None) if used else None,
            lastUsedUserAgent=(used.user_agent or None) if used else None,
        )

    def keys(self, keys: Sequence[ApiKey]) -> object:
        """Show the keys, in a bare array."""
        return [
            ListedKeyReply(
                keyId=prefixed(PREFIX, each.id),
                name=each.name,
                createdAt=iso(each.created_at),
                lastUsed=iso(each.last_used_at) if each.last_used_at else None,
            )
            for each in keys
        ]
