"""Our own contract: RFC conventions throughout (RFC 6749 tokens, RFC 9457 problems), and every fact there is."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from keyfob.clock import iso
from keyfob.contracts.base import Json, Operation, Problem, sentence
from keyfob.contracts.common import (
    FullNameChangeBody,
    MessageReply,
    RefreshTokenBody,
    Shapes,
    SnakeCase,
    TokenReply,
    change_of_full_name,
    shared_operations,
)
from keyfob.contracts.fields import Email, NewPassword, Password, PersonName, Text, Username
from keyfob.contracts.reading import read
from keyfob.errors import InvalidFields
from keyfob.model import user as model
from keyfob.model.credentials import Credentials, ProfileChange, Registration
from keyfob.model.permission import SESSION
from keyfob.model.token import TokenPolicy, Tokens


class RegisterBody(NamedTuple):
    """What ``register`` takes. Without a `username`, one is derived from the email address."""

    email: Email
    password: NewPassword
    username: Username | None = None
    full_name: PersonName | None = None


class LoginBody(NamedTuple):
    """What ``login`` takes: an email address or a username, and the password."""

    password: Password
    email: Text | None = None
    username: Text | None = None


class Account(NamedTuple):
    """An account as it is shown."""

    id: str
    name: str
    slug: str


class User(NamedTuple):
    """A user as it is shown."""

    id: str
    email: str
    email_verified: bool
    username: str
    full_name: str | None
    is_active: bool
    is_staff: bool
    is_superuser: bool
    has_membership: bool
    role: str
    account: Account
    created_at: str


class Standard(SnakeCase):
    """Our own conventions."""

    name = "standard"
    base_path = "/api/v1/auth"
    tokens = TokenPolicy("standard", 15 * 60, 30 * 24 * 3600, rotates=True, user_id=lambda user: user.id)
    problem_media_type = "application/problem+json"
    operations = MappingProxyType(
        {
            "register": Operation(("POST",), "/register", 201, RegisterBody, User),
            "login": Operation(("POST",), "/login", 200, LoginBody, TokenReply),
            "refresh": Operation(("POST",), "/refresh", 200, RefreshTokenBody, TokenReply),
            "logout": Operation(("POST",), "/logout", 200, None, MessageReply, SESSION),
            "me": Operation(("GET",), "/me", 200, None, User, "profile:read"),
            **shared_operations(Shapes(LoginBody, TokenReply, User, MessageReply, FullNameChangeBody)),
        }
    )

    def registration(self, body: Json) -> Registration:
        """Read email and password, and perhaps a username and a whole name."""
        new = read(RegisterBody, body)
        return Registration(new.email, new.username, new.password, model.PersonName.from_full(new.full_name))

    def credentials(self, body: Json) -> Credentials:
        """Read email or username, and password."""
        login = read(LoginBody, body)
        identifier = login.email or login.username
        if not identifier:
            raise InvalidFields({"email": ["Email or username is required"]})
        return Credentials(identifier, login.password)

    def logged_in(self, user: model.User, tokens: Tokens) -> TokenReply:
        """Show the tokens."""
        return self.refreshed(tokens)

    def refresh_token(self, body: Json) -> str:
        """Read the refresh token."""
        return read(RefreshTokenBody, body).refresh_token

    def refreshed(self, tokens: Tokens) -> TokenReply:
        """Show the tokens."""
        return TokenReply(tokens.access_token, tokens.refresh_token, "Bearer", tokens.expires_in)

    def profile_change(self, body: Json) -> ProfileChange:
        """Read what changes."""
        return change_of_full_name(body)

    def me(self, user: model.User) -> User:
        """Show the user and its account."""
        return User(
            id=user.id,
            email=user.email,
            email_verified=user.email_verified,
            username=user.username,
            full_name=user.name.full,
            is_active=user.is_active,
            is_staff=user.is_staff,
            is_superuser=user.is_superuser,
            has_membership=user.has_membership,
            role=user.role,
            account=Account(user.account.id, user.account.name, user.account.slug),
            created_at=iso(user.created_at),
        )

    def problem_body(self, code: str, problem: Problem, fields: Mapping[str, Sequence[str]], request_id: str) -> Json:
        """Tell it as a problem (RFC 9457), with a JSON Pointer to each field that is wrong."""
        errors = [{"pointer": f"#/{name}", "detail": text} for name, texts in fields.items() for text in texts]
        return {
            "type": f"urn:keyfob:problem:{code.replace('_', '-')}",
            "title": problem.text,
            "status": problem.status,
            "detail": sentence(problem, fields),
            **({"errors": errors} if errors else {}),
            "request_id": request_id,
        }


CONTRACT = Standard()
