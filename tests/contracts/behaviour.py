"""What every contract does, whatever it looks like on the wire. Each contract's suite inherits this."""

import json
import re
from abc import ABC, abstractmethod
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from typing import Any, ClassVar

import jwt as pyjwt
import pytest
from keyfob.clock import now
from keyfob.contracts import contract_named
from keyfob.contracts.base import Contract, as_json
from keyfob.crypto.passwords import PasswordHasher
from keyfob.model.session import Client as Device
from keyfob.service.sessions import new_session
from pydantic import TypeAdapter

from tests.house import ISSUER, ORIGIN, PASSWORD, Client, House, Reply, unique

ENDPOINTS = tuple(contract_named("standard").operations)
PARAMETERS = dict.fromkeys(("token", "session_id", "provider", "key_id", "user_id", "invitation_id"), "none")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class Behaviour(ABC):
    """The behaviour of register, login, refresh, logout and me."""

    contract: ClassVar[str]
    access_seconds: ClassVar[int]
    refresh_seconds: ClassVar[int]
    bad_login: ClassVar[str]
    bad_access: ClassVar[str]
    cursor_key: ClassVar[str] = "next_cursor"
    """What pages call the cursor of the next one."""

    @pytest.fixture(autouse=True)
    def _set_up(self, house: House) -> None:
        house.forget()
        self.house = house
        self.client: Client = house.client(self.contract)

    @property
    def spec(self) -> Contract:
        """The contract under test."""
        return contract_named(self.contract)

    @abstractmethod
    def register_body(self, username: str, email: str) -> dict[str, Any]:
        """Return a body of ``register``."""

    @abstractmethod
    def login_body(self, identifier: str, password: str) -> dict[str, Any]:
        """Return a body of ``login``."""

    @abstractmethod
    def refresh_body(self, token: str) -> dict[str, Any]:
        """Return a body of ``refresh``."""

    @abstractmethod
    def access_token(self, reply: Reply) -> str:
        """Return the access token in a reply of ``login`` or ``refresh``."""

    @abstractmethod
    def refresh_token(self, reply: Reply) -> str:
        """Return the refresh token in a reply of ``login``."""

    @abstractmethod
    def refreshed_token(self, reply: Reply, before: str) -> str:
        """Return the refresh token to use after a reply of ``refresh``; `before` is the one that was sent."""

    @abstractmethod
    def error(self, reply: Reply) -> str:
        """Return the text of a failure, after checking its shape to the letter."""

    @abstractmethod
    def check_user(self, shown: Any, username: str, email: str) -> None:
        """Check the reply of ``me`` to the letter."""

    def path_of(self, endpoint: str) -> str:
        """Return an endpoint's path, whose parameters name nothing that exists."""
        return self.spec.base_path + self.spec.operations[endpoint].path.format(**PARAMETERS)

    def registered(self) -> tuple[str, str]:
        """Register somebody, and return its username (as derived where the contract takes none) and email."""
        username = unique(self.contract)
        email = f"{username}@example.com"
        reply = self.client.call("register", self.register_body(username, email))
        assert reply.status == 201, reply.text
        return username, email

    def logged_in(self, identifier: str = "") -> Reply:
        """Log somebody in: the one with this identifier, or somebody new."""
        reply = self.client.call("login", self.login_body(identifier or self.registered()[1], PASSWORD))
        assert reply.status == 200, reply.text
        return reply

    def claims(self, token: str) -> dict[str, Any]:
        """Return what a token says, without judging it."""
        payload = token.split(".")[1]
        claims: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return claims

    def me(self, token: str) -> Reply:
        """Ask who a token belongs to."""
        return self.client.call("me", token=token)

    def check_documented(self, endpoint: str, reply: Reply) -> None:
        """Check that a reply has the status and just the keys of its operation's model, of the right types."""
        operation = self.spec.operations[endpoint]
        assert reply.status == operation.status, reply.text
        adapter: TypeAdapter[Any] = TypeAdapter(operation.reply)
        model = adapter.validate_json(json.dumps(self.payload(reply)), strict=True)
        assert as_json(model) == self.payload(reply)

    # Registering

    def test_register_makes_a_user_that_can_log_in_and_is_shown(self) -> None:
        """A registered user logs in with its email address and sees itself."""
        username, email = self.registered()
        reply = self.me(self.access_token(self.logged_in(email)))
        assert reply.status == 200
        self.check_user(reply.json, username, email)

    def test_register_makes_an_account_owned_by_the_user(self) -> None:
        """Each user gets an account of its own, as its owner."""
        _, email = self.registered()
        user = self.house.users.find(email)
        assert user is not None
        assert user.role == "owner"
        assert user.account.name == "My Account"
        assert re.fullmatch(r"my-account(-[0-9a-f]{8})?", user.account.slug)

    def test_a_taken_email_is_refused_in_any_case(self) -> None:
        """Two users cannot have one email address, however it is written."""
        _, email = self.registered()
        before = self.house.everything()
        reply = self.client.call("register", self.register_body(unique(), email.upper()))
        assert reply.status == (400 if self.contract == "metatag" else 409)
        assert self.error(reply) == "Email already registered"
        assert self.house.everything() == before

    def test_a_registered_password_is_stored_as_argon2id_only(self) -> None:
        """No item holds the password, and the profile holds its Argon2id hash."""
        _, email = self.registered()
        user = self.house.users.find(email)
        assert user is not None
        assert user.password_hash is not None
        assert user.password_hash.startswith("$argon2id$")
        assert PASSWORD not in json.dumps(self.house.everything())

    def test_nobody_registers_privileges(self) -> None:
        """Members of the body that the contract does not name are ignored."""
        username = unique()
        email = f"{username}@example.com"
        granted = {"role": "system_bot", "is_staff": True, "is_superuser": True, "email_verified": True, "id": 1}
        assert self.client.call("register", {**self.register_body(username, email), **granted}).status == 201
        user = self.house.users.find(email)
        assert user is not None
        assert (user.role, user.is_staff, user.is_superuser, user.email_verified) == ("owner", False, False, False)

    # Passwords

    @pytest.mark.parametrize(
        ("password", "complaint"),
        [
            ("short12", "Password must be at least 8 characters"),
            ("x" * 129, "Password must be at most 128 characters"),
            ("x" * 10_000, "Password must be at most 128 characters"),
            ("password123", "Password is too common"),
            ("PassWord123", "Password is too common"),
        ],
    )
    def test_a_password_that_nobody_should_choose_is_refused(self, password: str, complaint: str) -> None:
        """A password is long enough, not too long and not common; the answer says which."""
        username = unique()
        before = self.house.everything()
        body = {**self.register_body(username, f"{username}@example.com"), "password": password}
        reply = self.client.call("register", body)
        assert reply.status == 400
        assert self.error(reply) == complaint
        assert self.house.everything() == before

    def test_the_own_email_is_no_password(self) -> None:
        """A password is not the user's own email address."""
        username = unique()
        email = f"{username}@example.com"
        reply = self.client.call("register", {**self.register_body(username, email), "password": email.upper()})
        assert reply.status == 400
        assert self.error(reply) == "Password must not be your email or username"

    @pytest.mark.parametrize("password", ["SecurePass123!", "SecurePassword123!", "secure_password123", "pässwörd-ünï"])
    def test_the_documents_passwords_are_accepted(self, password: str) -> None:
        """The passwords of the documents, and any that is not of ASCII, can be chosen and used."""
        username = unique()
        email = f"{username}@example.com"
        body = {**self.register_body(username, email), "password": password}
        assert self.client.call("register", body).status == 201
        assert self.client.call("login", self.login_body(email, password)).status == 200

    def test_one_password_typed_on_two_keyboards_is_one_password(self) -> None:
        """A password is compared in Unicode's form NFC."""
        username = unique()
        email = f"{username}@example.com"
        body = {**self.register_body(username, email), "password": "caf\u00e9-caf\u00e9"}
        assert self.client.call("register", body).status == 201
        assert self.client.call("login", self.login_body(email, "cafe\u0301-cafe\u0301")).status == 200

    # Logging in

    def test_login_takes_email_or_username_in_any_case(self) -> None:
        """The identifier may be the email address or the username, in any case."""
        _, email = self.registered()
        user = self.house.users.find(email)
        assert user is not None
        for identifier in (email, email.upper(), user.username, user.username.upper()):
            assert self.client.call("login", self.login_body(identifier, PASSWORD)).status == 200

    def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(self) -> None:
        """Nobody learns from a login who has an account."""
        _, email = self.registered()
        replies = [
            self.client.call("login", self.login_body(identifier, password))
            for identifier, password in [
                (email, "wrong-password"),
                ("nobody@example.com", PASSWORD),
                ("nobody", PASSWORD),
                ("n" * 60_000, PASSWORD),
                (email, "x" * 50_000),
                (email, ""),
                ("", PASSWORD),
            ][: 6 if self.contract == "standard" else 7]
        ]
        assert {reply.status for reply in replies} == {401}
        assert {self.error(reply) for reply in replies} == {self.bad_login}
        assert {reply.headers["www-authenticate"] for reply in replies} == {"Bearer"}

    def test_an_inactive_user_is_refused_everywhere_but_told_only_with_the_password(self) -> None:
        """A deactivated user cannot log in, refresh or be shown, and strangers do not learn that it is inactive."""
        reply = self.logged_in()
        token = self.access_token(reply)
        user_id = self.claims(token)["sub"]
        user = self.house.users.get(user_id)
        assert user is not None
        self.house.change_user(user_id, is_active=False)
        refused = [
            self.client.call("login", self.login_body(user.email, PASSWORD)),
            self.client.call("refresh", self.refresh_body(self.refresh_token(reply))),
            self.me(token),
        ]
        assert [(each.status, self.error(each)) for each in refused] == [(403, "Account is inactive")] * 3
        assert self.client.call("login", self.login_body(user.email, "wrong-password")).status == 401

    def test_a_hash_of_other_parameters_is_replaced_at_login(self) -> None:
        """A password hashed under older parameters is hashed anew when its owner logs in."""
        _, email = self.registered()
        user = self.house.users.find(email)
        assert user is not None
        old = PasswordHasher("owasp").hash(PASSWORD)
        self.house.change_user(user.id, password_hash=old)
        self.logged_in(email)
        renewed = self.house.users.get(user.id)
        assert renewed is not None
        assert renewed.password_hash is not None
        assert renewed.password_hash != old
        assert not PasswordHasher("test").needs_rehash(renewed.password_hash)
        self.logged_in(email)

    def test_a_session_knows_where_it_came_from(self) -> None:
        """The user agent (at most 255 characters) and API Gateway's own source address are kept, no client's header."""
        _, email = self.registered()
        headers = {"User-Agent": "a" * 300, "X-Forwarded-For": "198.51.100.99"}
        login = self.client.call("login", self.login_body(email, PASSWORD), headers=headers, source_ip="192.0.2.44")
        session_id = self.claims(self.access_token(login))["sid"]
        (item,) = [item for item in self.house.items("SessionsTable") if item["session_id"]["S"] == session_id]
        assert item["ip"]["S"] == "192.0.2.44"
        assert item["user_agent"]["S"] == "a" * 255

    # Tokens

    def test_access_tokens_say_what_they_must_and_no_more(self) -> None:
        """An access token is a JWT with the contract's claims and lifetime."""
        token = self.access_token(self.logged_in())
        claims = self.claims(token)
        assert claims["iss"] == ISSUER
        assert claims["aud"] == self.contract
        assert claims["type"] == "access"
        assert claims["exp"] - claims["iat"] == self.access_seconds
        assert UUID.fullmatch(claims["sub"])
        assert {"user_id", "jti", "sid"} <= claims.keys()
        assert pyjwt.get_unverified_header(token)["typ"] == "at+jwt"

    def test_refresh_tokens_are_jwts_of_their_own_kind(self) -> None:
        """A refresh token is a JWT with the contract's lifetime, which no access token can be taken for."""
        token = self.refresh_token(self.logged_in())
        claims = self.claims(token)
        assert token.startswith("eyJ")
        assert claims["type"] == "refresh"
        assert claims["exp"] - claims["iat"] == self.refresh_seconds
        assert self.me(token).status == 401

    def test_an_access_token_is_no_refresh_token(self) -> None:
        """An access token cannot be refreshed with."""
        reply = self.client.call("refresh", self.refresh_body(self.access_token(self.logged_in())))
        assert (reply.status, self.error(reply)) == (401, "Invalid or expired refresh token")

    def test_a_token_of_one_contract_is_refused_on_another(self) -> None:
        """Both kinds of token are good for their own contract alone."""
        reply = self.logged_in()
        other = self.house.client("reference" if self.contract != "reference" else "metatag")
        assert other.call("me", token=self.access_token(reply)).status == 401
        name = {"reference": "refreshToken", "metatag": "refresh_token"}[other.contract]
        assert other.call("refresh", {name: self.refresh_token(reply)}).status == 401

    def test_an_expired_access_token_is_refused(self) -> None:
        """An access token is worth nothing from its `exp` on."""
        token = self.access_token(self.logged_in())
        claims = self.claims(token)
        user, session = self.house.users.get(claims["sub"]), self.stored_session(claims)
        assert user is not None
        moment = now() - self.access_seconds
        expired = self.house.issuer.access_token(user, session, self.spec.tokens, moment)
        alive = self.house.issuer.access_token(user, session, self.spec.tokens, moment + 60)
        assert self.me(alive).status == 200
        assert self.me(expired).status == 401

    def test_an_expired_refresh_token_is_refused(self) -> None:
        """A refresh token is worth nothing from its `exp` on, even if its session is still stored."""
        claims = self.claims(self.access_token(self.logged_in()))
        user = self.house.users.get(claims["sub"])
        assert user is not None
        long_ago = now() - self.refresh_seconds
        session = new_session(user, self.spec.tokens, Device("192.0.2.1", ""), long_ago)
        self.house.sessions.add(session)
        token = self.house.issuer.refresh_token(session, self.spec.tokens)
        reply = self.client.call("refresh", self.refresh_body(token))
        assert (reply.status, self.error(reply)) == (401, "Invalid or expired refresh token")

    def test_a_session_that_dynamodb_has_not_deleted_yet_is_over_all_the_same(self) -> None:
        """Expiry is checked on every read, since TTL deletes late."""
        reply = self.logged_in()
        claims = self.claims(self.access_token(reply))
        self.house.change_session(claims["sub"], claims["sid"], expires_at=now())
        assert self.me(self.access_token(reply)).status == 401
        assert self.client.call("refresh", self.refresh_body(self.refresh_token(reply))).status == 401

    def stored_session(self, claims: dict[str, Any]) -> Any:
        """Return the session that an access token belongs to."""
        session = self.house.sessions.find(claims["sub"], claims["sid"])
        assert session is not None
        return session

    # Refreshing

    def test_refresh_gives_tokens_that_work(self) -> None:
        """A refreshed access token is good, and so is the refresh token to use next."""
        reply = self.logged_in()
        token = self.refresh_token(reply)
        for _ in range(3):
            refreshed = self.client.call("refresh", self.refresh_body(token))
            assert refreshed.status == 200
            assert self.me(self.access_token(refreshed)).status == 200
            token = self.refreshed_token(refreshed, token)

    def test_a_lost_answer_logs_nobody_out(self) -> None:
        """Within the grace window the same refresh token gives the same successor."""
        token = self.refresh_token(self.logged_in())
        first, second = (self.client.call("refresh", self.refresh_body(token)) for _ in range(2))
        assert self.refreshed_token(first, token) == self.refreshed_token(second, token)
        assert self.client.call("refresh", self.refresh_body(self.refreshed_token(second, token))).status == 200

    def test_refresh_keeps_the_session_and_notes_its_use(self) -> None:
        """Refreshing goes on with the same session and notes from where."""
        reply = self.logged_in()
        before = self.claims(self.access_token(reply))
        refreshed = self.client.call("refresh", self.refresh_body(self.refresh_token(reply)), source_ip="198.51.100.5")
        after = self.claims(self.access_token(refreshed))
        assert (after["sid"], after["sub"]) == (before["sid"], before["sub"])
        assert after["jti"] != before["jti"]
        (item,) = [item for item in self.house.items("SessionsTable") if item["session_id"]["S"] == after["sid"]]
        assert item["ip"]["S"] == "198.51.100.5"

    # Logging out

    def log_out(self, reply: Reply) -> Reply:
        """Log out of the session that a reply of ``login`` began."""
        return self.client.call("logout", token=self.access_token(reply))

    def test_logout_ends_the_session_and_all_its_tokens_at_once(self) -> None:
        """After a logout neither token works, and the answer says so."""
        reply = self.logged_in()
        logout = self.log_out(reply)
        assert logout.status == 200
        assert "Successfully logged out" in logout.text
        assert self.me(self.access_token(reply)).status == 401
        assert self.client.call("refresh", self.refresh_body(self.refresh_token(reply))).status == 401

    def test_an_inactive_user_can_log_out(self) -> None:
        """A deactivated user's session can be ended by its owner, and stays over when the user is active again."""
        reply = self.logged_in()
        user_id = self.claims(self.access_token(reply))["sub"]
        self.house.change_user(user_id, is_active=False)
        assert self.log_out(reply).status == 200
        self.house.change_user(user_id, is_active=True)
        assert self.me(self.access_token(reply)).status == 401

    def test_logout_leaves_other_sessions_alone(self) -> None:
        """One device's logout does not log another out."""
        _, email = self.registered()
        here, there = self.logged_in(email), self.logged_in(email)
        assert self.log_out(here).status == 200
        assert self.me(self.access_token(there)).status == 200

    # Credentials

    @pytest.mark.parametrize(
        "authorization",
        [
            "Bearer",
            "Bearer ",
            "Basic dXNlcjpwYXNz",
            "Bearer not-a-token",
            "Bearer a.b.c",
            "Bearer eyJhbGciOiJub25lIn0.e30.",
            "Bearer \u00e9.\u00e9.\u00e9",
        ],
    )
    def test_bad_credentials_are_refused_with_a_challenge(self, authorization: str) -> None:
        """Missing, malformed and foreign credentials are a 401 with `WWW-Authenticate: Bearer`."""
        reply = self.client.call("me", headers={"Authorization": authorization})
        assert reply.status == 401
        assert self.error(reply)
        assert reply.headers["www-authenticate"] == "Bearer"

    def test_no_credentials_are_refused_with_a_challenge(self) -> None:
        """A protected endpoint without credentials is a 401 with `WWW-Authenticate: Bearer`."""
        reply = self.client.call("me")
        assert (reply.status, self.error(reply)) == (401, self.bad_access)
        assert reply.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
    def test_the_scheme_is_read_in_any_case(self, scheme: str) -> None:
        """`bearer` is `Bearer`, and blanks around a token do no harm."""
        token = self.access_token(self.logged_in())
        assert self.client.call("me", headers={"authorization": f"{scheme} {token} "}).status == 200

    def test_a_content_type_on_a_get_is_fine(self) -> None:
        """`Content-Type: application/json` on a GET without a body changes nothing."""
        token = self.access_token(self.logged_in())
        assert self.client.call("me", token=token, headers={"Content-Type": "application/json"}).status == 200

    # Answers

    def payload(self, reply: Reply) -> Any:
        """Return what a reply's model describes: the whole body, unless there is an envelope."""
        return reply.json

    def test_replies_are_exactly_what_their_models_describe(self) -> None:
        """The models that the documentation is made from have every key of the answers, and no other."""
        username = unique()
        email = f"{username}@example.com"
        login_body = self.login_body(email, PASSWORD)
        replies = {
            "register": self.client.call("register", self.register_body(username, email)),
            "login": self.client.call("login", login_body),
        }
        replies["refresh"] = self.client.call("refresh", self.refresh_body(self.refresh_token(replies["login"])))
        replies["me"] = self.me(self.access_token(replies["login"]))
        replies["logout"] = self.log_out(replies["login"])
        for endpoint, reply in replies.items():
            self.check_documented(endpoint, reply)

    def test_no_answer_may_be_stored(self) -> None:
        """Whatever carries tokens or personal data is `Cache-Control: no-store`."""
        reply = self.logged_in()
        assert reply.headers["cache-control"] == "no-store"
        assert self.me(self.access_token(reply)).headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("endpoint", ENDPOINTS)
    def test_a_slash_at_the_end_changes_nothing(self, endpoint: str) -> None:
        """Every path works with a slash at its end and without."""
        operation = self.spec.operations[endpoint]
        path = self.path_of(endpoint).rstrip("/")
        replies = [self.client.send(operation.methods[0], path + slash) for slash in ("", "/")]
        assert replies[0].status == replies[1].status
        assert replies[0].status in {400, 401, 415} or endpoint == "oauth"

    @pytest.mark.parametrize("endpoint", ENDPOINTS)
    def test_a_wrong_method_is_told_which_are_right(self, endpoint: str) -> None:
        """A wrong method is a 405 in the contract's shape, with `Allow`."""
        operation = self.spec.operations[endpoint]
        reply = self.client.send("PUT", self.path_of(endpoint))
        assert (reply.status, self.error(reply)) == (405, "Method not allowed")
        allowed = [
            method for each in self.spec.operations.values() if each.path == operation.path for method in each.methods
        ]
        assert reply.headers["allow"] == ", ".join((*allowed, "OPTIONS"))

    @pytest.mark.parametrize("path", ["/", "/nothing", "/api", "/api/auth/nothing", "/api/v1/auth/", "/api/v2/auth/me"])
    def test_an_unknown_path_is_not_found(self, path: str) -> None:
        """A path that is no endpoint's is a 404 in the contract's shape."""
        reply = self.client.send("GET", path)
        assert (reply.status, self.error(reply)) == (404, "Resource not found")

    def test_the_other_base_path_is_not_found(self) -> None:
        """A contract answers under its own base path alone."""
        other = "/api/auth" if self.spec.base_path == "/api/v1/auth" else "/api/v1/auth"
        assert self.client.send("GET", f"{other}/me").status == 404

    @pytest.mark.parametrize("endpoint", ENDPOINTS)
    def test_a_preflight_is_answered_for_allowed_origins(self, endpoint: str) -> None:
        """A script of an allowed origin may call every endpoint."""
        operation = self.spec.operations[endpoint]
        headers = {"Origin": ORIGIN, "Access-Control-Request-Method": operation.methods[0]}
        reply = self.client.send("OPTIONS", self.path_of(endpoint), headers=headers)
        assert reply.status == 204
        assert reply.text == ""
        assert reply.headers["access-control-allow-origin"] == ORIGIN
        assert operation.methods[0] in reply.headers["access-control-allow-methods"]
        assert "Authorization" in reply.headers["access-control-allow-headers"]

    def test_answers_are_for_scripts_of_allowed_origins_alone(self) -> None:
        """Other origins' scripts are not let in, and caches are told that the origin matters."""
        allowed = self.client.call("me", headers={"Origin": ORIGIN})
        denied = self.client.call("me", headers={"Origin": "https://evil.example"})
        assert allowed.headers["access-control-allow-origin"] == ORIGIN
        assert "access-control-allow-origin" not in denied.headers
        assert allowed.headers["vary"] == denied.headers["vary"] == "Origin"

    def test_timestamps_are_utc_in_whole_seconds(self) -> None:
        """Every time shown is ISO 8601 in UTC, whole seconds, ending in Z."""
        text = self.me(self.access_token(self.logged_in())).text
        for stamp in re.findall(r"\d{4}-\d\d-\d\dT[^\"]*", text):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp)
            assert datetime.fromisoformat(stamp).tzinfo == UTC


