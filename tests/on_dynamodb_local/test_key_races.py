"""One user, many requests about API keys at once, and answers that are lost on their way back."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from keyfob.assembly import key_issuer
from keyfob.clock import now
from keyfob.model.api_key import MAX_SECRETS
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client

from tests.contracts.cookies_behaviour import Entry
from tests.contracts.keys_behaviour import LIMIT, Issued, KeysBehaviour
from tests.hooks import hooked
from tests.house import House, Reply, running_house
from tests.on_dynamodb_local.test_lost_answers import Network
from tests.on_dynamodb_local.together import simultaneously
from tests.speakers import UNLIKE, speaker

ROUNDS = 5
Call = Callable[[], Reply]


@pytest.fixture(scope="module")
def network() -> Network:
    """The network of this module's functions."""
    return Network()


@pytest.fixture(scope="module")
def house(dynamodb_local_url: str, network: Network) -> Iterator[House]:
    """A deployment whose functions reach DynamoDB Local over `network`."""
    with hooked("before-send.dynamodb", network.carry), running_house(dynamodb_url=dynamodb_local_url) as running:
        yield running
        running.drop_tables()


@pytest.fixture
def talk(house: House) -> KeysBehaviour:
    """A client."""
    return talking("standard", house)


@pytest.fixture
def owner(talk: KeysBehaviour) -> Entry:
    """The session of somebody new."""
    return talk.newcomer("bearer")[1]


def talking(contract: str, house: House) -> KeysBehaviour:
    """Return a client that speaks a contract."""
    talk = speaker(contract, house)
    assert isinstance(talk, KeysBehaviour)
    return talk


def working(talk: KeysBehaviour, keys: list[Issued]) -> list[Issued]:
    """Return those keys that somebody can act with."""
    return [key for key in keys if talk.status_with(key) == 200]


def answered(talk: KeysBehaviour, replies: list[Reply]) -> list[Issued]:
    """Return the keys that were given out."""
    return [talk.issued(reply) for reply in replies if reply.status in {200, 201}]


def is_stored(talk: KeysBehaviour, key: Issued) -> bool:
    """Tell whether anything is stored where a key was, be it but the note that it was used."""
    user_id, slot, _ = key.content
    places = {(item["user_id"]["S"], int(item["slot"]["N"])) for item in talk.house.items("ApiKeysTable")}
    return (user_id, slot) in places


def deleting(talk: KeysBehaviour, key: Issued, entry: Entry) -> Call:
    """Return the call that deletes a key."""
    return partial(talk.client.call, "delete_key", path=key.path, **entry.credential)


# Races


@pytest.mark.parametrize("contract", UNLIKE)
def test_simultaneous_keys_are_as_many_as_there_may_be(house: House, contract: str) -> None:
    """Of more requests than the limit allows exactly so many get a key, each its own, and all of them work."""
    talk = talking(contract, house)
    _, owner = talk.newcomer("bearer")
    talk.key_of(owner)
    replies = simultaneously([partial(talk.create, owner)] * (LIMIT + 5))
    assert Counter(reply.status for reply in replies) == {201: LIMIT - 1, 409: 6}
    keys = answered(talk, replies)
    assert len({key.content.slot for key in keys} | {0}) == LIMIT
    assert working(talk, keys) == keys
    assert {key.id for key in keys} < {each["id"] for each in talk.listed(owner)}


def test_an_expired_key_makes_room_for_one(talk: KeysBehaviour, owner: Entry) -> None:
    """Many that want the one slot that is free again do not take it from each other."""
    keys = [talk.key_of(owner, expires_in=60) for _ in range(LIMIT)]
    talk.change_key(keys[4], expires_at=1)
    replies = simultaneously([partial(talk.create, owner)] * 8)
    assert Counter(reply.status for reply in replies) == {201: 1, 409: 7}
    (new,) = answered(talk, replies)
    assert new.content.slot == 4
    assert working(talk, [new, keys[4]]) == [new]


