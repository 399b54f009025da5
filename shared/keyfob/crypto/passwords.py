"""Passwords: Argon2id (RFC 9106) under named parameter sets.

Text is brought into Unicode's form NFC first, so that the same password typed on two keyboards is the same password
(RFC 8265, section 4.2). What no user can have chosen is not hashed at all, but costs the same time.

A hash that was imported from another system, or made under other parameters, is verified by `foreign_hashes`.
"""

from types import MappingProxyType
from typing import NamedTuple

from argon2 import PasswordHasher as Argon2
from argon2 import Type
from argon2.exceptions import InvalidHashError, VerificationError

from keyfob.model.password import MAX_CODE_POINTS_UNNORMALISED, normalised_password


class Parameters(NamedTuple):
    """What one hash costs: passes, KiB of memory, and lanes (RFC 9106, section 3.1)."""

    passes: int
    memory: int
    lanes: int


PARAMETER_SETS = MappingProxyType(
    {
        "owasp": Parameters(passes=2, memory=19 * 1024, lanes=1),
        "rfc9106": Parameters(passes=3, memory=64 * 1024, lanes=4),
        "test": Parameters(passes=1, memory=8, lanes=1),
    }
)
"""Parameter sets by name: OWASP's second choice, RFC 9106's for little memory, and a cheap one for tests only."""

_SALT = "a2V5Zm9iLWR1bW15c2FsdA"
_DIGEST = "a2V5Zm9iLWR1bW15LWRpZ2VzdC1vZi1ubyBwYXNzd28"


class PasswordHasher:
    """Hashes and verifies passwords under one parameter set."""

    def __init__(self, parameter_set: str) -> None:
        """Take the name of a parameter set; an unknown one raises `KeyError`."""
        passes, memory, lanes = PARAMETER_SETS[parameter_set]
        self._argon2 = Argon2(time_cost=passes, memory_cost=memory, parallelism=lanes, type=Type.ID)
        self._dummy = f"$argon2id$v=19$m={memory},t={passes},p={lanes}${_SALT}${_DIGEST}"

    def hash(self, password: str) -> str:
        """Return the encoded hash of `password`, with a fresh salt."""
        return self._argon2.hash(normalised_password(password))

    def verify(self, encoded: str | None, password: str) -> bool:
        """Tell whether `password` is the one behind `encoded`, which may be any hash that `foreign_hashes` knows.

        Without a hash that can be verified (no such user, one without a password, a hash that is broken or would cost
        too much) the answer is no, after the work of one of ours.
        """
        if encoded is None or len(password) > MAX_CODE_POINTS_UNNORMALISED:
            return self._refuse(password)
        if self.needs_rehash(encoded):
            return self._matches_foreign(encoded, password)
        return self._matches(encoded, normalised_password(password))

    def needs_rehash(self, encoded: str) -> bool:
        """Tell whether `encoded` is anything but an Argon2id hash under these parameters."""
        try:
            return self._argon2.check_needs_rehash(encoded)
        except InvalidHashError:
            return True

    def _matches(self, encoded: str, candidate: str) -> bool:
        try:
            return self._argon2.verify(encoded, candidate)
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False

    def _matches_foreign(self, encoded: str, password: str) -> bool:
        """Try the password in our form and, where that differs, as it was typed: what others hashed is unknown."""
        from keyfob.crypto.foreign_hashes import UnsupportedHash, verifier

        try:
            verify = verifier(encoded)
        except UnsupportedHash:
            return self._refuse(password)
        return any(verify(form) for form in dict.fromkeys((normalised_password(password), password)))

    def _refuse(self, password: str) -> bool:
        """Say no after as much work as verifying takes."""
        self._matches(self._dummy, password[:MAX_CODE_POINTS_UNNORMALISED])
        return False
