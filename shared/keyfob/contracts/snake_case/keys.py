"""API keys in snake_case."""

from collections.abc import Sequence
from typing import NamedTuple

from keyfob.clock import iso
from keyfob.contracts.base import Contract, Json
from keyfob.contracts.fields import KeyName, Lifetime, Scopes
from keyfob.contracts.reading import read
from keyfob.model.api_key import DEFAULT_NAME, ApiKey, IssuedKey, NewKey
from keyfob.model.caller import EVERYTHING


class NewKeyBody(NamedTuple):
    """What ``POST /keys`` takes. A key without `scopes` has that of its user's role, one without `expires_in` stays."""

    name: KeyName | None = None
    scopes: Scopes | None = None
    expires_in: Lifetime | None = None


class IssuedKeyReply(NamedTuple):
    """A key with its text, which is shown this once; times in ISO 8601."""

    id: str
    api_key: str
    name: str
    scopes: list[str]
    created_at: str
    expires_at: str | None


class KeyReply(NamedTuple):
    """A key as its user sees it; times in ISO 8601."""

    id: str
    name: str
    scopes: list[str]
    contract: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    last_used_ip: str | None
    last_used_user_agent: str | None


class KeysReply(NamedTuple):
    """All keys of a user, the newest first."""

    keys: list[KeyReply]


class SnakeCaseKeys(Contract):
    """Reads and shows API keys."""

    def new_key(self, body: Json) -> NewKey:
        """Read what the key is to be."""
        wanted = read(NewKeyBody, body)
        return NewKey(wanted.name or DEFAULT_NAME, wanted.scopes or (EVERYTHING,), wanted.expires_in)

    def key_id(self, text: str) -> str:
        """Return the id as it is."""
        return text

    def issued_key(self, issued: IssuedKey) -> IssuedKeyReply:
        """Show the key and its text."""
        key = issued.key
        expires_at = iso(key.expires_at) if key.expires_at else None
        return IssuedKeyReply(key.id, issued.text, key.name, list(key.scopes), iso(key.created_at), expires_at)

    def key(self, key: ApiKey) -> KeyReply:
        """Show the key."""
        used = key.last_used_by
        return KeyReply(
            id=key.id,
            name=key.name,
            scopes=list(key.scopes),
            contract=key.contract,
            created_at=iso(key.created_at),
            expires_at=iso(key.expires_at) if key.expires_at else None,
            last_used_at=iso(key.last_used_at) if key.last_used_at else None,
            last_used_ip=(used.ip or None) if used else None,
            last_used_user_agent=(used.user_agent or None) if used else None,
        )

    def keys(self, keys: Sequence[ApiKey]) -> object:
        """Show the keys."""
        return KeysReply([self.key(each) for each in keys])
