"""Bodies, replies and ways that more than one contract has."""

from typing import Any, NamedTuple

from keyfob.clock import iso
from keyfob.contracts.base import Json, Operation
from keyfob.contracts.bodies import InvitationBody, InvitationTokenBody, KeyRotationBody, OneWordBodies, RoleBody
from keyfob.contracts.fields import Email, NewPassword, Password, PersonName, Text, Username
from keyfob.contracts.reading import read
from keyfob.contracts.snake_case.keys import IssuedKeyReply, KeyReply, KeysReply, NewKeyBody, SnakeCaseKeys
from keyfob.contracts.snake_case.members import (
    InvitationReply,
    InvitationsReply,
    MemberReply,
    MembersReply,
    SnakeCaseMembers,
)
from keyfob.contracts.snake_case.users import SnakeCaseUsers, UserChangeBody, UserReply, UsersReply
from keyfob.errors import ResourceNotFound
from keyfob.model.credentials import PasswordChange, PasswordReset, ProfileChange
from keyfob.model.ids import is_id
from keyfob.model.permission import SESSION, STAFF
from keyfob.model.session import ListedSession, SessionList


class UserRegisterBody(NamedTuple):
    """What ``register`` takes where a user tells its username and its name in two parts."""

    username: Username
    email: Email
    password: NewPassword
    first_name: PersonName
    last_name: PersonName


class UsernameLoginBody(NamedTuple):
    """What ``login`` takes where the identifier is called `username`; it may be an email address too."""

    username: Text
    password: Password


class EmailLoginBody(NamedTuple):
    """What ``login`` takes where the identifier is called `email`; it may be a username too."""

    email: Text
    password: Password


class RefreshTokenBody(NamedTuple):
    """What takes a refresh token takes."""

    refresh_token: Text


class TokenReply(NamedTuple):
    """A pair of tokens (RFC 6749, section 5.1); `expires_in` in seconds."""

    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int


class MessageReply(NamedTuple):
    """A sentence for the user."""

    message: str


class EmailBody(NamedTuple):
    """What asks for mail: the address that it should go to."""

    email: Email


class PasswordResetBody(NamedTuple):
    """What ``reset-password`` takes: the token from the mail, and the password that it sets."""

    token: Text
    new_password: NewPassword


class PasswordResetForm(NamedTuple):
    """What the form of ``reset-password/page`` sends; people are told of the `password` by this name."""

    token: Text
    password: NewPassword


class PasswordChangeBody(NamedTuple):
    """What ``change-password`` takes."""

    current_password: Password
    new_password: NewPassword


class FullNameChangeBody(NamedTuple):
    """What ``PATCH /me`` takes where a name is whole. A new `email` needs `current_password`."""

    email: Email | None = None
    username: Username | None = None
    full_name: PersonName | None = None
    current_password: Password | None = None


class NamePartsChangeBody(NamedTuple):
    """What ``PATCH /me`` takes where a name is in two parts. A new `email` needs `current_password`."""

    email: Email | None = None
    username: Username | None = None
    first_name: PersonName | None = None
    last_name: PersonName | None = None
    current_password: Password | None = None


class SessionReply(NamedTuple):
    """A session as its user sees it; times in ISO 8601."""

    id: str
    device: str
    user_agent: str
    ip: str
    created_at: str
    last_used_at: str
    current: bool


class SessionsReply(NamedTuple):
    """A page of sessions, and the ``cursor`` of the next one, if there is one."""

    sessions: list[SessionReply]
    next_cursor: str | None


def sessions_reply(page: SessionList) -> SessionsReply:
    """Show a page of sessions."""
    return SessionsReply([_session_reply(listed) for listed in page.sessions], page.next_cursor)


def _session_reply(listed: ListedSession) -> SessionReply:
    session = listed.session
    return SessionReply(
        id=session.id,
        device=listed.device,
        user_agent=session.client.user_agent,
        ip=session.client.ip,
        created_at=iso(session.created_at),
        last_used_at=iso(session.refreshed_at),
        current=listed.is_current,
    )


class SnakeCase(SnakeCaseKeys, SnakeCaseMembers, SnakeCaseUsers, OneWordBodies):
    """What contracts share whose bodies are in snake_case."""

    def user_ref(self, text: str) -> str | int:
        """Return the user's id."""
        if not is_id(text):
            raise ResourceNotFound("not an id of a user")
        return text

    def email(self, body: Json) -> str:
        """Read the address."""
        return read(EmailBody, body).email

    def password_reset(self, body: Json) -> PasswordReset:
        """Read token and new password."""
        new = read(PasswordResetBody, body)
        return PasswordReset(new.token, new.new_password)

    def password_change(self, body: Json) -> PasswordChange:
        """Read the current and the new password."""
        change = read(PasswordChangeBody, body)
        return PasswordChange(change.current_password, change.new_password)

    def sessions(self, page: SessionList) -> SessionsReply:
        """Show the sessions."""
        return sessions_reply(page)

    def said(self, message: str) -> object:
        """Show the sentence."""
        return MessageReply(message)


def change_of_full_name(body: Json) -> ProfileChange:
    """Read what changes where a name is whole."""
    change = read(FullNameChangeBody, body)
    return ProfileChange(
        email=change.email,
        username=change.username,
        full_name=change.full_name,
        current_password=change.current_password,
    )


