"""Somebody who can ask everything of every endpoint once, and what is stored of that."""

from typing import Any

from keyfob.model.permission import PUBLIC

from tests.guests import registered
from tests.house import ORIGIN, PASSWORD, SESSION_COOKIE, House, Reply, unique
from tests.mail_tokens import emailed, invited
from tests.managers import manager_of
from tests.speakers import speaker

ENDPOINTS = (
    "register",
    "login",
    "session_login",
    "me",
    "sessions",
    "refresh",
    "send_verification",
    "verify_email",
    "forgot_password",
    "end_session",
    "session_logout",
    "reset_password_page",
    "create_key",
    "keys",
    "key",
    "rotate_key",
    "delete_key",
    "users",
    "user",
    "update_user",
    "end_user_sessions",
    "send_user_reset",
    "members",
    "update_member",
    "remove_member",
    "invite",
    "invitations",
    "revoke_invitation",
    "invitation_page",
    "accept_invitation",
    "leave_account",
    "reset_password",
    "end_other_sessions",
    "change_password",
    "logout",
    "update_me",
    "delete_me",
)
"""Every endpoint but social login's, in an order in which one visitor can use them all."""

WITHOUT_A_TOKEN = {"session_logout"}
"""What is asked with a cookie."""

SIGNS_OUT = {"logout", "reset_password"}


class Visitor:
    """A manager signed in by a token, by a cookie and elsewhere, who has mail and is invited, and who may register."""

    def __init__(self, contract: str, house: House) -> None:
        """Sign in, and get mail."""
        self.house = house
        self.talk = speaker(contract, house)
        manager = manager_of(contract, house)
        self.email, self.path, self.key = manager.user.email, manager.path, manager.key
        self.newcomer = unique()
        self.guest = f"guest-{self.newcomer}@example.com"
        house.change_user(manager.user.id, email_verified=True)
        self.sign_in()
        credentials = self.talk.login_body(self.email, PASSWORD)
        self.cookie = self.talk.client.call("session_login", credentials).cookies[SESSION_COOKIE]
        self.elsewhere = str(self.talk.claims(self.talk.access_token(self.talk.logged_in(self.email)))["sid"])
        self.verification, self.reset = (emailed(house, self.email, kind) for kind in ("VERIFY", "RESET"))
        self.invitation = invited(house, self.email, by=registered(house, contract))

    def sign_in(self) -> None:
        """Get tokens that work."""
        self.login = self.talk.logged_in(self.email)
        self.token = self.talk.access_token(self.login)

    def send(self, endpoint: str, house: House | None = None) -> Reply:
        """Send a request that succeeds when nothing fails, perhaps to another house over the same tables."""
        talk = speaker(self.talk.contract, house or self.house)
        camel = talk.contract == "reference"
        new, current = ("newPassword", "currentPassword") if camel else ("new_password", "current_password")
        credentials, email = talk.login_body(self.email, PASSWORD), {"email": self.email}
        bodies: dict[str, Any] = {
            "register": talk.register_body(self.newcomer, f"{self.newcomer}@example.com"),
            "login": credentials,
            "session_login": credentials,
            "refresh": talk.refresh_body(talk.refresh_token(self.login)),
            "send_verification": email,
            "forgot_password": email,
            "change_password": {current: PASSWORD, new: PASSWORD},
            "reset_password": {"token": self.reset, new: PASSWORD},
            "update_me": {"username": f"new-{self.newcomer}", "email": f"new-{self.email}", current: PASSWORD},
            "create_key": {},
            "rotate_key": {"overlap": 0},
            "update_member": {"role": "editor"},
            "invite": {"email": self.guest, "role": "viewer"},
            "accept_invitation": {"token": self.invitation},
            "update_user": {"isActive" if camel else "is_active": False},
        }
        options: dict[str, dict[str, Any]] = {
            "session_logout": {"cookie": self.cookie, "headers": {"Origin": ORIGIN}},
            "reset_password_page": {"query": f"token={self.reset}"},
            "invitation_page": {"query": f"token={self.invitation}"},
        }
        if endpoint == "logout":
            return talk.log_out(self.login)
        is_public = talk.spec.operations[endpoint].permission == PUBLIC
        token = "" if is_public or endpoint in WITHOUT_A_TOKEN else self.token
        path = {**self.path, "token": self.verification, "session_id": self.elsewhere}
        return talk.client.call(endpoint, bodies.get(endpoint), token=token, path=path, **options.get(endpoint, {}))

    def succeeds(self, endpoint: str, house: House | None = None) -> bool:
        """Tell whether that request succeeds."""
        return self.send(endpoint, house).status == self.talk.spec.operations[endpoint].status

    def check_all_succeeds(self, house: House | None = None) -> None:
        """Check that each request succeeds, after which there is no such visitor any more."""
        for endpoint in ENDPOINTS:
            assert self.succeeds(endpoint, house), endpoint
            if endpoint in SIGNS_OUT:
                self.sign_in()

    def check_unavailable(self, reply: Reply) -> None:
        """Check that a reply says, in the contract's shape, to try again soon, and nothing about AWS."""
        assert (reply.status, reply.headers.get("retry-after")) == (503, "1")
        assert self.talk.error(reply) == "Service temporarily unavailable, please try again"
        assert "arn:" not in reply.text


def stored(house: House) -> list[dict[str, Any]]:
    """Return every item but those that count attempts: somebody who tries again has tried twice."""
    one_time = house.items("OneTimeTable")
    return [
        *house.everything(),
        *house.items("ApiKeysTable"),
        *(item for item in one_time if not item["pk"]["S"].startswith(("ATTEMPTS#", "FAILURES#"))),
    ]
