"""Many attempts at once: exactly as many pass as may."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from boto3 import Session as Boto
from keyfob.clock import now
from keyfob.service.throttling import MailLimit
from keyfob.store.attempts import Attempts

from tests.contracts.behaviour import Behaviour
from tests.house import PASSWORD, House, Reply, running_house, unique
from tests.on_dynamodb_local.together import simultaneously
from tests.speakers import speaker
from tests.throttles import AS_DEPLOYED, new_ip, pass_time

AT_ONCE = 20
PASS = 5
ROUNDS = 3


@pytest.fixture(scope="module")
def house(dynamodb_local_url: str) -> Iterator[House]:
    """A deployment on DynamoDB Local with the limits that one has by default, but for users that are signed in."""
    with running_house({**AS_DEPLOYED, "SignedInAttempts": str(PASS)}, dynamodb_local_url) as running:
        yield running
        running.drop_tables()


@pytest.fixture
def client(house: House) -> Behaviour:
    """A client of one contract."""
    return speaker("standard", house)


def statuses(calls: list[Callable[[], Reply]]) -> Counter[int]:
    """Return how many of simultaneous calls had which status."""
    return Counter(reply.status for reply in simultaneously(calls))


def logins(client: Behaviour, email: str, password: str) -> list[Callable[[], Reply]]:
    """Return logins from an address each, so that the account's limit is the only one."""
    body = client.login_body(email, password)
    return [partial(client.client.call, "login", body, source_ip=new_ip()) for _ in range(AT_ONCE)]


def owner(client: Behaviour) -> str:
    """Return the email address of somebody new."""
    username = unique()
    body = client.register_body(username, f"{username}@example.com")
    assert client.client.call("register", body, source_ip=new_ip()).status == 201
    return f"{username}@example.com"


def queued(house: House) -> int:
    """Return how many mails wait."""
    url = house.deployment.functions["forgot_password"].environment["MAIL_QUEUE_URL"]
    attributes = Boto().client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"])


def test_simultaneous_wrong_passwords_of_a_fresh_account(client: Behaviour) -> None:
    """Five of twenty are told that they are wrong, and no more, though none was counted when they began."""
    for _ in range(ROUNDS):
        assert statuses(logins(client, owner(client), "not-the-password")) == {401: PASS, 429: AT_ONCE - PASS}


def test_simultaneous_wrong_passwords_of_nobody(client: Behaviour) -> None:
    """An unknown identifier cannot be told from an account by a burst either."""
    for _ in range(ROUNDS):
        guesses = logins(client, f"{unique()}@example.com", "not-the-password")
        assert statuses(guesses) == {401: PASS, 429: AT_ONCE - PASS}


@pytest.mark.parametrize(("password", "status"), [("not-the-password", 401), (PASSWORD, 200)])
def test_one_guess_passes_after_a_wait(client: Behaviour, house: House, password: str, status: int) -> None:
    """Of twenty that have waited one is looked at; it makes the others wait again unless it is right."""
    for _ in range(ROUNDS):
        email = owner(client)
        assert statuses(logins(client, email, "not-the-password"))[401] == PASS
        pass_time(house, 30)
        told = statuses(logins(client, email, password))
        assert told[status] >= 1
        assert told == {status: told[status], 429: AT_ONCE - told[status]}
        assert status == 200 or told[401] == 1


def test_simultaneous_failed_logins_of_one_address(client: Behaviour, house: House) -> None:
    """Five of twenty logins from a clean address are told that they failed, and again when its minute is over."""
    ip = new_ip()
    for _ in range(ROUNDS):
        calls: list[Callable[[], Reply]] = [
            partial(client.client.call, "login", client.login_body(unique(), PASSWORD), source_ip=ip)
            for _ in range(AT_ONCE)
        ]
        assert statuses(calls) == {401: PASS, 429: AT_ONCE - PASS}
        pass_time(house, 60)


def test_simultaneous_registrations_of_one_address(client: Behaviour, house: House) -> None:
    """Five of twenty are registered, and those that are refused are not."""
    before = len(house.items("UsersTable"))
    registrations: list[Callable[[], Reply]] = []
    ip = new_ip()
    for _ in range(AT_ONCE):
        username = unique()
        body = client.register_body(username, f"{username}@example.com")
        registrations.append(partial(client.client.call, "register", body, source_ip=ip))
    assert statuses(registrations) == {201: PASS, 429: AT_ONCE - PASS}
    assert len(house.items("UsersTable")) == before + 8 * PASS


@pytest.mark.parametrize("endpoint", ["forgot_password", "send_verification"])
def test_simultaneous_requests_for_mail_from_one_address(client: Behaviour, house: House, endpoint: str) -> None:
    """Five of twenty are taken from one IP address, whomever the mail is for."""
    ip = new_ip()
    before = queued(house)
    calls: list[Callable[[], Reply]] = [
        partial(client.client.call, endpoint, {"email": f"{unique()}@example.com"}, source_ip=ip)
        for _ in range(AT_ONCE)
    ]
    assert statuses(calls) == {200: PASS, 429: AT_ONCE - PASS}
    assert queued(house) == before + PASS


def test_simultaneous_mails_to_one_address(house: House) -> None:
    """Of twenty mails that are about to be sent to one address, five are."""
    table = house.deployment.functions["mailer"].environment["ONE_TIME_TABLE"]
    limit = MailLimit(Attempts(house.dynamodb, table), PASS)
    email = f"{unique()}@example.com"
    admitted = simultaneously([partial(limit.admits, "reset_password", email, now())] * AT_ONCE)
    assert sum(admitted) == PASS


def test_simultaneous_attempts_of_one_user(client: Behaviour) -> None:
    """Who is signed in has as many attempts, however many sessions and addresses they come from."""
    email = owner(client)
    login = client.client.call("login", client.login_body(email, PASSWORD), source_ip=new_ip())
    token = client.access_token(login)
    calls: list[Callable[[], Reply]] = [
        partial(client.client.call, "update_me", {}, token=token, source_ip=new_ip()) for _ in range(AT_ONCE)
    ]
    assert statuses(calls) == {200: PASS, 429: AT_ONCE - PASS}
