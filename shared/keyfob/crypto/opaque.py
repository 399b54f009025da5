"""Opaque tokens: ids that say which item to read, and 256 random bits that prove the right to it, in base64url.

The ids save an index from digests to items, and a second read. They are random UUIDs and no secret.
"""

import uuid
from typing import NamedTuple

from keyfob.crypto.base64url import decode, encode

SECRET_BYTES = 32
_ID_BYTES = 16


class Opaque(NamedTuple):
    """What an opaque token holds: UUIDs in their 36-character form, and the secret."""

    ids: tuple[str, ...]
    secret: bytes

    def __str__(self) -> str:
        """Return the token."""
        return encode(b"".join(uuid.UUID(each).bytes for each in self.ids) + self.secret)


def read_opaque(token: str, ids: int) -> Opaque:
    """Return what `token` holds, of which `ids` are UUIDs; raises `ValueError` if it is not such a token."""
    content = decode(token)
    if len(content) != ids * _ID_BYTES + SECRET_BYTES:
        raise ValueError("not an opaque token of this kind")
    parts = [content[start : start + _ID_BYTES] for start in range(0, ids * _ID_BYTES, _ID_BYTES)]
    return Opaque(tuple(str(uuid.UUID(bytes=part)) for part in parts), content[-SECRET_BYTES:])
