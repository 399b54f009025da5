"""A judge from outside: PyJWT, which shares no code with `keyfob.crypto.jwt` and reads tokens as other APIs will."""

from typing import Any

import jwt as pyjwt
from jwt import PyJWKSet, PyJWTError

from keyfob.crypto.jwt import InvalidToken


def read_as_others_would(token: str, jwk_set: str) -> dict[str, Any]:
    """Return the claims of `token`, verified by nothing but the public keys in `jwk_set`, a JSON document.

    Raises `keyfob.crypto.jwt.InvalidToken` if none of them verifies it.
    """
    try:
        key = PyJWKSet.from_json(jwk_set)[pyjwt.get_unverified_header(token)["kid"]]
        claims: dict[str, Any] = pyjwt.decode(token, key, algorithms=[key.algorithm_name])
    except (PyJWTError, KeyError) as error:
        raise InvalidToken(f"others would not take it: {error!r}") from error
    return claims
