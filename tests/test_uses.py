"""Whatever endpoint is used by who is signed in, the use is noted: it prolongs a cookie's session, or dates a key."""

from collections.abc import Iterator

import pytest
from keyfob.clock import now
from keyfob.contracts import contract_named
from keyfob.model.permission import PUBLIC
from keyfob.model.session import COOKIE_RENEWAL_SECONDS

from tests.contracts.behaviour import PARAMETERS
from tests.contracts.keys_behaviour import KeysBehaviour
from tests.house import House, running_house
from tests.privileges.recording import Recorder, recorded
from tests.speakers import speaker

ENDING = {"logout", "session_logout"}
"""What ends the sign-in rather than use it."""

ENDPOINTS = sorted(
    name
    for name, operation in contract_named("standard").operations.items()
    if operation.permission != PUBLIC and name not in ENDING
)


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    """What functions ask of AWS; it begins before the house does."""
    with recorded() as recorder:
        yield recorder


@pytest.fixture(scope="module")
def house(recorder: Recorder) -> Iterator[House]:
    """A deployment whose calls are recorded."""
    assert not recorder.calls
    with running_house() as running:
        yield running


@pytest.fixture
def talk(house: House) -> KeysBehaviour:
    """A client."""
    talk = speaker("standard", house)
    assert isinstance(talk, KeysBehaviour)
    return talk


def updated(recorder: Recorder, endpoint: str) -> set[str]:
    """Return the tables in which an endpoint has updated an item."""
    calls = [call for call in recorder.calls if (call.function, call.action) == (endpoint, "dynamodb:UpdateItem")]
    return {call.resource.rpartition("-")[2] for call in calls}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_cookie_is_prolonged_by_any_use(house: House, recorder: Recorder, talk: KeysBehaviour, endpoint: str) -> None:
    """Nobody is signed out for having used the wrong endpoint for a week."""
    user, entry = talk.newcomer()
    house.change_session(user.id, entry.session_id, refreshed_at=now() - 2 * COOKIE_RENEWAL_SECONDS)
    recorder.calls.clear()
    assert talk.client.call(endpoint, {}, path=PARAMETERS, **entry.credential).status not in {401, 500, 503}
    assert "SessionsTable" in updated(recorder, endpoint)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_key_is_dated_by_any_use(recorder: Recorder, talk: KeysBehaviour, endpoint: str) -> None:
    """Who looks for keys that nobody uses is not told so of one that is used, even where it may do nothing."""
    key = talk.key_of(talk.newcomer("bearer")[1])
    recorder.calls.clear()
    answer = talk.client.call(endpoint, {}, path=PARAMETERS, token=key.text)
    assert answer.status not in {401, 500, 503}
    assert "ApiKeysTable" in updated(recorder, endpoint)
