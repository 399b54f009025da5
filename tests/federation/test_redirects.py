"""Where a sign-in may end: at the deployment's own pages, however a URL is written."""

import pytest
from keyfob.errors import InvalidFields
from keyfob.gateway.redirects import Redirects
from keyfob.settings import InvalidSetting

from tests.federation.browser import Browser, states
from tests.house import House
from tests.provider import Provider
from tests.speakers import CONTRACTS, speaker

ALLOWED = (
    "https://app.example.com/welcome",
    "https://other.example.com:8443/",
    "http://localhost:5173",
    "http://[::1]:3000/app/",
)

GOOD = [
    "https://app.example.com/welcome",
    "https://app.example.com/welcome/",
    "https://app.example.com/welcome/back",
    "https://app.example.com/welcome/back/?a=1&b=%2F..%2F&c=//x?y",
    "https://app.example.com/welcome?next=https://evil.example/",
    "https://APP.example.com:443/welcome",
    "https://app.example.com/welcome/a%20b/~user;v=1/...",
    "https://other.example.com:8443",
    "https://other.example.com:8443/anything",
    "http://localhost:5173/",
    "http://localhost:5173/welcome",
    "http://[::1]:3000/app",
]

EVIL = [
    "",
    "/welcome",
    "//app.example.com/welcome",
    "app.example.com/welcome",
    "http://app.example.com/welcome",
    "HTTPS://app.example.com/welcome",
    "https:/app.example.com/welcome",
    "https:app.example.com/welcome",
    "https:///app.example.com/welcome",
    "https://app.example.com",
    "https://app.example.com/",
    "https://app.example.com/Welcome",
    "https://app.example.com/welcomed",
    "https://app.example.com/welcome.evil",
    "https://app.example.com/wel",
    "https://app.example.com:8443/welcome",
    "https://app.example.com:444/welcome",
    "https://app.example.com:/welcome",
    "https://app.example.com:x/welcome",
    "https://app.example.com./welcome",
    "https://evil.example/welcome",
    "https://app.example.com.evil.example/welcome",
    "https://evilapp.example.com/welcome",
    "https://app.example.com@evil.example/welcome",
    "https://app.example.com:443@evil.example/welcome",
    "https://evil.example\\@app.example.com/welcome",
    "https://evil.example#@app.example.com/welcome",
    "https://evil.example?@app.example.com/welcome",
    "https://user@app.example.com/welcome",
    "https://app.example.com\\.evil.example/welcome",
    "https://app.example.com%2eevil.example/welcome",
    "https://app.example.com/welcome/../evil",
    "https://app.example.com/welcome/..",
    "https://app.example.com/welcome/./back",
    "https://app.example.com/welcome/..;/evil",
    "https://app.example.com/welcome/%2e%2e/evil",
    "https://app.example.com/welcome/%2E./evil",
    "https://app.example.com/welcome/..%2fevil",
    "https://app.example.com/welcome%2f..%2fevil",
    "https://app.example.com/welcome/%252e%252e/evil",
    "https://app.example.com/welcome/..%5cevil",
    "https://app.example.com/welcome/..\\evil",
    "https://app.example.com/welcome\\..\\evil",
    "https://app.example.com/welcome//evil.example",
    "https://app.example.com//welcome",
    "https://app.example.com/evil/../welcome",
    "https://app.example.com/welcome#fragment",
    "https://app.example.com/welcome?q#fragment",
    "https://app.example.com/welcome\r\nSet-Cookie: a=b",
    "https://app.example.com/welcome%0d%0aSet-Cookie:a=b",
    "https://app.example.com/welcome\n",
    "https://app.example.com/welcome\t",
    " https://app.example.com/welcome",
    "https://app.example.com/welcome ",
    "https://app.example.com/wel\tcome",
    "https://app.example.com/welcome/%",
    "https://app.example.com/welcome/%zz",
    "https://app.example.com/welcome/%00",
    "https://app.example.com/welcome/é",
    "https://app.example。com/welcome",
    "https://app.example.com/welcome?q=\x7f",
    "https://app.example.com/welcome?" + "q" * 2048,
    "http://localhost:5174/",
    "http://localhost/",
    "https://localhost:5173/",
    "http://127.0.0.1:5173/",
    "http://localhost.evil.example:5173/",
    "http://[::1]:3000/",
    "http://[::1]:3000/apple",
    "http://[::1%25eth0]:3000/app",
    "javascript:alert(1)//https://app.example.com/welcome",
    "data:text/html,https://app.example.com/welcome",
    "ftp://app.example.com/welcome",
    "https://app.example.com/welcome,https://evil.example",
]


@pytest.mark.parametrize("url", GOOD)
def test_what_is_allowed_is_passed_on_as_it_is(url: str) -> None:
    """A URL at or below one of those allowed may have a query."""
    assert Redirects(ALLOWED).check(url) == url


@pytest.mark.parametrize("url", EVIL)
def test_everything_else_is_refused(url: str) -> None:
    """No other host, scheme, port or path, and nothing that browsers and parsers read in different ways."""
    with pytest.raises(InvalidFields) as refused:
        Redirects(ALLOWED).check(url)
    assert refused.value.fields.keys() == {"redirect_to"}


def test_by_default_there_is_nowhere_to_go() -> None:
    """A deployment that allows nothing redirects nobody."""
    with pytest.raises(InvalidFields):
        Redirects(()).check("https://app.example.com/")


@pytest.mark.parametrize(
    "setting",
    [
        "app.example.com",
        "http://app.example.com",
        "https://app.example.com/welcome?query",
        "https://app.example.com/#fragment",
        "https://app.example.com/a/../b",
        "https://*.example.com",
        "https://user@app.example.com",
        "*",
    ],
)
def test_a_setting_that_allows_what_nobody_means_fails_the_deployment(setting: str) -> None:
    """It is refused by name when the function starts."""
    with pytest.raises(InvalidSetting, match="ALLOWED_REDIRECTS"):
        Redirects([*ALLOWED, setting])


@pytest.mark.slow
@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_redirect_elsewhere_is_refused_before_anything_is_stored(
    contract: str, house: House, provider: Provider
) -> None:
    """Every contract says which parameter is wrong, and the browser is not sent away."""
    browser = Browser(house, provider, contract)
    before = states(house)
    for url in ("https://evil.example/", "https://app.example.com/welcome/../", ""):
        reply = browser.start("google", url)
        assert (reply.status, reply.set_cookies, "location" in reply.headers) == (400, (), False)
        assert "redirect_to" in reply.text or speaker(contract, house).error(reply) == "Validation failed"
    assert states(house) == before
    assert browser.start("google", "https://app.example.com/welcome").status == 302


@pytest.mark.slow
def test_a_redirect_that_is_given_twice_is_refused(browser: Browser) -> None:
    """Neither the first nor the last of them is taken."""
    good = "redirect_to=https://app.example.com/welcome"
    reply = browser.house.client("standard").call("oauth", path={"provider": "google"}, query=f"{good}&{good}")
    assert reply.status == 400
