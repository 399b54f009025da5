"""One account, many requests at once: new passwords, ended sessions, new names, and a user that leaves."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from keyfob.clock import now
from keyfob.model.user import User
from keyfob.service.email_tokens import new_email_token
from keyfob.store.email_tokens import EmailTokens

from tests.contracts.cookies_behaviour import KINDS, SAME_ORIGIN, Entry
from tests.contracts.test_pythonorg import TestPythonorg as Speaker
from tests.house import PASSWORD, SESSION_COOKIE, House, Reply, unique
from tests.on_dynamodb_local.together import simultaneously

ROUNDS = 4
REQUESTS = 8

Call = Callable[[], Reply]


@pytest.fixture
def speaker(house: House) -> Speaker:
    """A client of document 001's contract."""
    suite = Speaker()
    suite.house, suite.client = house, house.client("pythonorg")
    return suite


def calling(speaker: Speaker, endpoint: str, body: dict[str, Any] | None, entry: Entry) -> Call:
    """Return the call of an endpoint by who holds this session."""
    return partial(speaker.client.call, endpoint, body, **entry.credential)


def logging_in(speaker: Speaker, kind: str, email: str) -> Call:
    """Return the call that signs somebody in for a session of this kind."""
    endpoint = {"bearer": "login", "cookie": "session_login"}[kind]
    return partial(speaker.client.call, endpoint, speaker.login_body(email, PASSWORD))


def is_live(speaker: Speaker, login: Reply) -> bool:
    """Tell whether the session that a reply began is live, by all that it gave."""
    if login.set_cookies:
        reply = speaker.client.call("me", cookie=login.cookies[SESSION_COOKIE], headers=SAME_ORIGIN)
        return reply.status == 200
    statuses = {
        speaker.me(speaker.access_token(login)).status,
        speaker.client.call("refresh", speaker.refresh_body(speaker.refresh_token(login))).status,
    }
    (status,) = statuses
    return status == 200


def password_of(speaker: Speaker, email: str, candidates: Sequence[str]) -> str:
    """Return the one of `candidates` that is somebody's password."""
    (password,) = [
        each for each in candidates if speaker.client.call("login", speaker.login_body(email, each)).status == 200
    ]
    return password


def keys_of(house: House, user_id: str) -> set[tuple[str, str]]:
    """Return the keys of all items of the users' table that name a user."""
    return {
        (item["pk"]["S"], item["sk"]["S"])
        for item in house.items("UsersTable")
        if user_id in {item.get("user_id", {}).get("S"), item["pk"]["S"].partition("#")[2], item["sk"]["S"][7:]}
    }


# New passwords


@pytest.mark.parametrize("kind", KINDS)
def test_of_simultaneous_password_changes_exactly_one_wins(kind: str, speaker: Speaker) -> None:
    """Eight devices of one user set eight passwords at once: one succeeds, and its session and password are the ones.

    The others are told that they are signed out, to try again, or that the current password is another one.
    """
    _, email = speaker.registered()
    entries = [speaker.entered(kind, email) for _ in range(REQUESTS)]
    passwords = [f"a new good passphrase {number}" for number in range(REQUESTS)]
    replies = simultaneously(
        [
            calling(speaker, "change_password", speaker.password_change_body(PASSWORD, password), entry)
            for password, entry in zip(passwords, entries, strict=True)
        ]
    )
    assert Counter(reply.status for reply in replies)[200] == 1
    assert {reply.status for reply in replies} <= {200, 400, 401, 503}
    winner = [reply.status for reply in replies].index(200)
    assert password_of(speaker, email, [PASSWORD, *passwords]) == passwords[winner]
    assert [speaker.is_live(entry) for entry in entries] == [number == winner for number in range(REQUESTS)]


@pytest.mark.parametrize("kind", KINDS)
def test_of_password_changes_of_one_session_exactly_one_wins(kind: str, speaker: Speaker) -> None:
    """A form that is sent several times at once is done once, and its session lives on whichever it was."""
    _, email = speaker.registered()
    here, elsewhere = speaker.entered(kind, email), speaker.entered(kind, email)
    passwords = [f"a new good passphrase {number}" for number in range(4)]
    replies = simultaneously(
        [
            calling(speaker, "change_password", speaker.password_change_body(PASSWORD, password), here)
            for password in passwords
        ]
    )
    statuses = [reply.status for reply in replies]
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 400, 503}
    assert password_of(speaker, email, [PASSWORD, *passwords]) == passwords[statuses.index(200)]
    assert [speaker.is_live(here), speaker.is_live(elsewhere)] == [True, False]


