"""EdDSA: Ed25519 (RFC 8037)."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from keyfob.crypto.algorithms import Jwk, Sign, Verify
from keyfob.crypto.base64url import decode


def signer(jwk: Jwk) -> Sign:
    """Return what signs with the private Ed25519 key `jwk`."""
    return Ed25519PrivateKey.from_private_bytes(decode(jwk["d"])).sign


def verifier(jwk: Jwk) -> Verify:
    """Return what verifies with the public Ed25519 key `jwk`."""
    key = Ed25519PublicKey.from_public_bytes(decode(jwk["x"]))

    def verify(signing_input: bytes, signature: bytes) -> bool:
        try:
            key.verify(signature, signing_input)
        except InvalidSignature:
            return False
        return True

    return verify
