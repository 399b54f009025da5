"""The signature algorithms (RFC 7518, section 3; RFC 8037), one file each, imported when a key of theirs is.

Signing and verifying go straight to `cryptography`: PyJWT would add 60 ms to every cold start. It stays the judge from
outside: the rotation function proves new keys with it, and the tests read our tokens with it.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Protocol

Jwk = Mapping[str, Any]
Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], bool]

MODULES = {"RS256": "rs256", "ES256": "es256", "EdDSA": "eddsa", "HS256": "hs256"}


class Algorithm(Protocol):
    """What each file of this package offers. Keys are JWKs (RFC 7517); texts in them are base64url."""

    def signer(self, jwk: Jwk) -> Sign:
        """Return what signs with the private (or secret) key `jwk`."""

    def verifier(self, jwk: Jwk) -> Verify:
        """Return what tells whether a signature over a signing input is that of `jwk`, given both in this order."""


def algorithm(name: str) -> Algorithm:
    """Return the algorithm with this JWS name; one that is not ours raises `KeyError`."""
    module: Any = import_module(f"{__name__}.{MODULES[name]}")
    loaded: Algorithm = module
    return loaded
