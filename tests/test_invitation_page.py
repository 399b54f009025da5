"""The page behind the link in an invitation: who may join there, as whom, and what it says."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from keyfob.clock import now
from keyfob.crypto.passwords import PasswordHasher
from keyfob.errors import Unavailable
from keyfob.gateway.pages import JoiningForm, Pages
from keyfob.gateway.pages.texts import TEXTS
from keyfob.model.membership import Invitation
from keyfob.model.permission import Permissions
from keyfob.model.session import Client
from keyfob.model.user import PersonName, User
from keyfob.service.invitation_tokens import LIFETIME_SECONDS
from keyfob.service.invitations import Joining, invitation_id
from keyfob.service.joining_with_password import JoiningWithPassword
from keyfob.service.login import PasswordLogin
from keyfob.service.registration import first_member_that_is_free, first_that_is_free, new_user
from keyfob.service.throttling import AddressLimit, LoginGate, PasswordGate
from keyfob.store.attempts import Attempts
from keyfob.store.failures import Failures
from keyfob.store.transactions import IdTaken
from keyfob.store.users import Users

from local.outbox import find_links
from local.server import Application, serving
from tests.chromium import dumped, picture, require_chromium
from tests.contracts.email_behaviour import HTML, text_of
from tests.fakes import somebody
from tests.guests import CHOSEN, WRONG, Guest, invited_user, members_of, newcomer, registered, said, user_of
from tests.house import PASSWORD, House, unique
from tests.mail_tokens import invitations_of, invited
from tests.security_events.watching import event, watching
from tests.speakers import UNLIKE, speaker
from tests.test_pages import FORM, HOSTILE, Page, check_strict

UNLIKE_CONTRACTS = pytest.mark.parametrize("contract", UNLIKE)
LANGUAGES = pytest.mark.parametrize("language", list(TEXTS))


def keys_about(house: House, what: str) -> set[tuple[str, str]]:
    """Return the keys of all items of the users' table in which a text occurs."""
    return {(item["pk"]["S"], item["sk"]["S"]) for item in house.items("UsersTable") if what in str(item)}


# Newcomers


@UNLIKE_CONTRACTS
def test_a_newcomer_becomes_a_member(house: House, contract: str) -> None:
    """Who is nobody yet chooses a password, and is a member in the invited role whose address counts as proven."""
    owner = registered(house, contract)
    guest = newcomer(house, contract, by=owner, role="viewer")
    sessions = house.items("SessionsTable")
    reply = guest.types(CHOSEN)
    assert (reply.status, reply.set_cookies) == (200, ())
    assert "You belong to the account now. Please sign in." in said(reply)
    assert house.items("SessionsTable") == sessions
    user = guest.user
    assert (user.account, user.role, user.email_verified) == (owner.account, "viewer", True)
    assert members_of(house, owner) == {owner.id, user.id}
    assert guest.signs_in(CHOSEN) == 200


def test_a_newcomer_founds_no_account(house: House) -> None:
    """Nothing is stored of it but its profile, its names, and that it is in the account, which counts it."""
    owner = registered(house)
    guest = newcomer(house, by=owner)
    before = keys_about(house, "")
    assert guest.sends(CHOSEN).status == 200
    user, account = guest.user, f"ACCOUNT#{owner.account.id}"
    assert before - keys_about(house, "") == {(account, f"INVITATION#{invitation_id(owner.account.id, guest.email)}")}
    assert keys_about(house, "") - before == {
        (f"USER#{user.id}", "PROFILE"),
        (f"EMAIL#{user.email}", "UNIQUE"),
        (f"USERNAME#{user.username}", "UNIQUE"),
        (f"NUMBER#{user.number}", "UNIQUE"),
        (account, f"MEMBER#{user.id}"),
    }
    (counted,) = [
        item for item in house.items("UsersTable") if (item["pk"]["S"], item["sk"]["S"]) == (account, "ACCOUNT")
    ]
    assert (counted["member_count"]["N"], counted["owner_count"]["N"]) == ("2", "1")


