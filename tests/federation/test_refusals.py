"""Who is not signed in, and what is left as it was then: on every contract, in its own shape or on a page."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest
from keyfob.errors import EmailNotVouched, InvalidState, KeyfobError

from tests.federation.browser import HTML, Browser, Person, nothing_made, states
from tests.house import House, Reply
from tests.provider import Provider
from tests.speakers import CONTRACTS, UNLIKE, speaker

pytestmark = pytest.mark.slow

C = TypeVar("C")

STARTED_ELSEWHERE = "Invalid or expired sign-in, please start again"


def check_refused(browser: Browser, reply: Reply, status: int, text: str = STARTED_ELSEWHERE) -> None:
    """Check that a reply is a refusal in the contract's own shape, which sets no cookie."""
    assert (reply.status, speaker(browser.contract, browser.house).error(reply)) == (status, text)
    assert reply.set_cookies == ()


@pytest.fixture(params=UNLIKE)
def visitor(request: pytest.FixtureRequest, house: House, provider: Provider) -> Browser:
    """The browser of somebody new, on each contract."""
    Person.new().at(provider)
    return Browser(house, provider, request.param)


def crossed(cases: Sequence[C]) -> list[tuple[C, str]]:
    """Return every case with one contract, and one case with every contract."""
    return [*((case, "standard") for case in cases), *((cases[0], each) for each in UNLIKE if each != "standard")]


# The provider's name


@pytest.mark.parametrize(
    ("name", "visitor"),
    crossed(["nobody", "GitHub", "initial", "providers", "github%20", "%00", "..%2Fgithub"]),
    indirect=["visitor"],
)
def test_an_unknown_provider_is_not_found(name: str, visitor: Browser) -> None:
    """A provider that the deployment has not is a 404, on the way there and back; nothing is stored."""
    before = states(visitor.house)
    check_refused(visitor, visitor.start(name), 404, "Resource not found")
    check_refused(visitor, visitor.come_back(name, {"code": "c", "state": "s"}), 404, "Resource not found")
    assert states(visitor.house) == before


# Parameters


@pytest.mark.parametrize(
    ("query", "visitor"),
    crossed(
        [
            "",
            "code=c",
            "state=s",
            "code=&state=s",
            "code=c&state=",
            "code=c&code=d&state=s",
            "code=c&state=s&state=s",
            "error=denied",
            "error=&state=s",
            "error=denied&code=c&state=s",
            "error=%22&state=s",
            "code=c%0d%0a&state=s",
            "code=%C3%A9&state=s",
            "code=c&state=%F0%9F%98%80",
            "state=s&code=" + "c" * 4097,
            "code=c&state=" + "s" * 513,
        ]
    ),
    indirect=["visitor"],
)
def test_parameters_that_are_missing_repeated_or_too_long_are_told(query: str, visitor: Browser) -> None:
    """What no provider sends is a 400 that says which parameter is wrong, whether or not there is a cookie."""
    for browser in (visitor, Browser(visitor.house, visitor.provider, visitor.contract)):
        browser.start()
        assert browser.come_back("google", query).status == 400


def test_repeated_parameters_use_nothing_up(visitor: Browser) -> None:
    """A second state beside the right one is refused, and the sign-in goes on without it."""
    answer = visitor.authorize(visitor.start())
    query = f"code={answer['code']}&state={answer['state']}"
    assert visitor.come_back("google", f"{query}&state={answer['state']}").status == 400
    assert visitor.come_back("google", query).status == 200


def test_a_wrong_parameter_is_named(browser: Browser) -> None:
    """The standard contract points at it."""
    errors = browser.come_back("google", "").json["errors"]
    assert [error["pointer"] for error in errors] == ["#/state", "#/code"]


# State and browser


