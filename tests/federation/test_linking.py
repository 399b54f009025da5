"""Who an identity is here: the rules of docs/decisions/0029-who-is-linked.md."""

import dataclasses
from collections.abc import Callable

import pytest
from keyfob.contracts.fields import EmailRule
from keyfob.errors import AccountExists, AccountInactive, EmailNotVouched, Unavailable
from keyfob.model.identity import Identity
from keyfob.model.user import PersonName, User
from keyfob.service.federation import FederatedLogin
from keyfob.service.registration import new_user
from keyfob.store.users import Users

from tests.fakes import TIME
from tests.federation.browser import Browser, Person, nothing_made
from tests.house import House, unique
from tests.provider import Provider
from tests.speakers import UNLIKE, speaker

pytestmark = pytest.mark.slow


@pytest.fixture(params=UNLIKE)
def visitor(request: pytest.FixtureRequest, house: House, provider: Provider) -> Browser:
    """The browser of somebody, on each contract."""
    return Browser(house, provider, request.param)


def registered(browser: Browser, *, verified: bool) -> User:
    """Register somebody with a password, whose address is verified or not, and let the provider tell of the same."""
    _, email = speaker(browser.contract, browser.house).registered()
    user = browser.house.users.find(email)
    assert user is not None
    browser.house.change_user(user.id, email_verified=verified)
    Person(email.upper().replace("EXAMPLE.COM", "example.com")).at(browser.provider)
    return user


@pytest.mark.parametrize("name", ["github", "google"])
def test_a_user_whose_address_is_verified_is_linked(name: str, visitor: Browser) -> None:
    """Both prove the address, in whatever case it is written: both ways of signing in lead to one user."""
    user = registered(visitor, verified=True)
    talk = speaker(visitor.contract, visitor.house)
    for _ in range(2):
        reply = visitor.sign_in(name)
        assert talk.claims(talk.access_token(reply))["sub"] == user.id
    assert talk.logged_in(user.email).status == 200


def test_a_user_whose_address_is_not_verified_is_not_linked(visitor: Browser) -> None:
    """Somebody may have registered with another's address: nobody is linked, and the answer says what to do."""
    user = registered(visitor, verified=False)
    with nothing_made(visitor.house):
        reply = visitor.sign_in()
    assert reply.status == 409
    text = speaker(visitor.contract, visitor.house).error(reply)
    assert "sign in with its password and verify the address, or reset the password" in text
    visitor.house.change_user(user.id, email_verified=True)
    assert visitor.sign_in().status == 200


def test_an_unvouched_address_is_not_linked_to_anybody(visitor: Browser) -> None:
    """What the provider does not vouch for proves nothing, even if the user's own address is verified."""
    user = registered(visitor, verified=True)
    Person(user.email).at(visitor.provider, verified=False)
    with nothing_made(visitor.house):
        assert visitor.sign_in().status == 403


def test_an_inactive_user_is_not_linked(visitor: Browser) -> None:
    """A deactivated user cannot sign in this way either, and gets no further identity."""
    user = registered(visitor, verified=True)
    visitor.house.change_user(user.id, is_active=False)
    with nothing_made(visitor.house):
        reply = visitor.sign_in()
    assert (reply.status, speaker(visitor.contract, visitor.house).error(reply)) == (403, "Account is inactive")


def test_a_known_identity_of_an_inactive_user_is_refused(visitor: Browser) -> None:
    """Being known to the provider does not help a user that was deactivated."""
    person = Person.new().at(visitor.provider)
    assert visitor.sign_in().status == 200
    user = visitor.house.users.find(person.email)
    assert user is not None
    visitor.house.change_user(user.id, is_active=False)
    with nothing_made(visitor.house):
        reply = visitor.sign_in()
    assert (reply.status, speaker(visitor.contract, visitor.house).error(reply)) == (403, "Account is inactive")


def test_a_user_that_was_deleted_begins_anew(visitor: Browser) -> None:
    """Deleting a user frees its identities: who comes again is a new user."""
    person = Person.new().at(visitor.provider)
    visitor.sign_in()
    before = visitor.house.users.find(person.email)
    assert before is not None
    visitor.house.users.delete(before)
    assert visitor.sign_in().status == 200
    after = visitor.house.users.find(person.email)
    assert after is not None
    assert after.id != before.id


# What changes while somebody signs in


def identity(email: str | None = None, **changes: object) -> Identity:
    """Return an identity that nobody has yet."""
    facts: dict[str, object] = {
        "issuer": "https://id.example",
        "subject": unique("subject"),
        "email": email or f"{unique('linked')}@example.com",
        "email_verified": True,
        "name": PersonName.from_full("Ada Lovelace"),
        "username": None,
    }
    return Identity(**{**facts, **changes})  # type: ignore[arg-type]


