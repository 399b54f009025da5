"""What is recorded of those who sign in at a provider."""

from collections.abc import Iterator

import pytest

from tests.federation.browser import Browser, Person, providers_at, put_providers
from tests.house import House, running_house
from tests.mail_tokens import emailed
from tests.provider import Provider
from tests.security_events.watching import event, watching
from tests.speakers import speaker

BY = {"provider": "google"}
PAGE = "https://app.example.com/welcome"


@pytest.fixture(scope="module")
def house(provider_process: Provider) -> Iterator[House]:
    """A deployment whose users may sign in at the provider."""
    with running_house({"AllowedRedirects": PAGE}) as running:
        put_providers(running, providers_at(provider_process.url))
        yield running


@pytest.fixture
def browser(house: House, provider: Provider) -> Browser:
    """Somebody's browser."""
    return Browser(house, provider)


def test_somebody_new_and_again(house: House, browser: Browser, provider: Provider) -> None:
    """The first time a user is registered; each time it signs in, for tokens or for a cookie."""
    person = Person.new().at(provider)
    with watching() as first:
        browser.sign_in()
    with watching() as second:
        browser.sign_in(redirect_to=PAGE)
    user = house.users.find(person.email)
    assert user is not None
    registered, began = first.events
    assert registered == event("user_registered", "standard", user_id=user.id, account_id=user.account.id, details=BY)
    sessions = {began["session_id"], second.only["session_id"]}
    assert len(sessions) == 2
    for each in (began, second.only):
        assert each == event("sign_in", "standard", user_id=user.id, session_id=each["session_id"], details=BY)


def test_an_identity_that_is_linked(house: House, browser: Browser, provider: Provider) -> None:
    """Another way into an account is recorded before it is first used."""
    talk = speaker("standard", house)
    _, email = talk.registered()
    talk.client.call("verify_email", path={"token": emailed(house, email, "VERIFY")})
    user = house.users.find(email)
    assert user is not None
    Person(email).at(provider)
    with watching() as watch:
        assert browser.sign_in().status == 200
    linked, began = watch.events
    assert linked == event("identity_linked", "standard", user_id=user.id, details=BY)
    assert began == event("sign_in", "standard", user_id=user.id, session_id=began["session_id"], details=BY)


def test_an_identity_that_must_not_be_linked(house: House, browser: Browser, provider: Provider) -> None:
    """A failed sign-in names the user whose address the provider tells, and why it failed."""
    _, email = speaker("standard", house).registered()
    user = house.users.find(email)
    assert user is not None
    Person(email).at(provider)
    with watching() as watch:
        assert browser.sign_in().status == 409
    details = {"endpoint": "oauth_callback", "code": "account_exists"}
    assert watch.only == event("sign_in_failed", "standard", user_id=user.id, details=details)


def test_an_answer_that_nobody_asked_for(browser: Browser) -> None:
    """A forged way back is a failed sign-in of nobody."""
    with watching() as watch:
        assert browser.come_back("google", {"code": "forged", "state": "forged"}).status == 400
    details = {"endpoint": "oauth_callback", "code": "invalid_state"}
    assert watch.only == event("sign_in_failed", "standard", details=details)
