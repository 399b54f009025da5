"""Rotating the key set: the four steps that Secrets Manager asks of a rotation function.

A new key is published first and signs later, when every cache has seen it; a replaced key is kept until the last token
it signed has expired. Each step may be repeated.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from keyfob.crypto import jwt
from keyfob.crypto.generate import new_refresh_key, new_signing_key
from keyfob.crypto.keys import KeySet, PublicKeys
from keyfob.model.token import LONGEST_ACCESS_SECONDS, LONGEST_REFRESH_SECONDS
from keyfob.store.secrets import Secret

PUBLISHED_BEFORE_SIGNING_SECONDS = 4 * 3600
"""How long a key is public before it signs. API Gateway's own JWT authorizer caches keys for two hours."""

CLOCK_SKEW_SECONDS = 300


class RotationFailed(Exception):
    """The pending key set does not do what a key set must: it stays pending, and the current one stays in use."""


def create_pending(key_set: Secret, version: str, alg: str, now: int) -> None:
    """Write the pending version: the keys still needed, and a new one of each kind."""
    if key_set.read_pending(version) is None:
        key_set.write_pending(version, json.dumps(_rotated(json.loads(key_set.read()), alg, now)))


def publish_pending(key_set: Secret, public_keys: Secret, version: str) -> None:
    """Publish the public half of the pending version, before anything is signed with it."""
    public_keys.write_current(version, _public_document(_pending(key_set, version)))


def prove_pending(key_set: Secret, public_keys: Secret, version: str) -> None:
    """Sign with every pending key, and verify with what was published; raise `RotationFailed` if one does not fit."""
    private = KeySet.from_json(_pending(key_set, version))
    public = PublicKeys.from_json(public_keys.read())
    if not private:
        raise RotationFailed("a key of each kind is needed")
    probe = {"version": version}
    try:
        for signing_key in private.signing:
            jwt.verify(jwt.sign(probe, signing_key), public)
        for refresh_key in private.refresh:
            jwt.verify(jwt.sign(probe, refresh_key), private.refresh_keys)
    except jwt.InvalidToken as error:
        raise RotationFailed(f"a pending key does not verify: {error}") from error


def finish(key_set: Secret, version: str) -> None:
    """Make the pending version the current one."""
    key_set.promote(version)


def _pending(key_set: Secret, version: str) -> str:
    pending = key_set.read_pending(version)
    if pending is None:
        raise RotationFailed(f"version {version} is not pending")
    return pending


def _rotated(document: Mapping[str, Any], alg: str, now: int) -> dict[str, Any]:
    signing = document.get("signing", [])
    refresh = document.get("refresh", [])
    signs_from = now + PUBLISHED_BEFORE_SIGNING_SECONDS if signing else now
    return {
        "signing": [
            *_still_needed(signing, LONGEST_ACCESS_SECONDS, now),
            new_signing_key(alg, signs_from),
        ],
        "refresh": [
            *_still_needed(refresh, LONGEST_REFRESH_SECONDS, now),
            new_refresh_key(signs_from),
        ],
    }


def _still_needed(keys: Sequence[Mapping[str, Any]], longest_lifetime: int, now: int) -> list[Mapping[str, Any]]:
    """Return the keys, oldest first, that sign or whose last token may be alive."""
    ordered = sorted(keys, key=lambda key: int(key["signs_from"]))
    replaced_at = [int(key["signs_from"]) for key in ordered[1:]]
    expired = sum(now > time + longest_lifetime + CLOCK_SKEW_SECONDS for time in replaced_at)
    return list(ordered[expired:])


def _public_document(private: str) -> str:
    keys = [entry["public_key"] for entry in json.loads(private)["signing"]]
    return json.dumps({"keys": keys})
