"""The two documents of discovery: what they say, for whom, and for how long."""

import json

import pytest
from keyfob.contracts import NAMES
from keyfob.gateway.discovery import MAX_AGE_SECONDS
from keyfob.service.discovery import configuration, public_jwks
from keyfob.service.keys import MAX_AGE_SECONDS as KEYS_MAX_AGE_SECONDS
from keyfob.service.rotation import PUBLISHED_BEFORE_SIGNING_SECONDS

from local.template import load_stack
from tests.crypto.keys import signing_jwk
from tests.discovery.documents import CONFIGURATION, JWKS, PATHS, get, public_keys
from tests.events import made
from tests.house import ISSUER, ORIGIN, House, reply_of
from tests.speakers import CONTRACTS, speaker
from tests.test_start_up import start_function

API_GATEWAY_MAX_AGE_SECONDS = 2 * 3600

contracts = pytest.mark.parametrize("contract", NAMES)


@contracts
def test_the_metadata_says_what_is_true(house: House, contract: str) -> None:
    """On every stage: the issuer and its keys, what access tokens carry, and that nothing else of OpenID is here."""
    reply = get(house, CONFIGURATION, contract)
    assert reply.status == 200
    assert reply.json == {
        "issuer": ISSUER,
        "jwks_uri": ISSUER + JWKS,
        "response_types_supported": [],
        "grant_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": [
            *("iss", "sub", "aud", "exp", "iat", "jti", "sid"),
            *("user_id", "account_id", "role", "scope", "type"),
        ],
        "request_uri_parameter_supported": False,
    }


@contracts
def test_the_jwk_set_is_that_of_the_secret(house: House, contract: str) -> None:
    """On every stage: the keys that were published, of public members alone."""
    reply = get(house, JWKS, contract)
    assert reply.status == 200
    assert reply.json == {"keys": json.loads(public_keys(house).read())["keys"]}
    (key,) = reply.json["keys"]
    assert key.keys() == {"kty", "use", "alg", "kid", "n", "e"}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_tokens_of_every_contract_carry_what_is_announced(house: House, contract: str) -> None:
    """A token has exactly the claims that the metadata lists, and the issuer that it names."""
    client = speaker(contract, house)
    claims = client.claims(client.access_token(client.logged_in()))
    metadata = get(house, CONFIGURATION, contract).json
    assert claims.keys() == set(metadata["claims_supported"])
    assert claims["iss"] == metadata["issuer"]


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("origin", [ORIGIN, "https://stranger.example"])
def test_anybody_may_read_and_keep_a_document(house: House, path: str, origin: str) -> None:
    """Scripts of any origin may, without credentials, and any cache, for an hour; each client takes the media type."""
    headers = get(house, path, Origin=origin).headers
    assert headers["cache-control"] == "public, max-age=3600"
    assert headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in headers
    assert headers["content-type"] == "application/json"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_new_key_signs_when_every_cache_has_it() -> None:
    """Our function's copy, a cache's and then API Gateway's own together are younger than a key that begins to sign."""
    oldest = KEYS_MAX_AGE_SECONDS + MAX_AGE_SECONDS + API_GATEWAY_MAX_AGE_SECONDS
    assert oldest < PUBLISHED_BEFORE_SIGNING_SECONDS


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@contracts
def test_a_document_is_read_and_nothing_else(house: House, path: str, contract: str) -> None:
    """Other methods get a 405 in the contract's shape, which nobody keeps; HEAD and a preflight are answered."""
    client = house.client(contract)
    refusal = client.send("POST", path, json_body={})
    assert refusal.status == 405
    assert refusal.headers["allow"] == "GET, HEAD, OPTIONS"
    assert refusal.headers["cache-control"] == "no-store"
    assert speaker(contract, house).error(refusal) == "Method not allowed"
    assert client.send("HEAD", path).status == 200
    assert client.send("OPTIONS", path).status == 204


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_the_path_works_with_a_slash_too(house: House, path: str) -> None:
    """As every path of ours does."""
    assert get(house, f"{path}/").json == get(house, path).json


def test_each_algorithm_of_a_published_key_is_announced() -> None:
    """While keys of two algorithms are published, after the setting has changed, both are named, once each."""
    keys = public_jwks(json.dumps({"keys": [signing_jwk("RS256"), signing_jwk("ES256"), signing_jwk("RS256", "old")]}))
    announced = configuration(ISSUER, "https://api.example.com", keys)["id_token_signing_alg_values_supported"]
    assert announced == ["ES256", "RS256"]


@pytest.mark.parametrize(
    ("issuer", "place"),
    [
        ("https://auth.example.com", "https://auth.example.com"),
        ("https://auth.example.com/", "https://auth.example.com"),
        ("https://auth.example.com/tenant/", "https://auth.example.com/tenant"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("urn:keyfob:keyfob", "https://api.example.com/standard"),
        ("httpsish:keyfob", "https://api.example.com/standard"),
    ],
)
def test_keys_are_where_the_issuer_is_or_else_where_it_was_asked(issuer: str, place: str) -> None:
    """The place of the keys follows from the issuer if it is a URL; it is itself never changed."""
    metadata = configuration(issuer, "https://api.example.com/standard", ())
    assert (metadata["issuer"], metadata["jwks_uri"]) == (issuer, place + JWKS)


@pytest.mark.parametrize("name", PATHS)
def test_the_functions_read_public_keys_and_can_do_nothing_else(name: str) -> None:
    """Their roles allow one call on one secret, and they load no table, password, signature or key of their own."""
    logical_id = {"openid_configuration": "OpenIdConfigurationFunction", "jwks": "JwksFunction"}[name]
    (policy,) = load_stack().properties(f"{logical_id}Role")["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "secretsmanager:GetSecretValue"
    assert "secret:keyfob/PublicKeys" in statement["Resource"]
    modules, _ = start_function(name)
    assert not modules & {"argon2", "jwt", "cryptography", "jinja2", "keyfob.crypto.keys"}
    assert {each for each in modules if each.startswith("keyfob.store.")} == {
        "keyfob.store.client",
        "keyfob.store.secrets",
    }


@pytest.mark.parametrize("name", PATHS)
def test_the_events_are_answered(house: House, name: str) -> None:
    """What `events/` has for each function works as it is."""
    assert reply_of(house.runtime.invoke(name, made()[f"{name}.json"])).status == 200
