"""Argon2 of every kind and of any parameters (RFC 9106), as PHC strings or as Django writes them.

There is no floor but the standard's own: 8 KiB of memory a lane, and one pass.
"""

import re

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from keyfob.crypto.foreign_hashes import NUMBER, Verify, check_bounds, check_digest, decode_base64, fields

MAX_MEMORY = 256 * 1024
"""KiB: a seventh of what the function has, and four times RFC 9106's choice for little memory."""
MAX_PASSES = 16
"""With all that memory a pass takes about 0.2 seconds of one processor."""
MAX_LANES = 16
"""Each is a thread, while Lambda gives one processor."""
MIN_MEMORY_PER_LANE = 8
"""KiB (RFC 9106, section 3.1)."""
MIN_SALT_BYTES = 8
"""The reference implementation verifies none with a shorter one."""
MAX_SALT_BYTES = 64

_FORM = re.compile(
    r"(?:argon2)?(?P<phc>\$argon2(?:id|i|d)(?:\$v=(?:16|19))?"
    rf"\$m=(?P<memory>{NUMBER}),t=(?P<passes>{NUMBER}),p=(?P<lanes>{NUMBER})"
    r"\$(?P<salt>[A-Za-z0-9+/]+)\$(?P<digest>[A-Za-z0-9+/]+))"
)


def verifier(encoded: str) -> Verify:
    """Return what verifies against `encoded`: a PHC string, or one after Django's ``argon2``.

    A hash without a version is of version 16, from before the RFC.
    """
    found = fields((_FORM,), encoded, "argon2")
    lanes = int(found["lanes"])
    check_bounds("argon2's number of lanes", lanes, 1, MAX_LANES)
    check_bounds("argon2's memory in KiB", int(found["memory"]), MIN_MEMORY_PER_LANE * lanes, MAX_MEMORY)
    check_bounds("argon2's number of passes", int(found["passes"]), 1, MAX_PASSES)
    salt = decode_base64(found["salt"], "argon2")
    check_bounds("the salt's length in bytes", len(salt), MIN_SALT_BYTES, MAX_SALT_BYTES)
    check_digest(decode_base64(found["digest"], "argon2"))

    def verify(password: str) -> bool:
        try:
            return PasswordHasher().verify(found["phc"], password)
        except VerificationError:
            return False

    return verify