def test_an_owner_that_is_invited_counts_as_one(house: House) -> None:
    """After a newcomer joined as an owner, the one who invited it may leave."""
    owner = registered(house)
    assert newcomer(house, by=owner, role="owner").types(CHOSEN).status == 200
    client = speaker("standard", house)
    token = client.access_token(client.logged_in(owner.email))
    assert house.client("standard").call("leave_account", token=token).status == 204


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("short12", "Password must be at least 8 characters"),
        ("", "Password must be at least 8 characters"),
        ("x" * 129, "Password must be at most 128 characters"),
        ("password123", "Password is too common"),
        ("a\x00 good new passphrase", "Password must be valid Unicode text without NUL"),
    ],
)
def test_a_password_that_nobody_should_choose_shows_the_form_again(house: House, password: str, complaint: str) -> None:
    """The page says what is wrong with it, and nothing has changed: the form of that page works with another."""
    guest = newcomer(house)
    before = house.everything()
    reply = guest.types(password)
    assert (reply.status, complaint in said(reply)) == (400, True)
    assert house.everything() == before
    assert guest.sends(Page(reply.text).filled_in(CHOSEN)["password"]).status == 200


def test_a_newcomer_may_not_choose_its_address(house: House) -> None:
    """The address that is invited is no password."""
    guest = newcomer(house)
    assert "Password must not be your email or username" in said(guest.types(guest.email))


def test_a_form_without_a_password_is_shown_again(house: House) -> None:
    """A program that leaves the field out is told like a person who leaves it empty."""
    guest = newcomer(house)
    body = urlencode({"token": guest.token}).encode()
    headers = {**HTML, "Content-Type": FORM}
    reply = house.client("standard").send("POST", guest.path, body=body, headers=headers)
    assert (reply.status, "Password is required" in said(reply)) == (400, True)


def test_a_newcomer_gets_a_username_that_is_free(house: House) -> None:
    """Where another has the name that its address begins with, it gets one that begins so."""
    client = speaker("standard", house)
    username = unique("taken")
    assert client.client.call("register", client.register_body(username, f"{username}@example.org")).status == 201
    email = f"{username}@example.com"
    guest = Guest(house, email, invited(house, email, by=registered(house)))
    assert guest.types(CHOSEN).status == 200
    assert guest.user.username.startswith(f"{username}-")


def test_a_number_that_is_taken_is_drawn_anew_for_the_member_alone() -> None:
    """A member that finds its number taken tries another; the account that it enters stays as it is."""
    tried: list[User] = []

    def store(user: User) -> User:
        tried.append(user)
        if len(tried) < 3:
            raise IdTaken
        return user

    member = somebody()
    stored = first_member_that_is_free(member, store)
    assert len({user.number for user in tried}) == 3
    assert {user.account for user in tried} == {member.account}
    assert replace(stored, number=member.number) == member


def test_a_founder_draws_both_numbers_anew(house: House) -> None:
    """Nobody tells whether the user's number was taken or the account's."""
    tried: list[User] = []

    def store(user: User) -> User:
        tried.append(user)
        if len(tried) < 2:
            raise IdTaken
        return user

    first_that_is_free(somebody(), store, house.users, renames=True)
    first, second = tried
    assert first.number != second.number
    assert first.account.number != second.account.number
    assert replace(second.account, number=first.account.number) == first.account


# Users


@UNLIKE_CONTRACTS
def test_a_user_joins_with_its_password(house: House, contract: str) -> None:
    """It stays the user that it was, in the invited role; the account that was its alone is gone."""
    guest = invited_user(house, contract, role="admin")
    before = guest.user
    reply = guest.types(PASSWORD)
    assert (reply.status, reply.set_cookies) == (200, ())
    assert "You belong to the account now. Please sign in." in said(reply)
    after = guest.user
    assert after.account != before.account
    assert after == replace(before, account=after.account, role="admin", email_verified=True)
    assert before.id in members_of(house, after)
    assert keys_about(house, before.account.id) == set()
    assert guest.signs_in(PASSWORD) == 200


def test_an_address_is_the_same_in_capitals(house: House) -> None:
    """Who was invited by another spelling of its address is the user that has it."""
    user = registered(house)
    email = user.email.upper()
    assert Guest(house, email, invited(house, email, by=registered(house))).types(PASSWORD).status == 200
    assert user_of(house, user.email).role == "editor"


def test_a_short_password_from_elsewhere_is_a_password(house: House) -> None:
    """A user that was imported may have one that nobody could choose today; the browser does not hold it back."""
    guest = invited_user(house)
    house.change_user(guest.user.id, password_hash=PasswordHasher("test").hash("short"))
    (field,) = [each for each in Page(guest.opens().text).all("input") if each["name"] == "password"]
    assert not {"minlength", "maxlength"} & field.keys()
    assert guest.types("short").status == 200


