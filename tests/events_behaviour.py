"""What each function answers to its events in `events/`, whatever it runs in."""

import json
import re
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import pytest
from keyfob.store.secrets import Secret

from local.aws import ROTATION_STEPS
from tests.api_events import file_name
from tests.contracts.behaviour import Behaviour
from tests.event_facts import (
    ACCESS_TOKEN,
    GUEST,
    KEY_ID,
    NEW_PASSWORD,
    REFRESH_TOKEN,
    SESSION_COOKIE_VALUE,
    USERS,
    Event,
)
from tests.events import DIRECTORY, made
from tests.house import SESSION_COOKIE, House, Reply, reply_of, unique
from tests.mail_tokens import invited
from tests.speakers import CONTRACTS, speaker

MADE = made()
FILES = {path.name: path for path in DIRECTORY.glob("*.json")}
ENDPOINTS = ("register", "login", "me", "refresh", "logout")
AUTHORIZER_EVENTS = [name for name in MADE if name.startswith("authorizer.")]


def event(name: str, **tokens: str) -> Event:
    """Read an event's file, and put tokens in the place of their placeholders."""
    text = FILES[name].read_text(encoding="utf-8")
    for placeholder, token in tokens.items():
        text = text.replace(placeholder, token)
    read: Event = json.loads(text)
    return read


def answer(house: House, name: str, **tokens: str) -> Reply:
    """Invoke the function that a file is named after."""
    return reply_of(house.runtime.invoke(name.partition(".")[0], event(name, **tokens)))


def names_of(contract: str) -> list[str]:
    """Return the contract's events in the order in which a client would send them."""
    names = [file_name(endpoint, contract) for endpoint in ENDPOINTS]
    return [name for name in names if name in FILES]


def logged_in(house: House, contract: str) -> tuple[Behaviour, Reply]:
    """Register and log in by the contract's own events, in a house that knows nobody; return a client and the reply."""
    house.empty()
    assert answer(house, file_name("register", contract)).status == 201
    return speaker(contract, house), answer(house, file_name("login", contract))


def token_mailed(house: House, address: str) -> str:
    """Return the token in the mail that an address has got last."""
    text = house.mail_to(address)[-1].get_body(("plain",))
    assert text is not None
    found = re.search(r"(?:verify-email/|token=)([A-Za-z0-9_-]+)", text.get_content())
    assert found is not None
    return found[1]


def published_keys(house: House) -> set[str]:
    """Return the ids of the keys that are public."""
    secret = Secret.connect(house.deployment.functions["me"].environment["PUBLIC_KEYS_SECRET"])
    return {key["kid"] for key in json.loads(secret.read())["keys"]}


