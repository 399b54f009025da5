"""Random values, from the operating system's source alone."""

import secrets
import uuid

MAX_NUMBER = 2**53 - 1
"""The largest integer that a JavaScript number holds exactly (ECMA-262, Number.MAX_SAFE_INTEGER)."""


def new_id() -> str:
    """Return a random UUID (RFC 9562, version 4) in its 36-character form."""
    return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))


def new_number() -> int:
    """Return a random integer from 1 to `MAX_NUMBER`."""
    return 1 + secrets.randbelow(MAX_NUMBER)


def new_suffix() -> str:
    """Return eight random characters of ``0-9a-f``, to tell apart names that are taken."""
    return secrets.token_hex(4)


def new_secret(size: int = 32) -> bytes:
    """Return `size` random bytes, 256 bits by default."""
    return secrets.token_bytes(size)
