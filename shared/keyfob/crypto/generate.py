"""New keys, made by the rotation function alone."""

import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt import PyJWS

from keyfob.crypto.base64url import encode

RSA_BITS = 2048
HMAC_BYTES = 32

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def new_signing_key(alg: str, signs_from: int) -> dict[str, Any]:
    """Return a new entry of the private document's ``signing`` list, for ``RS256``, ``ES256`` or ``EdDSA``."""
    kid = secrets.token_hex(8)
    private_key = _new_private_key(alg)
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    jwk = PyJWS().get_algorithm_by_name(alg).to_jwk(private_key.public_key(), as_dict=True)
    jwk.pop("key_ops", None)
    return {
        "kid": kid,
        "alg": alg,
        "signs_from": signs_from,
        "private_key": pem.decode(),
        "public_key": {**jwk, "kid": kid, "alg": alg, "use": "sig"},
    }


def new_refresh_key(signs_from: int) -> dict[str, Any]:
    """Return a new entry of the private document's ``refresh`` list: 256 random bits (RFC 7518, section 3.2)."""
    return {
        "kid": secrets.token_hex(8),
        "signs_from": signs_from,
        "secret": encode(secrets.token_bytes(HMAC_BYTES)),
    }


def _new_private_key(alg: str) -> PrivateKey:
    match alg:
        case "RS256":
            return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        case "ES256":
            return ec.generate_private_key(ec.SECP256R1())
        case "EdDSA":
            return ed25519.Ed25519PrivateKey.generate()
        case _:
            raise ValueError(f"no signing algorithm of ours: {alg}")
