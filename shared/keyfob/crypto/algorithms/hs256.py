"""HS256: HMAC with SHA-256 (RFC 7518, section 3.2; keys, section 6.4)."""

import hmac

from keyfob.crypto.algorithms import Jwk, Sign, Verify
from keyfob.crypto.base64url import decode

MIN_KEY_BYTES = 32


def signer(jwk: Jwk) -> Sign:
    """Return what signs with the secret `jwk`; one under `MIN_KEY_BYTES` raises `ValueError`."""
    secret = decode(jwk["k"])
    if len(secret) < MIN_KEY_BYTES:
        raise ValueError(f"an HMAC key of {len(secret)} bytes is too small")
    return lambda signing_input: hmac.digest(secret, signing_input, "sha256")


def verifier(jwk: Jwk) -> Verify:
    """Return what verifies with the secret `jwk`, in constant time."""
    sign = signer(jwk)
    return lambda signing_input, signature: hmac.compare_digest(sign(signing_input), signature)