@pytest.mark.parametrize("password", [WRONG, "short", ""])
def test_a_wrong_password_shows_the_form_again(house: House, password: str) -> None:
    """The page says so and nothing has changed: the form of that page works with the right one."""
    guest = invited_user(house)
    before = house.everything()
    reply = guest.types(password)
    assert (reply.status, "This is not your password." in said(reply)) == (400, True)
    assert house.everything() == before
    assert guest.sends(Page(reply.text).filled_in(PASSWORD)["password"]).status == 200


def test_who_has_no_password_is_told_to_sign_in_first(house: House) -> None:
    """A user that signs in at a provider alone cannot prove here who it is, by whatever it types."""
    email = f"{unique()}@example.com"
    name = PersonName.from_full(None)
    user = new_user(email=email, username=unique(), name=name, password_hash=None, now=now())
    first_that_is_free(user, house.users.create, house.users, renames=False)
    guest = Guest(house, email, invited(house, email, by=registered(house)))
    reply = guest.types(CHOSEN)
    assert (reply.status, "sign in first and accept the invitation there" in said(reply)) == (400, True)
    assert guest.user.account.id == user.account.id
    assert guest.opens().status == 200


def test_who_is_shut_out_stays_so(house: House) -> None:
    """An inactive user that knows its password reads that it is inactive, and joins nothing."""
    guest = invited_user(house)
    house.change_user(guest.user.id, is_active=False)
    before = house.everything()
    reply = guest.types(PASSWORD)
    assert (reply.status, "This account is inactive." in said(reply)) == (403, True)
    assert house.everything() == before
    assert guest.sends(WRONG).status == 400


def test_the_last_owner_has_to_stay(house: House) -> None:
    """Who would leave others without an owner is told what to do about it, and has the link still."""
    guest = invited_user(house)
    assert newcomer(house, by=guest.user).types(CHOSEN).status == 200
    before = house.everything()
    reply = guest.types(PASSWORD)
    assert (reply.status, "You are the only owner" in said(reply)) == (409, True)
    assert house.everything() == before
    assert newcomer(house, by=guest.user, role="owner").types(CHOSEN).status == 200
    assert guest.types(PASSWORD).status == 200


def test_a_member_cannot_join_again(house: House) -> None:
    """Who is in the account already reads so."""
    owner = registered(house)
    guest = Guest(house, owner.email, invited(house, owner.email, by=owner))
    reply = guest.types(PASSWORD)
    assert (reply.status, "You belong to this account already." in said(reply)) == (409, True)
    assert user_of(house, owner.email) == owner


def test_somebody_that_registers_meanwhile_is_asked_again(house: House) -> None:
    """If the address was nobody's a moment ago, nothing is made; who tries again is asked for its password."""

    class Late(Users):
        def id_of(self, identifier: str) -> str | None:
            return super().id_of(f"not yet {identifier}")

    environment = house.deployment.functions["invitation_page"].environment
    guest = invited_user(house)
    attempts, failures = Attempts(house.dynamodb, house.one_time_table), Failures(house.dynamodb, house.one_time_table)
    passwords = PasswordHasher("test")
    gate = LoginGate(AddressLimit(attempts, "login", 5), PasswordGate(failures, 5))
    users = Late(house.dynamodb, environment["USERS_TABLE"])
    login = PasswordLogin(users, passwords, gate, needs_verified_email=False)
    joining = Joining(users, invitations_of(house), Permissions())
    with_password = JoiningWithPassword(users, joining, login, passwords)
    before = house.everything()
    with pytest.raises(Unavailable):
        with_password.join(guest.token, CHOSEN, Client("203.0.113.7", ""), now())
    assert house.everything() == before
    assert [guest.types(CHOSEN).status, guest.types(PASSWORD).status] == [400, 200]


# Links


@UNLIKE_CONTRACTS
def test_looking_at_the_page_spends_nothing(house: House, contract: str) -> None:
    """A mail scanner may open the link as often as it likes."""
    guest = newcomer(house, contract)
    before = house.everything()
    assert [guest.opens().status for _ in range(3)] == [200] * 3
    assert house.everything() == before
    assert guest.sends(CHOSEN).status == 200


