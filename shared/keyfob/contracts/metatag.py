"""The contract of the meta-data tag generator: tokens in a body of their own, errors as ``{"detail"}``."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from keyfob.clock import iso
from keyfob.contracts.base import Json, Operation, Problem, sentence
from keyfob.contracts.common import (
    EmailLoginBody,
    FullNameChangeBody,
    RefreshTokenBody,
    Shapes,
    SnakeCase,
    TokenReply,
    change_of_full_name,
    shared_operations,
)
from keyfob.contracts.fields import Email, NewPassword, PersonName
from keyfob.contracts.reading import read
from keyfob.model import user as model
from keyfob.model.credentials import Credentials, ProfileChange, Registration
from keyfob.model.token import TokenPolicy, Tokens


class RegisterBody(NamedTuple):
    """What ``register`` takes."""

    email: Email
    password: NewPassword
    full_name: PersonName | None = None


class User(NamedTuple):
    """A user as it is shown."""

    id: str
    email: str
    full_name: str | None
    is_active: bool
    is_verified: bool
    created_at: str


class LoginReply(NamedTuple):
    """What ``login`` answers."""

    user: User
    tokens: TokenReply


class SuccessReply(NamedTuple):
    """A sentence for the user, and that all went well."""

    message: str
    success: bool


class Metatag(SnakeCase):
    """Document 000."""

    name = "metatag"
    base_path = "/api/auth"
    tokens = TokenPolicy("metatag", 3600, 7 * 24 * 3600, rotates=True, user_id=lambda user: user.id)
    logout_takes_refresh_token = True
    operations = MappingProxyType(
        {
            "register": Operation(("POST",), "/register", 201, RegisterBody, User),
            "login": Operation(("POST",), "/login", 200, EmailLoginBody, LoginReply),
            "refresh": Operation(("POST",), "/refresh", 200, RefreshTokenBody, TokenReply),
            "logout": Operation(("POST",), "/logout", 200, RefreshTokenBody, SuccessReply),
            "me": Operation(("GET",), "/me", 200, None, User, "profile:read"),
            **shared_operations(Shapes(EmailLoginBody, LoginReply, User, SuccessReply, FullNameChangeBody)),
        }
    )
    problems = MappingProxyType(
        {
            "email_taken": Problem(400, "Email already registered"),
            "authentication_required": Problem(401, "Invalid or expired token"),
        }
    )

    def registration(self, body: Json) -> Registration:
        """Read email, password and perhaps a whole name."""
        new = read(RegisterBody, body)
        return Registration(new.email, None, new.password, model.PersonName.from_full(new.full_name))

    def credentials(self, body: Json) -> Credentials:
        """Read email and password."""
        login = read(EmailLoginBody, body)
        return Credentials(login.email, login.password)

    def logged_in(self, user: model.User, tokens: Tokens) -> LoginReply:
        """Show the user and its tokens."""
        return LoginReply(self.me(user), self.refreshed(tokens))

    def refresh_token(self, body: Json) -> str:
        """Read the refresh token."""
        return read(RefreshTokenBody, body).refresh_token

    def refreshed(self, tokens: Tokens) -> TokenReply:
        """Show the tokens."""
        return TokenReply(tokens.access_token, tokens.refresh_token, "bearer", tokens.expires_in)

    def profile_change(self, body: Json) -> ProfileChange:
        """Read what changes."""
        return change_of_full_name(body)

    def said(self, message: str) -> SuccessReply:
        """Show the sentence."""
        return SuccessReply(message, success=True)

    def me(self, user: model.User) -> User:
        """Show the user."""
        return User(user.id, user.email, user.name.full, user.is_active, user.email_verified, iso(user.created_at))

    def problem_body(self, code: str, problem: Problem, fields: Mapping[str, Sequence[str]], request_id: str) -> Json:
        """Tell it in one text."""
        return {"detail": sentence(problem, fields)}


CONTRACT = Metatag()
