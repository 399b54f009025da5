"""One session, many requests at once: refreshes, logouts and thieves."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.contracts.behaviour import Behaviour
from tests.house import House, Reply
from tests.on_dynamodb_local.together import simultaneously
from tests.speakers import CONTRACTS, ROTATING, speaker

REFRESHES = 20
ROUNDS = 5


def refreshing(client: Behaviour, token: str) -> Callable[[], Reply]:
    """Return the call that refreshes with `token`."""
    return partial(client.client.call, "refresh", client.refresh_body(token))


def sessions_of(client: Behaviour, login: Reply) -> dict[str, Any]:
    """Return the sessions of whoever logged in, as they are stored, by their ids."""
    user_id = client.claims(client.access_token(login))["sub"]
    items = client.house.items("SessionsTable")
    return {item["session_id"]["S"]: item for item in items if item["user_id"]["S"] == user_id}


def session_id(client: Behaviour, login: Reply) -> str:
    """Return the id of the session that a login began."""
    return str(client.claims(client.access_token(login))["sid"])


def assert_ended(client: Behaviour, login: Reply, replies: list[Reply]) -> None:
    """Check that of a session nothing is left, neither stored nor in any token that was ever given out."""
    assert session_id(client, login) not in sessions_of(client, login)
    given = [login, *(reply for reply in replies if reply.status == 200)]
    first = client.refresh_token(login)
    successors = {client.refreshed_token(reply, first) for reply in given[1:]}
    assert {client.me(client.access_token(reply)).status for reply in given} == {401}
    assert {refreshing(client, token)().status for token in {first, *successors}} == {401}


@pytest.mark.parametrize("contract", ROTATING)
def test_simultaneous_refreshes_leave_one_session_and_one_successor(house: House, contract: str) -> None:
    """Twenty tabs with one token all go on, with the same successor, in one session that moved on once."""
    client = speaker(contract, house)
    login = client.logged_in()
    token = client.refresh_token(login)
    before = sessions_of(client, login)
    replies = simultaneously([refreshing(client, token)] * REFRESHES)
    assert [reply.status for reply in replies] == [200] * REFRESHES
    (successor,) = {client.refreshed_token(reply, token) for reply in replies}
    after = sessions_of(client, login)
    assert after.keys() == before.keys()
    assert after[session_id(client, login)]["generation"] == {"N": "1"}
    assert {client.me(client.access_token(reply)).status for reply in replies} == {200}
    assert refreshing(client, successor)().status == 200


@pytest.mark.parametrize("contract", sorted(set(CONTRACTS) - set(ROTATING)))
def test_simultaneous_refreshes_with_a_reusable_token_all_succeed(house: House, contract: str) -> None:
    """Where the token stays, twenty refreshes at once leave one session, and the token still works."""
    client = speaker(contract, house)
    login = client.logged_in()
    token = client.refresh_token(login)
    before = sessions_of(client, login)
    replies = simultaneously([refreshing(client, token)] * REFRESHES)
    assert [reply.status for reply in replies] == [200] * REFRESHES
    assert sessions_of(client, login).keys() == before.keys()
    assert {client.me(client.access_token(reply)).status for reply in replies} == {200}
    assert refreshing(client, token)().status == 200


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_logout_among_refreshes_is_final(house: House, contract: str) -> None:
    """Whichever comes first, once a logout and the refreshes around it are answered, the session is no more."""
    client = speaker(contract, house)
    for _ in range(ROUNDS):
        login = client.logged_in()
        refresh = refreshing(client, client.refresh_token(login))
        log_out: Callable[[], Reply] = partial(client.log_out, login)
        replies = simultaneously([*[refresh] * 5, log_out, *[refresh] * 5])
        logout = replies.pop(5)
        assert logout.status == 200
        assert {reply.status for reply in replies} <= {200, 401}
        assert_ended(client, login, replies)


@pytest.mark.parametrize("contract", ROTATING)
def test_a_thief_among_refreshes_ends_the_session(house: House, contract: str) -> None:
    """A token two generations old ends the session, however many refreshes of the owner are under way."""
    client = speaker(contract, house)
    for _ in range(ROUNDS):
        login = client.logged_in()
        stolen = client.refresh_token(login)
        token = stolen
        for _ in range(2):
            token = client.refreshed_token(refreshing(client, token)(), token)
        owner, thief = refreshing(client, token), refreshing(client, stolen)
        replies = simultaneously([*[owner] * 5, thief, *[owner] * 5])
        caught = replies.pop(5)
        assert (caught.status, client.error(caught)) == (401, "Invalid or expired refresh token")
        assert {reply.status for reply in replies} <= {200, 401}
        assert_ended(client, login, replies)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_simultaneous_logins_are_sessions_of_their_own(house: House, contract: str) -> None:
    """Eight devices that log in at once have eight sessions, and one's logout leaves the others."""
    client = speaker(contract, house)
    _, email = client.registered()
    logins = simultaneously([partial(client.logged_in, email)] * 8)
    ids = {session_id(client, login) for login in logins}
    assert len(ids) == 8
    assert ids <= sessions_of(client, logins[0]).keys()
    assert client.log_out(logins[0]).status == 200
    statuses = [client.me(client.access_token(login)).status for login in logins]
    assert statuses == [401] + [200] * 7