def test_a_visit_without_the_cookie_uses_nothing_up(visitor: Browser) -> None:
    """In document 001 the user's browser comes back first, and the script that began comes second: it succeeds."""
    answer = visitor.authorize(visitor.start())
    stranger = Browser(visitor.house, visitor.provider, visitor.contract)
    calls = visitor.provider.calls()
    with nothing_made(visitor.house):
        check_refused(visitor, stranger.come_back("google", answer), 400)
    assert visitor.provider.calls() == calls
    assert visitor.come_back("google", answer).status == 200


def test_another_browser_uses_nothing_up(visitor: Browser) -> None:
    """Who began a sign-in of its own cannot finish somebody else's, nor have somebody finish its own."""
    other = Browser(visitor.house, visitor.provider, visitor.contract)
    answer, others = visitor.authorize(visitor.start()), other.authorize(other.start())
    with nothing_made(visitor.house):
        check_refused(visitor, other.come_back("google", answer), 400)
        check_refused(visitor, visitor.come_back("google", others), 400)
    assert visitor.come_back("google", answer).status == 200
    assert other.come_back("google", others).status == 200


def test_a_wrong_state_is_refused(visitor: Browser) -> None:
    """A state that nobody gave out, or one with a letter changed, leads nowhere."""
    answer = visitor.authorize(visitor.start())
    changed = answer["state"][:-1] + ("A" if answer["state"][-1] != "A" else "B")
    with nothing_made(visitor.house):
        for state in (changed, answer["state"].swapcase(), answer["state"] + " ", "state"):
            check_refused(visitor, visitor.come_back("google", {**answer, "state": state}), 400)
    assert visitor.come_back("google", answer).status == 200


def test_another_providers_callback_is_refused(visitor: Browser) -> None:
    """A code of one provider is not sent to another, and the sign-in is not used up by the attempt (mix-up)."""
    answer = visitor.authorize(visitor.start("google"))
    calls = visitor.provider.calls()
    with nothing_made(visitor.house):
        check_refused(visitor, visitor.come_back("acme", answer), 400)
        check_refused(visitor, visitor.come_back("github", answer), 400)
    assert visitor.provider.calls() == calls
    assert visitor.come_back("google", answer).status == 200


def test_another_contracts_callback_is_refused(visitor: Browser) -> None:
    """A sign-in ends on the contract that it began on, although they share a host and so the cookie."""
    answer = visitor.authorize(visitor.start())
    for contract in set(CONTRACTS) - {visitor.contract}:
        other = visitor.on(contract)
        check_refused(other, other.come_back("google", answer), 400)
    assert visitor.come_back("google", answer).status == 200


def test_a_callback_works_once(visitor: Browser) -> None:
    """The same answer again is refused, by a browser that still has the cookie as well."""
    answer = visitor.authorize(visitor.start())
    kept = dict(visitor.jar)
    assert visitor.come_back("google", answer).status == 200
    visitor.jar.update(kept)
    with nothing_made(visitor.house):
        check_refused(visitor, visitor.come_back("google", answer), 400)


def test_an_expired_sign_in_is_refused_though_it_is_still_stored(visitor: Browser) -> None:
    """Ten minutes are counted here, since DynamoDB deletes late."""
    answer = visitor.authorize(visitor.start())
    expire_states(visitor.house)
    with nothing_made(visitor.house):
        check_refused(visitor, visitor.come_back("google", answer), 400)


def expire_states(house: House) -> None:
    """Let every sign-in that is stored have expired a moment ago."""
    for item in states(house):
        house.dynamodb.update_item(
            TableName=house.deployment.functions["oauth"].environment["ONE_TIME_TABLE"],
            Key={"pk": item["pk"]},
            UpdateExpression="SET expires_at = :past",
            ExpressionAttributeValues={":past": {"N": "1700000000"}},
        )


# The provider's answer