def test_a_link_works_once(house: House) -> None:
    """Once somebody has joined, the link and a form that is still open say that there is nothing to be had."""
    for guest, password in ((newcomer(house), CHOSEN), (invited_user(house), PASSWORD)):
        assert guest.sends(password).status == 200
        check_void(guest, password)


def test_a_link_expires(house: House) -> None:
    """It is good for seven days, whether or not DynamoDB has deleted the invitation."""
    check_void(newcomer(house, at=now() - LIFETIME_SECONDS))
    assert newcomer(house, at=now() - LIFETIME_SECONDS + 60).types(CHOSEN).status == 200


def test_a_link_that_was_replaced_is_void(house: House) -> None:
    """Of two mails to one address only the second leads in."""
    owner = registered(house)
    first = newcomer(house, by=owner)
    second = replace(first, token=invited(house, first.email, by=owner))
    check_void(first)
    assert second.types(CHOSEN).status == 200


def test_a_link_that_was_revoked_is_void(house: House) -> None:
    """An owner that takes the invitation back has done so at once."""
    owner = registered(house)
    guest = newcomer(house, by=owner)
    client = speaker("standard", house)
    token = client.access_token(client.logged_in(owner.email))
    path = {"invitation_id": invitation_id(owner.account.id, guest.email)}
    assert house.client("standard").call("revoke_invitation", token=token, path=path).status == 204
    check_void(guest)


def test_a_link_into_an_account_that_is_gone_is_void(house: House) -> None:
    """Where the only member has left, nobody can join, and nothing is made of who tries."""
    owner = registered(house)
    stranger, user = newcomer(house, by=owner), registered(house)
    acquainted = Guest(house, user.email, invited(house, user.email, by=owner))
    house.users.delete(owner)
    before = house.everything()
    for guest, password in ((stranger, CHOSEN), (acquainted, PASSWORD)):
        reply = guest.sends(password)
        assert (reply.status, "This link has been used already" in said(reply)) == (400, True)
    assert house.everything() == before


@pytest.mark.parametrize("token", ["", "x", "A" * 86, HOSTILE, "\x00"])
def test_what_is_no_token_leads_nowhere(house: House, token: str) -> None:
    """A link that was cut off, or made up, is no good; nothing of it is in the page."""
    guest = Guest(house, "", token)
    path = f"{guest.path}?{urlencode({'token': token})}"
    for reply in (guest.sends(CHOSEN), guest.sends("short"), house.client("standard").send("GET", path, headers=HTML)):
        assert (reply.status, Page(reply.text).all("form")) == (400, [])
        assert "alert" not in reply.text


def check_void(guest: Guest, password: str = CHOSEN) -> None:
    """Check that a link says that it is void, whatever is done with it, and does nothing."""
    before = guest.house.everything()
    for reply in (guest.opens(), guest.sends(password), guest.sends("short")):
        page = Page(reply.text)
        assert (reply.status, "This link has been used already" in page.text) == (400, True)
        assert page.all("form") == []
    assert guest.house.everything() == before


# Pages


@UNLIKE_CONTRACTS
def test_a_program_gets_failures_as_the_contract_has_them(house: House, contract: str) -> None:
    """Who does not ask for HTML reads of a bad token in JSON, and gets the form for a good one."""
    guest = newcomer(house, contract)
    good, bad = guest.opens(Accept="*/*"), replace(guest, token="x").opens(Accept="application/json")
    assert (good.status, len(Page(good.text).all("form"))) == (200, 1)
    assert (bad.status, speaker(contract, house).error(bad)) == (400, "Invalid or expired token")


def test_every_page_is_as_strict_as_can_be(house: House) -> None:
    """A page has no script, loads nothing, is framed and stored nowhere."""
    guest = newcomer(house)
    replies = [guest.opens(), guest.sends("short"), guest.sends(CHOSEN), guest.opens()]
    assert [reply.status for reply in replies] == [200, 400, 200, 400]
    for reply in replies:
        check_strict(reply)


def test_the_same_page_meets_who_is_a_user_and_who_is_not(house: House) -> None:
    """The page says nothing of whether the address is anybody's."""
    pages = []
    for guest in (newcomer(house), invited_user(house)):
        text = guest.opens().text
        pages.append(text.replace(guest.token, "").replace(guest.email, ""))
    assert pages[0] == pages[1]


