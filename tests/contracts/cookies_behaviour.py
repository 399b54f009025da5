"""Cookie sessions, the same on every contract. Each contract's suite inherits this."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from keyfob.clock import now
from keyfob.gateway.session_cookie import read_session_cookie, session_cookie_value
from keyfob.model.credentials import SessionCookie
from keyfob.model.user import User

from tests.contracts.behaviour import Behaviour
from tests.house import PASSWORD, SESSION_COOKIE, Reply

KINDS = ("bearer", "cookie")
SAME_ORIGIN: Mapping[str, str] = MappingProxyType({"Sec-Fetch-Site": "same-origin"})
CLEARED = (f"{SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure",)
PROTECTED: Mapping[str, int] = MappingProxyType(
    {
        "me": 200,
        "sessions": 200,
        "update_me": 200,
        "change_password": 400,
        "end_session": 404,
        "end_other_sessions": 204,
        "delete_me": 204,
        "session_logout": 200,
        "logout": 200,
    }
)
"""What an empty object gets of each endpoint that is for those who are signed in, which know no session ``none``."""

NOWHERE = {"session_id": "none"}


class Entry(NamedTuple):
    """A session as its owner holds it: its id, what to send with a call, and the reply that began it."""

    session_id: str
    credential: Mapping[str, Any]
    reply: Reply


def read(cookie: str) -> SessionCookie:
    """Return what the value of a session cookie holds."""
    content = read_session_cookie(cookie)
    assert content is not None
    return content


class CookieBehaviour(Behaviour):
    """Signing in for a cookie, and being signed in with it."""

    def sentence(self, message: str) -> dict[str, Any]:
        """Return what is answered where there is nothing to show but a sentence."""
        return {"message": message}

    def entered(self, kind: str, identifier: str, **options: Any) -> Entry:
        """Sign somebody in for a session of this kind."""
        body = self.login_body(identifier, PASSWORD)
        reply = self.client.call("login" if kind == "bearer" else "session_login", body, **options)
        assert reply.status == 200, reply.text
        if kind == "bearer":
            token = self.access_token(reply)
            return Entry(self.claims(token)["sid"], {"token": token}, reply)
        cookie = reply.cookies[SESSION_COOKIE]
        return Entry(read(cookie).session_id, {"cookie": cookie, "headers": SAME_ORIGIN}, reply)

    def with_cookie(self, identifier: str = "") -> Entry:
        """Sign somebody in for a cookie: the one with this identifier, or somebody new."""
        return self.entered("cookie", identifier or self.registered()[1])

    def stored(self, identifier: str) -> User:
        """Return a user as it is stored."""
        user = self.house.users.find(identifier)
        assert user is not None
        return user

    def is_live(self, entry: Entry) -> bool:
        """Tell whether a session is."""
        status = self.client.call("me", **entry.credential).status
        assert status in {200, 401}
        return status == 200

    def log_outs(self) -> tuple[str, ...]:
        """Return the endpoints that log out whoever holds a cookie."""
        return ("session_logout",) if self.spec.logout_takes_refresh_token else ("session_logout", "logout")

    # Signing in

    def test_a_session_login_gives_a_cookie_and_no_token(self) -> None:
        """The answer is a sentence, a cookie that scripts cannot read, and the CSRF token that they need."""
        username, email = self.registered()
        reply = self.client.call("session_login", self.login_body(email, PASSWORD))
        assert (reply.status, self.payload(reply)) == (200, self.sentence("Successfully logged in"))
        (header,) = reply.set_cookies
        assert header.partition(";")[2] == " Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure"
        assert reply.headers["x-csrf-token"]
        me = self.client.call("me", cookie=reply.cookies[SESSION_COOKIE])
        assert me.status == 200
        self.check_user(me.json, username, email)

    def test_a_failed_session_login_fails_as_a_login_does(self) -> None:
        """Wrong password and unknown user are one 401, an inactive user is a 403, and no cookie is set or cleared."""
        _, email = self.registered()
        user = self.stored(email)
        here = self.with_cookie(email)
        replies = [
            self.client.call("session_login", self.login_body(*credentials), **here.credential)
            for credentials in [(email, "wrong-password"), ("nobody@example.com", PASSWORD)]
        ]
        assert {(reply.status, self.error(reply)) for reply in replies} == {(401, self.bad_login)}
        self.house.change_user(user.id, is_active=False)
        inactive = self.client.call("session_login", self.login_body(email, PASSWORD), **here.credential)
        assert (inactive.status, self.error(inactive)) == (403, "Account is inactive")
        assert {reply.set_cookies for reply in (*replies, inactive)} == {()}
        self.house.change_user(user.id, is_active=True)
        assert self.is_live(here)

    def test_each_session_login_makes_another_session_and_ends_the_browsers_old_one(self) -> None:
        """The id changes at login, so a planted one is worth nothing; other browsers stay signed in."""
        _, email = self.registered()
        elsewhere, before = self.with_cookie(email), self.with_cookie(email)
        after = self.entered("cookie", email, **before.credential)
        assert after.session_id != before.session_id
        assert read(after.credential["cookie"]).secret != read(before.credential["cookie"]).secret
        assert [self.is_live(entry) for entry in (elsewhere, before, after)] == [True, False, True]

    def test_a_session_login_ends_no_session_whose_secret_the_browser_does_not_have(self) -> None:
        """Knowing the ids of a session is not enough to end it."""
        _, email = self.registered()
        victim = self.with_cookie()
        guess = read(victim.credential["cookie"])._replace(secret=bytes(32))
        self.entered("cookie", email, cookie=session_cookie_value(guess))
        assert self.is_live(victim)

    # Being signed in

    @pytest.mark.parametrize("endpoint", PROTECTED)
    def test_every_protected_endpoint_takes_a_cookie(self, endpoint: str) -> None:
        """A cookie is as good as a bearer token, everywhere; without either it is a 401."""
        expected = 400 if endpoint == "logout" and self.spec.logout_takes_refresh_token else PROTECTED[endpoint]
        reply = self.client.call(endpoint, {}, path=NOWHERE, **self.with_cookie().credential)
        assert reply.status == expected
        if expected != 400 or endpoint != "logout":
            anonymous = self.client.call(endpoint, {}, path=NOWHERE)
            assert (anonymous.status, self.error(anonymous)) == (401, self.bad_access)
            assert anonymous.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize("endpoint", ["me", "sessions", "update_me", "end_other_sessions"])
    def test_each_answer_sets_the_cookie_anew(self, endpoint: str) -> None:
        """The browser keeps the cookie for seven days from its last use, and always knows the CSRF token."""
        here = self.with_cookie()
        reply = self.client.call(endpoint, {}, **here.credential)
        assert reply.set_cookies == here.reply.set_cookies
        assert reply.headers["x-csrf-token"] == here.reply.headers["x-csrf-token"]

    @pytest.mark.parametrize("flaw", ["secret", "session", "user", "length", "empty", "nonsense", "padded", "another"])
    def test_a_cookie_that_is_not_quite_right_is_worth_nothing(self, flaw: str) -> None:
        """Whatever of a cookie is wrong, it is a 401 with a challenge, nothing is written and no cookie is set."""
        _, email = self.registered()
        here, elsewhere = self.with_cookie(), self.with_cookie(email)
        value = here.credential["cookie"]
        own, other = read(value), read(elsewhere.credential["cookie"])
        token_session = self.claims(self.access_token(self.logged_in(email)))
        flaws: Mapping[str, Callable[[], str]] = {
            "secret": lambda: session_cookie_value(own._replace(secret=other.secret)),
            "session": lambda: session_cookie_value(own._replace(session_id=other.session_id)),
            "user": lambda: session_cookie_value(own._replace(user_id=other.user_id)),
            "length": lambda: value[:-4],
            "empty": lambda: '""',
            "nonsense": lambda: "\u00e9; =; ;;",
            "padded": lambda: value + "=" * (-len(value) % 4 or 4),
            "another": lambda: session_cookie_value(
                SessionCookie(token_session["sub"], token_session["sid"], own.secret)
            ),
        }
        before = self.house.everything()
        for endpoint in ("me", "end_other_sessions"):
            reply = self.client.call(endpoint, cookie=flaws[flaw](), headers=SAME_ORIGIN)
            assert (reply.status, reply.set_cookies) == (401, ())
            assert reply.headers["www-authenticate"] == "Bearer"
            assert self.error(reply)
        assert self.house.everything() == before
        assert self.is_live(here)

    def test_a_cookie_is_good_for_its_own_contract_alone(self) -> None:
        """All contracts may share a host, and with it a browser's cookies; their sessions are not shared."""
        here = self.with_cookie()
        other = self.house.client("reference" if self.contract != "reference" else "metatag")
        for endpoint in ("me", "session_logout"):
            assert other.call(endpoint, **here.credential).status == 401
        assert self.is_live(here)

    def test_a_bearer_token_wins_over_a_cookie(self) -> None:
        """With an `Authorization` that is bad the cookie does not count, and with a good one it need not be good."""
        here, there = self.with_cookie(), self.entered("bearer", self.registered()[1])
        cookie = here.credential["cookie"]
        for authorization in ("Bearer x.y.z", "Basic dXNlcjpwYXNz", "Bearer"):
            assert self.client.call("me", cookie=cookie, headers={"Authorization": authorization}).status == 401
        both, alone = (self.client.call("me", cookie=each, **there.credential) for each in (cookie, ""))
        assert self.payload(both) == self.payload(alone) != self.payload(self.client.call("me", cookie=cookie))
        assert both.set_cookies == ()

    def test_an_expired_session_is_over_although_it_is_still_stored(self) -> None:
        """Expiry is checked on every read, since TTL deletes late, and no use brings a session back."""
        here = self.with_cookie()
        user_id = read(here.credential["cookie"]).user_id
        self.house.change_session(user_id, here.session_id, expires_at=now(), refreshed_at=now() - 4000)
        before = self.house.everything()
        for endpoint in ("me", "sessions", "session_logout"):
            assert self.client.call(endpoint, **here.credential).status == 401
        assert self.house.everything() == before

    def test_an_inactive_user_is_told_so_and_can_only_log_out(self) -> None:
        """A deactivated user's cookie is a 403, and its session can be ended by its owner."""
        here = self.with_cookie()
        user_id = read(here.credential["cookie"]).user_id
        self.house.change_user(user_id, is_active=False)
        reply = self.client.call("me", **here.credential)
        assert (reply.status, self.error(reply)) == (403, "Account is inactive")
        assert self.client.call("session_logout", **here.credential).status == 200
        self.house.change_user(user_id, is_active=True)
        assert not self.is_live(here)

    # Signing out

    def test_a_logout_ends_the_session_and_clears_the_cookie(self) -> None:
        """By either way, the session is over, the browser forgets its cookie, and other sessions stay."""
        _, email = self.registered()
        elsewhere = self.with_cookie(email)
        for endpoint in self.log_outs():
            here = self.with_cookie(email)
            reply = self.client.call(endpoint, **here.credential)
            assert (reply.status, self.payload(reply)) == (200, self.sentence("Successfully logged out"))
            assert reply.set_cookies == CLEARED
            assert "x-csrf-token" not in reply.headers
            assert not self.is_live(here)
            assert self.client.call(endpoint, **here.credential).status == 401
        assert self.is_live(elsewhere)

    def test_a_bearer_token_logs_out_of_its_own_session_alone(self) -> None:
        """`session/logout` takes tokens as well, and leaves a cookie that was sent along with its session."""
        _, email = self.registered()
        here, there = self.with_cookie(email), self.entered("bearer", email)
        reply = self.client.call("session_logout", cookie=here.credential["cookie"], **there.credential)
        assert (reply.status, reply.set_cookies) == (200, ())
        assert [self.is_live(entry) for entry in (here, there)] == [True, False]

    def test_a_logout_by_token_leaves_the_cookie_of_another_session(self) -> None:
        """What `logout` ends is the session of the token; the browser keeps the cookie of the other, which lives."""
        _, email = self.registered()
        here, there = self.with_cookie(email), self.entered("bearer", email)
        by_body = self.spec.logout_takes_refresh_token
        body = self.refresh_body(self.refresh_token(there.reply)) if by_body else None
        token = "" if by_body else there.credential["token"]
        reply = self.client.call("logout", body, token=token, cookie=here.credential["cookie"])
        assert (reply.status, reply.set_cookies) == (200, ())
        assert [self.is_live(entry) for entry in (here, there)] == [True, False]
