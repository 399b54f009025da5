"""People who are signed in, to see what is recorded of them."""

from typing import NamedTuple

from keyfob.model.user import User

from tests.contracts.behaviour import Behaviour
from tests.house import Reply


class Person(NamedTuple):
    """Somebody who is signed in: the user as it is stored, the reply of its login, its access token and session."""

    user: User
    login: Reply
    token: str
    session_id: str


def signed_in(talk: Behaviour, email: str = "") -> Person:
    """Sign in the user with this address, or somebody new."""
    address = email or talk.registered()[1]
    user = talk.house.users.find(address)
    assert user is not None
    login = talk.logged_in(address)
    token = talk.access_token(login)
    return Person(user, login, token, talk.claims(token)["sid"])
