"""ES256: ECDSA on P-256 with SHA-256 (RFC 7518, section 3.4; keys, section 6.2)."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateNumbers,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from keyfob.crypto.algorithms import Jwk, Sign, Verify
from keyfob.crypto.base64url import decode_integer

COORDINATE_BYTES = 32


def signer(jwk: Jwk) -> Sign:
    """Return what signs with the private P-256 key `jwk`."""
    key = EllipticCurvePrivateNumbers(decode_integer(jwk["d"]), _public_numbers(jwk)).private_key()

    def sign(signing_input: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(signing_input, ECDSA(SHA256())))
        return r.to_bytes(COORDINATE_BYTES, "big") + s.to_bytes(COORDINATE_BYTES, "big")

    return sign


def verifier(jwk: Jwk) -> Verify:
    """Return what verifies with the public P-256 key `jwk`; a point off the curve raises `ValueError`."""
    key = _public_numbers(jwk).public_key()

    def verify(signing_input: bytes, signature: bytes) -> bool:
        if len(signature) != 2 * COORDINATE_BYTES:
            return False
        r, s = signature[:COORDINATE_BYTES], signature[COORDINATE_BYTES:]
        encoded = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
        try:
            key.verify(encoded, signing_input, ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True

    return verify


def _public_numbers(jwk: Jwk) -> EllipticCurvePublicNumbers:
    return EllipticCurvePublicNumbers(decode_integer(jwk["x"]), decode_integer(jwk["y"]), SECP256R1())
