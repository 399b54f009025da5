"""Signing keys, refresh keys, and the documents that hold them.

The private document (one secret, read by the functions that sign)::

    {"signing": [{"kid", "alg", "signs_from", "private_key": PEM, "public_key": JWK}],
     "refresh": [{"kid", "signs_from", "secret": base64url}]}

The public document (read by the functions that verify, and one day by everybody) is a JWK set (RFC 7517, section 5).
A key signs from `signs_from` (seconds since the epoch) until a newer key does; it is published before that.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from jwt import PyJWS

from keyfob.crypto.base64url import decode, encode

ACCESS_TYPE = "at+jwt"
REFRESH_TYPE = "rt+jwt"
REFRESH_ALGORITHM = "HS256"

_ALGORITHMS = PyJWS(algorithms=["RS256", "ES256", "EdDSA", "HS256"])


class VerificationKey:
    """One key that verifies tokens of exactly one header: its algorithm, its `kid` and one token type."""

    def __init__(self, kid: str, alg: str, typ: str, material: Any) -> None:  # noqa: ANN401 - PyJWT's own key type varies by algorithm
        """Take the key's id, its JWS algorithm, the `typ` of the tokens it is for, and PyJWT's key object."""
        self.kid = kid
        self.header = encode(json.dumps({"alg": alg, "kid": kid, "typ": typ}, separators=(",", ":")).encode())
        self._algorithm = _ALGORITHMS.get_algorithm_by_name(alg)
        self._material = material

    def verify(self, signing_input: bytes, signature: bytes) -> bool:
        """Tell whether `signature` is this key's over `signing_input`."""
        return self._algorithm.verify(signing_input, self._material, signature)


class SigningKey:
    """One private key. Its key object is made at the first signature, once."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Take one entry of the private document's ``signing`` list."""
        self.kid: str = document["kid"]
        self.alg: str = document["alg"]
        self.signs_from: int = document["signs_from"]
        self._pem: str = document["private_key"]
        self.verification = VerificationKey(
            self.kid, self.alg, ACCESS_TYPE, _public_material(self.alg, document["public_key"])
        )

    @property
    def header(self) -> str:
        """The encoded header of every token this key signs."""
        return self.verification.header

    def sign(self, signing_input: bytes) -> bytes:
        """Return the signature over `signing_input` (RFC 7515, section 5.1)."""
        return _ALGORITHMS.get_algorithm_by_name(self.alg).sign(signing_input, self._material)

    @cached_property
    def _material(self) -> Any:  # noqa: ANN401 - PyJWT's own key type varies by algorithm
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        # The rotation function proved the key by signing and verifying with it; proving it again costs 30 ms.
        return load_pem_private_key(self._pem.encode(), None, unsafe_skip_rsa_key_validation=True)


class RefreshKey:
    """One HMAC key, which signs and verifies refresh tokens and nothing else."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Take one entry of the private document's ``refresh`` list."""
        self.kid: str = document["kid"]
        self.signs_from: int = document["signs_from"]
        self._secret = decode(document["secret"])
        self.verification = VerificationKey(self.kid, REFRESH_ALGORITHM, REFRESH_TYPE, self._secret)

    @property
    def header(self) -> str:
        """The encoded header of every token this key signs."""
        return self.verification.header

    def sign(self, signing_input: bytes) -> bytes:
        """Return the signature over `signing_input`."""
        return _ALGORITHMS.get_algorithm_by_name(REFRESH_ALGORITHM).sign(signing_input, self._secret)


class KeySet:
    """The private document."""

    def __init__(self, signing: Sequence[SigningKey], refresh: Sequence[RefreshKey]) -> None:
        """Take the keys of either kind, in any order."""
        self.signing = sorted(signing, key=lambda key: key.signs_from)
        self.refresh = sorted(refresh, key=lambda key: key.signs_from)
        self.refresh_keys = by_header(key.verification for key in self.refresh)

    @classmethod
    def from_json(cls, text: str) -> "KeySet":
        """Read the private document; one that holds no keys yet makes an empty set."""
        document = json.loads(text)
        return cls(
            [SigningKey(entry) for entry in document.get("signing", [])],
            [RefreshKey(entry) for entry in document.get("refresh", [])],
        )

    def __bool__(self) -> bool:
        """Tell whether there is a key of each kind."""
        return bool(self.signing and self.refresh)

    def signing_key_at(self, time: int) -> SigningKey:
        """Return the key that signs access tokens at `time`."""
        return _newest_at(self.signing, time)

    def refresh_key_at(self, time: int) -> RefreshKey:
        """Return the key that signs refresh tokens at `time`."""
        return _newest_at(self.refresh, time)


class PublicKeys(dict[str, VerificationKey]):
    """The public document: encoded header → the one key that verifies tokens which carry it."""

    @classmethod
    def from_json(cls, text: str) -> "PublicKeys":
        """Read a JWK set; one that holds no keys yet makes an empty set."""
        return cls(
            by_header(
                VerificationKey(jwk["kid"], jwk["alg"], ACCESS_TYPE, _public_material(jwk["alg"], jwk))
                for jwk in json.loads(text).get("keys", [])
            )
        )


def by_header(keys: Iterable[VerificationKey]) -> dict[str, VerificationKey]:
    """Index keys by the encoded header of the tokens they verify."""
    return {key.header: key for key in keys}


def _public_material(alg: str, jwk: Mapping[str, Any]) -> Any:  # noqa: ANN401 - PyJWT's own key type varies by algorithm
    return _ALGORITHMS.get_algorithm_by_name(alg).from_jwk(dict(jwk))


K = TypeVar("K", SigningKey, RefreshKey)


def _newest_at(keys: Sequence[K], time: int) -> K:
    for key in reversed(keys):
        if key.signs_from <= time:
            return key
    return keys[0]
