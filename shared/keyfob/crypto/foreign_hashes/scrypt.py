"""scrypt (RFC 7914), as Django, Werkzeug, and Passlib (a PHC string) write it."""

import re
from hashlib import scrypt
from hmac import compare_digest
from typing import NamedTuple

from keyfob.crypto.foreign_hashes import (
    BASE64,
    HEX,
    NUMBER,
    TEXT_SALT,
    UnsupportedHash,
    Verify,
    check_bounds,
    check_digest,
    decode_base64,
    fields,
)

MIN_MEMORY = 1024**2
"""Bytes: N = 1024 with r = 8. What takes less is about as fast to guess as a plain digest."""
MIN_N = 1024
"""Few blocks that are large cost memory for each lane besides, which the bounds on N and r together do not see."""
MAX_R = 32
"""r: four times what everybody uses."""
MAX_MEMORY = 128 * 1024**2
"""Bytes, 128·N·r: N = 2**17 with r = 8, OWASP's first choice."""
MAX_LANES = 16
"""p: how often all of that is done, one after the other."""
MAX_WORK = 1024**3
"""Bytes, 128·N·r·p, take about 4 seconds."""
MAX_LOG_N_PER_BLOCK = 16
"""N must be less than 2 to the power of this times r (RFC 7914, section 2)."""

_DJANGO = re.compile(
    rf"scrypt\$(?P<n>{NUMBER})\$(?P<salt>{TEXT_SALT})"
    rf"\$(?P<r>{NUMBER})\$(?P<p>{NUMBER})\$(?P<base64>{BASE64})"
)
_WERKZEUG = re.compile(
    rf"scrypt:(?P<n>{NUMBER}):(?P<r>{NUMBER}):(?P<p>{NUMBER})\$(?P<salt>{TEXT_SALT})\$(?P<hex>{HEX})"
)
_PHC = re.compile(
    rf"\$scrypt\$ln=(?P<ln>[1-9][0-9]?),r=(?P<r>{NUMBER}),p=(?P<p>{NUMBER})"
    r"\$(?P<salt_base64>[A-Za-z0-9+/]{2,128})\$(?P<base64>[A-Za-z0-9+/]+)"
)


class Hash(NamedTuple):
    """Costs as RFC 7914 names them, salt, and digest."""

    n: int
    r: int
    p: int
    salt: bytes
    digest: bytes


def verifier(encoded: str) -> Verify:
    """Return what verifies against `encoded`, in constant time."""
    known = _parse(encoded)
    _check_costs(known.n, known.r, known.p)
    check_digest(known.digest)
    needed = 128 * known.r * (known.n + known.p + 2)

    def verify(password: str) -> bool:
        digest = scrypt(
            password.encode(),
            salt=known.salt,
            n=known.n,
            r=known.r,
            p=known.p,
            maxmem=needed,
            dklen=len(known.digest),
        )
        return compare_digest(digest, known.digest)

    return verify


def _parse(encoded: str) -> Hash:
    found = fields((_DJANGO, _WERKZEUG, _PHC), encoded, "scrypt")
    n = 2 ** int(found["ln"]) if "ln" in found else int(found["n"])
    salt = decode_base64(found["salt_base64"], "scrypt") if "salt_base64" in found else found["salt"].encode()
    digest = bytes.fromhex(found["hex"]) if "hex" in found else decode_base64(found["base64"], "scrypt")
    return Hash(n, int(found["r"]), int(found["p"]), salt, digest)


def _check_costs(n: int, r: int, p: int) -> None:
    if n == 1 or n.bit_count() != 1 or n.bit_length() > MAX_LOG_N_PER_BLOCK * r:
        raise UnsupportedHash("scrypt's N must be a power of two, and fit its r")
    check_bounds("scrypt's memory in bytes", 128 * n * r, MIN_MEMORY, MAX_MEMORY)
    check_bounds("scrypt's N", n, MIN_N, MAX_MEMORY)
    check_bounds("scrypt's r", r, 1, MAX_R)
    check_bounds("scrypt's p", p, 1, MAX_LANES)
    check_bounds("scrypt's memory in bytes times p", 128 * n * r * p, MIN_MEMORY, MAX_WORK)
