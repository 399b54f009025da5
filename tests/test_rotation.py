"""Rotating the keys: nobody is locked out, and no key goes before its last token."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from boto3 import Session as Boto
from keyfob.contracts import NAMES, contract_named
from keyfob.crypto import jwt
from keyfob.crypto.keys import KeySet, PublicKeys
from keyfob.crypto.random import new_id
from keyfob.model.token import LONGEST_ACCESS_SECONDS, LONGEST_REFRESH_SECONDS
from keyfob.service import rotation
from keyfob.service.key_age import KeysOverdue, check_age
from keyfob.service.rotation import CLOCK_SKEW_SECONDS, PUBLISHED_BEFORE_SIGNING_SECONDS, RotationFailed
from keyfob.store.secrets import Secret
from moto import mock_aws

from local.aws import create_secrets, rotate_secrets, rotation_event
from local.template import load_deployment
from tests.house import House, running_house

DAY = 24 * 3600
START = 1_800_000_000
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}


class Keyring:
    """The two secrets of a deployment, and a rotation of them at a time of the test's choice."""

    def __init__(self) -> None:
        """Create the secrets as a first deployment does."""
        deployment = load_deployment()
        client = Boto().client("secretsmanager")
        create_secrets(deployment, client)
        environment = deployment.functions["rotate_keys"].environment
        self.private = Secret(client, environment["KEY_SET_SECRET"])
        self.public = Secret(client, environment["PUBLIC_KEYS_SECRET"])

    def rotate(self, now: int, alg: str = "RS256") -> None:
        """Take all four steps."""
        version = new_id()
        rotation.create_pending(self.private, version, alg, now)
        rotation.publish_pending(self.private, self.public, version)
        rotation.prove_pending(self.private, self.public, version, now)
        rotation.finish(self.private, version)

    @property
    def document(self) -> Any:
        """The private document."""
        return json.loads(self.private.read())

    @property
    def published(self) -> Any:
        """The JWK set."""
        return json.loads(self.public.read())

    def token(self, time: int) -> str:
        """Return a token that was signed at `time` with the present keys."""
        return jwt.sign({"at": time}, KeySet.from_json(self.private.read()).access_signer_at(time))

    def reads(self, token: str) -> bool:
        """Tell whether somebody who has the published keys alone can verify `token`."""
        try:
            jwt.verify(token, PublicKeys.from_json(self.public.read()))
        except jwt.InvalidToken:
            return False
        return True


@pytest.fixture
def keyring() -> Iterator[Keyring]:
    """The secrets of a first deployment, before their first rotation."""
    with mock_aws():
        yield Keyring()


def kids(document: Any, kind: str) -> list[str]:
    """Return the ids of a private document's keys of one kind."""
    return [entry["jwk"]["kid"] for entry in document[kind]]


def test_the_first_key_signs_at_once(keyring: Keyring) -> None:
    """A first deployment has a key as soon as its first rotation is done."""
    keyring.rotate(START)
    assert keyring.reads(keyring.token(START))


def test_a_new_key_is_public_before_it_signs(keyring: Keyring) -> None:
    """After a rotation the old key goes on signing until every cache has had time to see the new one."""
    keyring.rotate(START)
    (first,) = kids(keyring.document, "signing")
    keyring.rotate(START + 30 * DAY)
    keys = KeySet.from_json(keyring.private.read())
    turn = START + 30 * DAY + PUBLISHED_BEFORE_SIGNING_SECONDS
    assert first in kids(keyring.document, "signing")
    assert keys.access_signer_at(turn - 1).header != keys.access_signer_at(turn).header
    assert keys.refresh_signer_at(turn - 1).header != keys.refresh_signer_at(turn).header
    assert keyring.reads(keyring.token(turn - 1))
    assert keyring.reads(keyring.token(turn))
    assert PUBLISHED_BEFORE_SIGNING_SECONDS > 2 * 3600


def test_a_replaced_key_stays_until_its_last_token_has_expired_and_then_goes(keyring: Keyring) -> None:
    """The longest token that a key signed at its very end verifies until it expires; a later rotation drops the key."""
    keyring.rotate(START)
    keyring.rotate(START + DAY)
    turn = START + DAY + PUBLISHED_BEFORE_SIGNING_SECONDS
    last = keyring.token(turn - 1)
    keyring.rotate(turn + LONGEST_ACCESS_SECONDS)
    assert keyring.reads(last)
    keyring.rotate(turn + LONGEST_ACCESS_SECONDS + CLOCK_SKEW_SECONDS + 1)
    assert not keyring.reads(last)


