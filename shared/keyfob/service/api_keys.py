"""A user's API keys: made, seen, given another secret, and deleted."""

from dataclasses import replace

from keyfob.crypto.api_keys import SECRET_BYTES, KeyText, write_api_key
from keyfob.crypto.digest import digest
from keyfob.crypto.random import new_id, new_secret
from keyfob.errors import InvalidFields, KeyNotFound, TooManyKeys, TooManySecrets
from keyfob.model.api_key import MAX_SECRETS, ApiKey, IssuedKey, KeySecret, NewKey
from keyfob.model.caller import EVERYTHING
from keyfob.model.permission import Permissions
from keyfob.model.user import User
from keyfob.store.api_keys import ApiKeys


class KeyIssuer:
    """Makes API keys and secrets of theirs."""

    def __init__(self, keys: ApiKeys, permissions: Permissions, *, prefix: str, limit: int) -> None:
        """Take where keys are, the table of permissions, what keys begin with, and how many a user may have."""
        self._keys = keys
        self._permissions = permissions
        self._prefix = prefix
        self._limit = limit

    def create(self, wanted: NewKey, contract: str, user: User, now: int) -> IssuedKey:
        """Store a new key of a user for a contract, and return it with its text.

        Raises `InvalidFields` about ``scopes`` that the user has not itself, and `TooManyKeys`.
        """
        self._check_scopes(wanted.scopes, user)
        secret = new_secret(SECRET_BYTES)
        for slot in self._free_slots(user, now):
            key = ApiKey(
                user_id=user.id,
                slot=slot,
                id=new_id(),
                epoch=user.key_epoch,
                contract=contract,
                name=wanted.name,
                scopes=wanted.scopes,
                secrets=(KeySecret(digest(secret)),),
                created_at=now,
                expires_at=None if wanted.lifetime is None else now + wanted.lifetime,
            )
            try:
                self._keys.add(key, now)
            except TooManyKeys:
                continue
            return self._issued(key, secret)
        raise TooManyKeys(user.id)

    def rotate(self, key_id: str, overlap: int, user: User, now: int) -> IssuedKey:
        """Give a key another secret, and return its text; those it had work for `overlap` seconds more, or until then.

        So a rotation whose answer was lost can be done again. Raises `KeyNotFound`, and `TooManySecrets` if
        `MAX_SECRETS` overlap already.
        """
        key = live_key(key_id, user, keys=self._keys, now=now)
        kept = [_ending(each, now + overlap) for each in key.live_secrets(now)] if overlap else []
        if len(kept) >= MAX_SECRETS:
            raise TooManySecrets(key_id)
        secret = new_secret(SECRET_BYTES)
        secrets = (KeySecret(digest(secret)), *kept)
        self._keys.replace_secrets(key, secrets)
        return self._issued(replace(key, secrets=secrets), secret)

    def _check_scopes(self, scopes: tuple[str, ...], user: User) -> None:
        known = self._permissions.of(user) | {EVERYTHING}
        complaints = [f"{scope} is not a permission of yours" for scope in scopes if scope not in known]
        if complaints:
            raise InvalidFields({"scopes": complaints})

    def _free_slots(self, user: User, now: int) -> list[int]:
        """Return as many slots as the user may have more keys; a limit that was lowered leaves some beyond it taken."""
        taken = {key.slot for key in list_keys(user, keys=self._keys, now=now)}
        free = [slot for slot in range(self._limit) if slot not in taken]
        return free[: max(0, self._limit - len(taken))]

    def _issued(self, key: ApiKey, secret: bytes) -> IssuedKey:
        return IssuedKey(key, write_api_key(self._prefix, KeyText(key.user_id, key.slot, secret)))


def list_keys(user: User, *, keys: ApiKeys, now: int) -> list[ApiKey]:
    """Return a user's live keys, the newest first."""
    live = [key for key in keys.of_user(user.id) if key.is_live(now) and key.epoch == user.key_epoch]
    return sorted(live, key=lambda key: (key.created_at, key.id), reverse=True)


def live_key(key_id: str, user: User, *, keys: ApiKeys, now: int) -> ApiKey:
    """Return a user's live key with this id; raises `KeyNotFound`."""
    for key in list_keys(user, keys=keys, now=now):
        if key.id == key_id:
            return key
    raise KeyNotFound("no such key")


def delete_key(key_id: str, user: User, *, keys: ApiKeys, now: int) -> None:
    """Delete a user's key, which is worth nothing from then on; raises `KeyNotFound`."""
    keys.delete(live_key(key_id, user, keys=keys, now=now))


def _ending(secret: KeySecret, latest: int) -> KeySecret:
    return secret._replace(ends_at=min(latest, secret.ends_at or latest))