class Rotating(Behaviour):
    """A contract whose refresh tokens work once and are replaced."""

    def test_each_refresh_replaces_the_token(self) -> None:
        """A refresh gives another refresh token."""
        token = self.refresh_token(self.logged_in())
        assert self.refreshed_token(self.client.call("refresh", self.refresh_body(token)), token) != token

    def test_a_replaced_token_that_comes_back_late_ends_the_session(self) -> None:
        """After the grace window, a replaced refresh token revokes the session and every token of it."""
        token = self.refresh_token(self.logged_in())
        refreshed = self.client.call("refresh", self.refresh_body(token))
        claims = self.claims(self.access_token(refreshed))
        self.house.change_session(claims["sub"], claims["sid"], refreshed_at=now() - 11)
        again = self.client.call("refresh", self.refresh_body(token))
        assert (again.status, self.error(again)) == (401, "Invalid or expired refresh token")
        assert self.me(self.access_token(refreshed)).status == 401
        successor = self.refreshed_token(refreshed, token)
        assert self.client.call("refresh", self.refresh_body(successor)).status == 401

    def test_a_token_two_generations_old_ends_the_session_at_once(self) -> None:
        """A refresh token that is older than the one just replaced has been stolen, grace window or not."""
        oldest = self.refresh_token(self.logged_in())
        older = self.refreshed_token(self.client.call("refresh", self.refresh_body(oldest)), oldest)
        newest = self.client.call("refresh", self.refresh_body(older))
        assert self.client.call("refresh", self.refresh_body(oldest)).status == 401
        assert self.me(self.access_token(newest)).status == 401


class Reusable(Behaviour):
    """A contract whose refresh tokens work until they expire or are revoked."""

    def test_the_token_stays(self) -> None:
        """The documented client that keeps its old refresh token goes on, however late it comes back."""
        token = self.refresh_token(self.logged_in())
        for _ in range(3):
            refreshed = self.client.call("refresh", self.refresh_body(token))
            assert refreshed.status == 200
            assert self.refreshed_token(refreshed, token) == token
            claims = self.claims(self.access_token(refreshed))
            self.house.change_session(claims["sub"], claims["sid"], refreshed_at=now() - 3600)