def test_a_refresh_key_stays_as_long_as_its_tokens(keyring: Keyring) -> None:
    """Refresh tokens survive rotations for their whole life."""
    keyring.rotate(START)
    keyring.rotate(START + DAY)
    turn = START + DAY + PUBLISHED_BEFORE_SIGNING_SECONDS
    last = jwt.sign({}, KeySet.from_json(keyring.private.read()).refresh_signer_at(turn - 1))
    keyring.rotate(turn + LONGEST_REFRESH_SECONDS)
    assert jwt.verify(last, KeySet.from_json(keyring.private.read()).refresh_verifiers) == {}
    keyring.rotate(turn + LONGEST_REFRESH_SECONDS + CLOCK_SKEW_SECONDS + 1)
    with pytest.raises(jwt.UnknownKey):
        jwt.verify(last, KeySet.from_json(keyring.private.read()).refresh_verifiers)


@pytest.mark.parametrize("name", NAMES)
def test_no_contracts_tokens_live_longer_than_a_replaced_key(name: str) -> None:
    """The lifetimes that a rotation reckons with are those of the longest-lived contract."""
    tokens = contract_named(name).tokens
    assert tokens.access_seconds <= LONGEST_ACCESS_SECONDS
    assert tokens.refresh_seconds <= LONGEST_REFRESH_SECONDS


def test_years_of_rotations_keep_few_keys(keyring: Keyring) -> None:
    """The documents do not grow: with a rotation a month, two keys of each kind are enough, or three."""
    for month in range(36):
        keyring.rotate(START + month * 30 * DAY)
    assert len(keyring.published["keys"]) == 2
    assert len(keyring.document["refresh"]) <= 3


def test_what_is_published_is_public(keyring: Keyring) -> None:
    """The public document has the public half of each signing key, and nothing of the refresh keys."""
    keyring.rotate(START)
    keyring.rotate(START + DAY, "ES256")
    keyring.rotate(START + 2 * DAY, "EdDSA")
    published = keyring.published["keys"]
    assert [key["kid"] for key in published] == kids(keyring.document, "signing")
    assert [key["alg"] for key in published] == ["RS256", "ES256", "EdDSA"]
    assert not [key for key in published if key.keys() & PRIVATE]
    assert {key["use"] for key in published} == {"sig"}


@pytest.mark.parametrize("alg", ["RS256", "ES256", "EdDSA"])
def test_the_algorithm_can_change_under_way(keyring: Keyring, alg: str) -> None:
    """A set with keys of several algorithms signs with each in its turn."""
    keyring.rotate(START)
    keyring.rotate(START + DAY, alg)
    for time in (START, START + 2 * DAY):
        assert keyring.reads(keyring.token(time))


def test_every_step_may_be_repeated(keyring: Keyring) -> None:
    """Secrets Manager may call a step again: the keys are those of the first call."""
    keyring.rotate(START)
    version = new_id()
    rotation.create_pending(keyring.private, version, "RS256", START + DAY)
    pending = keyring.private.read_pending(version)
    rotation.create_pending(keyring.private, version, "RS256", START + DAY + 60)
    assert keyring.private.read_pending(version) == pending
    for _ in range(2):
        rotation.publish_pending(keyring.private, keyring.public, version)
    for _ in range(2):
        rotation.prove_pending(keyring.private, keyring.public, version, START + DAY)
    for _ in range(2):
        rotation.finish(keyring.private, version)
    rotation.create_pending(keyring.private, version, "RS256", START + DAY + 120)
    assert keyring.private.read() == pending


def test_an_interrupted_rotation_changes_nothing_that_is_in_use(keyring: Keyring) -> None:
    """Until the last step the current keys sign and verify, and the next rotation starts over."""
    keyring.rotate(START)
    before = keyring.document
    token = keyring.token(START)
    version = new_id()
    rotation.create_pending(keyring.private, version, "RS256", START + DAY)
    rotation.publish_pending(keyring.private, keyring.public, version)
    assert keyring.document == before
    assert keyring.reads(token)
    keyring.rotate(START + 2 * DAY)
    assert keyring.reads(token)
    assert keyring.reads(keyring.token(START + 3 * DAY))


