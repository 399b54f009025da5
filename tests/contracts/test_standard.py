"""Our own contract."""

from typing import Any

from keyfob.model.user import PersonName

from tests.contracts.administration_behaviour import AdministrationBehaviour
from tests.contracts.behaviour import UUID, Rotating
from tests.contracts.keys_behaviour import KeysBehaviour
from tests.contracts.sessions_behaviour import SessionsBehaviour
from tests.house import PASSWORD, Reply, unique


class TestStandard(SessionsBehaviour, KeysBehaviour, AdministrationBehaviour, Rotating):
    """RFC conventions."""

    contract = "standard"
    access_seconds = 900
    refresh_seconds = 30 * 24 * 3600
    bad_login = "Invalid email or password"
    bad_access = "Authentication required"
    name_changes = (
        ({"full_name": "Grace Hopper"}, PersonName("Grace Hopper", "Grace", "Hopper")),
        ({"full_name": ""}, PersonName(None, "", "")),
    )
    shows_verified = "email_verified"

    def register_body(self, username: str, email: str) -> dict[str, Any]:
        """Email and password, and a username and a whole name, which are optional."""
        return {"email": email, "password": PASSWORD, "username": username, "full_name": "Ada Lovelace"}

    def login_body(self, identifier: str, password: str) -> dict[str, Any]:
        """Email or username, and password."""
        return {"email" if "@" in identifier else "username": identifier, "password": password}

    def refresh_body(self, token: str) -> dict[str, Any]:
        """The refresh token."""
        return {"refresh_token": token}

    def tokens(self, reply: Reply) -> dict[str, Any]:
        """RFC 6749's token response."""
        tokens: dict[str, Any] = reply.json
        assert tokens.keys() == {"access_token", "refresh_token", "token_type", "expires_in"}
        assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
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
        """RFC 9457's problem, whose `detail` says what is wrong."""
        problem = reply.json
        assert reply.headers["content-type"] == "application/problem+json"
        assert problem.keys() - {"errors"} == {"type", "title", "status", "detail", "request_id"}
        assert problem["type"].startswith("urn:keyfob:problem:")
        assert problem["status"] == reply.status
        return str(problem["detail"])

    def check_user(self, shown: Any, username: str, email: str) -> None:
        """Everything there is."""
        account = shown["account"]
        assert UUID.fullmatch(shown["id"])
        assert UUID.fullmatch(account["id"])
        assert shown == {
            "id": shown["id"],
            "email": email,
            "email_verified": False,
            "username": username,
            "full_name": "Ada Lovelace",
            "is_active": True,
            "is_staff": False,
            "is_superuser": False,
            "has_membership": False,
            "role": "owner",
            "account": {"id": account["id"], "name": "My Account", "slug": account["slug"]},
            "created_at": shown["created_at"],
        }

    def test_register_shows_the_user(self) -> None:
        """Register answers what `me` will."""
        username = unique()
        email = f"{username}@example.com"
        self.check_user(self.client.call("register", self.register_body(username, email)).json, username, email)

    def test_email_and_password_are_enough(self) -> None:
        """A username is derived, and a name may be missing."""
        username = unique()
        reply = self.client.call("register", {"email": f"{username}@example.com", "password": PASSWORD})
        assert (reply.status, reply.json["username"], reply.json["full_name"]) == (201, username, None)

    def test_login_needs_one_identifier(self) -> None:
        """Without an email address and a username there is nobody to log in."""
        reply = self.client.call("login", {"password": PASSWORD})
        assert reply.status == 400
        assert reply.json["errors"] == [{"pointer": "#/email", "detail": "Email or username is required"}]

    def test_a_problem_points_at_the_fields(self) -> None:
        """Each wrong field is pointed at."""
        reply = self.client.call("register", {"email": "x", "password": PASSWORD, "username": "a@b"})
        assert reply.json["type"] == "urn:keyfob:problem:invalid-fields"
        assert [error["pointer"] for error in reply.json["errors"]] == ["#/email", "#/username"]
