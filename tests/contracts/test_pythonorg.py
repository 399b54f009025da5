"""Document 001's contract."""

from typing import Any

import pytest
from keyfob.model.user import PersonName

from tests.contracts.administration_behaviour import AdministrationBehaviour
from tests.contracts.behaviour import UUID, Rotating
from tests.contracts.keys_behaviour import KeysBehaviour
from tests.contracts.sessions_behaviour import SessionsBehaviour
from tests.house import PASSWORD, Reply, unique


class TestPythonorg(SessionsBehaviour, KeysBehaviour, AdministrationBehaviour, Rotating):
    """Four token keys, flat, and errors as `{"detail", "status_code"}`."""

    contract = "pythonorg"
    access_seconds = 604800
    refresh_seconds = 30 * 24 * 3600
    bad_login = "Invalid username or password"
    bad_access = "Authentication required"
    name_changes = (
        ({"first_name": "Grace"}, PersonName.from_parts("Grace", "van Rossum")),
        ({"last_name": "Hopper"}, PersonName("Grace Hopper", "Grace", "Hopper")),
        ({"first_name": "", "last_name": ""}, PersonName(None, "", "")),
    )
    shows_verified = "email_verified"

    def register_body(self, username: str, email: str) -> dict[str, Any]:
        """Username, email, password and a name in two parts."""
        return {
            "username": username,
            "email": email,
            "password": PASSWORD,
            "first_name": "Guido",
            "last_name": "van Rossum",
        }

    def login_body(self, identifier: str, password: str) -> dict[str, Any]:
        """Username and password."""
        return {"username": identifier, "password": password}

    def refresh_body(self, token: str) -> dict[str, Any]:
        """The refresh token."""
        return {"refresh_token": token}

    def tokens(self, reply: Reply) -> dict[str, Any]:
        """The four token keys."""
        tokens: dict[str, Any] = reply.json
        assert tokens.keys() == {"access_token", "refresh_token", "token_type", "expires_in"}
        assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 604800)
        return tokens

    def access_token(self, reply: Reply) -> str:
        """`access_token`."""
        return str(self.tokens(reply)["access_token"])

    def refresh_token(self, reply: Reply) -> str:
        """`refresh_token`."""
        return str(self.tokens(reply)["refresh_token"])

    def refreshed_token(self, reply: Reply, before: str) -> str:
        """`refresh_token`, new each time."""
        assert self.refresh_token(reply) != before
        return self.refresh_token(reply)

    def error(self, reply: Reply) -> str:
        """`{"detail": str, "status_code": int}`."""
        assert reply.json == {"detail": reply.json["detail"], "status_code": reply.status}
        return str(reply.json["detail"])

    def check_user(self, shown: Any, username: str, email: str) -> None:
        """Ten keys."""
        assert UUID.fullmatch(shown["id"])
        assert shown == {
            "id": shown["id"],
            "username": username,
            "email": email,
            "first_name": "Guido",
            "last_name": "van Rossum",
            "is_active": True,
            "is_staff": False,
            "is_superuser": False,
            "email_verified": False,
            "has_membership": False,
        }

    def test_registering_logs_in(self) -> None:
        """Register answers tokens that work at once."""
        username = unique()
        email = f"{username}@example.com"
        registered = self.client.call("register", self.register_body(username, email))
        self.check_user(self.me(self.access_token(registered)).json, username, email)
        refreshed = self.client.call("refresh", self.refresh_body(self.refresh_token(registered)))
        assert refreshed.status == 200

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_me_answers_get_and_post(self, method: str) -> None:
        """The document posts to `me` without a body; GET works as well."""
        token = self.access_token(self.logged_in())
        reply = self.client.send(method, "/api/auth/me", headers={"Authorization": f"Bearer {token}"})
        assert reply.status == 200

    def test_a_taken_username_is_refused_in_any_case(self) -> None:
        """Usernames are unique without regard to case."""
        username, _ = self.registered()
        reply = self.client.call("register", self.register_body(username.upper(), f"{unique()}@example.com"))
        assert (reply.status, self.error(reply)) == (409, "Username already taken")

    def test_the_own_username_is_no_password(self) -> None:
        """A password is not the user's own username."""
        username = unique("longname")
        body = {**self.register_body(username, f"{username}@example.com"), "password": username.upper()}
        reply = self.client.call("register", body)
        assert (reply.status, self.error(reply)) == (400, "Password must not be your email or username")

    def test_logout_needs_a_live_access_token(self) -> None:
        """Logout demands authentication, and its answer is as documented."""
        reply = self.logged_in()
        assert self.client.call("logout").status == 401
        assert self.log_out(reply).json == {"message": "Successfully logged out"}
        assert self.log_out(reply).status == 401
