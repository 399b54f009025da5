"""RS256: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, section 3.3; keys, section 6.3)."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from keyfob.crypto.algorithms import Jwk, Sign, Verify
from keyfob.crypto.base64url import decode_integer

MIN_BITS = 2048


def signer(jwk: Jwk) -> Sign:
    """Return what signs with the private RSA key `jwk`."""
    numbers = RSAPrivateNumbers(
        p=decode_integer(jwk["p"]),
        q=decode_integer(jwk["q"]),
        d=decode_integer(jwk["d"]),
        dmp1=decode_integer(jwk["dp"]),
        dmq1=decode_integer(jwk["dq"]),
        iqmp=decode_integer(jwk["qi"]),
        public_numbers=_public_numbers(jwk),
    )
    # The rotation function proved the key by signing and verifying with it; proving it anew costs 30 ms a start-up.
    key = numbers.private_key(unsafe_skip_rsa_key_validation=True)
    return lambda signing_input: key.sign(signing_input, PKCS1v15(), SHA256())


def verifier(jwk: Jwk) -> Verify:
    """Return what verifies with the public RSA key `jwk`; one under `MIN_BITS` raises `ValueError`."""
    key = _public_numbers(jwk).public_key()
    if key.key_size < MIN_BITS:
        raise ValueError(f"an RSA key of {key.key_size} bits is too small")
    padding, digest = PKCS1v15(), SHA256()

    def verify(signing_input: bytes, signature: bytes) -> bool:
        try:
            key.verify(signature, signing_input, padding, digest)
        except InvalidSignature:
            return False
        return True

    return verify


def _public_numbers(jwk: Jwk) -> RSAPublicNumbers:
    return RSAPublicNumbers(e=decode_integer(jwk["e"]), n=decode_integer(jwk["n"]))
