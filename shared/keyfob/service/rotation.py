"""Rotating the key set: the four steps that Secrets Manager asks of a rotation function.

A new key is published first and signs later, when every cache has seen it; a replaced key is kept until the last token
it signed has expired. Each step may be repeated.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from keyfob.crypto import jwt
from keyfob.crypto.generate import new_refresh_jwk, new_signing_jwk
from keyfob.crypto.judge import read_as_others_would
from keyfob.crypto.keys import KeySet
from keyfob.crypto.published import public_half
from keyfob.model.token import LONGEST_ACCESS_SECONDS, LONGEST_REFRESH_SECONDS
from keyfob.service.keys import MAX_AGE_SECONDS
from keyfob.store.secrets import Secret

PUBLISHED_BEFORE_SIGNING_SECONDS = 4 * 3600
"""How long a key is public before it signs. API Gateway's own JWT authorizer caches keys for two hours."""

CLOCK_SKEW_SECONDS = 300


class RotationFailed(Exception):
    """The pending key set does not do what a key set must: it stays pending, and the current one stays in use."""


def create_pending(key_set: Secret, version: str, alg: str, now: int) -> None:
    """Write the pending version: the keys still needed, and a new one of each kind."""
    if key_set.read_pending(version) is None and not key_set.is_current(version):
        key_set.write_pending(version, json.dumps(_rotated(json.loads(key_set.read()), alg, now)))


def publish_pending(key_set: Secret, public_keys: Secret, version: str) -> None:
    """Publish the public half of the pending version, before anything is signed with it."""
    public_keys.write_current(version, _public_document(_pending(key_set, version)))


def prove_pending(key_set: Secret, public_keys: Secret, version: str, now: int) -> None:
    """Prove every pending key, from outside where others will use it; raise `RotationFailed` if one does not fit.

    Access tokens are read from what was published, as another API would; refresh tokens by ourselves. A version that
    has waited too long is given up, so that the next rotation can begin.
    """
    private = KeySet.from_json(_pending(key_set, version))
    if not private:
        raise RotationFailed("a key of each kind is needed")
    if len(private.access_signers) > 1 and private.access_signers[-1].signs_from < now + MAX_AGE_SECONDS:
        key_set.abandon_pending(version)
        raise RotationFailed("this rotation took too long: its key would sign before everybody has seen it")
    published = public_keys.read()
    probe = {"version": version}
    try:
        for access_signer in private.access_signers:
            read_as_others_would(jwt.sign(probe, access_signer), published)
        for refresh_signer in private.refresh_signers:
            jwt.verify(jwt.sign(probe, refresh_signer), private.refresh_verifiers)
    except jwt.InvalidToken as error:
        raise RotationFailed(f"a pending key does not verify: {error!r}") from error


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
            {"signs_from": signs_from, "jwk": new_signing_jwk(alg)},
        ],
        "refresh": [
            *_still_needed(refresh, LONGEST_REFRESH_SECONDS, now),
            {"signs_from": signs_from, "jwk": new_refresh_jwk()},
        ],
    }


def _still_needed(keys: Sequence[Mapping[str, Any]], longest_lifetime: int, now: int) -> list[Mapping[str, Any]]:
    """Return the keys, oldest first, that sign or whose last token may be alive."""
    ordered = sorted(keys, key=lambda key: int(key["signs_from"]))
    replaced_at = [int(key["signs_from"]) for key in ordered[1:]]
    expired = sum(now > time + longest_lifetime + CLOCK_SKEW_SECONDS for time in replaced_at)
    return list(ordered[expired:])


def _public_document(private: str) -> str:
    return json.dumps({"keys": [public_half(entry["jwk"]) for entry in json.loads(private)["signing"]]})
