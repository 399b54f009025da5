"""What access tokens say, verified (RFC 9068, section 4; RFC 8725). Everything the authorizer needs, and no more."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from typing import Any

from keyfob.clock import Clock
from keyfob.crypto import jwt
from keyfob.crypto.keys import PublicKeys
from keyfob.errors import InvalidAccessToken
from keyfob.model.token import AccessClaims
from keyfob.service.keys import Keys

CLOCK_SKEW_SECONDS = 60
MAX_REMEMBERED = 2048

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("iss", "sub", "aud", "jti", "sid", "account_id", "role", "scope", "type"), str),
    "exp": int,
    "iat": int,
    "user_id": (str, int),
}


class AccessTokens:
    """Verifies access tokens, and remembers those it has verified.

    A remembered token is judged by its expiry alone, is forgotten when the keys are read again (so never outlives its
    key's removal by more than their age) and is found by its exact text.
    """

    def __init__(self, issuer: str, keys: Keys[PublicKeys], clock: Clock) -> None:
        """Take the ``iss`` that tokens must have, the keys and the clock."""
        self._issuer = issuer
        self._keys = keys
        self._clock = clock
        self._remembered: OrderedDict[str, AccessClaims] = OrderedDict()
        self._remembered_under: PublicKeys | None = None

    def read(self, token: str, audiences: Collection[str]) -> AccessClaims:
        """Return what an access token for one of `audiences` says, or raise `InvalidAccessToken`."""
        keys = self._keys.get()
        if keys is not self._remembered_under:
            self._remembered, self._remembered_under = OrderedDict(), keys
        claims = self._remembered.get(token)
        if claims is None:
            claims = self._judged(self._verified(token, keys))
            self._remember(token, claims)
        if self._clock() >= claims.exp:
            raise InvalidAccessToken("expired")
        if claims.aud not in audiences:
            raise InvalidAccessToken("for another audience")
        return claims

    def _verified(self, token: str, keys: PublicKeys) -> dict[str, Any]:
        try:
            try:
                return jwt.verify(token, keys)
            except jwt.UnknownKey:
                return jwt.verify(token, self._keys.reload())
        except jwt.InvalidToken as error:
            raise InvalidAccessToken(str(error)) from error

    def _judged(self, claims: dict[str, Any]) -> AccessClaims:
        for name, kind in _TYPES.items():
            value = claims.get(name)
            if not isinstance(value, kind) or isinstance(value, bool):
                raise InvalidAccessToken(f"claim {name} is missing or of another type")
        read = AccessClaims(**{name: claims[name] for name in AccessClaims._fields})
        if read.iss != self._issuer or read.type != "access":
            raise InvalidAccessToken("of another issuer, or for another use")
        if read.iat > self._clock() + CLOCK_SKEW_SECONDS:
            raise InvalidAccessToken("issued in the future")
        return read

    def _remember(self, token: str, claims: AccessClaims) -> None:
        if len(self._remembered) >= MAX_REMEMBERED:
            self._remembered.popitem(last=False)
        self._remembered[token] = claims
