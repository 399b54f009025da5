"""Signing in at a provider, on every contract, when all goes well."""

import re

import pytest
from keyfob.contracts import contract_named
from keyfob.crypto.digest import fingerprint

from tests.federation.browser import OAUTH_COOKIE, Browser, Person, query_of, states
from tests.house import SESSION_COOKIE, House
from tests.provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.speakers import CONTRACTS, speaker

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["github", "google", "acme"])
@pytest.mark.parametrize("contract", CONTRACTS)
def test_signing_in_answers_as_logging_in_does(contract: str, name: str, house: House, provider: Provider) -> None:
    """The answer is the contract's own token reply, whose tokens work, and there is a whole new user."""
    person = Person.new().at(provider)
    talk = speaker(contract, house)
    reply = Browser(house, provider, contract).sign_in(name)
    assert reply.status == 200, reply.text
    assert talk.me(talk.access_token(reply)).status == 200
    assert talk.client.call("refresh", talk.refresh_body(talk.refresh_token(reply))).status == 200
    user = house.users.find(person.email)
    assert user is not None
    assert (user.username, user.name.full, user.role) == (person.login, "Ada Lovelace", "owner")
    assert (user.email_verified, user.password_hash) == (True, None)
    assert user.account.name == "My Account"


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_second_sign_in_finds_the_same_user_whatever_the_provider_says_of_it_now(
    contract: str, house: House, provider: Provider
) -> None:
    """The identity is issuer and subject: a new address, one that is not vouched for, or none makes no difference."""
    person = Person.new().at(provider)
    browser = Browser(house, provider, contract)
    browser.sign_in()
    user = house.users.find(person.email)
    assert user is not None
    for claims in ({"email": Person.new().email}, {"email_verified": False}, {"email": None}):
        person.at(provider, **claims)
        talk = speaker(contract, house)
        token = talk.access_token(browser.sign_in())
        assert talk.claims(token)["sub"] == user.id
    assert house.users.get(user.id) == user


def test_two_subjects_are_two_users(browser: Browser, provider: Provider) -> None:
    """Somebody else at the same provider is somebody else here."""
    ada, bob = Person.new().at(provider), Person.new()
    browser.sign_in()
    bob.at(provider)
    browser.sign_in()
    found = [browser.house.users.find(each.email) for each in (ada, bob)]
    assert None not in found
    assert found[0] != found[1]


def test_a_user_of_a_provider_has_no_password_to_log_in_with(browser: Browser, provider: Provider) -> None:
    """No password is the right one for who never set one."""
    person = Person.new().at(provider)
    browser.sign_in()
    talk = speaker("standard", browser.house)
    for password in ("", "None", "SecurePass123!"):
        assert talk.client.call("login", talk.login_body(person.email, password)).status == 401


# The way there


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_way_there_asks_for_a_code_with_all_protections(contract: str, house: House, provider: Provider) -> None:
    """State, nonce and PKCE S256 go along, and the way back is the callback of the same contract."""
    started = Browser(house, provider, contract).start("google")
    assert started.status == 302
    assert started.text == ""
    assert started.headers["cache-control"] == "no-store"
    url = started.headers["location"]
    assert url.startswith(f"{provider.url}/authorize?")
    query = query_of(url)
    assert re.fullmatch(r"[\w-]{43}", query["state"])
    assert re.fullmatch(r"[\w-]{43}", query["nonce"])
    assert re.fullmatch(r"[\w-]{43}", query["code_challenge"])
    assert (query["code_challenge_method"], query["response_type"]) == ("S256", "code")
    assert (query["client_id"], query["scope"]) == (CLIENT_ID, "openid email profile")
    spec = contract_named(contract)
    path = spec.base_path + spec.operations["oauth_callback"].path.format(provider="google")
    assert query["redirect_uri"].endswith(f"/{contract}{path}")
    assert query["redirect_uri"].startswith("https://")


def test_github_is_asked_for_the_address(browser: Browser) -> None:
    """The scope is the document's, and no nonce goes to who knows none."""
    query = query_of(browser.start("github").headers["location"])
    assert query["scope"] == "user:email"
    assert "nonce" not in query
    assert query["code_challenge_method"] == "S256"


def test_nothing_repeats(browser: Browser) -> None:
    """Each sign-in has a state, a nonce, a verifier and a secret of its own."""
    queries = [query_of(Browser(browser.house, browser.provider).start().headers["location"]) for _ in range(3)]
    for name in ("state", "nonce", "code_challenge"):
        assert len({query[name] for query in queries}) == 3


def test_the_cookie_is_hidden_and_bound_to_the_host(browser: Browser) -> None:
    """Scripts cannot read it, other hosts cannot set it, and it lives for ten minutes."""
    (cookie,) = browser.start().set_cookies
    name, attributes = cookie.split(";", 1)
    assert re.fullmatch(rf"{OAUTH_COOKIE}=[\w-]{{43}}", name)
    assert attributes == " Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"


def test_only_digests_are_stored(browser: Browser) -> None:
    """The table tells neither the state, nor the cookie's secret, nor the code verifier; the item expires."""
    before = len(states(browser.house))
    query = query_of(browser.start("google").headers["location"])
    stored = {item["pk"]["S"]: item for item in states(browser.house)}
    assert len(stored) == before + 1
    item = stored[f"STATE#{fingerprint(query['state'])}"]
    assert item.keys() == {"pk", "digest", "browser", "provider", "contract", "nonce", "expires_at"}
    text = str(item)
    for secret in (query["state"], browser.jar[OAUTH_COOKIE], query["code_challenge"], CLIENT_SECRET):
        assert secret not in text


