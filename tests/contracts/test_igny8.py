"""Document 002's contract."""

from typing import Any

from keyfob.model.user import PersonName, User

from tests.contracts.administration_behaviour import AdministrationBehaviour
from tests.contracts.behaviour import UUID, Reusable
from tests.contracts.keys_behaviour import KeysBehaviour
from tests.contracts.sessions_behaviour import SessionsBehaviour
from tests.house import PASSWORD, Reply, unique


class TestIgny8(SessionsBehaviour, KeysBehaviour, AdministrationBehaviour, Reusable):
    """Everything in an envelope, with integer ids."""

    contract = "igny8"
    access_seconds = 900
    refresh_seconds = 7 * 24 * 3600
    bad_login = "Invalid email or password"
    bad_access = "Authentication required"
    name_changes = (
        ({"first_name": "Grace"}, PersonName.from_parts("Grace", "Doe")),
        ({"last_name": "Hopper"}, PersonName("Grace Hopper", "Grace", "Hopper")),
        ({"first_name": "", "last_name": ""}, PersonName(None, "", "")),
    )

    def shown_id(self, user: User) -> str | int:
        """The integer id."""
        return user.number

    def unknown_id(self) -> str:
        """An integer that is nobody's."""
        return str(2**53)

    def register_body(self, username: str, email: str) -> dict[str, Any]:
        """Email, username, password and a name in two parts."""
        return {
            "email": email,
            "username": username,
            "password": PASSWORD,
            "first_name": "John",
            "last_name": "Doe",
        }

    def login_body(self, identifier: str, password: str) -> dict[str, Any]:
        """Email and password."""
        return {"email": identifier, "password": password}

    def refresh_body(self, token: str) -> dict[str, Any]:
        """The refresh token."""
        return {"refresh": token}

    def data(self, reply: Reply) -> Any:
        """What is in the envelope."""
        assert reply.json.keys() == {"success", "data", "request_id"}
        assert reply.json["success"] is True
        assert UUID.fullmatch(reply.json["request_id"])
        return reply.json["data"]

    def payload(self, reply: Reply) -> Any:
        """What is in the envelope."""
        return self.data(reply)

    def access_token(self, reply: Reply) -> str:
        """`data.access`."""
        return str(self.data(reply)["access"])

    def refresh_token(self, reply: Reply) -> str:
        """`data.refresh`."""
        return str(self.data(reply)["refresh"])

    def refreshed_token(self, reply: Reply, before: str) -> str:
        """`data.refresh`, the same each time."""
        assert self.data(reply).keys() == {"access", "refresh"}
        assert self.refresh_token(reply) == before
        return before

    def error(self, reply: Reply) -> str:
        """`{"success": false, "error", "errors"?, "request_id"}`; the field's own text if fields are wrong."""
        assert reply.json["success"] is False
        assert UUID.fullmatch(reply.json["request_id"])
        assert reply.json.keys() - {"errors"} == {"success", "error", "request_id"}
        if "errors" in reply.json:
            assert (reply.status, reply.json["error"]) == (400, "Validation failed")
            return "; ".join(text for texts in reply.json["errors"].values() for text in texts)
        return str(reply.json["error"])

    def check_user(self, shown: Any, username: str, email: str) -> None:
        """A user with its account, in the envelope."""
        user = shown["data"]
        account = user["account"]
        assert user == {
            "id": user["id"],
            "email": email,
            "username": username,
            "role": "owner",
            "account": {"id": account["id"], "name": "My Account", "slug": account["slug"]},
        }
        for number in (user["id"], account["id"]):
            assert isinstance(number, int)
            assert 0 < number < 2**53

    def test_registering_logs_in(self) -> None:
        """Register and login answer the same shape: the user and its tokens."""
        username = unique()
        email = f"{username}@example.com"
        registered = self.client.call("register", self.register_body(username, email))
        for reply in (registered, self.logged_in(email)):
            data = self.data(reply)
            assert data.keys() == {"user", "access", "refresh"}
            self.check_user({"data": data["user"]}, username, email)
            assert self.me(data["access"]).status == 200

    def test_tokens_carry_the_integer_id(self) -> None:
        """The `user_id` of an access token is the id that the contract shows."""
        reply = self.logged_in()
        assert self.claims(self.access_token(reply))["user_id"] == self.data(reply)["user"]["id"]

    def test_wrong_fields_are_told_one_by_one(self) -> None:
        """`errors` maps each wrong field to what is wrong with it."""
        reply = self.client.call("register", {"email": "not-an-address", "password": PASSWORD, "first_name": 7})
        assert reply.status == 400
        assert reply.json["error"] == "Validation failed"
        assert reply.json["errors"] == {
            "username": ["Username is required"],
            "email": ["Email must be a valid email address"],
            "first_name": ["first_name must be a string"],
            "last_name": ["last_name is required"],
        }

    def test_a_taken_username_is_a_conflict(self) -> None:
        """Usernames are unique without regard to case."""
        username, _ = self.registered()
        reply = self.client.call("register", self.register_body(username.upper(), f"{unique()}@example.com"))
        assert (reply.status, self.error(reply)) == (409, "Username already taken")

    def test_account_slugs_are_unique(self) -> None:
        """Each account's slug is its own."""
        slugs = {self.data(self.logged_in())["user"]["account"]["slug"] for _ in range(3)}
        assert len(slugs) == 3