def test_a_replayed_code_is_refused(visitor: Browser) -> None:
    """A code that was redeemed before, in a sign-in of its own, signs nobody in, and the sign-in is over."""
    used = visitor.authorize(visitor.start())
    assert visitor.come_back("google", used).status == 200
    answer = visitor.authorize(visitor.start())
    with nothing_made(visitor.house):
        refused = visitor.come_back("google", {**answer, "code": used["code"]})
        check_refused(visitor, refused, 400, "The provider did not accept the authorization code")
        check_refused(visitor, visitor.come_back("google", answer), 400)


def test_a_stolen_code_is_refused(visitor: Browser) -> None:
    """A code that was given to another browser is bound to that one's verifier (PKCE): injecting it fails."""
    thief = Browser(visitor.house, visitor.provider, visitor.contract)
    stolen = visitor.authorize(visitor.start())["code"]
    answer = thief.authorize(thief.start())
    with nothing_made(visitor.house):
        refused = thief.come_back("google", {**answer, "code": stolen})
        check_refused(visitor, refused, 400, "The provider did not accept the authorization code")


@pytest.mark.parametrize(
    ("lie", "visitor"),
    crossed(
        [
            {"id_token": {"nonce": "another"}},
            {"id_token": {"nonce": None}},
            {"id_token": {"aud": "somebody else"}},
            {"id_token": {"iss": "https://evil.example"}},
            {"id_token": {"exp": 1700000000}},
            {"signature": "none"},
            {"signature": "HS256"},
            {"signature": "foreign"},
        ]
    ),
    indirect=["visitor"],
    ids=str,
)
def test_an_answer_that_cannot_be_trusted_signs_nobody_in(lie: dict[str, object], visitor: Browser) -> None:
    """A wrong nonce, audience, issuer, time or signature is a 502, and makes nothing."""
    visitor.provider.configure(**lie)
    with nothing_made(visitor.house):
        check_refused(visitor, visitor.sign_in(), 502, "The provider's answer cannot be trusted")


@pytest.mark.parametrize(
    ("error", "visitor"), crossed(["access_denied", "server_error", "<script>"]), indirect=["visitor"]
)
def test_a_denial_is_told_and_ends_the_sign_in(error: str, visitor: Browser) -> None:
    """Who declines at the provider is told so; the state is used up."""
    visitor.provider.configure(denial=error)
    answer = visitor.authorize(visitor.start())
    with nothing_made(visitor.house):
        check_refused(visitor, visitor.come_back("google", answer), 400, "The sign-in was denied by the provider")
        check_refused(visitor, visitor.come_back("google", answer), 400)


def test_a_denial_in_somebody_elses_name_uses_nothing_up(visitor: Browser) -> None:
    """Nobody ends another browser's sign-in with an error of its own making."""
    answer = visitor.authorize(visitor.start())
    stranger = Browser(visitor.house, visitor.provider, visitor.contract)
    check_refused(visitor, stranger.come_back("google", {"error": "access_denied", "state": answer["state"]}), 400)
    assert visitor.come_back("google", answer).status == 200


@pytest.mark.parametrize(
    ("case", "visitor"),
    crossed([(name, email) for name in ("github", "google") for email in ("unvouched", "none", "malformed")]),
    indirect=["visitor"],
)
def test_an_address_that_is_not_vouched_for_makes_no_user(case: tuple[str, str], visitor: Browser) -> None:
    """Without an address that is surely this person's there is no user, and nothing is stored."""
    name, email = case
    person = Person.new()
    if email == "malformed":
        person.email = "somebody@localhost.test"
    person.at(visitor.provider, verified=email != "unvouched")
    if email == "none":
        visitor.provider.configure(claims={"sub": person.sub, "email_verified": True}, github_emails=[])
    with nothing_made(visitor.house):
        refused = visitor.sign_in(name)
        check_refused(visitor, refused, 403, "The provider does not confirm your email address")


# A provider that is down


FAULTS = {
    "down": {"status": 503},
    "overloaded": {"status": 429},
    "hanging up": {"hang_up": True},
}


