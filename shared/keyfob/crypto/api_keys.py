"""The text of an API key: a prefix, what says where it is stored, 192 random bits, and a checksum, in base62.

The checksum (CRC-32, of all that is before it) lets a typo or any other text be refused without a read. It is no
secret: what proves the right to a key are its random bits. Scanners for leaked secrets find keys by their prefix.
"""

import uuid
from typing import Final, NamedTuple
from zlib import crc32

SECRET_BYTES: Final = 24
SLOTS: Final = 256
"""How many keys of a user can be told apart."""

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES: Final = {digit: value for value, digit in enumerate(_DIGITS)}
_ID_BYTES: Final = 16
_CONTENT_BYTES: Final = _ID_BYTES + 1 + SECRET_BYTES
_CONTENT_DIGITS: Final = 56
_CHECKSUM_DIGITS: Final = 6


class KeyText(NamedTuple):
    """What the text of a key holds: whose it is, in which slot it is stored, and the secret."""

    user_id: str
    slot: int
    secret: bytes


def write_api_key(prefix: str, content: KeyText) -> str:
    """Return the text of a key; `prefix` is the deployment's, such as ``sk_live_``."""
    packed = uuid.UUID(content.user_id).bytes + bytes([content.slot]) + content.secret
    text = prefix + _base62(int.from_bytes(packed), _CONTENT_DIGITS)
    return text + _checksum(text)


def read_api_key(prefix: str, text: str) -> KeyText:
    """Return what the text of a key holds; raises `ValueError` for one that no key with this prefix can have."""
    if len(text) != len(prefix) + _CONTENT_DIGITS + _CHECKSUM_DIGITS or not text.startswith(prefix):
        raise ValueError("not an API key of this deployment")
    content, checksum = text[:-_CHECKSUM_DIGITS], text[-_CHECKSUM_DIGITS:]
    if not text.isascii() or _checksum(content) != checksum:
        raise ValueError("mistyped")
    packed = _number(content.removeprefix(prefix)).to_bytes(_CONTENT_BYTES + 1)
    if packed[0]:
        raise ValueError("out of range")
    return KeyText(str(uuid.UUID(bytes=packed[1 : _ID_BYTES + 1])), packed[_ID_BYTES + 1], packed[-SECRET_BYTES:])


def _checksum(text: str) -> str:
    return _base62(crc32(text.encode()), _CHECKSUM_DIGITS)


def _base62(number: int, digits: int) -> str:
    written = []
    for _ in range(digits):
        number, value = divmod(number, len(_DIGITS))
        written.append(_DIGITS[value])
    return "".join(reversed(written))


def _number(text: str) -> int:
    if not _VALUES.keys() >= set(text):
        raise ValueError("not in base62")
    number = 0
    for digit in text:
        number = number * len(_DIGITS) + _VALUES[digit]
    return number
