"""When DynamoDB fails while somebody signs in: nothing is half-made, and a new attempt succeeds."""

from collections.abc import Callable, Iterator

import pytest
from keyfob.model.user import User

from tests.aws_calls import Calls, refused
from tests.federation.browser import Browser, Person, nothing_made, providers_at, put_providers, states
from tests.house import House, Reply, running_house
from tests.provider import Provider
from tests.speakers import UNLIKE, speaker

pytestmark = pytest.mark.slow

BROKEN = refused(500, "InternalServerError")
TARGET = "https://app.example.com/"

START = ["GetItem", "UpdateItem", "PutItem"]
"""The limit is looked at and counted, and the state is stored."""

ADMITTED = ["GetItem", "UpdateItem", "GetItem", "DeleteItem"]
"""The limit is looked at and counted, and the state is read and taken."""

KNOWN = [*ADMITTED, "GetItem", "GetItem", "PutItem"]
"""The identity and its user are read, and a session is stored."""

LINKED = [*ADMITTED, "GetItem", "GetItem", "GetItem", "TransactWriteItems", "PutItem"]
"""No identity is found, but an address and its user: both are linked."""

CREATED = [*ADMITTED, "GetItem", "GetItem", "GetItem", "GetItem", "TransactWriteItems", "PutItem"]
"""Neither is found: after a look at the slug a user is made."""

RETRIABLE = len(ADMITTED)
"""Until so many calls were made the state is not taken, so the same answer may be brought again."""


@pytest.fixture(scope="module")
def house(calls: Calls, provider_process: Provider) -> Iterator[House]:
    """A deployment whose calls are tapped."""
    assert calls.names == []
    with running_house({"AllowedRedirects": TARGET}) as running:
        put_providers(running, providers_at(provider_process.url))
        yield running


@pytest.fixture(params=UNLIKE)
def visitor(request: pytest.FixtureRequest, house: House, provider: Provider) -> Browser:
    """The browser of somebody new, on each contract; every function has read its secrets."""
    browser = Browser(house, provider, request.param)
    Person.new().at(provider)
    assert browser.sign_in().status == 200
    return browser


def check_unavailable(browser: Browser, reply: Reply) -> None:
    """Check that a reply says, in the contract's shape, to try again soon."""
    assert (reply.status, reply.headers.get("retry-after"), reply.set_cookies) == (503, "1", ())
    text = speaker(browser.contract, browser.house).error(reply)
    assert text == "Service temporarily unavailable, please try again"


def called(calls: Calls) -> list[str]:
    """Return what was called of DynamoDB since the last time."""
    names = [name.removeprefix("dynamodb.") for name in calls.names if name.startswith("dynamodb.")]
    calls.names.clear()
    return names


def test_the_way_there(visitor: Browser, calls: Calls) -> None:
    """Whichever call fails, no sign-in has begun."""
    called(calls)
    before = states(visitor.house)
    for number in range(len(START)):
        with calls.disturbed("dynamodb", BROKEN, sparing=number):
            check_unavailable(visitor, visitor.start())
        assert called(calls) == START[: number + 1]
    assert states(visitor.house) == before
    assert visitor.start().status == 302
    assert called(calls) == START


def known(browser: Browser) -> str:
    """Let somebody be known, and return the address."""
    person = Person.new().at(browser.provider)
    assert browser.sign_in().status == 200
    return person.email


def verified(browser: Browser) -> str:
    """Let somebody be registered with a verified address, and return it."""
    _, email = speaker(browser.contract, browser.house).registered()
    browser.house.change_user(found(browser, email).id, email_verified=True)
    Person(email).at(browser.provider)
    return email


def unknown(browser: Browser) -> str:
    """Let somebody be unknown here, and return the address."""
    return Person.new().at(browser.provider).email


def found(browser: Browser, email: str) -> User:
    """Return the user with an address."""
    user = browser.house.users.find(email)
    assert user is not None
    return user


@pytest.mark.parametrize("visitor", ["standard"], indirect=True)
@pytest.mark.parametrize(
    ("somebody", "expected"), [(known, KNOWN), (verified, LINKED), (unknown, CREATED)], ids=["known", "linked", "new"]
)
def test_the_way_back(somebody: Callable[[Browser], str], expected: list[str], visitor: Browser, calls: Calls) -> None:
    """Whichever call fails, there is no session; a user and its identity are both there or neither is."""
    email = somebody(visitor)
    for number in range(len(expected) - 1):
        answer = visitor.authorize(visitor.start())
        called(calls)
        with nothing_made(visitor.house), calls.disturbed("dynamodb", BROKEN, sparing=number):
            check_unavailable(visitor, visitor.come_back("google", answer))
        assert called(calls) == expected[: number + 1]
    sessions = visitor.house.items("SessionsTable")
    answer = visitor.authorize(visitor.start())
    called(calls)
    with calls.disturbed("dynamodb", BROKEN, sparing=len(expected) - 1):
        check_unavailable(visitor, visitor.come_back("google", answer))
    assert called(calls) == expected
    assert visitor.house.items("SessionsTable") == sessions
    user = found(visitor, email)
    talk = speaker(visitor.contract, visitor.house)
    assert talk.claims(talk.access_token(visitor.sign_in()))["sub"] == user.id


@pytest.mark.parametrize("visitor", ["standard"], indirect=True)
@pytest.mark.parametrize("number", range(RETRIABLE))
def test_before_the_state_is_taken_the_same_answer_may_be_brought_again(
    number: int, visitor: Browser, calls: Calls
) -> None:
    """After a 503 the browser reloads the page, and is signed in."""
    answer = visitor.authorize(visitor.start())
    with calls.disturbed("dynamodb", BROKEN, sparing=number):
        check_unavailable(visitor, visitor.come_back("google", answer))
    assert visitor.come_back("google", answer).status == 200


def test_a_state_that_cannot_be_given_back_is_used_up(visitor: Browser, calls: Calls) -> None:
    """Provider and DynamoDB fail together: it is a 503 all the same, and a new sign-in succeeds."""
    answer = visitor.authorize(visitor.start())
    visitor.provider.configure(faults={"/token": {"status": 503}})
    with nothing_made(visitor.house), calls.disturbed("dynamodb.PutItem", BROKEN):
        check_unavailable(visitor, visitor.come_back("google", answer))
    visitor.provider.configure(faults={})
    assert visitor.come_back("google", answer).status == 400
    assert visitor.sign_in().status == 200


def test_a_new_user_whose_making_was_not_confirmed(visitor: Browser, calls: Calls) -> None:
    """The user was made and we never heard: the next sign-in finds it."""
    email = unknown(visitor)
    with calls.answers_lost("dynamodb.TransactWriteItems"):
        check_unavailable(visitor, visitor.sign_in())
    user = found(visitor, email)
    talk = speaker(visitor.contract, visitor.house)
    assert talk.claims(talk.access_token(visitor.sign_in()))["sub"] == user.id


def test_a_cookie_session_that_could_not_be_stored(visitor: Browser, calls: Calls) -> None:
    """The browser is not sent on without a session, and keeps the one it had."""
    visitor.sign_in("google", TARGET)
    jar = dict(visitor.jar)
    answer = visitor.authorize(visitor.start("google", TARGET))
    with nothing_made(visitor.house), calls.disturbed("dynamodb.PutItem", BROKEN):
        check_unavailable(visitor, visitor.come_back("google", answer))
    cookie = jar["__Host-session"]
    assert visitor.house.client(visitor.contract).call("me", cookie=cookie).status == 200