class EventsBehaviour(ABC):
    """The functions of a house, each with its events; the house is a fixture."""

    refusal: ClassVar[type[Exception]]
    """What is raised where the authorizer refuses by raising."""

    @abstractmethod
    def logged(self, house: House, name: str, answered: Any) -> list[dict[str, Any]]:
        """Return what a function logs on an event, to which it must answer `answered`."""

    @pytest.mark.parametrize("contract", CONTRACTS)
    def test_the_events_of_a_contract_succeed_in_their_order(self, house: House, contract: str) -> None:
        """Registering answers 201 and everything after it 200, with the tokens that logging in gave."""
        house.empty()
        client = speaker(contract, house)
        tokens: dict[str, str] = {}
        statuses = {}
        for name in names_of(contract):
            reply = answer(house, name, **tokens)
            statuses[name.partition(".")[0]] = reply.status
            if name.startswith("login"):
                tokens = {ACCESS_TOKEN: client.access_token(reply), REFRESH_TOKEN: client.refresh_token(reply)}
        assert statuses.keys() >= {"register", "login"}
        assert statuses == {name: 201 if name == "register" else 200 for name in statuses}

    @pytest.mark.parametrize("name", AUTHORIZER_EVENTS)
    def test_the_authorizer_lets_a_live_token_pass(self, house: House, name: str) -> None:
        """Each kind of event that an API may send is allowed with the token of somebody signed in."""
        client, login = logged_in(house, "standard")
        assert self.allowed(house, event(name, ACCESS_TOKEN=client.access_token(login)))

    def test_what_users_do_about_their_accounts_succeeds_in_order(self, house: House) -> None:
        """The events about an account work one after the other, with the tokens that answers and mails gave."""
        client, login = logged_in(house, "standard")
        user = USERS["standard"]
        tokens = {ACCESS_TOKEN: client.access_token(login)}
        assert [answer(house, name, **tokens).status for name in ("update_me.json", "sessions.json")] == [200, 200]
        other = client.claims(client.access_token(answer(house, "login.json")))["sid"]
        assert answer(house, "end_session.json", **tokens, SESSION_ID=other).status == 204
        assert answer(house, "end_other_sessions.json", **tokens).status == 204
        assert answer(house, "send_verification.json").status == 200
        verification = token_mailed(house, user["email"])
        assert answer(house, "verify_email.json", VERIFICATION_TOKEN=verification).status == 200
        assert answer(house, "verify_email.browser.json", VERIFICATION_TOKEN=verification).status == 400
        assert answer(house, "change_password.json", **tokens).status == 200
        assert answer(house, "forgot_password.json").status == 200
        reset = token_mailed(house, user["email"])
        assert answer(house, "reset_password_page.json", RESET_TOKEN=reset).status == 200
        assert answer(house, "reset_password_page.form.json", RESET_TOKEN=reset).status == 200
        assert answer(house, "reset_password.json", RESET_TOKEN=reset).status == 400
        again = client.client.call("login", client.login_body(user["email"], NEW_PASSWORD))
        assert answer(house, "delete_me.json", ACCESS_TOKEN=client.access_token(again)).status == 204

    def test_a_key_is_made_used_rotated_and_deleted(self, house: House) -> None:
        """The events about API keys work one after the other; what they delete is worth nothing any more."""
        client, login = logged_in(house, "standard")
        bearer = {ACCESS_TOKEN: client.access_token(login)}
        key = answer(house, "create_key.json", **bearer)
        assert key.status == 201
        named, used = {**bearer, KEY_ID: key.json["id"]}, {"API_KEY": key.json["api_key"]}
        assert [answer(house, name, **named).status for name in ("keys.json", "key.json", "rotate_key.json")] == [
            200
        ] * 3
        assert answer(house, "me.key.json", **used).status == 200
        assert answer(house, "delete_key.json", **named).status == 204
        assert answer(house, "me.key.json", **used).status == 401

    def test_document_003s_keys_are_made_listed_and_deleted(self, house: House) -> None:
        """The document's own requests for keys work one after the other."""
        client, login = logged_in(house, "reference")
        bearer = {ACCESS_TOKEN: client.access_token(login)}
        key = answer(house, "create_key.reference.json", **bearer)
        assert (key.status, answer(house, "keys.reference.json", **bearer).json[0]["keyId"]) == (201, key.json["keyId"])
        assert answer(house, "delete_key.reference.json", **bearer, KEY_ID=key.json["keyId"]).status == 204

    def test_members_come_and_go(self, house: House) -> None:
        """The events about an account work one after the other: inviting, joining, another role, leaving, removing."""
        client, login = logged_in(house, "standard")
        owner = {ACCESS_TOKEN: client.access_token(login)}
        assert client.client.call("register", client.register_body("grace", GUEST)).status == 201
        guest = {ACCESS_TOKEN: client.access_token(client.logged_in(GUEST))}
        invitation = answer(house, "invite.json", **owner)
        assert invitation.status == 201
        assert answer(house, "invitations.json", **owner).status == 200
        named = {"INVITATION_ID": invitation.json["id"]}
        assert answer(house, "revoke_invitation.json", **owner, **named).status == 204
        for leaves in ("leave_account.json", "remove_member.json"):
            assert answer(house, "invite.json", **owner).status == 201
            joining = {"INVITATION_TOKEN": token_mailed(house, GUEST)}
            joined = answer(house, "accept_invitation.json", **guest, **joining)
            assert (joined.status, joined.json["role"]) == (200, "viewer")
            member = {"USER_ID": joined.json["id"]}
            assert answer(house, "members.json", **owner).status == 200
            assert answer(house, "update_member.json", **owner, **member).json["role"] == "editor"
            assert answer(house, leaves, **(guest if leaves == "leave_account.json" else owner), **member).status == 204

    def test_staff_finds_and_deactivates_a_user(self, house: House) -> None:
        """The events of staff work one after the other, and are refused to others."""
        client, login = logged_in(house, "standard")
        assert client.client.call("register", client.register_body("grace", GUEST)).status == 201
        guest, staff = house.users.find(GUEST), house.users.find(USERS["standard"]["email"])
        assert guest is not None
        assert staff is not None
        tokens = {ACCESS_TOKEN: client.access_token(login), "USER_ID": guest.id}
        names = ("users.json", "user.json", "send_user_reset.json", "update_user.json", "end_user_sessions.json")
        assert {answer(house, name, **tokens).status for name in names} == {403}
        house.change_user(staff.id, is_staff=True)
        assert [answer(house, name, **tokens).status for name in names] == [200, 200, 200, 200, 204]
        assert answer(house, "user.json", **tokens).json["is_active"] is False

    def test_who_is_invited_joins_in_a_browser(self, house: House) -> None:
        """The page opens as often as one likes, and its form makes a member, once."""
        client, _ = logged_in(house, "standard")
        email = f"{unique()}@example.com"
        owner = house.users.find(USERS["standard"]["email"])
        assert owner is not None
        token = invited(house, email, by=owner)
        names = ("invitation_page.json", "invitation_page.json", "invitation_page.form.json", "invitation_page.json")
        assert [answer(house, name, INVITATION_TOKEN=token).status for name in names] == [200, 200, 200, 400]
        assert client.client.call("login", client.login_body(email, NEW_PASSWORD)).status == 200

    def test_the_documents_samples_of_an_account_succeed(self, house: House) -> None:
        """Document 001's bodies verify an address, reset a password and log a browser in and out."""
        logged_in(house, "pythonorg")
        email = USERS["pythonorg"]["email"]
        cookie = answer(house, "session_login.pythonorg.json").cookies[SESSION_COOKIE]
        assert SESSION_COOKIE_VALUE not in cookie
        assert answer(house, "send_verification.pythonorg.json").status == 200
        assert answer(house, "forgot_password.pythonorg.json").status == 200
        token = token_mailed(house, email)
        assert answer(house, "reset_password.pythonorg.json", RESET_TOKEN=token).status == 200

    def test_a_browser_logs_in_and_out(self, house: House) -> None:
        """The cookie that logging in gave shows its user, and is worth nothing after logging out."""
        logged_in(house, "standard")
        cookie = {"SESSION_COOKIE": answer(house, "session_login.json").cookies[SESSION_COOKIE]}
        names = ("me.cookie.json", "session_logout.json", "me.cookie.json")
        assert [answer(house, name, **cookie).status for name in names] == [200, 200, 401]

    def test_a_provider_that_is_not_set_up_is_not_found(self, house: House) -> None:
        """Both events of social login are answered: there is no such provider until the deployment has one."""
        assert [answer(house, name).status for name in ("oauth.json", "oauth_callback.json")] == [404, 404]

    def test_what_waits_in_the_queue_is_sent(self, house: House) -> None:
        """The mailer sends the mail that its event asks for, once, however often it is delivered."""
        logged_in(house, "standard")
        address = USERS["standard"]["email"]
        before = len(house.mail_to(address))
        for _ in range(2):
            assert house.runtime.invoke("mailer", event("mailer.json")) == {"batchItemFailures": []}
        assert len(house.mail_to(address)) == before + 1

    def test_a_new_session_is_noted(self, house: House) -> None:
        """The function that follows the table of sessions takes its event."""
        assert house.runtime.invoke("notify_sign_ins", event("notify_sign_ins.json")) == {"batchItemFailures": []}

    def test_a_security_event_is_forwarded(self, house: House) -> None:
        """The function that follows the log takes its event, and the bus takes what is in it."""
        assert [line["count"] for line in self.logged(house, "forward_events.json", None)] == [1]

    def test_the_keys_are_young(self, house: House) -> None:
        """The function that looks after the keys' age finds nothing to complain of."""
        assert house.runtime.invoke("check_keys", event("check_keys.json")) is None

    @pytest.mark.parametrize(
        ("name", "content_type"),
        [
            ("docs.json", "text/html; charset=utf-8"),
            ("docs.asset.json", "text/javascript; charset=utf-8"),
            ("docs.redoc.json", "text/html; charset=utf-8"),
            ("docs.schema.json", "application/json"),
            ("openid_configuration.json", "application/json"),
            ("jwks.json", "application/json"),
        ],
    )
    def test_what_everybody_may_read_is_shown(self, house: House, name: str, content_type: str) -> None:
        """The documentation, and what programs need that verify tokens, is there without any token."""
        reply = answer(house, name)
        assert (reply.status, reply.headers["content-type"]) == (200, content_type)
        assert reply.text

    def test_a_path_that_is_no_endpoints_is_not_found(self, house: House) -> None:
        """Whatever is at no function's path is answered by the one for that."""
        assert answer(house, "not_found.json").status == 404

    def test_the_preflight_is_answered(self, house: House) -> None:
        """A script of the origin in the event may log in."""
        reply = answer(house, "login.preflight.json")
        assert (reply.status, reply.text) == (204, "")
        assert reply.headers["access-control-allow-origin"] == "https://app.example.com"

    def test_the_rotation_makes_new_keys(self, house: House) -> None:
        """The four steps in their order publish one more key, and tokens are good before and after."""
        client, login = logged_in(house, "igny8")
        before = published_keys(house)
        for step in ROTATION_STEPS:
            house.runtime.invoke("rotate_keys", event(f"rotate_keys.{step}.json"))
        after = published_keys(house)
        assert before < after
        assert len(after) == len(before) + 1
        for reply in (login, answer(house, file_name("login", "igny8"))):
            assert client.me(client.access_token(reply)).status == 200

    def allowed(self, house: House, asked: Event) -> bool:
        """Tell whether the authorizer lets a request pass."""
        try:
            answered = house.runtime.invoke("authorizer", asked)
        except self.refusal as refusal:
            if str(refusal) != "Unauthorized":  # which API Gateway answers with 401
                raise
            return False
        if "isAuthorized" in answered:
            return bool(answered["isAuthorized"])
        (statement,) = answered["policyDocument"]["Statement"]
        return bool(statement["Effect"] == "Allow")
