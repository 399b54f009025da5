"""What a deployment's settings and its secret make of social login."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from keyfob.service import keys

from tests.federation.browser import Browser, Person, nothing_made, providers_at, put_providers, query_of
from tests.house import running_house
from tests.logs import logged
from tests.provider import CLIENT_SECRET, Provider
from tests.test_start_up import start_function

MALFORMED = {
    "no JSON": CLIENT_SECRET,
    "no object": "[]",
    "no providers": "{}",
    "no issuer": json.dumps({"providers": {"acme": {"client_id": "id", "client_secret": CLIENT_SECRET}}}),
    "an unknown member": json.dumps(
        {"providers": {"github": {"client_id": "id", "client_secret": CLIENT_SECRET, CLIENT_SECRET: "1"}}}
    ),
}


@contextmanager
def deployed(provider: Provider, parameters: Mapping[str, str]) -> Iterator[Browser]:
    """Run a deployment with its own settings, and give a browser there."""
    with running_house(parameters) as house:
        put_providers(house, providers_at(provider.url))
        yield Browser(house, provider)


@pytest.mark.slow
def test_each_address_has_so_many_attempts(provider: Provider) -> None:
    """Both endpoints count towards the limit of an IP address, and a 429 says when to come again."""
    Person.new().at(provider)
    with deployed(provider, {"AnonymousAttempts": "3"}) as browser:
        reply = browser.sign_in()
        assert (reply.status, reply.headers["ratelimit-remaining"]) == (200, "1")
        answer = browser.authorize(browser.start())
        for refused in (browser.come_back("google", answer), browser.start(), browser.start("nobody")):
            assert refused.status == 429
            assert refused.headers["ratelimit-limit"] == "3"
            assert int(refused.headers["retry-after"]) <= 60
        assert browser.come_back("google", answer, source_ip="198.51.100.7").status == 200


@pytest.mark.slow
def test_where_addresses_must_be_verified_a_known_user_must_too(provider: Provider) -> None:
    """A user who changed its address and did not verify it cannot sign in at a provider; a new one can."""
    person = Person.new().at(provider)
    with deployed(provider, {"RequireVerifiedEmail": "true"}) as browser:
        assert browser.sign_in().status == 200
        user = browser.house.users.find(person.email)
        assert user is not None
        browser.house.change_user(user.id, email_verified=False)
        reply = browser.sign_in()
        assert (reply.status, reply.json["detail"]) == (403, "Email is not verified")


@pytest.mark.slow
def test_the_way_back_is_the_deployments_own_domain(provider: Provider) -> None:
    """Where clients use a custom domain, the provider sends them back there."""
    with deployed(provider, {"BaseUrls": "standard=https://auth.example.com"}) as browser:
        query = query_of(browser.start().headers["location"])
        assert query["redirect_uri"] == "https://auth.example.com/api/v1/auth/oauth/google/callback"


@pytest.mark.slow
def test_the_language_of_pages_is_the_deployments(provider: Provider) -> None:
    """A German deployment says it in German."""
    with deployed(provider, {"Language": "de", "ProductName": "Schlüssel & Co"}) as browser:
        reply = browser.come_back("google", {"code": "c", "state": "s"}, headers={"Accept": "text/html"})
        assert "abgelaufen" in reply.text
        assert "Schlüssel &amp; Co" in reply.text


def test_a_new_deployment_has_no_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret as it is deployed names none, so every provider is not found; a test provider can be added at once."""
    with running_house() as house:
        browser = Browser(house, Provider("http://127.0.0.1:1"))
        assert browser.start("github").status == 404
        put_providers(house, providers_at("http://127.0.0.1:1"))
        assert browser.start("github").status == 404
        monkeypatch.setattr(keys, "MAX_AGE_SECONDS", 0)
        assert browser.start("github").status == 302


@pytest.mark.parametrize("malformed", MALFORMED)
def test_a_malformed_secret_is_a_fault_that_tells_no_secret(malformed: str) -> None:
    """The answer is a 500 in the contract's shape, and the log says what is wrong and quotes nothing."""
    with running_house() as house, nothing_made(house):
        put_providers(house, MALFORMED[malformed])
        browser = Browser(house, Provider("http://127.0.0.1:1"))
        with logged() as log:
            replies = [browser.start("github"), browser.come_back("github", {"code": "c", "state": "s"})]
        for reply in replies:
            assert (reply.status, reply.json["detail"]) == (500, "Internal server error")
            assert CLIENT_SECRET not in reply.text
        assert [entry["message"] for entry in log.entries()] == ["fault", "fault"]
        assert CLIENT_SECRET not in log.stream.getvalue()
        assert "InvalidProviders" in log.stream.getvalue()


def test_a_secret_that_becomes_malformed_leaves_the_providers_as_they_were(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A slip in an edit signs nobody out of the functions that run; it is logged."""
    with running_house() as house:
        put_providers(house, providers_at("http://127.0.0.1:1"))
        browser = Browser(house, Provider("http://127.0.0.1:1"))
        assert browser.start("github").status == 302
        monkeypatch.setattr(keys, "MAX_AGE_SECONDS", 0)
        put_providers(house, MALFORMED["an unknown member"])
        assert browser.start("github").status == 302
        assert "older ones stay in use" in caplog.text
        assert CLIENT_SECRET not in caplog.text


@pytest.mark.parametrize("name", ["oauth", "oauth_callback"])
def test_the_endpoints_import_no_library_before_they_need_it(name: str) -> None:
    """Authlib, joserfc and requests are loaded by the request that calls a provider."""
    modules, _ = start_function(name)
    assert "keyfob.oauth.providers" in modules
    assert not modules & {"authlib", "joserfc", "requests", "email_validator"}