@pytest.mark.parametrize("overlap", [0, 60])
def test_simultaneous_rotations_leave_only_secrets_that_were_given_out(
    talk: KeysBehaviour, owner: Entry, overlap: int
) -> None:
    """Who is told a new text can use it until a later rotation ends it; who lost the race is told to try again."""
    for _ in range(ROUNDS):
        key = talk.key_of(owner)
        replies = simultaneously([partial(talk.rotate, key, owner, overlap=overlap)] * 6)
        assert {reply.status for reply in replies} <= {200, 409, 503}
        rotated = answered(talk, replies)
        assert rotated
        live = working(talk, [key, *rotated])
        if overlap:
            assert live == [key, *rotated]
        else:
            assert len(live) == 1
            assert live[0] in rotated
        assert len(talk.key_item(key)["secrets"]["S"].split()) == len(live) <= MAX_SECRETS
        assert talk.delete(key, owner) == 204
        assert working(talk, [key, *rotated]) == []


def test_a_delete_among_rotations_is_final(talk: KeysBehaviour, owner: Entry) -> None:
    """Whichever comes first, once all are answered no text of the key works, and its slot is free."""
    for _ in range(ROUNDS):
        key = talk.key_of(owner)
        rotate: Call = partial(talk.rotate, key, owner)
        replies = simultaneously([rotate, rotate, deleting(talk, key, owner), rotate, rotate])
        assert replies.pop(2).status == 204
        assert {reply.status for reply in replies} <= {200, 404, 409, 503}
        assert working(talk, [key, *answered(talk, replies)]) == []
        assert talk.listed(owner) == []
    assert talk.key_of(owner).content.slot == 0


def test_a_delete_among_uses_is_final(talk: KeysBehaviour, owner: Entry) -> None:
    """Noting that a key is in use does not bring it back."""
    for _ in range(ROUNDS):
        key = talk.key_of(owner)
        use: Call = partial(talk.client.call, "me", token=key.text)
        replies = simultaneously([use, use, deleting(talk, key, owner), use, use])
        assert replies.pop(2).status == 204
        assert {reply.status for reply in replies} <= {200, 401}
        assert working(talk, [key]) == []
        assert not is_stored(talk, key)


def test_simultaneous_deletes_all_have_done_it(talk: KeysBehaviour, owner: Entry) -> None:
    """Each is told that the key is deleted, or that there is none: nobody is told of a failure."""
    key = talk.key_of(owner)
    replies = simultaneously([deleting(talk, key, owner)] * 6)
    assert {reply.status for reply in replies} <= {204, 404}
    assert 204 in {reply.status for reply in replies}
    assert working(talk, [key]) == []


def test_simultaneous_uses_are_noted_once(talk: KeysBehaviour, owner: Entry) -> None:
    """All of them are let through, and what is shown is one of them."""
    key = talk.key_of(owner)
    uses = [partial(talk.client.call, "me", token=key.text, source_ip=f"192.0.2.{number}") for number in range(1, 9)]
    assert {reply.status for reply in simultaneously(uses)} == {200}
    first = talk.shown(key, owner)
    assert first["last_used_ip"] in {f"192.0.2.{number}" for number in range(1, 9)}
    assert {reply.status for reply in simultaneously(uses)} == {200}
    assert talk.shown(key, owner) == first


# Lost answers


def test_a_key_whose_answer_is_lost_is_made_once(talk: KeysBehaviour, owner: Entry, network: Network) -> None:
    """The second attempt finds that the first one worked: there is no key whose text nobody was told."""
    with network.losing("PutItem", 1):
        key = talk.key_of(owner)
    assert [each["id"] for each in talk.listed(owner)] == [key.id]
    assert working(talk, [key]) == [key]


def test_a_rotation_whose_answer_is_lost_is_made_once(talk: KeysBehaviour, owner: Entry, network: Network) -> None:
    """The second attempt finds that the first one worked, and the text that is told is the one that works."""
    key = talk.key_of(owner)
    user = talk.house.users.get(key.content.user_id)
    assert user is not None
    issuer = key_issuer(dynamodb_client(), Settings(talk.house.deployment.functions["rotate_key"].environment))
    with network.losing("UpdateItem", 1):
        _, text = issuer.rotate(talk.key_item(key)["key_id"]["S"], 0, user, now())
    rotated = Issued(key.id, text)
    assert working(talk, [key, rotated]) == [rotated]


def test_a_delete_whose_answer_is_lost_is_a_delete(talk: KeysBehaviour, owner: Entry, network: Network) -> None:
    """Deleting what is deleted is fine."""
    key = talk.key_of(owner)
    with network.losing("DeleteItem", 1):
        assert talk.delete(key, owner) == 204
    assert working(talk, [key]) == []
