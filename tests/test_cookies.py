"""Session cookies to the letter: what browsers are told, what is stored, how long it lives, and what it costs."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from keyfob.assembly import key_authentication
from keyfob.clock import now
from keyfob.crypto.keys import PublicKeys
from keyfob.errors import InvalidAccessToken
from keyfob.gateway.cookies import clear_cookie, read_cookie, set_cookie
from keyfob.model.permission import Permissions
from keyfob.model.session import COOKIE_RENEWAL_SECONDS, COOKIE_SECONDS, Client, Session, SessionRef
from keyfob.service.access_tokens import AccessTokens
from keyfob.service.authentication import Authenticator
from keyfob.service.keys import Keys
from keyfob.settings import Settings
from keyfob.store.sessions import Sessions
from keyfob.store.sign_ins import SignIns

from local.gateway import rest_event
from local.routes import find_route
from tests.aws_calls import Calls
from tests.contracts.cookies_behaviour import SAME_ORIGIN, Entry, read
from tests.contracts.test_pythonorg import TestPythonorg as Speaker
from tests.house import ISSUER, PASSWORD, House, Reply, reply_of

Item = dict[str, Any]

SCHEMES = ("https", "http")
NAMES = {"https": "__Host-session", "http": "session"}
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")
CLEARED = {
    "https": "__Host-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure",
    "http": "session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
}


@pytest.fixture(scope="module")
def house(tapped_house: House) -> House:
    """A deployment whose calls are tapped."""
    return tapped_house


@pytest.fixture
def speaker(house: House) -> Speaker:
    """A client of document 001's contract."""
    suite = Speaker()
    suite.house, suite.client = house, house.client("pythonorg")
    return suite


class Browser(NamedTuple):
    """Sends requests over one scheme."""

    house: House
    scheme: str

    def send(self, method: str, path: str, cookie: str = "", body: Any = None, **headers: str) -> Reply:
        """Send a request with a whole `Cookie` header, if any."""
        sent = {
            "User-Agent": "tests/1.0",
            **SAME_ORIGIN,
            **({"Cookie": cookie} if cookie else {}),
            **({"Content-Type": "application/json"} if body else {}),
            **headers,
        }
        content = json.dumps(body).encode() if body else b""
        deployment = self.house.deployment
        event = rest_event(
            deployment, "pythonorg", method, path, headers=sent.items(), body=content, scheme=self.scheme
        )
        match = find_route(deployment.routes, method, path)
        assert match is not None
        return reply_of(self.house.runtime.invoke(match.route.function, event))

    def log_in(self, identifier: str) -> str:
        """Log in, and return the value of the cookie, which the browser is told to the letter."""
        reply = self.send("POST", "/api/auth/session/login", body={"username": identifier, "password": PASSWORD})
        assert reply.status == 200
        (header,) = reply.set_cookies
        value = reply.cookies[NAMES[self.scheme]]
        secure = {"https": "; Secure", "http": ""}[self.scheme]
        assert header == f"{NAMES[self.scheme]}={value}; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax{secure}"
        return value

    def me(self, cookie: str) -> int:
        """Return the status of ``me`` with a whole `Cookie` header."""
        return self.send("GET", "/api/auth/me", cookie).status


def stored(house: House, entry: Entry) -> Session:
    """Return a session as it is stored."""
    session = house.sessions.find(read(entry.credential["cookie"]).user_id, entry.session_id)
    assert session is not None
    return session


# What a browser is told


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_cookie_is_bound_as_tightly_as_its_scheme_allows(scheme: str, house: House, speaker: Speaker) -> None:
    """Over HTTPS a cookie is `Secure` and of this host alone; over HTTP, on a laptop, it works as well."""
    browser = Browser(house, scheme)
    value = browser.log_in(speaker.registered()[1])
    cookie = f"{NAMES[scheme]}={value}"
    assert browser.me(cookie) == 200
    reply = browser.send("POST", "/api/auth/session/logout", cookie)
    assert (reply.status, reply.set_cookies) == (200, (CLEARED[scheme],))
    assert browser.me(cookie) == 401


