"""Whose an API key is. Everything the authorizer needs of keys, and no more."""

from collections.abc import Collection
from contextlib import suppress
from typing import NamedTuple

from keyfob.crypto.api_keys import KeyText, read_api_key
from keyfob.crypto.digest import is_digest_of
from keyfob.errors import InvalidAccessToken, Unavailable
from keyfob.model.api_key import USE_NOTED_SECONDS, ApiKey
from keyfob.model.session import Client
from keyfob.model.user import User
from keyfob.store.api_keys import ApiKeys
from keyfob.store.key_owners import KeyOwners


class KeyOwner(NamedTuple):
    """A user, and the key that acts for it."""

    user: User
    key: ApiKey


class KeyAuthentication:
    """Reads API keys, and notes now and then that they are in use."""

    def __init__(self, prefix: str, owners: KeyOwners, keys: ApiKeys) -> None:
        """Take what the deployment's keys begin with, what reads them, and where their use is noted."""
        self._prefix = prefix
        self._owners = owners
        self._keys = keys

    def live(self, text: str, contracts: Collection[str], now: int) -> KeyOwner:
        """Return whose key it is, active or not; raises `InvalidAccessToken` for one that is worth nothing.

        Nothing is read for a text that no key of this deployment can have.
        """
        try:
            content = read_api_key(self._prefix, text)
        except ValueError as error:
            raise InvalidAccessToken(str(error)) from error
        key, user = self._owners.find(content.user_id, content.slot)
        if key is None or user is None or key.epoch != user.key_epoch or not _proves(content, key, now):
            raise InvalidAccessToken("not the secret of a live key")
        if key.contract not in contracts:
            raise InvalidAccessToken("for another contract")
        return KeyOwner(user, key)

    def note_use(self, key: ApiKey, client: Client, now: int) -> None:
        """Note that a key is in use, if that was not noted lately; nobody is refused because it cannot be noted."""
        if key.last_used_at is None or now - key.last_used_at >= USE_NOTED_SECONDS:
            with suppress(Unavailable):
                self._keys.note_use(key, client, now)


def _proves(content: KeyText, key: ApiKey, now: int) -> bool:
    proofs = [is_digest_of(each.digest, content.secret) for each in key.live_secrets(now)]
    return key.is_live(now) and any(proofs)
