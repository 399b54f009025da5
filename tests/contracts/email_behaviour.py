"""What every contract does with email addresses: they are verified, and a password is reset by them."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from email.message import EmailMessage
from typing import Any, ClassVar, NamedTuple
from urllib.parse import quote, urlsplit

import pytest
from keyfob.clock import now
from keyfob.model.user import User

from local.outbox import find_links
from tests.contracts.behaviour import Behaviour
from tests.house import PASSWORD, SESSION_COOKIE, House, Reply, unique

NEW_PASSWORD = "NewSecurePass456!"
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}
ID_BYTES = 16
ID_CHARACTERS = 20
"""How many characters of a token stand for the first 15 of its user's 16 id bytes."""

NO_TOKENS = (
    "x",
    "null",
    "A" * 64,
    "A" * 63,
    "A" * 65,
    "A" * 4000,
    "=" * 64,
    "\u00e9" * 32,
    "\x00" * 64,
    "%00",
    "../me",
    "<script>",
)
"""What is no token of anybody's. As long as a token are those of 64 characters."""


class Sent(NamedTuple):
    """Somebody, and the token of a mail that it got."""

    email: str
    token: str


class EmailBehaviour(Behaviour):
    """The behaviour of verification mails, of forgotten passwords, and of the links in between."""

    shows_verified: ClassVar[str] = ""
    """The key of ``me`` that tells whether the address is verified, where the contract has one."""

    # Mail

    def links_of(self, endpoint: str, email: str) -> list[str]:
        """Return the links to an endpoint that an address has got by mail, oldest first."""
        return links_of(self.house, endpoint, email)

    def token_sent(self, endpoint: str, email: str) -> str:
        """Return the token of the newest link to an endpoint that an address has got."""
        return token_in(self.links_of(endpoint, email)[-1])

    def ask(self, endpoint: str, email: str, **options: Any) -> Reply:
        """Ask for a mail: ``send_verification`` or ``forgot_password``."""
        return self.client.call(endpoint, {"email": email}, **options)

    def unverified(self) -> Sent:
        """Register somebody, and return the token of its verification mail."""
        _, email = self.registered()
        return Sent(email, self.token_sent("verify_email", email))

    def forgetful(self) -> Sent:
        """Register somebody that forgets its password, and return the token of its reset mail."""
        _, email = self.registered()
        return Sent(email, self.forgotten(email))

    def forgotten(self, email: str) -> str:
        """Return the token of a new reset mail."""
        assert self.ask("forgot_password", email).status == 200
        return self.token_sent("reset_password_page", email)

    def verify(self, token: str, **options: Any) -> Reply:
        """Follow the link of a verification mail."""
        return self.client.call("verify_email", path={"token": quote(token, safe="")}, **options)

    def reset_body(self, token: str, password: str) -> dict[str, str]:
        """Return a body of ``reset_password``."""
        return {"token": token, self.spec.new_password_field: password}

    def reset(self, token: str, password: str = NEW_PASSWORD, **options: Any) -> Reply:
        """Reset a password."""
        return self.client.call("reset_password", self.reset_body(token, password), **options)

    def want_address(self, email: str, new: str) -> str:
        """Let somebody ask for another address, and return the token that was sent there."""
        token = self.access_token(self.logged_in(email))
        body = {"email": new, self.current_password_field: PASSWORD}
        reply = self.client.call("update_me", body, token=token)
        assert reply.status == 200, reply.text
        return self.token_sent("verify_email", new)

    @property
    def current_password_field(self) -> str:
        """What the contract calls the current password."""
        return self.spec.new_password_field.replace("new", "current")

    def change_password(self, email: str, new: str, **options: Any) -> Reply:
        """Let somebody change its password."""
        token = self.access_token(self.logged_in(email))
        body = {self.current_password_field: PASSWORD, self.spec.new_password_field: new}
        return self.client.call("change_password", body, token=token, **options)

    def user(self, email: str) -> User:
        """Return the user with this address."""
        user = self.house.users.find(email)
        assert user is not None
        return user

    def login_status(self, email: str, password: str) -> int:
        """Return how a login is answered."""
        return self.client.call("login", self.login_body(email, password)).status

    def check_said(self, endpoint: str, reply: Reply, message: str) -> None:
        """Check that a reply is what its model describes, and says `message`."""
        self.check_documented(endpoint, reply)
        assert self.payload(reply)["message"] == message

    def check_refused(self, reply: Reply) -> None:
        """Check that a token was refused, without a word of why."""
        assert (reply.status, self.error(reply)) == (400, "Invalid or expired token")

    # Verifying an address

    def test_registering_sends_one_verification_mail(self) -> None:
        """Who registers gets one mail with a link to this contract's `verify-email`, and is not verified yet."""
        _, email = self.registered()
        (link,) = self.links_of("verify_email", email)
        path = self.spec.operations["verify_email"].path.format(token=token_in(link))
        assert urlsplit(link).path == f"/{self.contract}{self.spec.base_path}{path}"
        assert not self.user(email).email_verified

    def test_a_refused_registration_sends_nobody_a_mail(self) -> None:
        """Somebody whose address another tries to register with hears nothing of it."""
        _, email = self.registered()
        before = len(self.house.mail_to(email))
        reply = self.client.call("register", self.register_body(unique(), email))
        assert (reply.status, self.error(reply)) == (self.conflict, "Email already registered")
        assert len(self.house.mail_to(email)) == before == 1

    @property
    def conflict(self) -> int:
        """The status of a taken address."""
        return 400 if self.contract == "metatag" else 409

    def test_the_link_verifies_the_address(self) -> None:
        """A program that follows the link is told so, and `me` shows it where the contract shows it."""
        email, token = self.unverified()
        access_token = self.access_token(self.logged_in(email))
        assert not self.shows_as_verified(access_token)
        self.check_said("verify_email", self.verify(token), "Email verified successfully")
        assert self.user(email).email_verified
        assert self.shows_as_verified(access_token) or not self.shows_verified

    def shows_as_verified(self, access_token: str) -> bool:
        """Tell whether ``me`` shows the address as verified."""
        shown = self.payload(self.me(access_token))
        return bool(shown[self.shows_verified]) if self.shows_verified else False

    def test_a_person_that_follows_the_link_gets_a_page(self) -> None:
        """A browser gets a page, the first time and when the link is spent, with the statuses that a program gets."""
        email, token = self.unverified()
        verified, spent = (self.verify(token, headers=HTML) for _ in range(2))
        assert (verified.status, spent.status) == (200, 400)
        assert self.user(email).email_verified
        assert "Your email address is verified" in verified.text
        assert "This link has been used already" in spent.text
        assert {each.headers["content-type"] for each in (verified, spent)} == {"text/html; charset=utf-8"}

    def test_a_verification_link_works_once(self) -> None:
        """A token that was used is refused."""
        token = self.unverified().token
        assert self.verify(token).status == 200
        self.check_refused(self.verify(token))

    def test_a_new_verification_mail_voids_the_last_one(self) -> None:
        """Only the newest link works."""
        email, old = self.unverified()
        assert self.ask("send_verification", email).status == 200
        new = self.token_sent("verify_email", email)
        assert new != old
        self.check_refused(self.verify(old))
        assert not self.user(email).email_verified
        assert self.verify(new).status == 200

    def test_a_verification_link_lives_for_a_day(self) -> None:
        """A token is good for 24 hours, and not from then on, though DynamoDB has not deleted it yet."""
        email, token = self.unverified()
        user_id = self.user(email).id
        assert 24 * 3600 - 60 < lifetime_of(self.house, "VERIFY", user_id) <= 24 * 3600
        change_token(self.house, "VERIFY", user_id, expires_at=now())
        self.check_refused(self.verify(token))
        assert not self.user(email).email_verified
        change_token(self.house, "VERIFY", user_id, expires_at=now() + 60)
        assert self.verify(token).status == 200

    def test_a_verification_link_is_for_the_address_it_was_sent_to(self) -> None:
        """Who asks for another address voids the link to the old one, and has the new one once it is verified."""
        email, token = self.unverified()
        new = f"{unique()}@example.org"
        wanted = self.want_address(email, new)
        self.check_refused(self.verify(token))
        assert not self.user(email).email_verified
        assert self.verify(wanted).status == 200
        assert self.house.users.find(email) is None
        assert self.user(new).email_verified

    def test_a_new_password_voids_the_link_to_another_address(self) -> None:
        """Who asked for an address with the old password does not get it by the new one's account."""
        email, _ = self.unverified()
        new = f"{unique()}@example.org"
        wanted = self.want_address(email, new)
        assert self.reset(self.forgotten(email)).status == 200
        self.check_refused(self.verify(wanted))
        assert self.house.users.find(new) is None
        assert self.login_status(email, NEW_PASSWORD) == 200

    def test_a_verification_that_changes_nothing_is_told_nobody(self) -> None:
        """A link that is followed after a reset verified the address already does no harm, and no notice is sent."""
        email, token = self.unverified()
        assert self.reset(self.forgotten(email)).status == 200
        before = [str(mail["Subject"]) for mail in self.house.mail_to(email)]
        assert self.verify(token).status == 200
        assert [str(mail["Subject"]) for mail in self.house.mail_to(email)] == before

    def test_a_verified_address_gets_no_other_verification_mail(self) -> None:
        """Who is verified already is not asked again, however often somebody wants it."""
        email, token = self.unverified()
        assert self.verify(token).status == 200
        assert self.ask("send_verification", email).status == 200
        assert len(self.links_of("verify_email", email)) == 1

    # Tokens

    def test_tokens_are_stored_as_digests_alone(self) -> None:
        """No item of any table holds a token or its secret, in any encoding."""
        email, verification = self.unverified()
        reset = self.forgotten(email)
        stored = json.dumps([*self.house.everything(), *self.house.items("OneTimeTable")])
        for kind, token in (("VERIFY", verification), ("RESET", reset)):
            assert f"{kind}#{self.user(email).id}" in stored
            content = urlsafe_b64decode(token)
            secret = content[ID_BYTES:]
            assert len(secret) == 32
            forms = (token, token[ID_CHARACTERS:], urlsafe_b64encode(secret).decode().rstrip("="), secret.hex())
            assert not [form for form in forms if form in stored]

    def test_a_token_is_good_for_one_thing(self) -> None:
        """A verification token resets no password, and a reset token verifies by resetting alone."""
        email, verification = self.unverified()
        reset = self.forgotten(email)
        self.check_refused(self.reset(verification))
        self.check_refused(self.verify(reset))
        assert self.login_status(email, PASSWORD) == 200
        assert not self.user(email).email_verified
        assert self.verify(verification).status == 200
        assert self.reset(reset).status == 200

    def test_a_secret_is_good_for_its_own_user(self) -> None:
        """Somebody's secret under another's id is refused, though both have tokens."""
        victim, attacker = self.forgetful(), self.forgetful()
        self.check_refused(self.reset(grafted(victim.token, attacker.token)))
        verification = [self.token_sent("verify_email", each.email) for each in (victim, attacker)]
        self.check_refused(self.verify(grafted(*verification)))
        assert self.login_status(victim.email, PASSWORD) == 200
        assert not self.user(victim.email).email_verified

    def test_a_token_is_taken_as_it_is_or_not_at_all(self) -> None:
        """A token of which one character differs, or which is longer or shorter, is refused and spends nothing."""
        email, verification = self.unverified()
        reset = self.forgotten(email)
        for tampered in tamperings(verification):
            self.check_refused(self.verify(tampered))
        for tampered in tamperings(reset):
            self.check_refused(self.reset(tampered))
        assert self.verify(verification).status == 200
        assert self.reset(reset).status == 200

    @pytest.mark.parametrize("token", NO_TOKENS)
    def test_what_is_no_token_is_refused(self, token: str) -> None:
        """Whatever else somebody sends is a 400, and never a fault."""
        self.check_refused(self.verify(token))
        reset = self.reset(token)
        assert reset.status == 400
        assert self.error(reset) in {"Invalid or expired token", "Token must be valid Unicode text without NUL"}

    # Who is told what

    @pytest.mark.parametrize(
        ("endpoint", "message"),
        [
            ("send_verification", "Verification email sent"),
            ("forgot_password", "If an account exists with this email, you will receive a password reset link"),
        ],
    )
    def test_nobody_learns_who_has_an_account(self, endpoint: str, message: str) -> None:
        """Known, unknown, inactive and verified addresses get one and the same answer, headers included."""
        emails = {"unknown": f"{unique()}@example.com"}
        emails |= {kind: self.registered()[1] for kind in ("known", "inactive", "verified")}
        self.house.change_user(self.user(emails["inactive"]).id, is_active=False)
        self.house.change_user(self.user(emails["verified"]).id, email_verified=True)
        replies = [self.ask(endpoint, email, source_ip=fresh_address()) for email in emails.values()]
        for reply in replies:
            self.check_said(endpoint, reply, message)
        assert len({tuple(reply.headers.items()) for reply in replies}) == 1
        assert len({json.dumps(_without_request_id(reply.json)) for reply in replies}) == 1

    def test_mail_goes_to_those_alone_who_should_have_it(self) -> None:
        """Of all who ask, only the active get a mail, and only the unverified one to verify."""
        known, inactive, verified = (self.registered()[1] for _ in range(3))
        unknown = f"{unique()}@example.com"
        everybody = (known, unknown, inactive, verified)
        before = [len(self.links_of("verify_email", email)) for email in everybody]
        self.house.change_user(self.user(inactive).id, is_active=False)
        self.house.change_user(self.user(verified).id, email_verified=True)
        for email in everybody:
            assert self.ask("send_verification", email).status == 200
            assert self.ask("forgot_password", email).status == 200
        after = [len(self.links_of("verify_email", email)) for email in everybody]
        assert [later - earlier for earlier, later in zip(before, after, strict=True)] == [1, 0, 0, 0]
        assert [len(self.links_of("reset_password_page", email)) for email in everybody] == [1, 0, 0, 1]

    def test_an_address_is_known_in_any_case(self) -> None:
        """Mail is for the address as its user wrote it, however somebody asks for it."""
        _, email = self.registered()
        assert self.ask("forgot_password", email.upper()).status == 200
        (mail,) = [each for each in self.house.mail_to(email) if "new password" in str(each["Subject"])]
        assert mail["To"] == email

    @pytest.mark.parametrize("endpoint", ["send_verification", "forgot_password"])
    def test_what_is_no_address_is_told(self, endpoint: str) -> None:
        """A body without an address is a 400 about the field."""
        missing, wrong = self.client.call(endpoint, {"mail": "x"}), self.ask(endpoint, "x@y")
        assert (missing.status, self.error(missing)) == (400, "Email is required")
        assert (wrong.status, self.error(wrong)) == (400, "Email must be a valid email address")

    # Resetting a password

    def test_a_reset_sets_the_password_and_ends_every_session(self) -> None:
        """The new password is good and the old one is not; every token and cookie is worth nothing at once."""
        _, email = self.registered()
        sessions = [self.logged_in(email) for _ in range(2)]
        cookie = self.client.call("session_login", self.login_body(email, PASSWORD)).cookies[SESSION_COOKIE]
        assert self.client.call("me", cookie=cookie).status == 200
        self.check_said("reset_password", self.reset(self.forgotten(email)), "Password reset successfully")
        assert {self.me(self.access_token(each)).status for each in sessions} == {401}
        refreshes = [self.client.call("refresh", self.refresh_body(self.refresh_token(each))) for each in sessions]
        assert {each.status for each in refreshes} == {401}
        assert self.client.call("me", cookie=cookie).status == 401
        assert self.login_status(email, PASSWORD) == 401
        assert self.login_status(email, NEW_PASSWORD) == 200

    def test_a_session_after_a_reset_lives(self) -> None:
        """Who signs in with the new password is signed in, and goes on being so."""
        email, token = self.forgetful()
        assert self.reset(token).status == 200
        login = self.client.call("login", self.login_body(email, NEW_PASSWORD))
        assert self.me(self.access_token(login)).status == 200
        assert self.client.call("refresh", self.refresh_body(self.refresh_token(login))).status == 200

    def test_a_reset_verifies_the_address(self) -> None:
        """Who resets a password by mail reads that mail, so the address is its own."""
        email, token = self.forgetful()
        assert not self.user(email).email_verified
        assert self.reset(token).status == 200
        assert self.user(email).email_verified

    def test_a_reset_is_told_its_owner(self) -> None:
        """The address gets a notice, which says from where and with what the password was changed, and has no link."""
        email, token = self.forgetful()
        assert self.reset(token, headers=FIREFOX, source_ip="198.51.100.23").status == 200
        (mail,) = [each for each in self.house.mail_to(email) if "was changed" in str(each["Subject"])]
        assert "198.51.100.23" in text_of(mail)
        assert "Firefox" in text_of(mail)
        assert not find_links(text_of(mail))

    def test_a_reset_link_works_once(self) -> None:
        """A token that was used sets no other password."""
        email, token = self.forgetful()
        assert self.reset(token).status == 200
        self.check_refused(self.reset(token, "another-password-789"))
        assert self.login_status(email, NEW_PASSWORD) == 200

    def test_a_new_reset_mail_voids_the_last_one(self) -> None:
        """Only the newest link works."""
        email, old = self.forgetful()
        new = self.forgotten(email)
        self.check_refused(self.reset(old))
        assert self.login_status(email, PASSWORD) == 200
        assert self.reset(new).status == 200

    def test_a_reset_link_lives_for_an_hour(self) -> None:
        """A token is good for one hour, and not from then on, though DynamoDB has not deleted it yet."""
        email, token = self.forgetful()
        user_id = self.user(email).id
        assert 3600 - 60 < lifetime_of(self.house, "RESET", user_id) <= 3600
        change_token(self.house, "RESET", user_id, expires_at=now())
        self.check_refused(self.reset(token))
        assert self.login_status(email, PASSWORD) == 200
        change_token(self.house, "RESET", user_id, expires_at=now() + 60)
        assert self.reset(token).status == 200

    def test_a_reset_link_is_for_the_address_it_was_sent_to(self) -> None:
        """Who reads the mail of a user's former address sets no password of that user."""
        email, token = self.forgetful()
        new = f"{unique()}@example.org"
        assert self.verify(self.want_address(email, new)).status == 200
        self.check_refused(self.reset(token))
        assert self.login_status(new, PASSWORD) == 200
        assert self.reset(self.forgotten(new)).status == 200

    def test_a_changed_password_voids_the_reset_link(self) -> None:
        """Who changes its password need not fear a mail that somebody else asked for or has read."""
        email, token = self.forgetful()
        assert self.change_password(email, "ChangedPass789!").status == 200
        self.check_refused(self.reset(token))
        assert self.login_status(email, "ChangedPass789!") == 200
        assert self.reset(self.forgotten(email)).status == 200

    def test_an_inactive_user_resets_nothing(self) -> None:
        """Somebody deactivated after the mail was sent is told so, and its token is not spent."""
        email, token = self.forgetful()
        user_id = self.user(email).id
        self.house.change_user(user_id, is_active=False)
        reply = self.reset(token)
        assert (reply.status, self.error(reply)) == (403, "Account is inactive")
        self.house.change_user(user_id, is_active=True)
        assert self.login_status(email, PASSWORD) == 200
        assert self.reset(token).status == 200

    @pytest.mark.parametrize(
        ("password", "complaint"),
        [
            ("short12", "{field} must be at least 8 characters"),
            ("x" * 129, "{field} must be at most 128 characters"),
            ("password123", "Password is too common"),
            ("", "{field} must be at least 8 characters"),
        ],
    )
    def test_a_password_that_nobody_should_choose_spends_no_token(self, password: str, complaint: str) -> None:
        """The answer is about the contract's own field, nothing has changed, and the token can be used again."""
        email, token = self.forgetful()
        login = self.logged_in(email)
        reply = self.reset(token, password)
        assert (reply.status, self.error(reply)) == (400, complaint.format(field=self.spec.new_password_field))
        assert self.blamed(reply) in (self.spec.new_password_field, None)
        assert self.me(self.access_token(login)).status == 200
        assert self.reset(token).status == 200

    def blamed(self, reply: Reply) -> str | None:
        """Return the field that a failure is about, where the contract tells."""
        errors = reply.json.get("errors")
        if isinstance(errors, dict):
            (name,) = errors
            return str(name)
        return str(errors[0]["pointer"]).removeprefix("#/") if errors else None

    def test_the_own_email_is_no_new_password(self) -> None:
        """The policy knows whose password it is."""
        email, token = self.forgetful()
        reply = self.reset(token, email.upper())
        assert (reply.status, self.error(reply)) == (400, "Password must not be your email or username")
        assert self.blamed(reply) in (self.spec.new_password_field, None)
        assert self.reset(token).status == 200

    def test_looking_at_the_page_spends_nothing(self) -> None:
        """A link may be opened again and again, by people and by what looks at links before them."""
        email, token = self.forgetful()
        (link,) = self.links_of("reset_password_page", email)
        path = urlsplit(link).path.removeprefix(f"/{self.contract}") + f"?token={token}"
        replies = [self.client.send("GET", path, headers=headers) for headers in (HTML, HTML, {}, {})]
        assert [reply.status for reply in replies] == [200] * 4
        assert all('<form method="post">' in reply.text for reply in replies)
        assert self.client.send("HEAD", path, headers=HTML).status in {200, 405}
        assert self.client.send("OPTIONS", path).status == 204
        assert self.login_status(email, PASSWORD) == 200
        assert self.reset(token).status == 200