def test_over_https_a_cookie_needs_its_prefix(house: House, speaker: Speaker) -> None:
    """A cookie that another host of the domain can set, or that came over HTTP, is none over HTTPS."""
    browser = Browser(house, "https")
    value = browser.log_in(speaker.registered()[1])
    before = house.everything()
    for name in ("session", "__Secure-session", "__host-session", "__HOST-SESSION", "x__Host-session", "__Host-"):
        assert browser.me(f"{name}={value}") == 401
    assert house.everything() == before
    assert browser.me(f"session=planted; __Host-session={value}") == 200


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_cookie_that_comes_twice_is_none(scheme: str, house: House, speaker: Speaker) -> None:
    """Where somebody has planted a second one, nobody can tell which is right: it is a 401, and nothing is written."""
    browser, name = Browser(house, scheme), NAMES[scheme]
    value, other = browser.log_in(speaker.registered()[1]), browser.log_in(speaker.registered()[1])
    before = house.everything()
    for cookie in (f"{name}={value}; {name}={other}", f"{name}={value}; {name}={value}", f"{name}=; {name}={value}"):
        reply = browser.send("GET", "/api/auth/me", cookie)
        assert (reply.status, reply.headers["www-authenticate"], reply.set_cookies) == (401, "Bearer", ())
    assert house.everything() == before
    assert browser.me(f"a=b; {name}={value}; c") == 200


def test_a_cookie_header_is_read_as_browsers_write_it() -> None:
    """Blanks, quotes, other cookies and what is no pair at all do no harm."""
    for header in ("session=v", "a=b;session=v", ' session="v" ;c=d', "=x; session=v; session2=w", "junk; session=v;;"):
        assert read_cookie(header, "session", "http") == "v"
    for header in ("", ";", "session", "session=", "sessions=v", "a=session=v", "Session=v", "session=v; session=w"):
        assert read_cookie(header, "session", "http") == ""
    assert set_cookie("session", "v", "http", 60) == "session=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"
    assert {scheme: clear_cookie("session", scheme) for scheme in SCHEMES} == CLEARED


# What is stored


def test_the_secret_is_stored_nowhere(house: House, speaker: Speaker) -> None:
    """Whoever reads every table finds no cookie, in no encoding, and no CSRF token: only a digest is there."""
    entry = speaker.with_cookie()
    for endpoint in ("me", "sessions", "end_other_sessions"):
        assert speaker.client.call(endpoint, **entry.credential).status in {200, 204}
    value = entry.credential["cookie"]
    secret = read(value).secret
    assert len(secret) == 32
    everything = json.dumps([house.items(table.name) for table in house.deployment.tables], default=str)
    forms = {
        value,
        value[-40:],
        secret.hex(),
        b64encode(secret).decode().rstrip("="),
        urlsafe_b64encode(secret).decode().rstrip("="),
        entry.reply.headers["x-csrf-token"],
    }
    assert not [form for form in forms if form in everything]
    assert str(stored(house, entry).secret_digest) in everything


def test_secrets_are_new_each_time(speaker: Speaker) -> None:
    """No two cookies share a secret or a session."""
    _, email = speaker.registered()
    cookies = [read(speaker.with_cookie(email).credential["cookie"]) for _ in range(3)]
    assert len({each.secret for each in cookies}) == len({each.session_id for each in cookies}) == 3


# How long it lives


def test_a_cookie_session_lives_for_seven_days_from_its_last_use(house: House, speaker: Speaker) -> None:
    """A use an hour or more after the last noted one is noted, with its IP address, and starts the week anew."""
    entry = speaker.with_cookie()
    session = stored(house, entry)
    assert session.expires_at - session.created_at == COOKIE_SECONDS == 7 * 24 * 3600
    long_ago = now() - 6 * 24 * 3600
    house.change_session(session.user_id, session.id, refreshed_at=long_ago, expires_at=long_ago + COOKIE_SECONDS)
    assert speaker.client.call("me", source_ip="192.0.2.99", **entry.credential).status == 200
    after = stored(house, entry)
    assert now() - 5 <= after.refreshed_at <= now()
    assert after.expires_at == after.refreshed_at + COOKIE_SECONDS
    assert (after.client.ip, after.created_at, after.secret_digest) == (
        "192.0.2.99",
        session.created_at,
        session.secret_digest,
    )


