"""What somebody tells to become a user, or to prove to be one."""

from typing import NamedTuple

from keyfob.model.user import PersonName


class Credentials(NamedTuple):
    """An email address or a username, and a password."""

    identifier: str
    password: str


class Registration(NamedTuple):
    """What a new user tells about itself; without a `username` one is derived from the email address."""

    email: str
    username: str | None
    password: str
    name: PersonName
