"""The contract of the IGNY8 API: everything in an envelope, integer ids, paths that end in a slash."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from keyfob.contracts.base import PROBLEMS, Json, Operation, Problem
from keyfob.contracts.common import (
    EmailLoginBody,
    MessageReply,
    NamePartsChangeBody,
    Shapes,
    SnakeCase,
    UserRegisterBody,
    change_of_name_parts,
    shared_operations,
)
from keyfob.contracts.fields import Text
from keyfob.contracts.reading import read
from keyfob.errors import ForeignResource, KeyfobError, ResourceNotFound
from keyfob.model import user as model
from keyfob.model.credentials import Credentials, ProfileChange, Registration
from keyfob.model.permission import SESSION
from keyfob.model.token import TokenPolicy, Tokens

_NUMBER = re.compile(r"[1-9][0-9]{0,15}")


class RefreshBody(NamedTuple):
    """What ``refresh`` takes."""

    refresh: Text


class Account(NamedTuple):
    """An account as it is shown."""

    id: int
    name: str
    slug: str


class User(NamedTuple):
    """A user as it is shown."""

    id: int
    email: str
    username: str
    role: str
    account: Account


class LoginReply(NamedTuple):
    """What ``login`` and ``register`` answer."""

    user: User
    access: str
    refresh: str


class RefreshReply(NamedTuple):
    """What ``refresh`` answers."""

    access: str
    refresh: str


class Igny8(SnakeCase):
    """Document 002."""

    name = "igny8"
    base_path = "/api/v1/auth"
    tokens = TokenPolicy("igny8", 15 * 60, 7 * 24 * 3600, rotates=False, user_id=lambda user: user.number)
    registration_logs_in = True
    operations = MappingProxyType(
        {
            "register": Operation(("POST",), "/register/", 201, UserRegisterBody, LoginReply),
            "login": Operation(("POST",), "/login/", 200, EmailLoginBody, LoginReply),
            "refresh": Operation(("POST",), "/refresh/", 200, RefreshBody, RefreshReply),
            "logout": Operation(("POST",), "/logout/", 200, None, MessageReply, SESSION),
            "me": Operation(("GET",), "/me/", 200, None, User, "profile:read"),
            **shared_operations(Shapes(EmailLoginBody, LoginReply, User, MessageReply, NamePartsChangeBody), "/"),
        }
    )
    problems = MappingProxyType(
        {"invalid_access_token": Problem(401, "Authentication required")},
    )

    def registration(self, body: Json) -> Registration:
        """Read an email address, a username, a password and a name in two parts."""
        new = read(UserRegisterBody, body)
        return Registration(
            new.email, new.username, new.password, model.PersonName.from_parts(new.first_name, new.last_name)
        )

    def credentials(self, body: Json) -> Credentials:
        """Read email and password."""
        login = read(EmailLoginBody, body)
        return Credentials(login.email, login.password)

    def logged_in(self, user: model.User, tokens: Tokens) -> LoginReply:
        """Show the user and its tokens."""
        return LoginReply(self.me(user), tokens.access_token, tokens.refresh_token)

    def refresh_token(self, body: Json) -> str:
        """Read the refresh token."""
        return read(RefreshBody, body).refresh

    def refreshed(self, tokens: Tokens) -> RefreshReply:
        """Show the tokens."""
        return RefreshReply(tokens.access_token, tokens.refresh_token)

    def profile_change(self, body: Json) -> ProfileChange:
        """Read what changes."""
        return change_of_name_parts(body)

    def me(self, user: model.User) -> User:
        """Show the user and its account."""
        account = Account(user.account.number, user.account.name, user.account.slug)
        return User(user.number, user.email, user.username, user.role, account)

    def user_ref(self, text: str) -> int:
        """Return the user's number."""
        if not _NUMBER.fullmatch(text):
            raise ResourceNotFound("not a number of a user")
        return int(text)

    def problem(self, error: KeyfobError) -> Problem:
        """Return what a client is told: the document says what belongs to another account, where others hide it."""
        return PROBLEMS["permission_denied"] if isinstance(error, ForeignResource) else super().problem(error)

    def reply_body(self, reply: Any, request_id: str) -> Json:  # noqa: ANN401 - whatever JSON has
        """Put the reply into the envelope."""
        return {"success": True, "data": reply, "request_id": request_id}

    def problem_body(self, code: str, problem: Problem, fields: Mapping[str, Sequence[str]], request_id: str) -> Json:
        """Tell it in the envelope, with what is wrong field by field."""
        errors = {"errors": {name: list(texts) for name, texts in fields.items()}} if fields else {}
        return {"success": False, "error": problem.text, **errors, "request_id": request_id}


CONTRACT = Igny8()