def test_uses_within_the_hour_write_nothing(house: House, speaker: Speaker, calls: Calls) -> None:
    """`me` reads session and user in one round trip; only the first use after an hour writes, and only once."""
    entry = speaker.with_cookie()
    session = stored(house, entry)

    def called_after(seconds: int) -> list[str]:
        house.change_session(session.user_id, session.id, refreshed_at=now() - seconds)
        calls.names.clear()
        assert speaker.client.call("me", **entry.credential).status == 200
        return calls.names.copy()

    assert called_after(COOKIE_RENEWAL_SECONDS - 60) == ["dynamodb.BatchGetItem"]
    assert called_after(COOKIE_RENEWAL_SECONDS) == ["dynamodb.BatchGetItem", "dynamodb.UpdateItem"]
    calls.names.clear()
    assert speaker.client.call("me", **entry.credential).status == 200
    assert calls.names == ["dynamodb.BatchGetItem"]


class Meanwhile(Sessions):
    """Sessions to which something happens just before a use is noted."""

    def __init__(self, house: House, happening: Callable[[Session], None]) -> None:
        """Take what happens."""
        super().__init__(house.dynamodb, house.deployment.functions["me"].environment["SESSIONS_TABLE"])
        self._happening = happening

    def prolong(self, ref: SessionRef, *, now: int, lifetime: int, client: Client) -> Session:
        """Let it happen first."""
        session = self.find(ref.user_id, ref.id)
        assert session is not None
        self._happening(session)
        return super().prolong(ref, now=now, lifetime=lifetime, client=client)


def authenticated(house: House, entry: Entry, happening: Callable[[Session], None]) -> Session:
    """Return the session of a cookie that was last used long ago, if `happening` leaves it alive."""
    session = stored(house, entry)
    house.change_session(session.user_id, session.id, refreshed_at=now() - 2 * COOKIE_RENEWAL_SECONDS)
    environment = house.deployment.functions["me"].environment
    authenticator = Authenticator(
        AccessTokens(ISSUER, Keys(lambda: "", PublicKeys.from_json, now), now),
        SignIns(house.dynamodb, users_table=environment["USERS_TABLE"], sessions_table=environment["SESSIONS_TABLE"]),
        Meanwhile(house, happening),
        key_authentication(house.dynamodb, Settings(environment)),
        Permissions(),
    )
    credential = read(entry.credential["cookie"])
    return authenticator.active(credential, "pythonorg", session.client, now()).signed_in.session


def test_a_use_that_races_with_a_new_password_of_the_same_session_is_good(house: House, speaker: Speaker) -> None:
    """The session was carried over and lives, so nobody is told that it has ended."""
    entry = speaker.with_cookie()

    def carried_over(session: Session) -> None:
        house.change_session(session.user_id, session.id, epoch=session.epoch + 1)

    assert authenticated(house, entry, carried_over).id == entry.session_id


def test_a_use_that_races_with_the_end_of_its_session_does_not_bring_it_back(house: House, speaker: Speaker) -> None:
    """A session that was ended, or has expired, just before its use is noted stays over."""
    for happening in (
        lambda session: house.sessions.end(session.user_id, session.id),
        lambda session: house.change_session(session.user_id, session.id, expires_at=now()),
    ):
        entry = speaker.with_cookie()
        with pytest.raises(InvalidAccessToken):
            authenticated(house, entry, happening)
        assert not speaker.is_live(entry)


def test_a_refusal_writes_nothing(house: House, speaker: Speaker, calls: Calls) -> None:
    """Neither a wrong secret, nor another site's request, nor an inactive user's keeps a session alive."""
    entry = speaker.with_cookie()
    session = stored(house, entry)
    house.change_session(session.user_id, session.id, refreshed_at=now() - 2 * COOKIE_RENEWAL_SECONDS)
    cookie = entry.credential["cookie"]
    forged = cookie[:-4] + ("AAAA" if cookie[-4:] != "AAAA" else "BBBB")
    calls.names.clear()
    assert speaker.client.call("me", cookie=forged).status == 401
    assert (
        speaker.client.call("end_other_sessions", cookie=cookie, headers={"Sec-Fetch-Site": "cross-site"}).status == 403
    )
    house.change_user(session.user_id, is_active=False)
    assert speaker.client.call("me", **entry.credential).status == 403
    assert not [name for name in calls.names if name.endswith(WRITES)]


def test_a_cookie_that_is_none_costs_no_read(speaker: Speaker, calls: Calls) -> None:
    """A flood of nonsense does not reach the tables."""
    calls.names.clear()
    for cookie in ("x", "A" * 86 + "=", "A" * 85, "A" * 87, "\u00e9" * 86, "A" * 10_000):
        assert speaker.client.call("me", cookie=cookie).status == 401
    assert calls.names == []
