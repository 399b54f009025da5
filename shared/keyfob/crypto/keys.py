"""Signing keys, refresh keys, and the documents that hold them.

The private document, one secret, which the functions that sign read::

    {"signing": [{"signs_from": seconds, "jwk": private JWK}], "refresh": [{"signs_from": seconds, "jwk": secret JWK}]}

The public document, another, which the functions that verify read, is a JWK set (RFC 7517, section 5). A key signs from
`signs_from` (seconds since the epoch) until a newer key does; it is published before that.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from keyfob.crypto.algorithms import Jwk, Sign, Verify, algorithm
from keyfob.crypto.base64url import encode

ACCESS_TYPE = "at+jwt"
REFRESH_TYPE = "rt+jwt"


class VerificationKey:
    """A key that verifies tokens of exactly one header: its own algorithm, its own `kid` and one token type."""

    def __init__(self, jwk: Jwk, typ: str) -> None:
        """Take a public or secret JWK with ``alg`` and ``kid``, and the `typ` of the tokens that it is for."""
        self.header = _header(jwk, typ)
        self.verify: Verify = algorithm(jwk["alg"]).verifier(jwk)


class SigningKey:
    """A key that signs tokens of exactly one header."""

    def __init__(self, entry: Mapping[str, Any], typ: str) -> None:
        """Take an entry of the private document, and the `typ` of the tokens that its key signs."""
        self.signs_from: int = entry["signs_from"]
        self._jwk: Jwk = entry["jwk"]
        self.header = _header(self._jwk, typ)

    @cached_property
    def sign(self) -> Sign:
        """What signs; made at the first signature, since most keys of a set sign nothing."""
        return algorithm(self._jwk["alg"]).signer(self._jwk)


class KeySet:
    """The private document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Take the document; one that holds no keys yet makes an empty set."""
        refresh = document.get("refresh", [])
        self.access_signers = _ordered(document.get("signing", []), ACCESS_TYPE)
        self.refresh_signers = _ordered(refresh, REFRESH_TYPE)
        self.refresh_verifiers = _by_header([entry["jwk"] for entry in refresh], REFRESH_TYPE)

    @classmethod
    def from_json(cls, text: str) -> "KeySet":
        """Read the document."""
        return cls(json.loads(text))

    def __bool__(self) -> bool:
        """Tell whether there is a key of each kind."""
        return bool(self.access_signers and self.refresh_signers)

    def access_signer_at(self, time: int) -> SigningKey:
        """Return the key that signs access tokens at `time`."""
        return _newest_at(self.access_signers, time)

    def refresh_signer_at(self, time: int) -> SigningKey:
        """Return the key that signs refresh tokens at `time`."""
        return _newest_at(self.refresh_signers, time)


class PublicKeys(dict[str, VerificationKey]):
    """The public document: encoded header → the one key that verifies access tokens which carry it."""

    @classmethod
    def from_json(cls, text: str) -> "PublicKeys":
        """Read the JWK set; one that holds no keys yet makes an empty set."""
        return cls(_by_header(json.loads(text).get("keys", []), ACCESS_TYPE))


def _header(jwk: Jwk, typ: str) -> str:
    return encode(json.dumps({"alg": jwk["alg"], "kid": jwk["kid"], "typ": typ}, separators=(",", ":")).encode())


def _ordered(entries: Sequence[Mapping[str, Any]], typ: str) -> list[SigningKey]:
    return sorted((SigningKey(entry, typ) for entry in entries), key=lambda key: key.signs_from)


def _by_header(jwks: Sequence[Jwk], typ: str) -> dict[str, VerificationKey]:
    keys = [VerificationKey(jwk, typ) for jwk in jwks]
    return {key.header: key for key in keys}


def _newest_at(keys: Sequence[SigningKey], time: int) -> SigningKey:
    for key in reversed(keys):
        if key.signs_from <= time:
            return key
    return keys[0]
