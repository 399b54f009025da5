"""New keys, made by the rotation function alone."""

import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt import PyJWS

from keyfob.crypto.base64url import encode

RSA_BITS = 2048
HMAC_BYTES = 32


def new_signing_jwk(alg: str) -> dict[str, Any]:
    """Return a new private JWK for ``RS256``, ``ES256`` or ``EdDSA``."""
    jwk = PyJWS().get_algorithm_by_name(alg).to_jwk(_new_private_key(alg), as_dict=True)
    jwk.pop("key_ops", None)
    return {**jwk, "kid": _new_key_id(), "alg": alg, "use": "sig"}


def new_refresh_jwk() -> dict[str, Any]:
    """Return a new secret JWK of 256 random bits (RFC 7518, section 3.2)."""
    return {"kty": "oct", "k": encode(secrets.token_bytes(HMAC_BYTES)), "kid": _new_key_id(), "alg": "HS256"}


def _new_key_id() -> str:
    return secrets.token_hex(8)


def _new_private_key(alg: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey:
    match alg:
        case "RS256":
            return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        case "ES256":
            return ec.generate_private_key(ec.SECP256R1())
        case "EdDSA":
            return ed25519.Ed25519PrivateKey.generate()
        case _:
            raise ValueError(f"no signing algorithm of ours: {alg}")
