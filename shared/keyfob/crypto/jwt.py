"""JSON Web Tokens in compact form (RFC 7519; RFC 8725 for what to refuse).

A token is verified by looking its encoded header up among the headers that our keys write. So a key is used with its
own algorithm, `kid` and `typ` or not at all, and nothing that a token says about itself (``jwk``, ``jku``, ``x5u``,
``crit``, ``none``) is ever read.
"""

import json
from collections.abc import Mapping
from typing import Any

from keyfob.crypto.base64url import decode, encode
from keyfob.crypto.keys import SigningKey, VerificationKey

MAX_TOKEN_CHARACTERS = 8192
SEPARATORS = 2


class InvalidToken(ValueError):
    """The token is malformed, or no key of ours signed it."""


class UnknownKey(InvalidToken):
    """No key of ours writes this token's header: it is forged, or signed by a key that is not loaded yet."""


def sign(claims: Mapping[str, Any], key: SigningKey) -> str:
    """Return the compact token that says `claims`, signed by `key`. The same input makes the same payload."""
    payload = encode(json.dumps(claims, separators=(",", ":")).encode())
    signing_input = f"{key.header}.{payload}"
    return f"{signing_input}.{encode(key.sign(signing_input.encode()))}"


def verify(token: str, keys: Mapping[str, VerificationKey]) -> dict[str, Any]:
    """Return the claims of `token`, whose signature one of `keys` (by encoded header) must have made.

    Raises `UnknownKey` if no key writes its header, `InvalidToken` for everything else. Claims are not judged here.
    """
    if len(token) > MAX_TOKEN_CHARACTERS or not token.isascii() or token.count(".") != SEPARATORS:
        raise InvalidToken("not a compact token")
    signing_input, _, encoded_signature = token.rpartition(".")
    header, _, payload = signing_input.partition(".")
    key = keys.get(header)
    if key is None:
        raise UnknownKey("no key of ours writes this header")
    if not key.verify(signing_input.encode(), _decoded(encoded_signature)):
        raise InvalidToken("the signature does not fit")
    return _claims(_decoded(payload))


def _decoded(segment: str) -> bytes:
    try:
        return decode(segment)
    except ValueError as error:
        raise InvalidToken("a segment is not canonical base64url") from error


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = json.loads(payload)
    except ValueError as error:
        raise InvalidToken("the payload is not JSON") from error
    if not isinstance(claims, dict):
        raise InvalidToken("the payload is not an object")
    return claims