@pytest.mark.parametrize("kind", KINDS)
def test_logins_with_the_old_password_do_not_outlive_it(kind: str, speaker: Speaker) -> None:
    """Whatever came first, once the change is answered no session lives that the old password began."""
    for _ in range(ROUNDS):
        _, email = speaker.registered()
        here = speaker.entered("cookie", email)
        body = speaker.password_change_body(PASSWORD, "a new good passphrase")
        logins: list[Call] = [logging_in(speaker, kind, email)] * 4
        change: Call = calling(speaker, "change_password", body, here)
        replies = simultaneously([*logins, change, *logins])
        changed = replies.pop(4)
        assert changed.status == 200
        assert {reply.status for reply in replies} <= {200, 401}
        assert not [reply for reply in replies if reply.status == 200 and is_live(speaker, reply)]
        assert speaker.is_live(here)
        assert password_of(speaker, email, [PASSWORD, "a new good passphrase"]) != PASSWORD


def test_a_new_password_among_refreshes_keeps_the_session_that_set_it(speaker: Speaker) -> None:
    """Refreshes of the own session may have to be tried again, and no theft is reported; the session goes on."""
    for _ in range(ROUNDS):
        _, email = speaker.registered()
        here = speaker.entered("bearer", email)
        token = speaker.refresh_token(here.reply)
        refresh: Call = partial(speaker.client.call, "refresh", speaker.refresh_body(token))
        body = speaker.password_change_body(PASSWORD, "a new good passphrase")
        change = calling(speaker, "change_password", body, here)
        replies = simultaneously([refresh, refresh, change, refresh, refresh])
        assert replies.pop(2).status == 200
        assert {reply.status for reply in replies} <= {200, 503}
        assert refresh().status == 200
        assert speaker.is_live(here)


# Ending others


@pytest.mark.parametrize("kind", KINDS)
def test_ending_others_among_logins_spares_itself_and_whole_sessions_alone(kind: str, speaker: Speaker) -> None:
    """Each session that began meanwhile is live or over, and is shown if it is live; all before are over."""
    for _ in range(ROUNDS):
        _, email = speaker.registered()
        before, here = speaker.entered(kind, email), speaker.entered(kind, email)
        login, end = logging_in(speaker, kind, email), calling(speaker, "end_other_sessions", None, here)
        replies = simultaneously([*[login] * 4, end, *[login] * 4])
        assert replies.pop(4).status == 204
        assert {reply.status for reply in replies} == {200}
        live = [reply for reply in replies if is_live(speaker, reply)]
        assert len(speaker.sessions(here)) == 1 + len(live)
        assert [speaker.is_live(entry) for entry in (before, here)] == [False, True]


def test_devices_that_end_each_other_leave_one(speaker: Speaker) -> None:
    """Of several devices that end all others at once one succeeds, and it is the one that stays."""
    for _ in range(ROUNDS):
        _, email = speaker.registered()
        entries = [speaker.entered("cookie", email) for _ in range(REQUESTS)]
        replies = simultaneously([calling(speaker, "end_other_sessions", None, entry) for entry in entries])
        succeeded = [reply.status == 204 for reply in replies]
        assert succeeded.count(True) == 1
        assert {reply.status for reply in replies} <= {204, 401, 503}
        assert [speaker.is_live(entry) for entry in entries] == succeeded


# New names


def test_a_free_username_goes_to_one_of_those_who_want_it(speaker: Speaker) -> None:
    """Of eight users that take one username at once one gets it, and the others keep theirs."""
    users = [speaker.registered() for _ in range(REQUESTS)]
    entries = [speaker.with_cookie(email) for _, email in users]
    body = {"username": unique("wanted")}
    replies = simultaneously([calling(speaker, "update_me", body, entry) for entry in entries])
    assert Counter(reply.status for reply in replies) == {200: 1, 409: REQUESTS - 1}
    winner = [reply.status for reply in replies].index(200)
    assert speaker.stored(body["username"]).id == speaker.payload(replies[winner])["id"]
    for number, (username, _) in enumerate(users):
        assert (speaker.house.users.find(username) is None) == (number == winner)


