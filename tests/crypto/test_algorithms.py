"""Signatures: ours and PyJWT's are the same."""

import json
from typing import Any

import jwt as pyjwt
import pytest
from keyfob.crypto import jwt
from keyfob.crypto.algorithms import algorithm
from keyfob.crypto.generate import new_signing_jwk
from keyfob.crypto.keys import PublicKeys
from keyfob.crypto.published import public_half

from tests.crypto.keys import ALGORITHMS, jwk_set, key_set, refresh_jwk, signing_jwk

CLAIMS = {"sub": "somebody", "n": 1}


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_pyjwt_reads_our_tokens_from_the_published_set(alg: str) -> None:
    """Another API's stock library verifies our access tokens with what is published, and nothing else."""
    token = jwt.sign(CLAIMS, key_set(alg).access_signer_at(1))
    key = pyjwt.PyJWKSet.from_dict(jwk_set(alg))[pyjwt.get_unverified_header(token)["kid"]]
    assert pyjwt.decode(token, key, algorithms=[alg]) == CLAIMS


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_we_read_what_pyjwt_signs_with_our_key(alg: str) -> None:
    """A signature that another library makes with the key is as good as ours."""
    private = pyjwt.PyJWK(signing_jwk(alg))
    headers = {"kid": signing_jwk(alg)["kid"], "typ": "at+jwt"}
    token = pyjwt.PyJWS().encode(json.dumps(CLAIMS).encode(), private.key, alg, headers=headers)
    assert jwt.verify(token, PublicKeys.from_json(json.dumps(jwk_set(alg)))) == CLAIMS


@pytest.mark.parametrize("alg", [*ALGORITHMS, "HS256"])
def test_a_signature_is_over_its_input_alone(alg: str) -> None:
    """A changed input, a changed signature and another length do not verify."""
    jwk: Any = refresh_jwk() if alg == "HS256" else signing_jwk(alg)
    signature = algorithm(alg).signer(jwk)(b"input")
    verify = algorithm(alg).verifier(jwk if alg == "HS256" else public_half(jwk))
    assert verify(b"input", signature)
    assert not verify(b"inpuT", signature)
    assert not verify(b"input", bytes([signature[0] ^ 1]) + signature[1:])
    assert not verify(b"input", signature[:-1])
    assert not verify(b"input", signature + b"\0")
    assert not verify(b"input", b"")
    assert not verify(b"input", bytes(len(signature)))


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_what_is_published_cannot_sign(alg: str) -> None:
    """The public half has no private member, and makes no signer."""
    published = public_half(signing_jwk(alg))
    assert not published.keys() & {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}
    with pytest.raises(KeyError):
        algorithm(alg).signer(published)


def test_small_keys_are_refused() -> None:
    """An RSA modulus under 2048 bits and an HMAC key under 256 are refused (RFC 7518, sections 3.2 and 3.3)."""
    with pytest.raises(ValueError, match="too small"):
        algorithm("RS256").verifier({"n": "wRk" * 57, "e": "AQAB"})
    with pytest.raises(ValueError, match="too small"):
        algorithm("HS256").signer({"k": "c2hvcnQ"})


@pytest.mark.parametrize("name", ["none", "None", "HS512", "RS512", "PS256", ""])
def test_other_algorithms_do_not_exist(name: str) -> None:
    """There is no algorithm but those that our keys have."""
    with pytest.raises(KeyError):
        algorithm(name)


@pytest.mark.parametrize("name", ["none", "HS256", "RS512", "PS256"])
def test_no_other_keys_are_made(name: str) -> None:
    """A key that signs access tokens is of an algorithm whose public half can be published."""
    with pytest.raises(ValueError, match="no signing algorithm of ours"):
        new_signing_jwk(name)
