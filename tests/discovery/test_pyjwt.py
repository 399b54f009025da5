"""A program that knows the issuer alone verifies tokens with PyJWT, as API Gateway's own JWT authorizer does."""

from collections.abc import Iterator
from typing import Any

import httpx
import jwt as pyjwt
import pytest
from jwt import InvalidAudienceError, InvalidIssuerError, InvalidSignatureError, PyJWKClient
from keyfob.model.token import AccessClaims

from tests.crypto.keys import ALGORITHMS
from tests.discovery.issuers import ANOTHER_STAGE, STAGE, Issuer, forged, issuing


class Reader:
    """What API Gateway's JWT authorizer does with an issuer and an audience, done by PyJWT.

    It fetches the metadata and from there the keys, finds the token's by its ``kid``, and checks the signature and
    ``iss``, ``aud`` and ``exp``.
    """

    def __init__(self, issuer: str, audience: str) -> None:
        """Discover the issuer."""
        self.metadata = httpx.get(f"{issuer}/.well-known/openid-configuration").raise_for_status().json()
        self._issuer, self._audience = issuer, audience
        # It waits 30 seconds before it reads keys again, but here a rotation takes none.
        self._keys = PyJWKClient(self.metadata["jwks_uri"], cooldown_duration=0)

    def read(self, token: str) -> dict[str, Any]:
        """Return what a token says, or raise what PyJWT raises."""
        claims: dict[str, Any] = pyjwt.decode(
            token,
            self._keys.get_signing_key_from_jwt(token),
            algorithms=self.metadata["id_token_signing_alg_values_supported"],
            issuer=self._issuer,
            audience=self._audience,
            options={"require": ["iss", "aud", "exp", "iat"]},
        )
        return claims


@pytest.fixture(scope="module", params=ALGORITHMS)
def issuer(request: pytest.FixtureRequest) -> Iterator[Issuer]:
    """A deployment of each algorithm that it may choose."""
    with issuing(request.param) as issuer:
        yield issuer


@pytest.mark.parametrize("contract", [STAGE, ANOTHER_STAGE])
def test_a_token_verifies_from_discovery_alone(issuer: Issuer, contract: str) -> None:
    """The issuer's URL is enough, for a token of whichever contract, and the claims are those that are announced."""
    reader = Reader(issuer.url, contract)
    claims = reader.read(issuer.token(contract))
    assert reader.metadata["issuer"] == claims["iss"] == issuer.url
    assert set(reader.metadata["claims_supported"]) == claims.keys() == set(AccessClaims._fields)


def test_every_stage_leads_to_the_same_keys(issuer: Issuer) -> None:
    """The metadata at another stage is that of the issuer, keys included."""
    elsewhere = issuer.url.replace(f"/{STAGE}", f"/{ANOTHER_STAGE}")
    assert Reader(elsewhere, STAGE).metadata == Reader(issuer.url, STAGE).metadata


def test_what_is_not_for_the_reader_is_refused(issuer: Issuer) -> None:
    """A forged token, one for another audience and one of another issuer get nowhere."""
    token = issuer.token()
    with pytest.raises(InvalidSignatureError):
        Reader(issuer.url, STAGE).read(forged(token))
    with pytest.raises(InvalidAudienceError):
        Reader(issuer.url, ANOTHER_STAGE).read(token)
    with pytest.raises(InvalidIssuerError):
        Reader(issuer.url.replace(f"/{STAGE}", f"/{ANOTHER_STAGE}"), STAGE).read(token)


def test_a_reader_follows_a_rotation(issuer: Issuer) -> None:
    """One that has read the keys before reads tokens of the new key, and those of the replaced one while they live."""
    reader, before = Reader(issuer.url, STAGE), issuer.token()
    assert reader.read(before)
    issuer.rotate()
    after = issuer.token()
    assert pyjwt.get_unverified_header(after)["kid"] != pyjwt.get_unverified_header(before)["kid"]
    assert reader.read(after)
    assert reader.read(before)
    assert Reader(issuer.url, STAGE).read(before)
