"""Cross-site request forgery: who may send a session cookie along, from where, and with what proof."""

from typing import NamedTuple

import pytest

from tests.contracts.cookies_behaviour import Entry
from tests.contracts.test_pythonorg import TestPythonorg as Speaker
from tests.house import ORIGIN, PASSWORD, House

HOST = "auth.example.com"
REFUSAL = "Cross-site request refused: send an Origin of this site, or X-CSRF-Token"
OWN = f"https://{HOST}"
FOREIGN = [
    "https://evil.example",
    "http://auth.example.com",
    "https://auth.example.com:8443",
    "https://auth.example.com.evil.example",
    "https://evil-auth.example.com",
    "https://example.com",
    "https://www.auth.example.com",
    "https://auth.example.com/",
    "https://auth.example.com@evil.example",
    "HTTPS://AUTH.EXAMPLE.COM",
    "https://app.example.com.evil.example",
    "http://app.example.com",
    "https://app.example.com:444",
    "https://auth.example.com https://evil.example",
    "",
    "*",
]
UNSAFE = (
    "change_password",
    "delete_me",
    "end_other_sessions",
    "end_session",
    "logout",
    "session_logout",
    "update_me",
)


class Sent(NamedTuple):
    """What a request tells of where it comes from; an empty text is not sent."""

    site: str = ""
    origin: str = ""


OURS = [
    Sent("same-origin"),
    Sent("none"),
    Sent(origin=OWN),
    Sent(origin=ORIGIN),
    Sent("same-origin", OWN),
    Sent("cross-site", ORIGIN),
    Sent("same-site", ORIGIN),
    Sent("same-origin", "null"),
]
OTHERS = [
    Sent("cross-site"),
    Sent("same-site"),
    Sent("cross-site", "null"),
    Sent("same-site", "null"),
    Sent(origin="null"),
    Sent("cross-site", "https://evil.example"),
    Sent("same-site", "https://www.example.com"),
    Sent("same-origin", "https://evil.example"),
    Sent("none", "https://evil.example"),
]
UNKNOWN = [Sent(), Sent("nonsense"), Sent("SAME-ORIGIN"), Sent("same-origin, cross-site")]
"""What says neither that it comes from a page of ours nor that it does not."""


@pytest.fixture(scope="module")
def speaker(house: House) -> Speaker:
    """A client of document 001's contract."""
    suite = Speaker()
    suite.house, suite.client = house, house.client("pythonorg")
    return suite


@pytest.fixture(scope="module")
def entry(speaker: Speaker) -> Entry:
    """Somebody who is signed in with a cookie."""
    return speaker.with_cookie()


def headers_of(sent: Sent, token: str = "") -> dict[str, str]:
    """Return the headers of a request that tells this."""
    return {
        "Host": HOST,
        **({"Sec-Fetch-Site": sent.site} if sent.site else {}),
        **({"Origin": sent.origin} if sent.origin else {}),
        **({"X-CSRF-Token": token} if token else {}),
    }


def status(speaker: Speaker, entry: Entry, headers: dict[str, str], endpoint: str = "end_other_sessions") -> int:
    """Return the status of a request with a cookie, and check that a refusal says why."""
    reply = speaker.client.call(endpoint, cookie=entry.credential["cookie"], headers=headers)
    if reply.status == 403:
        assert speaker.error(reply) == REFUSAL
        assert reply.set_cookies == ()
        assert "x-csrf-token" not in reply.headers
    return reply.status


def post_me(speaker: Speaker, entry: Entry, headers: dict[str, str]) -> int:
    """Return the status of document 001's ``POST /me`` with a cookie."""
    cookie = f"__Host-session={entry.credential['cookie']}"
    return speaker.client.send("POST", "/api/auth/me", headers={"Cookie": cookie, **headers}).status


# Changing something


@pytest.mark.parametrize("sent", OURS, ids=str)
def test_a_page_of_ours_may_change_something(sent: Sent, speaker: Speaker, entry: Entry) -> None:
    """What the browser says of the page is enough: no token is needed."""
    assert status(speaker, entry, headers_of(sent)) == 204


@pytest.mark.parametrize("sent", [*OTHERS, *UNKNOWN], ids=str)
def test_without_proof_nothing_is_changed(sent: Sent, speaker: Speaker, entry: Entry) -> None:
    """Neither another site's page nor who says nothing of where it comes from may change something."""
    before = speaker.house.everything()
    assert status(speaker, entry, headers_of(sent)) == 403
    assert speaker.house.everything() == before


@pytest.mark.parametrize("origin", FOREIGN)
def test_origins_that_only_look_like_ours_are_others(origin: str, speaker: Speaker, entry: Entry) -> None:
    """An origin is compared as a whole: scheme, host and port."""
    assert status(speaker, entry, {"Host": HOST, "Origin": origin}) == 403


@pytest.mark.parametrize("sent", [*OURS, *OTHERS, *UNKNOWN], ids=str)
def test_the_csrf_token_proves_it_too(sent: Sent, speaker: Speaker, entry: Entry) -> None:
    """Only who can read our answers has the token, so where the request comes from does not matter then."""
    token = entry.reply.headers["x-csrf-token"]
    assert status(speaker, entry, headers_of(sent, token)) == 204


