"""bcrypt, in the modular crypt format or as Django writes it, there also over SHA-256.

Its own least cost, 4, is the floor. Hashes that begin with ``$2x$`` are refused: they were made by an implementation
that mixed up letters beyond ASCII.
"""

import re
from hashlib import sha256

from keyfob.crypto.foreign_hashes import Verify, check_bounds, fields

MIN_COST = 4
MAX_COST = 15
"""2**15 rounds take about 2 seconds; most systems choose 10 to 12."""
MAX_PASSWORD_BYTES = 72
"""bcrypt reads no more of a password, and other systems have silently cut off what is longer."""

_FORM = re.compile(
    r"(?:(?P<django>bcrypt|bcrypt_sha256)\$)?"
    r"(?P<crypt>\$2[aby]\$(?P<cost>[0-9]{2})\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26])"
)
"""The last characters of salt and digest carry 2 and 4 bits."""


def verifier(encoded: str) -> Verify:
    """Return what verifies against `encoded`, which begins with ``$2a$``, ``$2b$`` or ``$2y$``.

    Django's prefixes ``bcrypt$`` and ``bcrypt_sha256$`` may stand before that.
    """
    found = fields((_FORM,), encoded, "bcrypt")
    check_bounds("bcrypt's cost", int(found["cost"]), MIN_COST, MAX_COST)
    secret_of = _digested if found["django"] == "bcrypt_sha256" else _cut

    def verify(password: str) -> bool:
        import bcrypt

        return bcrypt.checkpw(secret_of(password), found["crypt"].encode())

    return verify


def _cut(password: str) -> bytes:
    return password.encode()[:MAX_PASSWORD_BYTES]


def _digested(password: str) -> bytes:
    return sha256(password.encode()).hexdigest().encode()
