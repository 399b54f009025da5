"""What somebody tells to become a user, or to prove to be one."""

from typing import NamedTuple, TypeAlias

from keyfob.model.user import PersonName


class Credentials(NamedTuple):
    """An email address or a username, and a password."""

    identifier: str
    password: str


class BearerToken(NamedTuple):
    """An access token, as it was sent."""

    token: str


class SessionCookie(NamedTuple):
    """What a session cookie holds: which session it stands for, and the secret that proves it."""

    user_id: str
    session_id: str
    secret: bytes


class ApiKeySecret(NamedTuple):
    """The text of an API key, as it was sent."""

    text: str


Credential: TypeAlias = BearerToken | SessionCookie | ApiKeySecret
"""What a request proves with who sends it."""


class PasswordReset(NamedTuple):
    """A token from a mail, and the password that it sets."""

    token: str
    new_password: str


class PasswordChange(NamedTuple):
    """The password somebody has, and the one it wants."""

    current_password: str
    new_password: str


class ProfileChange(NamedTuple):
    """What somebody wants changed about itself; `None` stays as it is. A new email address needs the password."""

    email: str | None = None
    username: str | None = None
    full_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    current_password: str | None = None


class Registration(NamedTuple):
    """What a new user tells about itself; without a `username` one is derived from the email address."""

    email: str
    username: str | None
    password: str
    name: PersonName
