"""The contract of the Python.org API: four token keys, flat, and errors as ``{"detail", "status_code"}``."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from keyfob.contracts.base import Json, Operation, Problem, sentence
from keyfob.contracts.common import (
    MessageReply,
    NamePartsChangeBody,
    RefreshTokenBody,
    Shapes,
    SnakeCase,
    TokenReply,
    UsernameLoginBody,
    UserRegisterBody,
    change_of_name_parts,
    shared_operations,
)
from keyfob.contracts.reading import read
from keyfob.model import user as model
from keyfob.model.credentials import Credentials, ProfileChange, Registration
from keyfob.model.permission import SESSION
from keyfob.model.token import TokenPolicy, Tokens


class User(NamedTuple):
    """A user as it is shown."""

    id: str
    username: str
    email: str
    first_name: str
    last_name: str
    is_active: bool
    is_staff: bool
    is_superuser: bool
    email_verified: bool
    has_membership: bool


class Pythonorg(SnakeCase):
    """Document 001."""

    name = "pythonorg"
    base_path = "/api/auth"
    tokens = TokenPolicy("pythonorg", 7 * 24 * 3600, 30 * 24 * 3600, rotates=True, user_id=lambda user: user.id)
    registration_logs_in = True
    operations = MappingProxyType(
        {
            "register": Operation(("POST",), "/register", 201, UserRegisterBody, TokenReply),
            "login": Operation(("POST",), "/login", 200, UsernameLoginBody, TokenReply),
            "refresh": Operation(("POST",), "/refresh", 200, RefreshTokenBody, TokenReply),
            "logout": Operation(("POST",), "/logout", 200, None, MessageReply, SESSION),
            "me": Operation(("GET", "POST"), "/me", 200, None, User, "profile:read"),
            **shared_operations(Shapes(UsernameLoginBody, TokenReply, User, MessageReply, NamePartsChangeBody)),
        }
    )
    problems = MappingProxyType({"invalid_credentials": Problem(401, "Invalid username or password")})

    def registration(self, body: Json) -> Registration:
        """Read a username, an email address, a password and a name in two parts."""
        new = read(UserRegisterBody, body)
        return Registration(
            new.email, new.username, new.password, model.PersonName.from_parts(new.first_name, new.last_name)
        )

    def credentials(self, body: Json) -> Credentials:
        """Read username and password."""
        login = read(UsernameLoginBody, body)
        return Credentials(login.username, login.password)

    def logged_in(self, user: model.User, tokens: Tokens) -> TokenReply:
        """Show the tokens."""
        return self.refreshed(tokens)

    def refresh_token(self, body: Json) -> str:
        """Read the refresh token."""
        return read(RefreshTokenBody, body).refresh_token

    def refreshed(self, tokens: Tokens) -> TokenReply:
        """Show the tokens."""
        return TokenReply(tokens.access_token, tokens.refresh_token, "bearer", tokens.expires_in)

    def profile_change(self, body: Json) -> ProfileChange:
        """Read what changes."""
        return change_of_name_parts(body)

    def me(self, user: model.User) -> User:
        """Show the user."""
        return User(
            user.id,
            user.username,
            user.email,
            user.name.first,
            user.name.last,
            user.is_active,
            user.is_staff,
            user.is_superuser,
            user.email_verified,
            user.has_membership,
        )

    def problem_body(self, code: str, problem: Problem, fields: Mapping[str, Sequence[str]], request_id: str) -> Json:
        """Tell it in one text, beside the status."""
        return {"detail": sentence(problem, fields), "status_code": problem.status}


CONTRACT = Pythonorg()