class Meddled(Users):
    """Users to whom something happens just after somebody was looked up by address, a number of times."""

    meddle: Callable[[User | None], object]
    times: int = 1

    def find(self, identifier: str) -> User | None:
        """Look up, and let it happen."""
        found = super().find(identifier)
        if self.times:
            self.times -= 1
            self.meddle(found)
        return found


def login_with(house: House, meddle: Callable[[User | None], object], times: int = 1) -> FederatedLogin:
    """Return a login during which `meddle` happens."""
    users = Meddled(house.dynamodb, house.deployment.functions["oauth_callback"].environment["USERS_TABLE"])
    users.meddle, users.times = meddle, times
    return FederatedLogin(users, EmailRule().read, needs_verified_email=False)


def stored_user(house: House, email: str, *, verified: bool) -> User:
    """Store somebody who registered with an address."""
    user = new_user(
        email=email,
        username=unique(),
        name=PersonName(None, "", ""),
        password_hash="hash",
        now=TIME,
        email_verified=verified,
    )
    user = dataclasses.replace(user, account=dataclasses.replace(user.account, slug=unique("slug")))
    house.users.create(user)
    return user


def at_address(user: User, email: str) -> User:
    """Return the user with another address."""
    return dataclasses.replace(user, email=email)


def test_an_identity_that_is_created_meanwhile_is_found(house: House) -> None:
    """Two first sign-ins of one person at once make one user, whom both get."""
    who = identity()
    others: list[User] = []
    login = login_with(house, lambda _: others.append(login.prove(who, TIME).user))
    assert login.prove(who, TIME).user.id == others[0].id


def test_an_address_that_is_registered_meanwhile_is_judged_as_it_is_then(house: House) -> None:
    """Unverified it stands in the way, verified it is linked; there is never a second user with it."""
    who = identity()
    email = who.email or ""
    with pytest.raises(AccountExists):
        login_with(house, lambda _: stored_user(house, email, verified=False)).prove(who, TIME)
    assert house.users.with_identity(who) is None
    another = identity()
    email = another.email or ""
    login = login_with(house, lambda _: stored_user(house, email, verified=True))
    linked = login.prove(another, TIME)
    assert house.users.with_identity(another) == house.users.find(email)
    assert (linked.user.email, linked.became) == (email, "linked")


@pytest.mark.parametrize(
    ("change", "expected"), [({"email_verified": False}, AccountExists), ({"is_active": False}, AccountInactive)]
)
def test_a_user_that_changes_meanwhile_is_judged_as_it_is_then(
    change: dict[str, bool], expected: type[Exception], house: House
) -> None:
    """The write's own condition decides, about the address and about whether the user is active."""
    who = identity()
    user = stored_user(house, who.email or "", verified=True)
    login = login_with(house, lambda _: house.change_user(user.id, **change))
    with pytest.raises(expected):
        login.prove(who, TIME)
    assert house.users.with_identity(who) is None


def test_a_user_that_moves_to_another_address_meanwhile_is_not_linked(house: House) -> None:
    """Who has the address when it counts is whom it is about: here nobody, so there is a new user."""
    who = identity()
    user = stored_user(house, who.email or "", verified=True)
    login = login_with(house, lambda _: house.users.verify_email(user, f"{unique()}@example.com", along_with=()))
    assert login.prove(who, TIME).user.id != user.id


class Unsteady(Users):
    """Users of whom one has just changed address each time that it is to be linked."""

    def link(self, user: User, identity: Identity) -> None:
        """Move the user, link it, and move it back."""
        moved = at_address(user, f"{unique()}@example.com")
        self.verify_email(user, moved.email, along_with=())
        try:
            super().link(user, identity)
        finally:
            self.verify_email(moved, user.email, along_with=())


def test_who_loses_every_race_may_try_again(house: House) -> None:
    """The rounds are bounded: a 503 says to come again, and nothing is linked."""
    who = identity()
    stored_user(house, who.email or "", verified=True)
    users = Unsteady(house.dynamodb, house.deployment.functions["oauth_callback"].environment["USERS_TABLE"])
    with pytest.raises(Unavailable):
        FederatedLogin(users, EmailRule().read, needs_verified_email=False).prove(who, TIME)
    assert house.users.with_identity(who) is None


def test_an_address_that_could_not_be_registered_makes_no_user(house: House) -> None:
    """What the registration's own rule refuses is no address, though the provider vouches for it."""
    who = identity("somebody@printer.local")
    with pytest.raises(EmailNotVouched):
        login_with(house, lambda _: None).prove(who, TIME)
    assert house.users.with_identity(who) is None
