"""PBKDF2 (RFC 8018, section 5.2), as Django and Werkzeug write it."""

import re
from hashlib import new, pbkdf2_hmac
from hmac import compare_digest

from keyfob.crypto.foreign_hashes import (
    BASE64,
    HEX,
    NUMBER,
    TEXT_SALT,
    UnsupportedHash,
    Verify,
    check_bounds,
    decode_base64,
    fields,
)

MIN_ITERATIONS = 1_000
"""The least that RFC 8018 (section 4.2) lets anybody use."""
MAX_ITERATIONS = 3_000_000
"""About 2 seconds with SHA-512; Django's and Werkzeug's defaults are at 1,000,000 and rise."""

_DJANGO = re.compile(
    rf"pbkdf2_(?P<name>sha1|sha256)\$(?P<iterations>{NUMBER})\$(?P<salt>{TEXT_SALT})\$(?P<base64>{BASE64})"
)
_WERKZEUG = re.compile(
    rf"pbkdf2:(?P<name>sha1|sha256|sha512):(?P<iterations>{NUMBER})\$(?P<salt>{TEXT_SALT})\$(?P<hex>{HEX})"
)


def verifier(encoded: str) -> Verify:
    """Return what verifies against `encoded`, in constant time. The digest must have all its bytes."""
    found = fields((_DJANGO, _WERKZEUG), encoded, "pbkdf2")
    name, iterations, salt = found["name"], int(found["iterations"]), found["salt"].encode()
    check_bounds("pbkdf2's number of iterations", iterations, MIN_ITERATIONS, MAX_ITERATIONS)
    known = bytes.fromhex(found["hex"]) if "hex" in found else decode_base64(found["base64"], "pbkdf2")
    if len(known) != new(name).digest_size:
        raise UnsupportedHash("a malformed pbkdf2 hash")
    return lambda password: compare_digest(pbkdf2_hmac(name, password.encode(), salt, iterations), known)
