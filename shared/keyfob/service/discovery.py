"""What everybody may know of a deployment, to verify its access tokens by: OpenID Connect Discovery 1.0, RFC 8414."""

import json
from typing import Any

from keyfob.crypto.published import public_half
from keyfob.model.token import AccessClaims

JWKS_PATH = "/.well-known/jwks.json"

PublicJwks = tuple[dict[str, Any], ...]
"""Public JWKs (RFC 7517, section 4), each with ``kid`` and ``alg``."""


def public_jwks(text: str) -> PublicJwks:
    """Read the JWK set that is the secret `PublicKeys`: of each key what is public, whatever else the secret holds."""
    return tuple(public_half(jwk) for jwk in json.loads(text).get("keys", []))


def jwk_set(keys: PublicJwks) -> dict[str, Any]:
    """Return the JWK set of `keys` (RFC 7517, section 5)."""
    return {"keys": list(keys)}


def configuration(issuer: str, called_at: str, keys: PublicJwks) -> dict[str, Any]:
    """Return the metadata of `issuer` (OpenID Connect Discovery 1.0, section 3; RFC 8414, section 2).

    `called_at` is the URL of the stage that was asked, without a slash at its end. Where a member's absence would mean
    something that we do not do, it is there and says that we do not.
    """
    return {
        "issuer": issuer,
        "jwks_uri": _place(issuer, called_at) + JWKS_PATH,
        "response_types_supported": [],
        "grant_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": _algorithms(keys),
        "claims_supported": list(AccessClaims._fields),
        "request_uri_parameter_supported": False,
    }


def _place(issuer: str, called_at: str) -> str:
    """Return the URL below which the issuer is discovered: itself, if it is one (Discovery 1.0, section 4)."""
    return issuer.rstrip("/") if issuer.startswith(("https://", "http://")) else called_at


def _algorithms(keys: PublicJwks) -> list[str]:
    return sorted({jwk["alg"] for jwk in keys})