def test_keys_that_do_not_fit_what_is_published_are_not_used(keyring: Keyring) -> None:
    """The third step fails when what others would read does not verify, and the current keys stay."""
    keyring.rotate(START)
    before, published = keyring.document, keyring.public.read()
    version = new_id()
    rotation.create_pending(keyring.private, version, "RS256", START + DAY)
    rotation.publish_pending(keyring.private, keyring.public, version)
    keyring.public.write_current(new_id(), published)
    with pytest.raises(RotationFailed, match="does not verify"):
        rotation.prove_pending(keyring.private, keyring.public, version, START + DAY)
    assert keyring.document == before


def test_a_rotation_that_took_too_long_is_not_finished(keyring: Keyring) -> None:
    """A key that would sign before every cache has seen it stays pending: the next rotation makes another."""
    keyring.rotate(START)
    version = new_id()
    rotation.create_pending(keyring.private, version, "RS256", START + DAY)
    rotation.publish_pending(keyring.private, keyring.public, version)
    late = START + DAY + PUBLISHED_BEFORE_SIGNING_SECONDS
    with pytest.raises(RotationFailed, match="too long"):
        rotation.prove_pending(keyring.private, keyring.public, version, late)
    assert keyring.private.read_pending(version) is None
    keyring.rotate(late)
    assert keyring.reads(keyring.token(late))


@pytest.mark.parametrize("document", [{}, {"signing": []}, {"signing": [], "refresh": []}])
def test_an_empty_set_is_not_proved(keyring: Keyring, document: dict[str, Any]) -> None:
    """A pending set without a key of each kind is refused."""
    version = new_id()
    keyring.private.write_pending(version, json.dumps(document))
    with pytest.raises(RotationFailed, match="each kind"):
        rotation.prove_pending(keyring.private, keyring.public, version, START + DAY)


def test_a_step_without_a_pending_version_fails(keyring: Keyring) -> None:
    """Publishing what nobody made fails, and publishes nothing."""
    published = keyring.public.read()
    with pytest.raises(RotationFailed, match="not pending"):
        rotation.publish_pending(keyring.private, keyring.public, new_id())
    assert keyring.public.read() == published


def test_keys_that_were_not_replaced_are_noticed(keyring: Keyring) -> None:
    """Two days after a rotation should have begun, and no earlier, somebody is told; a set without keys is as bad."""
    with pytest.raises(KeysOverdue):
        check_age(keyring.private, 30, START)
    keyring.rotate(START)
    check_age(keyring.private, 30, START + 32 * DAY)
    with pytest.raises(KeysOverdue, match="every 30 days"):
        check_age(keyring.private, 30, START + 32 * DAY + 1)
    keyring.rotate(START + 33 * DAY)
    check_age(keyring.private, 30, START + 33 * DAY)


@pytest.fixture(scope="module")
def es256_house() -> Iterator[House]:
    """A deployment that signs with ES256."""
    with running_house({"SigningAlgorithm": "ES256"}) as house:
        yield house


def test_the_function_takes_the_steps_and_no_other(es256_house: House) -> None:
    """The rotation function does what its event says, with the algorithm of its setting, and refuses other steps."""
    (secret,) = [secret for secret in es256_house.deployment.secrets if secret.rotated_by]
    with pytest.raises(ValueError, match="not a step"):
        es256_house.runtime.invoke("rotate_keys", rotation_event(secret, "deleteSecret", new_id()))
    with pytest.raises(ValueError, match="not the secret"):
        es256_house.runtime.invoke("rotate_keys", {**rotation_event(secret, "createSecret", new_id()), "SecretId": "x"})
    rotate_secrets(es256_house.deployment, es256_house.runtime.invoke)
    client = es256_house.client("metatag")
    body = {"email": "ada@example.com", "password": "SecurePass123!"}
    assert client.call("register", body).status == 201
    token = client.call("login", body).json["tokens"]["access_token"]
    assert client.call("me", token=token).status == 200
