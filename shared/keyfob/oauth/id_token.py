"""ID tokens (OpenID Connect Core 1.0, section 2): what to believe of one.

This file imports joserfc, so nothing imports it before there is a token to read.
"""

import hmac
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError, UnsupportedAlgorithmError
from joserfc.jwk import Key, KeySet, import_key
from joserfc.jws import JWSRegistry

from keyfob.errors import UntrustedIdentity

ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
"""Signatures by a private key: neither ``none``, nor an HMAC with a secret that others may know."""

LEEWAY_SECONDS = 60
"""How far a provider's clock may be from ours."""

MAX_SUBJECT_CHARACTERS = 255
MAX_TOKEN_CHARACTERS = 64 * 1024
MIN_MODULUS_CHARACTERS = 342
MAX_MODULUS_CHARACTERS = 1366
"""Of an RSA key in base64url: 2048 and 8192 bits."""

_MALFORMED = (JoseError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
_PUBLIC_MEMBERS = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}


class UnknownKey(UntrustedIdentity):
    """No key of the provider's that we know has the token's `kid`: it may be newer than what we know."""


class Expected(NamedTuple):
    """What an ID token must say to be the answer to our question."""

    issuer: str
    client_id: str
    nonce: str


class _Registry(JWSRegistry):
    """Takes our algorithms. EdDSA is one, although RFC 9864 prefers its new name, so there is no warning."""

    def get_alg(self, name: str) -> Any:  # noqa: ANN401 - joserfc's model of an algorithm
        """Return the algorithm called `name`."""
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


def read_key_set(document: object) -> KeySet:
    """Return those keys of a JWK set (RFC 7517, section 5) that may verify an ID token.

    Raises `UntrustedIdentity` if it is no JWK set; others' keys in it are no error.
    """
    members = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(members, list):
        raise UntrustedIdentity("the provider's keys are no JWK set")
    return KeySet([key for key in map(_public_key, members) if key])


def read_id_token(token: object, keys: KeySet, expected: Expected, now: int) -> dict[str, Any]:
    """Return the claims of an ID token after every check of OpenID Connect Core 1.0, section 3.1.3.7.

    Raises `UnknownKey`, and `UntrustedIdentity` for everything else. `now` is in seconds since the epoch.
    """
    if not isinstance(token, str) or len(token) > MAX_TOKEN_CHARACTERS or not token.isascii():
        raise UntrustedIdentity("the provider gave no ID token")
    try:
        claims = jwt.decode(token, keys, registry=_Registry(strict_check_header=False)).claims
        _claims_registry(expected, now).validate(claims)
    except InvalidKeyIdError:
        raise UnknownKey("the ID token is signed by a key that the provider does not show") from None
    except ClaimError as error:
        _refuse(error.claim)
    except _MALFORMED as error:
        raise UntrustedIdentity(f"the ID token is malformed or forged: {type(error).__name__}") from None
    _check_authorized_party(claims, expected.client_id)
    _check_nonce(claims.get("nonce"), expected.nonce)
    _check_subject(claims["sub"])
    return claims


def _claims_registry(expected: Expected, now: int) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )


def _check_authorized_party(claims: Mapping[str, Any], client_id: str) -> None:
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if (several or "azp" in claims) and claims.get("azp") != client_id:
        _refuse("azp")


def _check_nonce(nonce: object, expected: str) -> None:
    if not isinstance(nonce, str) or not nonce or not hmac.compare_digest(_octets(nonce), _octets(expected)):
        _refuse("nonce")


def _octets(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _check_subject(subject: str) -> None:
    if not 0 < len(subject) <= MAX_SUBJECT_CHARACTERS or not (subject.isascii() and subject.isprintable()):
        _refuse("sub")


def _refuse(claim: str) -> NoReturn:
    raise UntrustedIdentity(f"the ID token's {claim} is missing or wrong") from None


def _public_key(member: object) -> Key | None:
    """Return the key, of its public members alone, or `None` for one that signs no ID token."""
    if not isinstance(member, dict) or member.get("use", "sig") != "sig":
        return None
    wanted = _PUBLIC_MEMBERS.get(str(member.get("kty")), ())
    public = {name: member[name] for name in ("kty", *wanted, "kid", "alg") if name in member}
    modulus = public.get("n")
    if modulus and not MIN_MODULUS_CHARACTERS <= len(str(modulus)) <= MAX_MODULUS_CHARACTERS:
        return None
    try:
        return import_key(public) if wanted else None
    except _MALFORMED:
        return None