def test_the_sign_in_and_its_secret_are_gone_afterwards(browser: Browser, provider: Provider) -> None:
    """The state is deleted, and the browser forgets the cookie."""
    Person.new().at(provider)
    before = len(states(browser.house))
    reply = browser.sign_in()
    assert reply.set_cookies == (f"{OAUTH_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure",)
    assert len(states(browser.house)) == before


# Several tabs


def test_two_tabs_do_not_disturb_each_other(browser: Browser, provider: Provider) -> None:
    """Each finishes what it began, in any order, and the cookie goes with the last."""
    Person.new().at(provider)
    tabs = [("google", browser.start("google")), ("github", browser.start("github")), ("acme", browser.start("acme"))]
    answers = [(name, browser.authorize(started)) for name, started in tabs]
    for left, (name, answer) in enumerate(reversed(answers)):
        assert len(browser.jar[OAUTH_COOKIE].split(".")) == 3 - left
        assert browser.come_back(name, answer).status == 200
    assert OAUTH_COOKIE not in browser.jar


def test_a_browser_remembers_its_last_four_sign_ins(browser: Browser, provider: Provider) -> None:
    """The cookie does not grow without end; the sign-in that began first is the one to be forgotten."""
    Person.new().at(provider)
    answers = [browser.authorize(browser.start()) for _ in range(5)]
    assert len(browser.jar[OAUTH_COOKIE].split(".")) == 4
    assert browser.come_back("google", answers[0]).status == 400
    assert [browser.come_back("google", answer).status for answer in answers[1:]] == [200] * 4


@pytest.mark.parametrize("planted", ["", ".", "a", "é", "A" * 42, "A" * 44, "A" * 43 + ".!", "x" * 9000, "." * 5000])
def test_a_malformed_cookie_is_none(planted: str, browser: Browser, provider: Provider) -> None:
    """Whatever stands in the cookie, a new sign-in works."""
    Person.new().at(provider)
    browser.jar[OAUTH_COOKIE] = planted
    assert browser.sign_in().status == 200


def test_a_planted_secret_does_not_become_that_of_a_sign_in(browser: Browser) -> None:
    """Who knows what was in the cookie before does not know the secret of a sign-in that begins now."""
    planted = "A" * 43
    browser.jar[OAUTH_COOKIE] = planted
    browser.start()
    new, *others = browser.jar[OAUTH_COOKIE].split(".")
    assert new != planted
    assert others == [planted]


# Where a sign-in ends


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_redirect_ends_in_a_cookie_session(contract: str, house: House, provider: Provider) -> None:
    """The browser gets a session cookie in place of tokens, goes where it wanted to go, and is signed in."""
    Person.new().at(provider)
    browser = Browser(house, provider, contract)
    target = "https://app.example.com/welcome/back?from=keyfob"
    reply = browser.sign_in("github", target)
    assert (reply.status, reply.text, reply.headers["location"]) == (302, "", target)
    assert reply.cookies.keys() == {OAUTH_COOKIE, SESSION_COOKIE}
    assert reply.cookies[OAUTH_COOKIE] == ""
    assert house.client(contract).call("me", cookie=browser.jar[SESSION_COOKIE]).status == 200


def test_signing_in_again_ends_the_session_that_the_cookie_was_of(browser: Browser, provider: Provider) -> None:
    """A session cookie's id changes at each login, and the old one is worth nothing any more."""
    Person.new().at(provider)
    old = browser.sign_in("google", "http://127.0.0.1:5173").cookies[SESSION_COOKIE]
    new = browser.sign_in("google", "http://127.0.0.1:5173").cookies[SESSION_COOKIE]
    client = browser.house.client("standard")
    assert [client.call("me", cookie=each).status for each in (old, new)] == [401, 200]


def test_a_person_in_a_browser_gets_the_same_answer(browser: Browser, provider: Provider) -> None:
    """Pages are for failures: who signs in without a redirect gets the tokens."""
    Person.new().at(provider)
    reply = browser.sign_in(headers={"Accept": "text/html"})
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.json["access_token"]


# Names


def test_a_username_that_is_taken_is_changed(browser: Browser, provider: Provider) -> None:
    """The provider's names are no promise here: the second to come gets another one."""
    first = Person.new().at(provider)
    browser.sign_in()
    second = Person.new()
    second.login = first.login.upper()
    second.at(provider)
    browser.sign_in()
    user = browser.house.users.find(second.email)
    assert user is not None
    assert re.fullmatch(rf"{second.login}-[0-9a-f]{{8}}", user.username)


@pytest.mark.parametrize(("told", "username"), [(None, ""), ("not a username", ""), ("x" * 150, "x" * 64)])
def test_a_username_is_made_where_the_provider_has_none_that_fits(
    told: str | None, username: str, browser: Browser, provider: Provider
) -> None:
    """It is made of the address, and one that is too long is cut."""
    person = Person.new().at(provider, preferred_username=told)
    assert browser.sign_in().status == 200
    user = browser.house.users.find(person.email)
    assert user is not None
    assert user.username.startswith(username or person.email.partition("@")[0])
