"""Document 000's contract."""

from typing import Any

from keyfob.clock import iso, now
from keyfob.model.user import PersonName

from tests.contracts.administration_behaviour import AdministrationBehaviour
from tests.contracts.behaviour import UUID, Rotating
from tests.contracts.keys_behaviour import KeysBehaviour
from tests.contracts.sessions_behaviour import SessionsBehaviour
from tests.house import PASSWORD, Reply, unique


class TestMetatag(SessionsBehaviour, KeysBehaviour, AdministrationBehaviour, Rotating):
    """Tokens in a body of their own, errors as `{"detail"}`."""

    contract = "metatag"
    access_seconds = 3600
    refresh_seconds = 7 * 24 * 3600
    bad_login = "Invalid email or password"
    bad_access = "Invalid or expired token"
    name_changes = (
        ({"full_name": "Grace Hopper"}, PersonName("Grace Hopper", "Grace", "Hopper")),
        ({"full_name": ""}, PersonName(None, "", "")),
    )
    shows_verified = "is_verified"

    def register_body(self, username: str, email: str) -> dict[str, Any]:
        """Email, password and a whole name."""
        return {"email": email, "password": PASSWORD, "full_name": f"John {username}"}

    def login_body(self, identifier: str, password: str) -> dict[str, Any]:
        """Email and password."""
        return {"email": identifier, "password": password}

    def refresh_body(self, token: str) -> dict[str, Any]:
        """The refresh token."""
        return {"refresh_token": token}

    def sentence(self, message: str) -> dict[str, Any]:
        """The sentence, and that all went well."""
        return {"message": message, "success": True}

    def tokens(self, reply: Reply) -> dict[str, Any]:
        """The four token keys: nested at login, flat at refresh."""
        tokens: dict[str, Any] = reply.json.get("tokens", reply.json)
        assert tokens.keys() == {"access_token", "refresh_token", "token_type", "expires_in"}
        assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 3600)
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
        """`{"detail": str}`."""
        assert reply.headers["content-type"] == "application/json"
        assert reply.json.keys() == {"detail"}
        return str(reply.json["detail"])

    def check_user(self, shown: Any, username: str, email: str) -> None:
        """Six keys."""
        assert UUID.fullmatch(shown["id"])
        assert now() - 60 <= _seconds(shown["created_at"]) <= now()
        assert shown == {
            "id": shown["id"],
            "email": email,
            "full_name": f"John {username}",
            "is_active": True,
            "is_verified": False,
            "created_at": shown["created_at"],
        }

    def log_out(self, reply: Reply) -> Reply:
        """With the refresh token, and no Authorization."""
        return self.client.call("logout", self.refresh_body(self.refresh_token(reply)))

    def test_register_and_login_show_the_user(self) -> None:
        """Register answers the user, and login the user beside its tokens."""
        username = unique()
        email = f"{username}@example.com"
        registered = self.client.call("register", self.register_body(username, email))
        self.check_user(registered.json, username, email)
        login = self.logged_in(email)
        assert login.json.keys() == {"user", "tokens"}
        assert login.json["user"] == registered.json

    def test_a_name_may_be_null_or_left_out(self) -> None:
        """`full_name` is optional."""
        for extra in ({}, {"full_name": None}):
            email = f"{unique()}@example.com"
            reply = self.client.call("register", {"email": email, "password": PASSWORD, **extra})
            assert (reply.status, reply.json["full_name"]) == (201, None)

    def test_blanks_around_an_email_are_no_part_of_it(self) -> None:
        """A pasted address with a blank at its end is the address."""
        email = f"{unique()}@example.com"
        reply = self.client.call("register", {"email": f" {email} ", "password": PASSWORD})
        assert reply.json["email"] == email
        assert self.client.call("login", self.login_body(f"{email} ", PASSWORD)).status == 200

    def test_the_answer_to_logout_is_as_documented_and_a_retry_is_safe(self) -> None:
        """Logging out says so to the letter, again and again, and for tokens that are worth nothing."""
        reply = self.logged_in()
        expected = {"message": "Successfully logged out", "success": True}
        assert self.log_out(reply).json == self.log_out(reply).json == expected
        assert self.client.call("logout", {"refresh_token": "nonsense"}).json == expected

    def test_users_whose_emails_begin_alike_get_usernames_of_their_own(self) -> None:
        """A username derived from an email is made unique."""
        stem = unique()
        for domain in ("example.com", "example.org"):
            body = self.register_body(stem, f"{stem}@{domain}")
            assert self.client.call("register", body).status == 201
        first, second = (self.house.users.find(f"{stem}@{domain}") for domain in ("example.com", "example.org"))
        assert first is not None
        assert second is not None
        assert first.username == stem
        assert second.username.startswith(f"{stem}-")


def _seconds(stamp: str) -> int:
    return next(second for second in range(now() - 120, now() + 2) if iso(second) == stamp)
