"""Discovery while something is missing: keys, Secrets Manager, or an issuer that is a URL."""

import json
from collections.abc import Iterator

import pytest
from keyfob.contracts import NAMES
from keyfob.crypto.random import new_id

from tests.aws_calls import Calls, refused, tapped
from tests.crypto.keys import ALGORITHMS, jwk_set, refresh_jwk, signing_jwk
from tests.discovery.documents import CONFIGURATION, JWKS, PATHS, get, public_keys
from tests.house import House, running_house
from tests.speakers import speaker

PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

documents = pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)


@pytest.fixture
def calls() -> Iterator[Calls]:
    """What the functions of a house that begins now call."""
    with tapped() as calls:
        yield calls


@pytest.fixture
def new_house(calls: Calls) -> Iterator[House]:
    """A deployment whose functions have not read any key yet, and whose calls are seen."""
    assert calls.names == []
    with running_house() as house:
        yield house


def write_keys(house: House, document: object) -> None:
    """Overwrite the secret with the public keys."""
    public_keys(house).write_current(new_id(), json.dumps(document))


def check_unavailable(house: House, path: str) -> None:
    """Check that every contract says in its shape that a document is not there for now, and that nobody keeps that."""
    for contract in NAMES:
        reply = get(house, path, contract)
        assert reply.status == 503
        assert reply.headers["retry-after"] == "1"
        assert reply.headers["cache-control"] == "no-store"
        assert speaker(contract, house).error(reply) == "Service temporarily unavailable, please try again"


@documents
def test_without_keys_there_is_no_document(new_house: House, path: str) -> None:
    """Before the first rotation the answer is a 503 to try again; as soon as there is a key, there is a document."""
    write_keys(new_house, {"keys": [], "initial": "x"})
    check_unavailable(new_house, path)
    write_keys(new_house, jwk_set("ES256"))
    assert get(new_house, path).status == 200


@documents
def test_while_the_secret_cannot_be_read_there_is_no_document(new_house: House, calls: Calls, path: str) -> None:
    """A failing Secrets Manager is a 503 to try again, and the next answer is right."""
    with calls.disturbed("secrets-manager.", refused(500, "InternalServiceError")):
        check_unavailable(new_house, path)
    assert get(new_house, path).status == 200


@documents
def test_keys_that_were_read_outlast_a_failure(new_house: House, calls: Calls, path: str) -> None:
    """A second answer reads nothing: the keys are in memory."""
    before = get(new_house, path)
    read = list(calls.names)
    with calls.disturbed("", refused(500, "InternalServiceError")):
        assert get(new_house, path) == before
    assert calls.names == read


def test_no_private_member_gets_out(new_house: House) -> None:
    """Even if the secret held whole keys, and secret ones, the answers would be of their public members alone."""
    whole = [*(signing_jwk(alg) for alg in ALGORITHMS), refresh_jwk()]
    assert {member for jwk in whole for member in jwk} >= {"d", "p", "q", "dp", "dq", "qi", "k"}
    write_keys(new_house, {"keys": whole})
    shown = get(new_house, JWKS)
    assert [jwk["kid"] for jwk in shown.json["keys"]] == [jwk["kid"] for jwk in whole]
    assert not {member for jwk in shown.json["keys"] for member in jwk} & PRIVATE_MEMBERS
    everything = shown.text + get(new_house, CONFIGURATION).text
    assert not [jwk[member] for jwk in whole for member in PRIVATE_MEMBERS & jwk.keys() if jwk[member] in everything]


def test_an_issuer_that_is_no_url_has_its_keys_on_each_stage() -> None:
    """By default the issuer is a URN: the metadata names the keys of the stage that was asked."""
    with running_house({"Issuer": ""}) as house:
        for contract in NAMES:
            metadata = get(house, CONFIGURATION, contract).json
            assert metadata["issuer"] == "urn:keyfob:keyfob"
            assert metadata["jwks_uri"].startswith("https://")
            assert metadata["jwks_uri"].endswith(f"/{contract}{JWKS}")