def links_of(house: House, endpoint: str, email: str) -> list[str]:
    """Return the links to an endpoint that an address has got by mail, oldest first."""
    part = {"verify_email": "/verify-email/", "reset_password_page": "/reset-password/page"}[endpoint]
    return [link for mail in house.mail_to(email) for link in find_links(text_of(mail)) if part in link]


def fresh_address() -> str:
    """Return an IP address that has not called yet."""
    return f"2001:db8:0:{int(unique('')):x}::1"


def text_of(mail: EmailMessage) -> str:
    """Return the plain text of a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def token_in(link: str) -> str:
    """Return the token in a link, which is its last part whatever the link leads to."""
    return link.rstrip("/").replace("=", "/").rpartition("/")[2]


def grafted(victim: str, attacker: str) -> str:
    """Return a token with the user's id of one token, and the secret of another."""
    mixed = urlsafe_b64decode(victim)[:ID_BYTES] + urlsafe_b64decode(attacker)[ID_BYTES:]
    return urlsafe_b64encode(mixed).decode()


def tamperings(token: str) -> list[str]:
    """Return tokens that are almost `token`."""
    other = [chr(ord("A") + (token[position] == "A")) for position in range(len(token))]
    changed = [token[:at] + other[at] + token[at + 1 :] for at in (0, ID_CHARACTERS, 25, len(token) - 1)]
    return [*changed, token[:-1], token[:-4], f"{token}A", f"{token}AAAA", f"{token}=", f"{token} ", token.swapcase()]


def lifetime_of(house: House, kind: str, user_id: str) -> int:
    """Return for how many seconds from now a user's token of a kind is stored as good."""
    (item,) = [each for each in house.items("OneTimeTable") if each["pk"]["S"] == f"{kind}#{user_id}"]
    return int(item["expires_at"]["N"]) - now()


def change_token(house: House, kind: str, user_id: str, *, expires_at: int) -> None:
    """Overwrite when a user's token of a kind expires."""
    house.dynamodb.update_item(
        TableName=house.deployment.functions["verify_email"].environment["ONE_TIME_TABLE"],
        Key={"pk": {"S": f"{kind}#{user_id}"}},
        UpdateExpression="SET expires_at = :at",
        ConditionExpression="attribute_exists(pk)",
        ExpressionAttributeValues={":at": {"N": str(expires_at)}},
    )


def _without_request_id(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "request_id"}
