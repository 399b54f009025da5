"""Document 003's contract."""

import re
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from keyfob.model.user import PersonName, User

from tests.contracts.administration_behaviour import AdministrationBehaviour
from tests.contracts.behaviour import Reusable
from tests.contracts.keys_behaviour import KeysBehaviour
from tests.contracts.sessions_behaviour import SessionsBehaviour
from tests.house import PASSWORD, Reply


class TestReference(SessionsBehaviour, KeysBehaviour, AdministrationBehaviour, Reusable):
    """CamelCase, prefixed ids, errors as `{"error"}`."""

    contract = "reference"
    access_seconds = 3600
    refresh_seconds = 7 * 24 * 3600
    bad_login = "Invalid credentials"
    bad_access = "Authentication required"
    name_changes = (
        ({"name": "Grace Hopper"}, PersonName("Grace Hopper", "Grace", "Hopper")),
        ({"name": ""}, PersonName(None, "", "")),
    )
    current_password_field = "currentPassword"
    new_password_field = "newPassword"
    session_keys = ("sessionId", "device", "userAgent", "ip", "createdAt", "lastUsed", "current")
    cursor_key = "nextCursor"
    key_id_form = re.compile(r"key_[0-9a-f]{32}")
    key_names = MappingProxyType(
        {
            "id": "keyId",
            "api_key": "apiKey",
            "created_at": "createdAt",
            "expires_in": "expiresIn",
            "expires_at": "expiresAt",
            "last_used_at": "lastUsed",
            "last_used_ip": "lastUsedIp",
            "last_used_user_agent": "lastUsedUserAgent",
        }
    )
    issued_facts = ("id", "api_key", "name", "created_at")
    listed_facts = ("id", "name", "created_at", "last_used_at")
    member_keys = ("userId", "email", "username", "name", "role", "isActive", "joinedAt")
    invitation_keys = ("invitationId", "email", "role", "createdAt", "expiresAt")
    user_keys = (
        "userId",
        "email",
        "emailVerified",
        "username",
        "name",
        "isActive",
        "isStaff",
        "isSuperuser",
        "hasMembership",
        "hasPassword",
        "role",
        "account",
        "createdAt",
    )

    def shown_id(self, user: User) -> str | int:
        """The id with a prefix, and without hyphens."""
        return f"user_{user.id.replace('-', '')}"

    def unknown_id(self) -> str:
        """An id of that form that is nobody's."""
        return f"user_{uuid4().hex}"

    def key_list(self, payload: Any) -> list[dict[str, Any]]:
        """A bare array."""
        keys: list[dict[str, Any]] = payload
        return keys

    def register_body(self, username: str, email: str) -> dict[str, Any]:
        """Username, email and password."""
        return {"username": username, "email": email, "password": PASSWORD}

    def login_body(self, identifier: str, password: str) -> dict[str, Any]:
        """Username and password."""
        return {"username": identifier, "password": password}

    def refresh_body(self, token: str) -> dict[str, Any]:
        """The refresh token."""
        return {"refreshToken": token}

    def password_change_body(self, current: str, new: str) -> dict[str, Any]:
        """Current and new password."""
        return {"currentPassword": current, "newPassword": new}

    def access_token(self, reply: Reply) -> str:
        """`token`, beside its lifetime."""
        assert reply.json["expires_in"] == 3600
        return str(reply.json["token"])

    def refresh_token(self, reply: Reply) -> str:
        """`refreshToken`."""
        return str(reply.json["refreshToken"])

    def refreshed_token(self, reply: Reply, before: str) -> str:
        """The same one; the answer has none."""
        assert reply.json.keys() == {"token", "expires_in"}
        return before

    def error(self, reply: Reply) -> str:
        """`{"error": str}`."""
        assert reply.json.keys() == {"error"}
        return str(reply.json["error"])

    def check_user(self, shown: Any, username: str, email: str) -> None:
        """Three keys, and an id with a prefix."""
        assert re.fullmatch(r"user_[0-9a-f]{32}", shown["id"])
        assert shown == {"id": shown["id"], "username": username, "email": email}

    def test_login_answers_as_documented(self) -> None:
        """Login answers the documented keys, and the refresh token that its refresh endpoint needs."""
        username, email = self.registered()
        reply = self.logged_in(username)
        assert reply.json.keys() == {"token", "expires_in", "user", "refreshToken"}
        self.check_user(reply.json["user"], username, email)
        assert self.claims(self.access_token(reply))["user_id"] == reply.json["user"]["id"]

    def test_user_not_found_is_never_said(self) -> None:
        """The document's second error would tell who has an account, so it is never sent."""
        reply = self.client.call("login", self.login_body("nobody", PASSWORD))
        assert reply.json == {"error": "Invalid credentials"}

    def test_logout_answers_as_documented(self) -> None:
        """Logout demands authentication and says that it is done."""
        assert self.client.call("logout").json == {"error": "Authentication required"}
        assert self.log_out(self.logged_in()).json == {"message": "Successfully logged out"}
