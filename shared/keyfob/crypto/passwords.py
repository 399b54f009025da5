"""Passwords: Argon2id (RFC 9106) under named parameter sets.

Text is brought into Unicode's form NFC first, so that the same password typed on two keyboards is the same password
(RFC 8265, section 4.2). What no user can have chosen is not hashed at all, but costs the same time.
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
        """Tell whether `password` is the one behind `encoded`.

        Without a hash (no such user, or one without a password) the answer is no, after the same work.
        """
        possible = encoded is not None and len(password) <= MAX_CODE_POINTS_UNNORMALISED
        target = encoded if encoded is not None and possible else self._dummy
        candidate = normalised_password(password) if possible else password[:MAX_CODE_POINTS_UNNORMALISED]
        return self._matches(target, candidate) and possible

    def needs_rehash(self, encoded: str) -> bool:
        """Tell whether `encoded` was made under other parameters than these."""
        return self._argon2.check_needs_rehash(encoded)

    def _matches(self, encoded: str, candidate: str) -> bool:
        try:
            return self._argon2.verify(encoded, candidate)
        except (VerificationError, InvalidHashError):
            return False