@pytest.mark.parametrize(("fault", "visitor"), crossed(list(FAULTS)), indirect=["visitor"])
def test_a_provider_that_is_down_at_the_beginning_is_a_503(
    fault: str, visitor: Browser, another_house: Callable[[], House]
) -> None:
    """Nothing is stored, no cookie is set, and the next attempt succeeds."""
    browser = Browser(another_house(), visitor.provider, visitor.contract)
    before = states(browser.house)
    browser.provider.configure(faults={"/.well-known/openid-configuration": FAULTS[fault]})
    reply = browser.start("google")
    check_refused(browser, reply, 503, "Service temporarily unavailable, please try again")
    assert reply.headers["retry-after"] == "1"
    assert states(browser.house) == before
    browser.provider.configure(faults={})
    assert browser.start("google").status == 302


@pytest.mark.parametrize(("fault", "visitor"), crossed(list(FAULTS)), indirect=["visitor"])
@pytest.mark.parametrize(("name", "path"), [("google", "/token"), ("github", "/login/oauth/access_token")])
def test_a_provider_that_is_down_at_the_end_is_a_503_and_the_same_request_may_be_sent_again(
    name: str, path: str, fault: str, visitor: Browser
) -> None:
    """Nothing is half-made, and neither code nor state is used up: a reload of the page signs in."""
    answer = visitor.authorize(visitor.start(name))
    visitor.provider.configure(faults={path: FAULTS[fault]})
    with nothing_made(visitor.house):
        reply = visitor.come_back(name, answer)
        check_refused(visitor, reply, 503, "Service temporarily unavailable, please try again")
    assert reply.headers["retry-after"] == "1"
    visitor.provider.configure(faults={})
    assert visitor.come_back(name, answer).status == 200
    check_refused(visitor, visitor.come_back(name, answer), 400)


def test_a_provider_that_fails_after_it_took_the_code_makes_nothing(visitor: Browser) -> None:
    """The code is used up then, which only the provider knows: the retry is refused, and a new sign-in succeeds."""
    answer = visitor.authorize(visitor.start("github"))
    visitor.provider.configure(faults={"/api/v3/user": {"status": 500}})
    with nothing_made(visitor.house):
        assert visitor.come_back("github", answer).status == 503
        visitor.provider.configure(faults={})
        refused = visitor.come_back("github", answer)
        check_refused(visitor, refused, 400, "The provider did not accept the authorization code")
    assert visitor.sign_in("github").status == 200


def test_a_provider_that_answers_nonsense_is_a_502(visitor: Browser) -> None:
    """What is no answer of a token endpoint is not trusted."""
    visitor.provider.configure(faults={"/token": {"status": 200, "body": "<html>"}})
    with nothing_made(visitor.house):
        check_refused(visitor, visitor.sign_in(), 502, "The provider's answer cannot be trusted")


# Pages


@pytest.mark.parametrize("contract", UNLIKE)
@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (InvalidState, 400, "give it this page&#x27;s address"),
        (EmailNotVouched, 403, "does not confirm your email address"),
    ],
)
def test_a_person_sees_what_failed_on_a_page(
    error: type[KeyfobError], status: int, said: str, contract: str, house: House, provider: Provider
) -> None:
    """A browser gets a page that says what to do, which loads nothing and passes the address to nobody."""
    Person.new().at(provider, verified=error is not EmailNotVouched)
    browser = Browser(house, provider, contract)
    answer = browser.authorize(browser.start(headers=HTML))
    if error is InvalidState:
        browser.jar.clear()
    reply = browser.come_back("google", answer, headers=HTML)
    assert reply.status == status
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["content-security-policy"].startswith("default-src 'none'")
    assert said in reply.text
    assert answer["code"] not in reply.text
    assert answer["state"] not in reply.text


def test_an_unknown_provider_is_a_page_too(browser: Browser) -> None:
    """A person who mistyped an address reads so."""
    reply = browser.start("nobody", headers=HTML)
    assert (reply.status, "There is no such page." in reply.text) == (404, True)
