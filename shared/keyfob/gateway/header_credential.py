"""Credentials in headers: bearer tokens (RFC 6750, section 2.1), and API keys."""

from collections.abc import Mapping
from typing import Final

from keyfob.errors import AuthenticationRequired
from keyfob.model.credentials import ApiKeySecret, BearerToken

AUTHORIZATION: Final = "authorization"
API_KEY: Final = "x-api-key"


def header_credential(headers: Mapping[str, str]) -> BearerToken | ApiKeySecret | None:
    """Return what the ``Authorization`` header holds or, without one, ``X-API-Key``; `None` if neither is there.

    `headers` have lower-case names. A key may be a bearer token too: it has no dots, and a JWT has two. Raises
    `AuthenticationRequired` if the header that counts holds no credential.
    """
    if AUTHORIZATION in headers:
        return _bearer(headers[AUTHORIZATION])
    if API_KEY not in headers:
        return None
    key = headers[API_KEY].strip()
    if not key:
        raise AuthenticationRequired("an empty API key")
    return ApiKeySecret(key)


def _bearer(authorization: str) -> BearerToken | ApiKeySecret:
    scheme, _, rest = authorization.strip().partition(" ")
    token = rest.strip()
    if scheme.lower() != "bearer" or not token:
        raise AuthenticationRequired("no bearer token")
    return BearerToken(token) if "." in token else ApiKeySecret(token)
