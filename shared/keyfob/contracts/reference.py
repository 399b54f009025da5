"""The contract of the authentication API reference: camelCase, prefixed ids, errors as ``{"error"}``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from keyfob.contracts.base import Contract, Json, Operation, Problem, sentence
from keyfob.contracts.common import LOGGED_OUT, MessageReply, UsernameLoginBody
from keyfob.contracts.fields import Email, NewPassword, PersonName, Text, Username
from keyfob.contracts.reading import read
from keyfob.model import user as model
from keyfob.model.credentials import Credentials, Registration
from keyfob.model.token import TokenPolicy, Tokens


@dataclass(frozen=True, slots=True)
class RegisterBody:
    """What ``register`` takes."""

    username: Username
    email: Email
    password: NewPassword
    name: PersonName | None = None


@dataclass(frozen=True, slots=True)
class RefreshBody:
    """What ``refresh`` takes."""

    refreshToken: Text


@dataclass(frozen=True, slots=True)
class User:
    """A user as it is shown."""

    id: str
    username: str
    email: str


@dataclass(frozen=True, slots=True)
class LoginReply:
    """What ``login`` answers; `expires_in` in seconds. The document leaves `refreshToken` out, and then needs it."""

    token: str
    expires_in: int
    user: User
    refreshToken: str


@dataclass(frozen=True, slots=True)
class RefreshReply:
    """What ``refresh`` answers; `expires_in` in seconds. The refresh token stays as it is."""

    token: str
    expires_in: int


def user_id(user: model.User) -> str:
    """Return the user's id as this contract shows it: ``user_`` and 32 hexadecimal digits."""
    return f"user_{UUID(user.id).hex}"


class Reference(Contract):
    """Document 003."""

    name = "reference"
    base_path = "/api/v1/auth"
    tokens = TokenPolicy("reference", 3600, 7 * 24 * 3600, rotates=False, user_id=user_id)
    operations = MappingProxyType(
        {
            "register": Operation(("POST",), "/register", 201, RegisterBody, User),
            "login": Operation(("POST",), "/login", 200, UsernameLoginBody, LoginReply),
            "refresh": Operation(("POST",), "/refresh", 200, RefreshBody, RefreshReply),
            "logout": Operation(("POST",), "/logout", 200, None, MessageReply),
            "me": Operation(("GET",), "/me", 200, None, User),
        }
    )
    problems = MappingProxyType(
        {
            "invalid_credentials": Problem(401, "Invalid credentials"),
            "invalid_access_token": Problem(401, "Authentication required"),
        }
    )

    def registration(self, body: Json) -> Registration:
        """Read a username, an email address, a password and perhaps a whole name."""
        new = read(RegisterBody, body)
        return Registration(new.email, new.username, new.password, model.PersonName.from_full(new.name))

    def credentials(self, body: Json) -> Credentials:
        """Read username and password."""
        login = read(UsernameLoginBody, body)
        return Credentials(login.username, login.password)

    def logged_in(self, user: model.User, tokens: Tokens) -> LoginReply:
        """Show the tokens and the user."""
        return LoginReply(tokens.access_token, tokens.expires_in, self.me(user), tokens.refresh_token)

    def refresh_token(self, body: Json) -> str:
        """Read the refresh token."""
        return read(RefreshBody, body).refreshToken

    def refreshed(self, tokens: Tokens) -> RefreshReply:
        """Show the access token."""
        return RefreshReply(tokens.access_token, tokens.expires_in)

    def logged_out(self) -> MessageReply:
        """Say so."""
        return LOGGED_OUT

    def me(self, user: model.User) -> User:
        """Show the user."""
        return User(user_id(user), user.username, user.email)

    def problem_body(self, code: str, problem: Problem, fields: Mapping[str, Sequence[str]], request_id: str) -> Json:
        """Tell it in one text."""
        return {"error": sentence(problem, fields)}


CONTRACT = Reference()