def change_of_name_parts(body: Json) -> ProfileChange:
    """Read what changes where a name is in two parts."""
    change = read(NamePartsChangeBody, body)
    return ProfileChange(
        email=change.email,
        username=change.username,
        first_name=change.first_name,
        last_name=change.last_name,
        current_password=change.current_password,
    )


class Shapes(NamedTuple):
    """A contract's own models, where what is done is the same on all: what bodies and replies are made of."""

    login: type
    signed_in: type
    user: type
    message: type
    profile_change: type
    sessions: type = SessionsReply
    password_reset: type = PasswordResetBody
    password_change: type = PasswordChangeBody
    new_key: type = NewKeyBody
    issued_key: type = IssuedKeyReply
    key: type = KeyReply
    keys: Any = KeysReply
    member: type = MemberReply
    members: type = MembersReply
    invitation: type = InvitationReply
    invitations: type = InvitationsReply
    user_change: type = UserChangeBody
    administered_user: type = UserReply
    administered_users: type = UsersReply


def shared_operations(shapes: Shapes, slash: str = "") -> dict[str, Operation]:
    """Return the operations that have the same path and status on every contract; paths end in `slash`."""
    return {
        "session_login": Operation(("POST",), f"/session/login{slash}", 200, shapes.login, shapes.message),
        "session_logout": Operation(("POST",), f"/session/logout{slash}", 200, None, shapes.message, SESSION),
        "update_me": Operation(("PATCH",), f"/me{slash}", 200, shapes.profile_change, shapes.user, "profile:write"),
        "delete_me": Operation(("DELETE",), f"/me{slash}", 204, None, None, "profile:delete"),
        "send_verification": Operation(("POST",), f"/send-verification{slash}", 200, EmailBody, shapes.message),
        "verify_email": Operation(("GET",), f"/verify-email/{{token}}{slash}", 200, None, shapes.message),
        "forgot_password": Operation(("POST",), f"/forgot-password{slash}", 200, EmailBody, shapes.message),
        "reset_password": Operation(("POST",), f"/reset-password{slash}", 200, shapes.password_reset, shapes.message),
        "reset_password_page": Operation(("GET", "POST"), f"/reset-password/page{slash}", 200, None, shapes.message),
        "change_password": Operation(
            ("POST",), f"/change-password{slash}", 200, shapes.password_change, shapes.message, SESSION
        ),
        "sessions": Operation(("GET",), f"/sessions{slash}", 200, None, shapes.sessions, "sessions:read"),
        "end_other_sessions": Operation(("DELETE",), f"/sessions{slash}", 204, None, None, "sessions:write"),
        "end_session": Operation(("DELETE",), f"/sessions/{{session_id}}{slash}", 204, None, None, "sessions:write"),
        "create_key": Operation(("POST",), f"/keys{slash}", 201, shapes.new_key, shapes.issued_key, SESSION),
        "keys": Operation(("GET",), f"/keys{slash}", 200, None, shapes.keys, "keys:read"),
        "key": Operation(("GET",), f"/keys/{{key_id}}{slash}", 200, None, shapes.key, "keys:read"),
        "rotate_key": Operation(
            ("POST",), f"/keys/{{key_id}}/rotate{slash}", 200, KeyRotationBody, shapes.issued_key, SESSION
        ),
        "delete_key": Operation(("DELETE",), f"/keys/{{key_id}}{slash}", 204, None, None, "keys:write"),
        "members": Operation(("GET",), f"/members{slash}", 200, None, shapes.members, "members:read"),
        "update_member": Operation(
            ("PATCH",), f"/members/{{user_id}}{slash}", 200, RoleBody, shapes.member, "members:write"
        ),
        "remove_member": Operation(("DELETE",), f"/members/{{user_id}}{slash}", 204, None, None, "members:write"),
        "leave_account": Operation(("DELETE",), f"/membership{slash}", 204, None, None, SESSION),
        "invite": Operation(("POST",), f"/invitations{slash}", 201, InvitationBody, shapes.invitation, "members:write"),
        "invitations": Operation(("GET",), f"/invitations{slash}", 200, None, shapes.invitations, "members:read"),
        "revoke_invitation": Operation(
            ("DELETE",), f"/invitations/{{invitation_id}}{slash}", 204, None, None, "members:write"
        ),
        "accept_invitation": Operation(
            ("POST",), f"/invitations/accept{slash}", 200, InvitationTokenBody, shapes.user, SESSION
        ),
        "invitation_page": Operation(("GET", "POST"), f"/invitations/page{slash}", 200, None, shapes.message),
        "users": Operation(("GET",), f"/users{slash}", 200, None, shapes.administered_users, STAFF),
        "user": Operation(("GET",), f"/users/{{user_id}}{slash}", 200, None, shapes.administered_user, STAFF),
        "update_user": Operation(
            ("PATCH",), f"/users/{{user_id}}{slash}", 200, shapes.user_change, shapes.administered_user, STAFF
        ),
        "end_user_sessions": Operation(("DELETE",), f"/users/{{user_id}}/sessions{slash}", 204, None, None, STAFF),
        "send_user_reset": Operation(
            ("POST",), f"/users/{{user_id}}/reset-password{slash}", 200, None, shapes.message, STAFF
        ),
        "oauth": Operation(("GET",), f"/oauth/{{provider}}{slash}", 302, None, None),
        "oauth_callback": Operation(("GET",), f"/oauth/{{provider}}/callback{slash}", 200, None, shapes.signed_in),
    }