def test_the_page_says_who_is_invited_to_what(house: House) -> None:
    """Account, role and address are there, and that who is a user already leaves the account that it is in."""
    guest = newcomer(house, role="developer")
    text = said(guest.opens())
    assert "You are invited to the account “My Account” as developer." in text
    assert f"If you sign in to Keyfob with {guest.email} already, enter your password; you then leave" in text


@LANGUAGES
def test_the_page_shows_what_others_wrote_as_text(language: str) -> None:
    """An account's name is its owner's to choose, and no browser obeys it; nor is it a template of ours."""
    account = replace(somebody().account, name=f"{HOSTILE}${{token}}{{role}}")
    invitation = Invitation(
        id="", account=account, email="ada@example.com", role="editor", invited_by="", created_at=0, expires_at=0
    )
    form = JoiningForm(HOSTILE, invitation, (HOSTILE, "$token"), failure="invalid_credentials")
    page = Page(Pages("<b>&", language).form(form))
    assert [page.all(tag) for tag in ("script", "b")] == [[], []]
    assert [each.get("role") for each in page.all("p")] == [None, "alert", "alert", "alert"]
    assert TEXTS[language].failures["invalid_credentials"] in page.text
    assert account.name in page.text
    assert "$token" in page.text
    assert page.filled_in("")["token"] == HOSTILE


def test_a_hostile_account_stays_text_on_its_way(house: House) -> None:
    """What is stored as an account's name comes out of the page as it is."""
    owner = registered(house)
    reply = newcomer(house, by=replace(owner, account=replace(owner.account, name=HOSTILE))).opens()
    assert Page(reply.text).all("script") == []
    assert HOSTILE in said(reply)


# What is recorded


@UNLIKE_CONTRACTS
def test_a_newcomer_is_recorded_as_registered_and_joined(house: House, contract: str) -> None:
    """Both events tell whom and which account it is about; looking at the page is none."""
    guest = newcomer(house, contract)
    with watching() as watch:
        assert guest.types(CHOSEN).status == 200
    facts = {"user_id": guest.user.id, "account_id": guest.user.account.id}
    assert watch.events == [
        event("user_registered", contract, **facts),
        event("member_joined", contract, **facts, details={"role": "editor"}),
    ]


def test_a_user_is_recorded_as_joined(house: House) -> None:
    """No session begins, so nobody signed in."""
    guest = invited_user(house)
    with watching() as watch:
        assert guest.types(PASSWORD).status == 200
    facts = {"user_id": guest.user.id, "account_id": guest.user.account.id}
    assert watch.only == event("member_joined", "standard", **facts, details={"role": "editor"})


def test_a_wrong_password_is_recorded(house: House) -> None:
    """A guess here is seen like one at the login."""
    guest = invited_user(house)
    with watching() as watch:
        assert guest.types(WRONG).status == 400
    details = {"endpoint": "invitation_page", "code": "invalid_credentials"}
    assert watch.only == event("sign_in_failed", "standard", user_id=guest.user.id, details=details)


# A real browser


@pytest.mark.slow
def test_a_browser_opens_the_mailed_link_and_its_form_joins(house: House, tmp_path: Path) -> None:
    """The link of the mail, opened in a browser, shows the form; what that form sends over HTTP makes the member."""
    require_chromium()
    owner = registered(house)
    client = speaker("standard", house)
    email = f"{unique('guest')}@example.com"
    token = client.access_token(client.logged_in(owner.email))
    with serving(Application(house.deployment, house.runtime.invoke, "standard")) as url:
        bearer = {"Authorization": f"Bearer {token}"}
        body = {"email": email, "role": "editor"}
        assert httpx.post(f"{url}/api/v1/auth/invitations", json=body, headers=bearer).status_code == 201
        (link,) = [each for mail in house.mail_to(email) for each in find_links(text_of(mail))]
        assert link.startswith(f"{url}/api/v1/auth/invitations/page?token=")
        page = Page(dumped(link, tmp_path))
        assert f"with {email} already" in page.text
        assert picture(link, tmp_path) != picture(f"{url}/api/v1/auth/verify-email/x", tmp_path)
        reply = httpx.post(link, data=page.filled_in(CHOSEN), headers=HTML)
    assert (reply.status_code, "You belong to the account now." in reply.text) == (200, True)
    assert user_of(house, email).account == owner.account