def test_a_free_address_goes_to_one_of_those_who_verify_it(speaker: Speaker) -> None:
    """Eight users may want one address; of those who verify it at once one gets it, and the others keep theirs."""
    users = [speaker.registered() for _ in range(REQUESTS)]
    wanted = f"{unique('wanted')}@example.com"
    tokens = EmailTokens(speaker.house.dynamodb, speaker.house.one_time_table, "VERIFY")
    links = [new_email_token(speaker.stored(email), wanted, tokens, now()) for _, email in users]
    verify: list[Call] = [partial(speaker.client.call, "verify_email", path={"token": link}) for link in links]
    replies = simultaneously(verify)
    assert Counter(reply.status for reply in replies) == {200: 1, 409: REQUESTS - 1}
    winner = [reply.status for reply in replies].index(200)
    for number, (username, email) in enumerate(users):
        assert (speaker.house.users.find(email) is None) == (number == winner)
        assert (speaker.stored(username).email == wanted) == (number == winner)


def test_a_user_that_takes_many_names_at_once_has_one(speaker: Speaker) -> None:
    """Of eight new usernames one at most is taken at a time, and none is left behind that is nobody's."""
    username, email = speaker.registered()
    here = speaker.with_cookie(email)
    wanted = [unique("wanted") for _ in range(REQUESTS)]
    replies = simultaneously([calling(speaker, "update_me", {"username": each}, here) for each in wanted])
    assert {reply.status for reply in replies} <= {200, 503}
    assert 200 in {reply.status for reply in replies}
    user = speaker.stored(email)
    assert user.username in wanted
    assert [each for each in (username, *wanted) if speaker.house.users.find(each)] == [user.username]


# Leaving


def assert_gone(speaker: Speaker, user: User, replies: Sequence[Reply]) -> None:
    """Check that nothing is left of a user, and that its names can be registered anew."""
    assert keys_of(speaker.house, user.id) == set()
    assert keys_of(speaker.house, user.account.id) == set()
    assert not [reply for reply in replies if reply.status == 200 and is_live(speaker, reply)]
    assert speaker.client.call("register", speaker.register_body(user.username, user.email)).status == 201


def test_a_user_is_deleted_once_and_wholly(speaker: Speaker) -> None:
    """Of eight deletions at once one succeeds; the others find nobody, or are told to try again."""
    for _ in range(ROUNDS):
        _, email = speaker.registered()
        user, here = speaker.stored(email), speaker.with_cookie(email)
        replies = simultaneously([calling(speaker, "delete_me", None, here)] * REQUESTS)
        assert Counter(reply.status for reply in replies)[204] == 1
        assert {reply.status for reply in replies} <= {204, 401, 503}
        assert_gone(speaker, user, [])


def test_a_deletion_among_refreshes_and_logins_is_final(speaker: Speaker) -> None:
    """Whatever came first, once the deletion is answered no session lives and no refresh has brought one back."""
    for _ in range(ROUNDS):
        _, email = speaker.registered()
        user, here = speaker.stored(email), speaker.entered("bearer", email)
        token = speaker.refresh_token(here.reply)
        refresh: Call = partial(speaker.client.call, "refresh", speaker.refresh_body(token))
        login = logging_in(speaker, "cookie", email)
        delete = calling(speaker, "delete_me", None, here)
        replies = simultaneously([refresh, login, refresh, delete, refresh, login, refresh])
        assert replies.pop(3).status == 204
        assert {reply.status for reply in replies} <= {200, 401}
        assert_gone(speaker, user, replies)
        assert not speaker.is_live(here)


def test_a_deletion_among_changes_leaves_no_name_behind(speaker: Speaker) -> None:
    """Either the user left under its new name or it never had it; if it was told to try again, it is whole."""
    for _ in range(ROUNDS):
        username, email = speaker.registered()
        user, here = speaker.stored(email), speaker.with_cookie(email)
        wanted = unique("wanted")
        change, delete = (
            calling(speaker, "update_me", {"username": wanted}, here),
            calling(speaker, "delete_me", None, here),
        )
        changed, deleted = simultaneously([change, delete])
        assert (changed.status, deleted.status) in {(200, 204), (200, 503), (401, 204), (503, 204)}
        if deleted.status == 503:
            assert speaker.stored(email).username == wanted
            assert delete().status == 204
        assert speaker.house.users.find(wanted) is None
        assert speaker.house.users.find(username) is None
        assert_gone(speaker, user, [])
