"""The contract of the authentication API reference: camelCase, prefixed ids, errors as ``{"error"}``."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from keyfob.clock import iso
from keyfob.contracts.base import Json, Operation, Problem, sentence
from keyfob.contracts.bodies import OneWordBodies
from keyfob.contracts.camel_case.keys import CamelCaseKeys, IssuedKeyReply, KeyReply, ListedKeyReply, NewKeyBody
from keyfob.contracts.camel_case.members import (
    CamelCaseMembers,
    InvitationReply,
    InvitationsReply,
    MemberReply,
    MembersReply,
)
from keyfob.contracts.camel_case.users import CamelCaseUsers, UserChangeBody, UserReply, UsersReply
from keyfob.contracts.common import EmailBody, MessageReply, Shapes, UsernameLoginBody, shared_operations
from keyfob.contracts.fields import Email, NewPassword, Password, PersonName, Text, Username
from keyfob.contracts.prefixed_ids import from_prefixed, prefixed
from keyfob.contracts.reading import read
from keyfob.errors import ResourceNotFound
from keyfob.model import user as model
from keyfob.model.credentials import Credentials, PasswordChange, PasswordReset, ProfileChange, Registration
from keyfob.model.permission import SESSION
from keyfob.model.session import SessionList
from keyfob.model.token import TokenPolicy, Tokens

USER_PREFIX = "user_"


class RegisterBody(NamedTuple):
    """What ``register`` takes."""

    username: Username
    email: Email
    password: NewPassword
    name: PersonName | None = None


class RefreshBody(NamedTuple):
    """What ``refresh`` takes."""

    refreshToken: Text


class PasswordResetBody(NamedTuple):
    """What ``reset-password`` takes: the token from the mail, and the password that it sets."""

    token: Text
    newPassword: NewPassword


class PasswordChangeBody(NamedTuple):
    """What ``change-password`` takes."""

    currentPassword: Password
    newPassword: NewPassword


class ProfileChangeBody(NamedTuple):
    """What ``PATCH /me`` takes. A new `email` needs `currentPassword`."""

    email: Email | None = None
    username: Username | None = None
    name: PersonName | None = None
    currentPassword: Password | None = None


class SessionReply(NamedTuple):
    """A session as its user sees it; times in ISO 8601."""

    sessionId: str
    device: str
    userAgent: str
    ip: str
    createdAt: str
    lastUsed: str
    current: bool


class SessionsReply(NamedTuple):
    """A page of sessions, and the ``cursor`` of the next one, if there is one."""

    sessions: list[SessionReply]
    nextCursor: str | None


class User(NamedTuple):
    """A user as it is shown."""

    id: str
    username: str
    email: str


class LoginReply(NamedTuple):
    """What ``login`` answers; `expires_in` in seconds. The document leaves `refreshToken` out, and then needs it."""

    token: str
    expires_in: int
    user: User
    refreshToken: str


class RefreshReply(NamedTuple):
    """What ``refresh`` answers; `expires_in` in seconds. The refresh token stays as it is."""

    token: str
    expires_in: int


def user_id(user: model.User) -> str:
    """Return the user's id as this contract shows it: ``user_`` and 32 hexadecimal digits."""
    return prefixed(USER_PREFIX, user.id)


class Reference(CamelCaseKeys, CamelCaseMembers, CamelCaseUsers, OneWordBodies):
    """Document 003."""

    name = "reference"
    base_path = "/api/v1/auth"
    new_password_field = "newPassword"  # noqa: S105 - the name of a field
    tokens = TokenPolicy("reference", 3600, 7 * 24 * 3600, rotates=False, user_id=user_id)
    operations = MappingProxyType(
        {
            "register": Operation(("POST",), "/register", 201, RegisterBody, User),
            "login": Operation(("POST",), "/login", 200, UsernameLoginBody, LoginReply),
            "refresh": Operation(("POST",), "/refresh", 200, RefreshBody, RefreshReply),
            "logout": Operation(("POST",), "/logout", 200, None, MessageReply, SESSION),
            "me": Operation(("GET",), "/me", 200, None, User, "profile:read"),
            **shared_operations(
                Shapes(
                    login=UsernameLoginBody,
                    signed_in=LoginReply,
                    user=User,
                    message=MessageReply,
                    profile_change=ProfileChangeBody,
                    sessions=SessionsReply,
                    password_reset=PasswordResetBody,
                    password_change=PasswordChangeBody,
                    new_key=NewKeyBody,
                    issued_key=IssuedKeyReply,
                    key=KeyReply,
                    keys=list[ListedKeyReply],
                    member=MemberReply,
                    members=MembersReply,
                    invitation=InvitationReply,
                    invitations=InvitationsReply,
                    user_change=UserChangeBody,
                    administered_user=UserReply,
                    administered_users=UsersReply,
                )
            ),
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

    def email(self, body: Json) -> str:
        """Read the address."""
        return read(EmailBody, body).email

    def password_reset(self, body: Json) -> PasswordReset:
        """Read token and new password."""
        new = read(PasswordResetBody, body)
        return PasswordReset(new.token, new.newPassword)

    def password_change(self, body: Json) -> PasswordChange:
        """Read the current and the new password."""
        change = read(PasswordChangeBody, body)
        return PasswordChange(change.currentPassword, change.newPassword)

    def profile_change(self, body: Json) -> ProfileChange:
        """Read what changes."""
        change = read(ProfileChangeBody, body)
        return ProfileChange(
            email=change.email,
            username=change.username,
            full_name=change.name,
            current_password=change.currentPassword,
        )

    def sessions(self, page: SessionList) -> SessionsReply:
        """Show the sessions."""
        shown = [
            SessionReply(
                sessionId=each.session.id,
                device=each.device,
                userAgent=each.session.client.user_agent,
                ip=each.session.client.ip,
                createdAt=iso(each.session.created_at),
                lastUsed=iso(each.session.refreshed_at),
                current=each.is_current,
            )
            for each in page.sessions
        ]
        return SessionsReply(shown, page.next_cursor)

    def user_ref(self, text: str) -> str:
        """Return the id behind the one that is shown."""
        found = from_prefixed(USER_PREFIX, text)
        if found is None:
            raise ResourceNotFound("not an id of a user")
        return found

    def said(self, message: str) -> MessageReply:
        """Show the sentence."""
        return MessageReply(message)

    def me(self, user: model.User) -> User:
        """Show the user."""
        return User(user_id(user), user.username, user.email)

    def problem_body(self, code: str, problem: Problem, fields: Mapping[str, Sequence[str]], request_id: str) -> Json:
        """Tell it in one text."""
        return {"error": sentence(problem, fields)}


CONTRACT = Reference()