@pytest.mark.parametrize("sent", [Sent(), Sent("cross-site"), Sent("cross-site", "https://evil.example")], ids=str)
def test_another_token_proves_nothing(sent: Sent, speaker: Speaker, entry: Entry) -> None:
    """The token of another session, of another user, a part of it and nonsense are worth nothing."""
    token = entry.reply.headers["x-csrf-token"]
    others = [speaker.with_cookie(), speaker.with_cookie()]
    for wrong in (
        *(each.reply.headers["x-csrf-token"] for each in others),
        token[:-1],
        token + "A",
        "x",
        "\u00e9",
        "=",
    ):
        assert status(speaker, entry, headers_of(sent, wrong)) == 403


def test_a_wrong_token_does_not_harm_a_page_of_ours(speaker: Speaker, entry: Entry) -> None:
    """A page that has been open since before the last login still works."""
    assert status(speaker, entry, headers_of(Sent("same-origin", OWN), "stale")) == 204


@pytest.mark.parametrize("endpoint", UNSAFE)
def test_every_endpoint_that_changes_something_asks_for_proof(endpoint: str, speaker: Speaker, entry: Entry) -> None:
    """No such endpoint has been forgotten, and a refusal changes nothing."""
    before = speaker.house.everything()
    for sent in (Sent(), Sent("cross-site", "https://evil.example")):
        reply = speaker.client.call(
            endpoint,
            {},
            path={"session_id": entry.session_id},
            cookie=entry.credential["cookie"],
            headers=headers_of(sent),
        )
        assert (reply.status, speaker.error(reply)) == (403, REFUSAL)
    assert speaker.house.everything() == before


def test_a_bearer_token_needs_no_proof(speaker: Speaker) -> None:
    """No browser sends a bearer token by itself, so it proves itself, wherever the request comes from."""
    token = speaker.access_token(speaker.logged_in())
    for sent in (*OTHERS, *UNKNOWN):
        reply = speaker.client.call("end_other_sessions", token=token, headers=headers_of(sent))
        assert (reply.status, "x-csrf-token" in reply.headers) == (204, False)


# Reading


@pytest.mark.parametrize("endpoint", ["me", "sessions"])
def test_reading_needs_no_proof(endpoint: str, speaker: Speaker, entry: Entry) -> None:
    """A GET changes nothing, and the browser keeps its answer from other sites' scripts."""
    for sent in (*OURS, *OTHERS, *UNKNOWN):
        assert status(speaker, entry, headers_of(sent), endpoint) == 200


def test_posting_to_me_is_refused_only_to_other_sites(speaker: Speaker, entry: Entry) -> None:
    """Document 001's client posts to `me` without saying where it comes from; a browser does say so."""
    assert {post_me(speaker, entry, headers_of(sent)) for sent in (*OURS, *UNKNOWN)} == {200}
    assert {post_me(speaker, entry, headers_of(sent)) for sent in OTHERS} == {403}
    assert {post_me(speaker, entry, {"Host": HOST, "Origin": origin}) for origin in FOREIGN} == {403}


# Logging in


def test_no_other_site_logs_anybody_in(speaker: Speaker) -> None:
    """Another site cannot sign a browser in as somebody of its choice; what is no browser says nothing, and may."""
    _, email = speaker.registered()
    body = speaker.login_body(email, PASSWORD)

    def logging_in(headers: dict[str, str]) -> int:
        reply = speaker.client.call("session_login", body, headers=headers)
        assert bool(reply.set_cookies) == (reply.status == 200)
        return reply.status

    assert {logging_in(headers_of(sent)) for sent in (*OURS, *UNKNOWN)} == {200}
    before = speaker.house.everything()
    assert {logging_in(headers_of(sent)) for sent in OTHERS} == {403}
    assert {logging_in({"Host": HOST, "Origin": origin}) for origin in FOREIGN} == {403}
    assert speaker.house.everything() == before


# Scripts of other origins


def test_scripts_of_allowed_origins_may_send_cookies_and_read_the_token(speaker: Speaker, entry: Entry) -> None:
    """The origin is named, never a wildcard; credentials are allowed; the CSRF token may be read and sent."""
    cookie = entry.credential["cookie"]
    reply = speaker.client.call("me", cookie=cookie, headers={"Host": HOST, "Origin": ORIGIN})
    assert reply.headers["access-control-allow-origin"] == ORIGIN
    assert reply.headers["access-control-allow-credentials"] == "true"
    assert "X-CSRF-Token" in reply.headers["access-control-expose-headers"].split(", ")
    asked = {"Host": HOST, "Origin": ORIGIN, "Access-Control-Request-Method": "DELETE"}
    preflight = speaker.client.send("OPTIONS", "/api/auth/sessions", headers=asked)
    assert preflight.headers["access-control-allow-credentials"] == "true"
    assert "DELETE" in preflight.headers["access-control-allow-methods"].split(", ")
    assert "X-CSRF-Token" in preflight.headers["access-control-allow-headers"].split(", ")


@pytest.mark.parametrize("origin", ["null", *FOREIGN])
def test_scripts_of_other_origins_read_nothing(origin: str, speaker: Speaker, entry: Entry) -> None:
    """Neither a granted origin nor credentials are named, and caches are told that the origin matters."""
    reply = speaker.client.call("me", cookie=entry.credential["cookie"], headers={"Host": HOST, "Origin": origin})
    assert not {name for name in reply.headers if name.startswith("access-control-")}
    assert reply.headers["vary"] == "Origin"
