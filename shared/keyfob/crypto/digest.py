"""Digests of secrets that are random already, so that what is stored is worth nothing to whoever reads it."""

import hashlib
import hmac

from keyfob.crypto.base64url import encode


def digest(secret: bytes) -> str:
    """Return the SHA-256 digest of a random secret of at least 128 bits, in hexadecimal."""
    return hashlib.sha256(secret).hexdigest()


def fingerprint(text: str) -> str:
    """Return the SHA-256 digest of any text, in hexadecimal: a key that does not show what it is the key of."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_digest_of(stored: str, secret: bytes) -> bool:
    """Tell whether `stored` is the digest of `secret`, in constant time."""
    return hmac.compare_digest(stored, digest(secret))


def derived(secret: bytes, purpose: str) -> str:
    """Return another secret, which only who has `secret` can make: HMAC-SHA256 over `purpose`, in base64url."""
    return encode(hmac.digest(secret, purpose.encode(), "sha256"))


def same(one: str, other: str) -> bool:
    """Tell whether two texts are the same, in constant time."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
