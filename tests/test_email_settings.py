"""Addresses and passwords on a deployment that has all settings of theirs otherwise than by default."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

from local.outbox import find_links
from tests.aws_calls import Calls, tapped
from tests.contracts.email_behaviour import NEW_PASSWORD, EmailBehaviour, fresh_address, text_of
from tests.house import PASSWORD, House, Reply, running_house, unique
from tests.speakers import UNLIKE, speaker

SETTINGS = {
    "RequireVerifiedEmail": "true",
    "SendVerificationOnRegister": "false",
    "AccountFailures": "3",
    "VerifyUrl": "https://www.example.org/welcome/{token}?from=mail",
    "ResetUrl": "https://www.example.org/reset?lang=en",
}
UNLIKE_CONTRACTS = pytest.mark.parametrize("contract", UNLIKE)
SENDING_MAIL = pytest.mark.parametrize("endpoint", ["send_verification", "forgot_password"])


class Tapped(NamedTuple):
    """A deployment, and the calls to AWS that its functions have made."""

    house: House
    calls: Calls


@pytest.fixture(scope="module")
def running() -> Iterator[Tapped]:
    """Run the deployment for all tests of this module."""
    with tapped() as calls, running_house(SETTINGS) as house:
        yield Tapped(house, calls)


@pytest.fixture(scope="module")
def house(running: Tapped) -> House:
    """Return the deployment."""
    return running.house


def client_of(house: House, contract: str) -> EmailBehaviour:
    """Return a client that speaks a contract."""
    client = speaker(contract, house)
    assert isinstance(client, EmailBehaviour)
    return client


def register(client: EmailBehaviour) -> tuple[str, Reply]:
    """Register somebody, and return its address and what it is told."""
    username = unique()
    email = f"{username}@example.com"
    return email, client.client.call("register", client.register_body(username, email))


def sign_in(client: EmailBehaviour, email: str, password: str) -> list[tuple[int, str]]:
    """Sign in in every way that takes a password, and return the statuses and failures."""
    body = client.login_body(email, password)
    replies = [client.client.call(endpoint, body) for endpoint in ("login", "session_login")]
    return [(reply.status, client.error(reply) if reply.status != 200 else "") for reply in replies]


def link_in_mail(client: EmailBehaviour, endpoint: str, email: str) -> str:
    """Ask for a mail, and return the link in it."""
    assert client.ask(endpoint, email).status == 200
    (link,) = find_links(text_of(client.house.mail_to(email)[-1]))
    return link


def welcome_token(link: str) -> str:
    """Return the token in a link to the deployment's own page for verification."""
    url = urlsplit(link)
    assert (url.scheme, url.netloc, url.query) == ("https", "www.example.org", "from=mail")
    directory, _, token = url.path.rpartition("/")
    assert directory == "/welcome"
    return token


def reset_token(link: str) -> str:
    """Return the token in a link to the deployment's own page for new passwords."""
    url = urlsplit(link)
    assert (url.scheme, url.netloc, url.path) == ("https", "www.example.org", "/reset")
    query = parse_qs(url.query, strict_parsing=True)
    assert query.keys() == {"lang", "token"}
    return query["token"][0]


@UNLIKE_CONTRACTS
def test_registering_can_send_nothing(house: House, contract: str) -> None:
    """With `SendVerificationOnRegister` off, nobody gets a mail before somebody asks for one."""
    client = client_of(house, contract)
    email, _ = register(client)
    assert house.mail_to(email) == []
    assert link_in_mail(client, "send_verification", email)


@UNLIKE_CONTRACTS
def test_registering_begins_no_session(house: House, contract: str) -> None:
    """Where `register` would log in, it says why it does not; the user and nothing of a session is stored."""
    client = client_of(house, contract)
    email, reply = register(client)
    if client.spec.registration_logs_in:
        assert (reply.status, client.error(reply)) == (403, "Email is not verified")
    else:
        assert reply.status == 201
    user = client.user(email)
    assert not user.email_verified
    assert user.id not in {item["user_id"]["S"] for item in house.items("SessionsTable")}


@UNLIKE_CONTRACTS
def test_nobody_signs_in_unverified(house: House, contract: str) -> None:
    """Until the address is verified, a sign-in is a 403; only who knows the password learns why."""
    client = client_of(house, contract)
    email, _ = register(client)
    assert sign_in(client, email, PASSWORD) == [(403, "Email is not verified")] * 2
    assert sign_in(client, email, "wrong-password") == [(401, client.bad_login)] * 2
    assert sign_in(client, email, PASSWORD) == [(403, "Email is not verified")] * 2
    token = welcome_token(link_in_mail(client, "send_verification", email))
    assert client.verify(token).status == 200
    assert sign_in(client, email, PASSWORD) == [(200, "")] * 2


@UNLIKE_CONTRACTS
def test_a_reset_lets_its_user_in(house: House, contract: str) -> None:
    """A reset proves the address, so its user signs in at once, by the token from the deployment's own page."""
    client = client_of(house, contract)
    email, _ = register(client)
    token = reset_token(link_in_mail(client, "forgot_password", email))
    assert client.reset(token).status == 200
    assert sign_in(client, email, NEW_PASSWORD) == [(200, "")] * 2


@UNLIKE_CONTRACTS
def test_a_reset_forgets_the_wrong_passwords(house: House, contract: str) -> None:
    """Who had to wait after wrong passwords signs in at once with a new one, from anywhere."""
    client = client_of(house, contract)
    email, _ = register(client)
    token = reset_token(link_in_mail(client, "forgot_password", email))
    for _ in range(3):
        client.login_status(email, "wrong-password")
    assert client.login_status(email, PASSWORD) == 429
    assert client.reset(token).status == 200
    assert client.login_status(email, NEW_PASSWORD) == 200


@SENDING_MAIL
@UNLIKE_CONTRACTS
def test_asking_for_mail_is_the_same_work_for_everybody(running: Tapped, contract: str, endpoint: str) -> None:
    """Known, unknown, inactive and verified addresses cost the same calls in the same order, and one of them to SQS."""
    house, calls = running
    client = client_of(house, contract)
    known, inactive, verified = (register(client)[0] for _ in range(3))
    house.change_user(client.user(inactive).id, is_active=False)
    house.change_user(client.user(verified).id, email_verified=True)
    made = []
    for email in (known, inactive, verified, f"{unique()}@example.com"):
        calls.names.clear()
        assert client.ask(endpoint, email, source_ip=fresh_address()).status == 200
        made.append(tuple(calls.names))
    assert len(set(made)) == 1
    assert made[0].count("sqs.SendMessage") == 1
    assert not [name for name in made[0] if name not in {"sqs.SendMessage", "dynamodb.GetItem", "dynamodb.UpdateItem"}]
