"""Many ways back from a provider at once: one sign-in ends once, and one person is one user."""

from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest

from tests.federation.browser import Browser, Person, providers_at, put_providers, states
from tests.house import House, Reply, running_house
from tests.on_dynamodb_local.together import simultaneously
from tests.provider import Provider, require_provider, running
from tests.speakers import UNLIKE, speaker

pytestmark = pytest.mark.slow

MANY = 8


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A provider in a process of its own."""
    require_provider()
    with running() as provider:
        yield provider


@pytest.fixture(scope="module")
def house(dynamodb_local_url: str, provider: Provider) -> Iterator[House]:
    """A deployment on DynamoDB Local that knows the provider, and leaves no tables behind."""
    with running_house(dynamodb_url=dynamodb_local_url) as running:
        put_providers(running, providers_at(provider.url))
        yield running
        running.drop_tables()


def subject(browser: Browser, reply: Reply) -> str:
    """Return whose tokens a reply has."""
    talk = speaker(browser.contract, browser.house)
    return str(talk.claims(talk.access_token(reply))["sub"])


def users_with(house: House, email: str) -> list[str]:
    """Return the ids of all users that are stored with an address."""
    profiles = [item for item in house.items("UsersTable") if item["sk"]["S"] == "PROFILE"]
    return [item["user_id"]["S"] for item in profiles if item["email"]["S"] == email]


@pytest.mark.parametrize("contract", UNLIKE)
def test_one_sign_in_ends_once(contract: str, house: House, provider: Provider) -> None:
    """Of eight callbacks with one state one is signed in, and the others are told to start again."""
    person = Person.new().at(provider)
    browser = Browser(house, provider, contract)
    answer = browser.authorize(browser.start())
    tabs = [Browser(house, provider, contract, dict(browser.jar)) for _ in range(MANY)]
    replies = simultaneously([partial(tab.come_back, "google", answer) for tab in tabs])
    assert Counter(reply.status for reply in replies) == {200: 1, 400: MANY - 1}
    (winner,) = [reply for reply in replies if reply.status == 200]
    assert users_with(house, person.email) == [subject(browser, winner)]
    sessions = [item for item in house.items("SessionsTable") if item["user_id"]["S"] == subject(browser, winner)]
    assert len(sessions) == 1
    assert states(house) == []


@pytest.mark.parametrize("contract", UNLIKE)
def test_the_first_sign_ins_of_one_person_make_one_user(contract: str, house: House, provider: Provider) -> None:
    """Eight devices that sign in for the first time at once all succeed, as the same user."""
    person = Person.new().at(provider)
    devices = [Browser(house, provider, contract) for _ in range(MANY)]
    answers = [device.authorize(device.start()) for device in devices]
    replies = simultaneously(
        [partial(device.come_back, "google", answer) for device, answer in zip(devices, answers, strict=True)]
    )
    assert [reply.status for reply in replies] == [200] * MANY
    assert {subject(devices[0], reply) for reply in replies} == set(users_with(house, person.email))
    assert len(users_with(house, person.email)) == 1


@pytest.mark.parametrize("contract", UNLIKE)
def test_two_providers_that_vouch_for_one_address_at_once_are_linked(
    contract: str, house: House, provider: Provider
) -> None:
    """Whichever comes first makes the user, and the other is linked to it, since both prove the address."""
    for _ in range(3):
        person = Person.new().at(provider)
        devices = {name: Browser(house, provider, contract) for name in ("github", "google")}
        answers = {name: device.authorize(device.start(name)) for name, device in devices.items()}
        replies = simultaneously([partial(devices[name].come_back, name, answers[name]) for name in devices])
        assert [reply.status for reply in replies] == [200, 200]
        assert {subject(devices["google"], reply) for reply in replies} == set(users_with(house, person.email))
        assert {subject(device, device.sign_in(name)) for name, device in devices.items()} == set(
            users_with(house, person.email)
        )


@pytest.mark.parametrize("contract", UNLIKE)
def test_a_registration_and_a_first_sign_in_with_one_address_never_make_two_users(
    contract: str, house: House, provider: Provider
) -> None:
    """Either the registration is told that the address is taken, or the sign-in that there is an account."""
    taken = 400 if contract == "metatag" else 409
    for _ in range(3):
        person = Person.new().at(provider)
        browser, talk = Browser(house, provider, contract), speaker(contract, house)
        answer = browser.authorize(browser.start())
        body = talk.register_body(person.login + "x", person.email)
        signed_in, registered = simultaneously(
            [partial(browser.come_back, "google", answer), partial(talk.client.call, "register", body)]
        )
        assert (signed_in.status, registered.status) in {(200, taken), (409, 201)}
        assert len(users_with(house, person.email)) == 1
