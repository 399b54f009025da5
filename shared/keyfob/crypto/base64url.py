"""Base64url without padding (RFC 7515, section 2), in its one canonical form."""

from base64 import urlsafe_b64decode, urlsafe_b64encode


def encode(data: bytes) -> str:
    """Return the base64url text of `data`, without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes behind `text`; anything but the canonical text of some bytes raises `ValueError`."""
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("not canonical base64url")
    return data


def decode_integer(text: str) -> int:
    """Return the unsigned big-endian integer behind `text` (RFC 7518, section 2, Base64urlUInt)."""
    return int.from_bytes(decode(text), "big")
