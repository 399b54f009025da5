"""What of a key may be published."""

from typing import Any

PUBLIC_MEMBERS = frozenset({"kty", "kid", "alg", "use", "n", "e", "crv", "x", "y"})
"""The members of a JWK that may be published (RFC 7518, sections 6.2.1 and 6.3.1; RFC 8037, section 2)."""


def public_half(jwk: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a private JWK that may be published."""
    return {name: value for name, value in jwk.items() if name in PUBLIC_MEMBERS}
