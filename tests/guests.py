"""People who open the link of an invitation, and what they find."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from keyfob.contracts import contract_named
from keyfob.model.user import User

from tests.contracts.email_behaviour import HTML
from tests.house import House, Reply, unique
from tests.mail_tokens import invited
from tests.speakers import speaker
from tests.test_pages import FORM, Page

CHOSEN = "a good new passphrase"
WRONG = "not this one at all"


@dataclass(frozen=True)
class Guest:
    """Somebody with a browser and the link of an invitation."""

    house: House
    email: str
    token: str
    contract: str = "standard"

    @property
    def path(self) -> str:
        """The page's path, without the token."""
        spec = contract_named(self.contract)
        return spec.base_path + spec.operations["invitation_page"].path

    def opens(self, **headers: str) -> Reply:
        """Open the link."""
        path = f"{self.path}?token={self.token}"
        return self.house.client(self.contract).send("GET", path, headers=headers or HTML)

    def sends(self, password: str) -> Reply:
        """Send the form as it would be filled in, whether or not the page shows it."""
        body = urlencode({"token": self.token, "password": password}).encode()
        headers = {**HTML, "Content-Type": FORM}
        return self.house.client(self.contract).send("POST", self.path, body=body, headers=headers)

    def types(self, password: str) -> Reply:
        """Open the link, type a password and press the button."""
        page = Page(self.opens().text)
        assert page.all("form") == [{"method": "post"}]
        assert page.filled_in(password) == {"token": self.token, "password": password}
        return self.sends(password)

    def signs_in(self, password: str) -> int:
        """Sign in, and return how it is answered."""
        client = speaker(self.contract, self.house)
        return client.client.call("login", client.login_body(self.email, password)).status

    @property
    def user(self) -> User:
        """Who it is by now."""
        return user_of(self.house, self.email)


def user_of(house: House, email: str) -> User:
    """Return the user with this address."""
    user = house.users.find(email)
    assert user is not None
    return user


def registered(house: House, contract: str = "standard") -> User:
    """Return a user with an account of its own, and with `PASSWORD`."""
    _, email = speaker(contract, house).registered()
    return user_of(house, email)


def newcomer(house: House, contract: str = "standard", **options: Any) -> Guest:
    """Return who is invited, by a new owner unless `by` another, and is nobody's yet."""
    email = f"{unique('guest')}@example.com"
    inviter = options.pop("by", None) or registered(house)
    return Guest(house, email, invited(house, email, by=inviter, **options), contract)


def invited_user(house: House, contract: str = "standard", **options: Any) -> Guest:
    """Return who is invited by a new owner, and has an account of its own."""
    user = registered(house, contract)
    return Guest(house, user.email, invited(house, user.email, by=registered(house), **options), contract)


def members_of(house: House, user: User) -> set[str]:
    """Return the ids of all that are in a user's account."""
    return {member.user.id for member in house.users.members(user.account.id, after=None, limit=50).members}


def said(reply: Reply) -> str:
    """Return what a page says."""
    return Page(reply.text).text
