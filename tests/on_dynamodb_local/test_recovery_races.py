"""Tokens from mail that are used at once, and resets among everything else that concerns a password."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from tests.contracts.email_behaviour import NEW_PASSWORD, EmailBehaviour
from tests.house import PASSWORD, SESSION_COOKIE, House, Reply
from tests.on_dynamodb_local.together import simultaneously
from tests.speakers import UNLIKE, speaker

ROUNDS = 5
Call = Callable[[], Reply]
UNLIKE_CONTRACTS = pytest.mark.parametrize("contract", UNLIKE)


def client_of(house: House, contract: str) -> EmailBehaviour:
    """Return a client that speaks a contract."""
    client = speaker(contract, house)
    assert isinstance(client, EmailBehaviour)
    return client


def working(client: EmailBehaviour, email: str, passwords: Sequence[str]) -> list[str]:
    """Return those of `passwords` that somebody can sign in with."""
    return [password for password in passwords if client.login_status(email, password) == 200]


def logging_in(client: EmailBehaviour, endpoint: str, email: str) -> Call:
    """Return the call that signs in with the old password."""
    return partial(client.client.call, endpoint, client.login_body(email, PASSWORD))


def changing(client: EmailBehaviour, access_token: str, password: str) -> Call:
    """Return the call that changes the old password."""
    body = {"current_password": PASSWORD, "new_password": password}
    return partial(client.client.call, "change_password", body, token=access_token)


def settled(calls: Sequence[Call]) -> list[int]:
    """Call all at once, those again that are asked to try again, and return how they are answered in the end."""
    replies = simultaneously(calls)
    return [call().status if reply.status == 503 else reply.status for call, reply in zip(calls, replies, strict=True)]


@UNLIKE_CONTRACTS
def test_of_simultaneous_resets_with_one_token_one_wins(house: House, contract: str) -> None:
    """One of eight is told that its password is set, and it is; the others are told that the token is spent."""
    client = client_of(house, contract)
    email, token = client.forgetful()
    passwords = [f"{NEW_PASSWORD}-{number}" for number in range(8)]
    replies = simultaneously([partial(client.reset, token, password) for password in passwords])
    assert Counter(reply.status for reply in replies) == {200: 1, 400: 7}
    for reply in replies:
        if reply.status != 200:
            client.check_refused(reply)
    (winner,) = [password for password, reply in zip(passwords, replies, strict=True) if reply.status == 200]
    assert working(client, email, [PASSWORD, *passwords]) == [winner]
    notices = [mail for mail in house.mail_to(email) if "was changed" in str(mail["Subject"])]
    assert len(notices) == 1


@UNLIKE_CONTRACTS
def test_of_simultaneous_verifications_one_wins(house: House, contract: str) -> None:
    """One of eight is told that the address is verified, and it is; the others are told that the token is spent."""
    client = client_of(house, contract)
    email, token = client.unverified()
    replies = simultaneously([partial(client.verify, token)] * 8)
    assert Counter(reply.status for reply in replies) == {200: 1, 400: 7}
    for reply in replies:
        if reply.status != 200:
            client.check_refused(reply)
    assert client.user(email).email_verified


@UNLIKE_CONTRACTS
def test_a_reset_leaves_no_session_of_the_old_password(house: House, contract: str) -> None:
    """Whoever signs in with the old password or refreshes around a reset has nothing of it afterwards."""
    client = client_of(house, contract)
    for _ in range(2):
        email, token = client.forgetful()
        before = client.logged_in(email)
        refresh = partial(client.client.call, "refresh", client.refresh_body(client.refresh_token(before)))
        login, cookie_login = (logging_in(client, endpoint, email) for endpoint in ("login", "session_login"))
        calls: list[Call] = [partial(client.reset, token), *[login] * 3, *[cookie_login] * 3, *[refresh] * 2]
        reset, *others = simultaneously(calls)
        assert reset.status == 200
        assert {reply.status for reply in others} <= {200, 401}
        logins, cookies, refreshes = others[:3], others[3:6], others[6:]
        bearers = [client.access_token(each) for each in (before, *succeeded(logins), *succeeded(refreshes))]
        assert {client.me(bearer).status for bearer in bearers} == {401}
        kept = [each.cookies[SESSION_COOKIE] for each in succeeded(cookies)]
        assert {client.client.call("me", cookie=cookie).status for cookie in kept} <= {401}
        renewable = [client.refresh_token(each) for each in (before, *succeeded(logins))]
        assert {client.client.call("refresh", client.refresh_body(each)).status for each in renewable} == {401}
        assert working(client, email, [PASSWORD, NEW_PASSWORD]) == [NEW_PASSWORD]


def succeeded(replies: Sequence[Reply]) -> list[Reply]:
    """Return those that went well."""
    return [reply for reply in replies if reply.status == 200]


def test_of_a_reset_and_a_change_of_the_password_one_wins(house: House) -> None:
    """The password is that of who was told so, and the other comes too late."""
    client = client_of(house, "standard")
    changed = "ChangedPass789!"
    for _ in range(ROUNDS):
        email, token = client.forgetful()
        access_token = client.access_token(client.logged_in(email))
        calls: list[Call] = [partial(client.reset, token), changing(client, access_token, changed)]
        statuses = settled(calls)
        assert statuses in ([200, 401], [400, 200])
        last = NEW_PASSWORD if statuses[0] == 200 else changed
        assert working(client, email, [PASSWORD, changed, NEW_PASSWORD]) == [last]
        assert client.me(access_token).status == (200 if last == changed else 401)


def test_of_a_reset_and_a_new_address_one_wins(house: House) -> None:
    """Where an address moves on while the mail to the old one is used, one of both links is void."""
    client = client_of(house, "standard")
    for _ in range(ROUNDS):
        email, token = client.forgetful()
        new = email.replace("@", "@new.")
        wanted = client.want_address(email, new)
        calls: list[Call] = [partial(client.reset, token), partial(client.verify, wanted)]
        statuses = settled(calls)
        assert sorted(statuses) == [200, 400]
        address, password = (email, NEW_PASSWORD) if statuses[0] == 200 else (new, PASSWORD)
        assert working(client, address, [PASSWORD, NEW_PASSWORD]) == [password]
        assert [each for each in (email, new) if house.users.find(each)] == [address]
