"""Password hashes that other systems made, one file a scheme, imported when a hash of it is met.

They are only verified, never made: who signs in with one gets one of ours. A stored hash says itself how much work it
costs, so each scheme has bounds. One beyond them is refused before any of that work is done, at the import and at
every login. The caps leave room, in a function of 1,769 MB that is stopped after 20 seconds, for two attempts at
verifying one (see `keyfob.crypto.passwords`).
"""

import re
from base64 import b64decode
from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol

Verify = Callable[[str], bool]

MODULES = {
    "$argon2": "argon2",
    "argon2$": "argon2",
    "$2a$": "bcrypt",
    "$2b$": "bcrypt",
    "$2y$": "bcrypt",
    "bcrypt$": "bcrypt",
    "bcrypt_sha256$": "bcrypt",
    "$scrypt$": "scrypt",
    "scrypt$": "scrypt",
    "scrypt:": "scrypt",
    "pbkdf2_sha1$": "pbkdf2",
    "pbkdf2_sha256$": "pbkdf2",
    "pbkdf2:": "pbkdf2",
}
"""Files of this package by how the hashes that they verify begin."""

NUMBER = r"[1-9][0-9]{0,9}"
"""Pattern of a cost."""
TEXT_SALT = r"[!-#%-~]{1,128}"
"""Pattern of a salt that is not encoded: visible ASCII but for ``$``, which ends it."""
BASE64 = r"[A-Za-z0-9+/]+={0,2}"
HEX = r"(?:[0-9a-f]{2})+"

MIN_DIGEST_BYTES = 16
"""A shorter digest would take other passwords for the right one too often."""
MAX_DIGEST_BYTES = 64
"""No known system keeps more; each 32 bytes beyond would cost PBKDF2 all its iterations once more."""


class UnsupportedHash(ValueError):
    """Text that is no hash of a known scheme within its bounds. The message says why, without the hash."""


class Scheme(Protocol):
    """What each file of this package offers."""

    def verifier(self, encoded: str) -> Verify:
        """Return what tells whether a password is the one behind `encoded`; `UnsupportedHash` if nothing can."""


def verifier(encoded: str) -> Verify:
    """Return what tells whether a password, exactly as it was typed, is the one behind `encoded`.

    Raises `UnsupportedHash` for an unknown scheme, a malformed hash, and costs out of bounds. Does no work yet.
    """
    for beginning, module in MODULES.items():
        if encoded.startswith(beginning):
            loaded: Any = import_module(f"{__name__}.{module}")
            scheme: Scheme = loaded
            return scheme.verifier(encoded)
    raise UnsupportedHash("a hash of an unknown scheme")


def check_encoded(encoded: str) -> None:
    """Raise `UnsupportedHash`, as `verifier` does, for what is no hash that can be verified. Ours pass as well."""
    verifier(encoded)


def fields(forms: tuple[re.Pattern[str], ...], encoded: str, scheme: str) -> dict[str, str]:
    """Return the named fields of the first form that `encoded` has; `UnsupportedHash` if it has none of them."""
    for form in forms:
        match = form.fullmatch(encoded)
        if match:
            return match.groupdict(default="")
    raise UnsupportedHash(f"a malformed {scheme} hash")


def check_bounds(name: str, value: int, least: int, most: int) -> None:
    """Raise `UnsupportedHash` if what is called `name` is below `least` or above `most`."""
    if not least <= value <= most:
        raise UnsupportedHash(f"{name} is {value}, but must be from {least} to {most}")


def check_digest(digest: bytes) -> None:
    """Raise `UnsupportedHash` for a digest of a length that no sound hash has."""
    check_bounds("the digest's length in bytes", len(digest), MIN_DIGEST_BYTES, MAX_DIGEST_BYTES)


def decode_base64(text: str, scheme: str) -> bytes:
    """Return the bytes behind base64 (RFC 4648, section 4) with or without its padding; else `UnsupportedHash`."""
    try:
        return b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except ValueError:
        raise UnsupportedHash(f"a malformed {scheme} hash") from None
