"""Bearer tokens in ``Authorization`` headers (RFC 6750, section 2.1)."""


def bearer_token(authorization: str) -> str:
    """Return the token in the value of an ``Authorization`` header, or an empty text if it is of another scheme."""
    scheme, _, token = authorization.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
