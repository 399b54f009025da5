"""A user's own sessions, seen and ended, the same on every contract. Each contract's suite inherits this."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple
from uuid import uuid4

import pytest
from keyfob.clock import iso, now
from keyfob.model.session import Client as Device
from keyfob.model.user import User
from keyfob.service.sessions import new_cookie_session, new_session

from tests.contracts.behaviour import UUID
from tests.contracts.cookies_behaviour import CLEARED, KINDS, CookieBehaviour, Entry
from tests.house import PASSWORD, Reply
from tests.logs import logged

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0"
NEW_PASSWORD = "another good passphrase"
LIMIT = 50


class Listed(NamedTuple):
    """A session as it is shown."""

    id: str
    device: str
    user_agent: str
    ip: str
    created_at: str
    last_used_at: str
    current: bool


class SessionsBehaviour(CookieBehaviour):
    """Listing sessions, ending them, and changing the password."""

    session_keys: ClassVar[tuple[str, ...]] = Listed._fields
    new_password_field: ClassVar[str] = "new_password"

    def password_change_body(self, current: str, new: str) -> dict[str, Any]:
        """Return a body of ``change_password``."""
        return {"current_password": current, "new_password": new}

    def page(self, reply: Reply) -> tuple[list[Listed], str | None]:
        """Return a page's sessions and the cursor of the next one, after checking its shape to the letter."""
        assert reply.status == 200, reply.text
        shown = self.payload(reply)
        assert shown.keys() == {"sessions", self.cursor_key}
        assert {tuple(each) for each in shown["sessions"]} <= {self.session_keys}
        return [Listed(*each.values()) for each in shown["sessions"]], shown[self.cursor_key]

    def sessions(self, entry: Entry) -> list[Listed]:
        """Return what whoever holds this session sees."""
        return self.page(self.client.call("sessions", **entry.credential))[0]

    def end(self, session_id: str, entry: Entry) -> Reply:
        """Have a session ended by who holds another, or that one."""
        return self.client.call("end_session", path={"session_id": session_id}, **entry.credential)

    def refreshed(self, entry: Entry) -> int:
        """Return the status of refreshing a session with the token that began it."""
        return self.client.call("refresh", self.refresh_body(self.refresh_token(entry.reply))).status

    def everywhere(self) -> tuple[str, dict[str, Entry]]:
        """Register somebody and sign it in twice by each kind; return its email address and its sessions."""
        _, email = self.registered()
        return email, {f"{kind} {place}": self.entered(kind, email) for kind in KINDS for place in ("here", "there")}

    def live(self, entries: Mapping[str, Entry]) -> set[str]:
        """Return which of these sessions are live."""
        return {name for name, entry in entries.items() if self.is_live(entry)}

    # Seeing

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_user_sees_where_it_is_signed_in(self, kind: str) -> None:
        """Each session has a device's readable name, where it was used from and when, and this one is marked."""
        _, email = self.registered()
        began = now()
        laptop = self.entered("bearer", email, headers={"User-Agent": FIREFOX}, source_ip="192.0.2.44")
        here = self.entered(kind, email, source_ip="2001:db8::7")
        shown = {each.id: each for each in self.sessions(here)}
        assert shown[laptop.session_id][:4] == (laptop.session_id, "Firefox on Windows", FIREFOX, "192.0.2.44")
        assert shown[here.session_id][:4] == (here.session_id, "tests", "tests/1.0", "2001:db8::7")
        assert {each.id for each in shown.values() if each.current} == {here.session_id}
        moments = {iso(second) for second in range(began, now() + 1)}
        for entry in (laptop, here):
            assert {shown[entry.session_id].created_at, shown[entry.session_id].last_used_at} <= moments

    def test_the_session_used_last_comes_first(self) -> None:
        """Sessions are in the order of their last use, and tell when that was."""
        email, entries = self.everywhere()
        ids = [entry.session_id for entry in entries.values()]
        for age, session_id in enumerate(ids):
            self.house.change_session(self.stored(email).id, session_id, refreshed_at=now() - 100 * age)
        shown = [each for each in self.sessions(entries["cookie here"]) if each.id in ids]
        assert [each.id for each in shown] == ids
        assert [each.last_used_at for each in shown] == sorted((each.last_used_at for each in shown), reverse=True)

    def test_nobody_sees_what_is_another_users_or_over(self) -> None:
        """Sessions of others, expired ones, ended ones and those of an earlier epoch are not shown."""
        email, entries = self.everywhere()
        self.everywhere()
        user = self.stored(email)
        expired, ended = entries["bearer there"], entries["cookie there"]
        self.house.change_session(user.id, expired.session_id, expires_at=now())
        self.house.sessions.end(user.id, ended.session_id)
        early = new_session(user, self.spec.tokens, Device("192.0.2.1", ""), now())
        self.house.sessions.add(early)
        self.house.change_session(user.id, early.id, epoch=user.session_epoch + 1)
        shown = {each.id for each in self.sessions(entries["bearer here"])}
        live = {entries[name].session_id for name in ("bearer here", "cookie here")}
        assert live <= shown
        assert len(shown - live) == self.spec.registration_logs_in
        assert shown <= {
            item["session_id"]["S"] for item in self.house.items("SessionsTable") if item["user_id"]["S"] == user.id
        }

    def test_many_sessions_come_in_pages(self) -> None:
        """A cursor leads from page to page, and every session is on one of them, once."""
        here = self.with_cookie(self.registered()[1])
        user = self.user_of(here)
        known = {each.id for each in self.sessions(here)}
        for _ in range(2 * LIMIT):
            session = new_session(user, self.spec.tokens, Device("192.0.2.1", "curl/8.5.0"), now())
            self.house.sessions.add(session)
            known.add(session.id)
        pages, cursor = [], ""
        while True:
            query = f"cursor={cursor}" if cursor else ""
            listed, following = self.page(self.client.call("sessions", query=query, **here.credential))
            pages.append([each.id for each in listed])
            if following is None:
                break
            cursor = following
        assert [len(page) for page in pages] == [LIMIT, LIMIT, len(known) - 2 * LIMIT]
        assert {each for page in pages for each in page} == known

    def user_of(self, entry: Entry) -> User:
        """Return whose session this is, as it is stored."""
        (user_id,) = {
            item["user_id"]["S"]
            for item in self.house.items("SessionsTable")
            if item["session_id"]["S"] == entry.session_id
        }
        user = self.house.users.get(user_id)
        assert user is not None
        return user

    @pytest.mark.parametrize("cursor", ["x", "%00", "a" * 5000, "00000000-0000-0000-0000-00000000000G", "%C3%A9"])
    def test_a_cursor_that_no_page_gave_is_told(self, cursor: str) -> None:
        """A cursor that is none is a 400 that says so."""
        reply = self.client.call("sessions", query=f"cursor={cursor}", **self.with_cookie().credential)
        assert (reply.status, self.error(reply)) == (400, "Cursor is not one that a page gave")

    def test_a_cursor_leads_nowhere_in_another_users_sessions(self) -> None:
        """Who takes another's cursor goes on in its own sessions, if anywhere."""
        mine, yours = self.with_cookie(), self.with_cookie()
        query = f"cursor={yours.session_id}"
        listed, _ = self.page(self.client.call("sessions", query=query, **mine.credential))
        assert {each.id for each in listed} <= {each.id for each in self.sessions(mine)}

    # Ending one

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("other", KINDS)
    def test_a_user_ends_one_of_its_sessions(self, kind: str, other: str) -> None:
        """The session that is named is over at once, tokens and cookies alike, and no other; then it is not found."""
        _, entries = self.everywhere()
        here, there = entries[f"{kind} here"], entries[f"{other} there"]
        reply = self.end(there.session_id, here)
        assert (reply.status, reply.text) == (204, "")
        assert reply.set_cookies != CLEARED
        assert self.live(entries) == entries.keys() - {f"{other} there"}
        if other == "bearer":
            assert self.refreshed(there) == 401
        again = self.end(there.session_id, here)
        assert (again.status, self.error(again)) == (404, "Resource not found")

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_user_may_end_the_session_it_holds(self, kind: str) -> None:
        """Ending the current session is a logout: nobody is signed in any more, and a cookie is cleared."""
        _, entries = self.everywhere()
        here = entries[f"{kind} here"]
        reply = self.end(here.session_id, here)
        assert (reply.status, reply.set_cookies) == (204, CLEARED if kind == "cookie" else ())
        assert self.live(entries) == entries.keys() - {f"{kind} here"}

    def test_nobody_ends_another_users_session(self) -> None:
        """Another's session is not found, as one that does not exist, and nothing changes."""
        mine, yours = self.with_cookie(), self.with_cookie()
        before = self.house.everything()
        for session_id in (yours.session_id, str(uuid4()), "none", mine.session_id.upper(), "%00", "a%2Fb", "x" * 3000):
            reply = self.end(session_id, mine)
            assert (reply.status, self.error(reply)) == (404, "Resource not found")
        assert self.house.everything() == before
        assert self.is_live(yours)

    def test_a_session_that_is_over_cannot_be_ended(self) -> None:
        """An expired session is not found, although it is still stored."""
        email, entries = self.everywhere()
        there = entries["bearer there"].session_id
        self.house.change_session(self.stored(email).id, there, expires_at=now())
        assert self.end(there, entries["cookie here"]).status == 404

    # Ending all others

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_user_ends_all_other_sessions_at_once(self, kind: str) -> None:
        """The session that asks goes on, all others are over; their refresh tokens are bad; no theft is reported."""
        email, entries = self.everywhere()
        here = entries[f"{kind} here"]
        reply = self.client.call("end_other_sessions", **here.credential)
        assert (reply.status, reply.text) == (204, "")
        self.assert_alone(f"{kind} here", entries)
        assert self.is_live(self.entered("cookie", email))
        assert self.client.call("end_other_sessions", **here.credential).status == 204

    def assert_alone(self, name: str, entries: Mapping[str, Entry]) -> None:
        """Check that of these sessions the one called `name` is the only live one, in every respect."""
        assert self.live(entries) == {name}
        with logged() as log:
            statuses = {each: self.refreshed(entry) for each, entry in entries.items() if each.startswith("bearer")}
        assert statuses == {each: 200 if each == name else 401 for each in statuses}
        assert "refresh_token_reused" not in {entry["message"] for entry in log.entries()}
        assert [each.id for each in self.sessions(entries[name])] == [entries[name].session_id]

    # Changing the password

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_new_password_ends_all_other_sessions(self, kind: str) -> None:
        """With a new password this session goes on, all others are over, and the old password is worth nothing."""
        email, entries = self.everywhere()
        here = entries[f"{kind} here"]
        reply = self.client.call(
            "change_password", self.password_change_body(PASSWORD, NEW_PASSWORD), **here.credential
        )
        assert (reply.status, self.payload(reply)) == (200, self.sentence("Password changed successfully"))
        self.assert_alone(f"{kind} here", entries)
        statuses = [self.client.call("login", self.login_body(email, each)).status for each in (PASSWORD, NEW_PASSWORD)]
        assert statuses == [401, 200]

    def test_a_login_that_raced_with_the_change_leaves_no_live_session(self) -> None:
        """Who proved the old password before the change, and got its session stored after it, is not signed in."""
        email, entries = self.everywhere()
        as_read_before = self.stored(email)
        body = self.password_change_body(PASSWORD, NEW_PASSWORD)
        assert self.client.call("change_password", body, **entries["cookie here"].credential).status == 200
        device = Device("192.0.2.1", "late")
        late = new_session(as_read_before, self.spec.tokens, device, now())
        late_cookie = new_cookie_session(as_read_before, self.contract, device, now())
        for session in (late, late_cookie.session):
            self.house.sessions.add(session)
        tokens = self.house.issuer.issue(as_read_before, late, self.spec.tokens, now())
        assert self.me(tokens.access_token).status == 401
        assert self.client.call("refresh", self.refresh_body(tokens.refresh_token)).status == 401
        assert {late.id, late_cookie.session.id} & {each.id for each in self.sessions(entries["cookie here"])} == set()

    @pytest.mark.parametrize("current", ["wrong-password", "", PASSWORD.upper(), "x" * 50_000])
    def test_the_current_password_is_needed(self, current: str) -> None:
        """Whoever finds a device unlocked cannot take the account over: nothing changes."""
        _, entries = self.everywhere()
        before = self.house.everything()
        body = self.password_change_body(current, NEW_PASSWORD)
        reply = self.client.call("change_password", body, **entries["bearer here"].credential)
        assert (reply.status, self.error(reply)) == (400, "Current password is incorrect")
        assert self.house.everything() == before

    def test_a_new_password_is_one_that_its_user_may_choose(self) -> None:
        """The policy is that of registering; the answer says what is wrong, and nothing changes."""
        email, entries = self.everywhere()
        field = self.new_password_field
        complaints = {
            "short12": f"{field} must be at least 8 characters",
            "x" * 129: f"{field} must be at most 128 characters",
            "password123": "Password is too common",
            email.upper(): "Password must not be your email or username",
        }
        before = self.house.everything()
        for password, complaint in complaints.items():
            body = self.password_change_body(PASSWORD, password)
            reply = self.client.call("change_password", body, **entries["bearer here"].credential)
            assert (reply.status, self.error(reply)) == (400, complaint)
        assert self.house.everything() == before

    def test_session_ids_are_random_uuids(self) -> None:
        """The id that a list shows is a UUID that nobody can guess, and no secret of the session."""
        _, entries = self.everywhere()
        assert all(UUID.fullmatch(each.id) for each in self.sessions(entries["bearer here"]))
