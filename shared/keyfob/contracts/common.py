"""Bodies that more than one contract has."""

from dataclasses import dataclass

from keyfob.contracts.fields import Email, NewPassword, Password, PersonName, Text, Username


@dataclass(frozen=True, slots=True)
class UserRegisterBody:
    """What ``register`` takes where a user tells its username and its name in two parts."""

    username: Username
    email: Email
    password: NewPassword
    first_name: PersonName
    last_name: PersonName


@dataclass(frozen=True, slots=True)
class UsernameLoginBody:
    """What ``login`` takes where the identifier is called `username`; it may be an email address too."""

    username: Text
    password: Password


@dataclass(frozen=True, slots=True)
class EmailLoginBody:
    """What ``login`` takes where the identifier is called `email`; it may be a username too."""

    email: Text
    password: Password


@dataclass(frozen=True, slots=True)
class RefreshTokenBody:
    """What takes a refresh token takes."""

    refresh_token: Text


@dataclass(frozen=True, slots=True)
class TokenReply:
    """A pair of tokens (RFC 6749, section 5.1); `expires_in` in seconds."""

    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class MessageReply:
    """A sentence for the user."""

    message: str


LOGGED_OUT = MessageReply("Successfully logged out")
