"""API keys, the same on every contract. Each contract's suite inherits this."""

import hashlib
import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple
from uuid import uuid4

from keyfob.clock import iso, now
from keyfob.crypto.api_keys import SECRET_BYTES, KeyText, read_api_key, write_api_key
from keyfob.crypto.base64url import encode
from keyfob.crypto.random import new_secret
from keyfob.model.api_key import MAX_SECRETS, USE_NOTED_SECONDS
from keyfob.model.permission import PUBLIC, SESSION, Permissions

from tests.contracts.behaviour import PARAMETERS, UUID
from tests.contracts.cookies_behaviour import Entry
from tests.contracts.profile_behaviour import ProfileBehaviour
from tests.house import PASSWORD, Reply
from tests.logs import logged
from tests.mail_tokens import emailed

PREFIX = "sk_live_"
LIMIT = 10
DAY = 24 * 3600
TEN_YEARS = 10 * 366 * DAY
ISSUED = ("id", "api_key", "name", "scopes", "created_at", "expires_at")
SHOWN = (
    "id",
    "name",
    "scopes",
    "contract",
    "created_at",
    "expires_at",
    "last_used_at",
    "last_used_ip",
    "last_used_user_agent",
)
NOT_KEYS = (
    "",
    " ",
    "x",
    "sk_live_",
    "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx",
    PREFIX + "0" * 62,
    "sk_test_" + "0" * 62,
    "eyJhbGciOiJub25lIn0.e30.",
    "\u00e9" * 70,
    "\ud83d\ude00",
    "\x00\x01",
    "A" * 10_000,
    "sk live",
    "*",
    "null",
)


class Issued(NamedTuple):
    """A key as its owner holds it: its id as the contract shows it, and its text."""

    id: str
    text: str

    @property
    def path(self) -> dict[str, str]:
        """The parameter of paths that name the key."""
        return {"key_id": self.id}

    @property
    def content(self) -> KeyText:
        """What the text holds."""
        return read_api_key(PREFIX, self.text)

    @property
    def headers(self) -> tuple[dict[str, str], dict[str, str]]:
        """The two ways to send the key."""
        return {"Authorization": f"Bearer {self.text}"}, {"X-API-Key": self.text}


class KeysBehaviour(ProfileBehaviour):
    """Making API keys, seeing and using them, giving them other secrets, and deleting them."""

    key_id_form: ClassVar[re.Pattern[str]] = UUID
    key_names: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """What the contract calls the facts of a key, where it does not call them as we do here."""
    issued_facts: ClassVar[tuple[str, ...]] = ISSUED
    listed_facts: ClassVar[tuple[str, ...]] = SHOWN

    def called(self, fact: str) -> str:
        """Return what the contract calls a fact of a key."""
        return self.key_names.get(fact, fact)

    def facts(self, shown: Mapping[str, Any], facts: tuple[str, ...]) -> dict[str, Any]:
        """Return what a contract shows of a key, by our names, after checking that it shows just these `facts`."""
        assert tuple(shown) == tuple(self.called(fact) for fact in facts)
        return dict(zip(facts, shown.values(), strict=True))

    def key_list(self, payload: Any) -> list[dict[str, Any]]:
        """Return the keys in the reply of ``keys``."""
        assert payload.keys() == {"keys"}
        keys: list[dict[str, Any]] = payload["keys"]
        return keys

    def create(self, entry: Entry, **wanted: Any) -> Reply:
        """Have a key made by who holds this session."""
        body = {self.called(name): value for name, value in wanted.items()}
        return self.client.call("create_key", body, **entry.credential)

    def key_of(self, entry: Entry, **wanted: Any) -> Issued:
        """Return a new key of who holds this session."""
        reply = self.create(entry, **wanted)
        assert reply.status == 201, reply.text
        return self.issued(reply)

    def issued(self, reply: Reply) -> Issued:
        """Return the key that was just issued."""
        facts = self.facts(self.payload(reply), self.issued_facts)
        return Issued(facts["id"], facts["api_key"])

    def rotate(self, key: Issued, entry: Entry, **body: Any) -> Reply:
        """Have a key given another secret by who holds this session."""
        return self.client.call("rotate_key", body, path=key.path, **entry.credential)

    def rotated(self, key: Issued, entry: Entry, **body: Any) -> Issued:
        """Return a key with another secret."""
        reply = self.rotate(key, entry, **body)
        assert reply.status == 200, reply.text
        return self.issued(reply)

    def delete(self, key: Issued, entry: Entry) -> int:
        """Return the status of deleting a key."""
        return self.client.call("delete_key", path=key.path, **entry.credential).status

    def listed(self, entry: Entry) -> list[dict[str, Any]]:
        """Return the keys that who holds this session sees."""
        reply = self.client.call("keys", **entry.credential)
        assert reply.status == 200, reply.text
        return [self.facts(shown, self.listed_facts) for shown in self.key_list(self.payload(reply))]

    def shown(self, key: Issued, entry: Entry) -> dict[str, Any]:
        """Return all that who holds this session sees of a key."""
        reply = self.client.call("key", path=key.path, **entry.credential)
        assert reply.status == 200, reply.text
        return self.facts(self.payload(reply), SHOWN)

    def status_with(self, key: Issued) -> int:
        """Return how ``me`` answers to a key; it does not matter how the key is sent."""
        (status,) = {self.client.call("me", headers=headers).status for headers in key.headers}
        return status

    def change_key(self, key: Issued, **attributes: int | str) -> None:
        """Overwrite attributes of a stored key."""
        content = key.content
        for name, value in attributes.items():
            self.house.dynamodb.update_item(
                TableName=self.house.deployment.functions["keys"].environment["API_KEYS_TABLE"],
                Key={"user_id": {"S": content.user_id}, "slot": {"N": str(content.slot)}},
                UpdateExpression="SET #name = :value",
                ConditionExpression="attribute_exists(user_id)",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues={":value": {"N": str(value)} if isinstance(value, int) else {"S": value}},
            )

    def key_item(self, key: Issued) -> dict[str, Any]:
        """Return a key as it is stored."""
        content = key.content
        (item,) = [
            item
            for item in self.house.items("ApiKeysTable")
            if (item["user_id"]["S"], item["slot"]["N"]) == (content.user_id, str(content.slot))
        ]
        return item

    def empty_body(self, endpoint: str) -> dict[str, Any] | None:
        """Return a body without fields, for an endpoint that reads one."""
        return {} if self.spec.operations[endpoint].body else None

    def assert_unknown(self, key_id: str, entry: Entry) -> None:
        """Check that who holds this session finds no key of this id: none to see, to rotate or to delete."""
        for endpoint in ("key", "rotate_key", "delete_key"):
            reply = self.client.call(endpoint, self.empty_body(endpoint), path={"key_id": key_id}, **entry.credential)
            assert (reply.status, self.error(reply)) == (404, "API key not found")

    # Making, seeing, deleting

    def test_a_key_is_made_seen_used_and_deleted(self) -> None:
        """Each step answers in the contract's shape; the text is shown once; when a key is deleted it is worthless."""
        user, here = self.newcomer("bearer")
        began = now()
        reply = self.create(here, name="  My Integration Key ", scopes=["profile:read", "keys:read"], expires_in=DAY)
        moments = {iso(second): iso(second + DAY) for second in range(began, now() + 1)}
        assert reply.status == 201
        assert reply.headers["cache-control"] == "no-store"
        key, made = self.issued(reply), self.facts(self.payload(reply), self.issued_facts)
        assert self.key_id_form.fullmatch(key.id)
        assert made["created_at"] in moments
        expected = {
            "id": key.id,
            "api_key": key.text,
            "name": "My Integration Key",
            "scopes": ["keys:read", "profile:read"],
            "contract": self.contract,
            "created_at": made["created_at"],
            "expires_at": moments[made["created_at"]],
            **dict.fromkeys(("last_used_at", "last_used_ip", "last_used_user_agent")),
        }
        assert made == {fact: expected[fact] for fact in self.issued_facts}
        assert self.shown(key, here) == {fact: expected[fact] for fact in SHOWN}
        assert self.listed(here) == [{fact: expected[fact] for fact in self.listed_facts}]
        assert key.content.user_id == user.id
        assert self.status_with(key) == 200
        deleted = self.client.call("delete_key", path=key.path, **here.credential)
        assert (deleted.status, deleted.text) == (204, "")
        assert self.status_with(key) == 401
        assert self.listed(here) == []
        self.assert_unknown(key.id, here)

    def test_a_key_needs_nothing_to_be_said(self) -> None:
        """Without a body, or with an empty one, a key gets a name, may what its user may, and stays."""
        _, here = self.newcomer("bearer")
        for body in (None, {}, {self.called("expires_in"): None, "name": None, "scopes": None}):
            key = self.issued(self.client.call("create_key", body, **here.credential))
            shown = self.shown(key, here)
            assert (shown["name"], shown["scopes"], shown["expires_at"]) == ("API key", ["*"], None)
            assert "expires_at" not in self.key_item(key)
            assert self.status_with(key) == 200

    def test_keys_are_listed_the_newest_first(self) -> None:
        """A list has all live keys of a user, whatever contract they are for, and nobody else's."""
        _, here = self.newcomer("bearer")
        _, there = self.newcomer("bearer")
        self.key_of(there, name="another's")
        keys = [self.key_of(here, name=f"key {number}") for number in range(3)]
        for age, key in enumerate(keys):
            self.change_key(key, created_at=now() - age)
        self.change_key(keys[1], contract="reference" if self.contract != "reference" else "standard")
        assert [each["id"] for each in self.listed(here)] == [key.id for key in keys]

    def test_a_key_is_stored_as_a_digest_and_shown_once(self) -> None:
        """Neither table nor log ever holds the text of a key or its secret, only the secret's SHA-256 digest."""
        _, here = self.newcomer("bearer")
        with logged() as log:
            old = self.key_of(here)
            new = self.rotated(old, here)
            for key in (old, new):
                assert self.status_with(key) == 200
                assert key.text not in json.dumps([self.listed(here), self.shown(key, here)])
            self.client.call("me", token=f"{new.text[:-1]}-")
            self.rotate(new, here, overlap="x")
            self.delete(new, here)
            for key in (old, new):
                assert self.status_with(key) == 401
        again = self.key_of(here)
        self.house.deliver()
        seen = log.stream.getvalue() + json.dumps(
            [self.house.items(each.name) for each in self.house.deployment.tables]
        )
        for key in (old, new, again):
            secret = key.content.secret
            for form in (key.text, key.text[8:], key.text[-32:], secret.hex(), encode(secret)):
                assert form not in seen
        assert self.key_item(again)["secrets"] == {"S": hashlib.sha256(again.content.secret).hexdigest()}

    def test_a_new_key_is_told_by_mail(self) -> None:
        """Who owns the account learns of a key that another may have made; the mail does not have it."""
        user, here = self.newcomer("bearer")
        before = len(self.house.mail_to(user.email))
        key = self.key_of(here)
        (mail,) = self.house.mail_to(user.email)[before:]
        assert "API key" in str(mail["Subject"])
        assert key.text not in str(mail)

    def test_what_a_key_cannot_be_is_told(self) -> None:
        """Wrong names, scopes and lifetimes are refused by name, and no key is made; the bounds themselves are fine."""
        _, here = self.newcomer("bearer")
        lifetime = self.called("expires_in")
        bounds = f"{lifetime} must be from 60 to {TEN_YEARS} seconds"
        complaints: list[tuple[dict[str, Any], str]] = [
            ({"name": ""}, "Name must not be blank"),
            ({"name": " "}, "Name must not be blank"),
            ({"name": "x" * 101}, "Name must be at most 100 characters"),
            ({"name": "a\nb"}, "Name must not contain control characters"),
            ({"name": 7}, "Name must be a string"),
            ({"scopes": []}, "Scopes must have 1 to 50 scopes"),
            ({"scopes": [f"s{number}" for number in range(51)]}, "Scopes must have 1 to 50 scopes"),
            ({"scopes": "profile:read"}, "Scopes must be a list"),
            ({"scopes": ["a b"]}, "Scopes must be scopes such as profile:read"),
            ({"scopes": ["x" * 65]}, "Scopes must be scopes such as profile:read"),
            ({"scopes": [1]}, "Scopes must be scopes such as profile:read"),
            ({"scopes": ["*", "*"]}, "Scopes must have each scope once"),
            ({"expires_in": 59}, bounds),
            ({"expires_in": 0}, bounds),
            ({"expires_in": -DAY}, bounds),
            ({"expires_in": TEN_YEARS + 1}, bounds),
            ({"expires_in": 10**30}, bounds),
            ({"expires_in": 60.5}, f"{lifetime} must be a whole number"),
            ({"expires_in": "60"}, f"{lifetime} must be a whole number"),
            ({"expires_in": True}, f"{lifetime} must be a whole number"),
        ]
        for wanted, complaint in complaints:
            reply = self.create(here, **wanted)
            assert (reply.status, self.error(reply)) == (400, complaint)
        assert self.listed(here) == []
        for wanted in ({"expires_in": 60}, {"expires_in": TEN_YEARS}, {"name": "\N{KEY}" * 100}):
            assert self.create(here, **wanted).status == 201

    def test_nobody_reaches_another_users_keys(self) -> None:
        """Another's key is not found, as one that does not exist, whatever is tried; and it works on."""
        _, here = self.newcomer("bearer")
        _, there = self.newcomer("bearer")
        key = self.key_of(there)
        mine = self.key_of(here)
        for key_id in (key.id, str(uuid4()), "key_" + "0" * 32, "none", mine.id.upper(), "%00", "a%2Fb", "x" * 3000):
            self.assert_unknown(key_id, here)
        assert [self.status_with(each) for each in (key, mine)] == [200, 200]

    def test_a_user_has_so_many_keys(self) -> None:
        """At the limit no more is made; one that is deleted or has expired makes room again."""
        _, here = self.newcomer("bearer")
        keys = [self.key_of(here, expires_in=DAY) for _ in range(LIMIT)]
        refused = self.create(here)
        assert (refused.status, self.error(refused)) == (409, "Too many API keys, please delete one first")
        assert self.delete(keys[3], here) == 204
        self.change_key(keys[6], expires_at=now())
        new = [self.key_of(here) for _ in range(2)]
        assert self.create(here).status == 409
        live = [*keys[:3], *keys[4:6], *keys[7:], *new]
        assert {each["id"] for each in self.listed(here)} == {key.id for key in live}
        assert {self.status_with(key) for key in live} == {200}
        assert [self.status_with(key) for key in (keys[3], keys[6])] == [401, 401]

    # Using

    def test_a_key_is_sent_in_either_header_whatever_its_case(self) -> None:
        """A key is a bearer token or `X-API-Key`, in whatever case names and scheme are, and blanks around it."""
        username, email = self.registered()
        key = self.key_of(self.entered("bearer", email))
        for headers in (
            {"Authorization": f"Bearer {key.text}"},
            {"authorization": f"bearer  {key.text} "},
            {"AUTHORIZATION": f"BEARER {key.text}"},
            {"X-API-Key": key.text},
            {"x-api-key": f" {key.text} "},
            {"X-Api-KEY": key.text},
        ):
            reply = self.client.call("me", headers=headers)
            assert reply.status == 200
            assert (reply.set_cookies, "x-csrf-token" in reply.headers) == ((), False)
            self.check_user(reply.json, username, email)

    def test_what_is_no_key_is_unauthorized(self) -> None:
        """Nothing that a header may hold is a fault of ours."""
        for text in NOT_KEYS:
            for headers in ({"Authorization": f"Bearer {text}"}, {"X-API-Key": text}, {"Authorization": text}):
                reply = self.client.call("me", headers=headers)
                assert reply.status == 401
                assert self.error(reply) in {self.bad_access, "Invalid or expired token"}
                assert reply.headers["www-authenticate"] == "Bearer"

    def test_the_right_place_with_a_wrong_secret_opens_nothing(self) -> None:
        """Who knows where a key is stored, and computes the checksum, still needs its secret."""
        _, here = self.newcomer("bearer")
        key = self.key_of(here)
        content = key.content
        for forged in (
            content._replace(secret=new_secret(SECRET_BYTES)),
            content._replace(secret=bytes(SECRET_BYTES)),
            content._replace(slot=content.slot + 1),
            content._replace(user_id=str(uuid4())),
        ):
            assert self.status_with(Issued(key.id, write_api_key(PREFIX, forged))) == 401
        assert self.status_with(key) == 200

    def test_each_endpoint_takes_just_the_scope_that_it_demands(self) -> None:
        """With every scope but that one a key is refused; with that one alone it is let through, in either header."""
        user, here = self.newcomer("bearer")
        self.house.change_user(user.id, is_staff=True, is_superuser=True, has_membership=True)
        key = self.key_of(here)
        everything = Permissions().of(self.now_is(user))
        demanding: dict[str, list[str]] = {}
        for name, operation in self.spec.operations.items():
            if operation.permission not in {PUBLIC, SESSION}:
                demanding.setdefault(operation.permission, []).append(name)
        assert demanding.keys() <= everything
        assert demanding.pop("profile:delete") == ["delete_me"]
        by_bearer, by_header = key.headers
        for demanded, names in demanding.items():
            self.change_key(key, scopes=" ".join(sorted(everything - {demanded})))
            for name in names:
                refused = self.attempt(name, by_header)
                assert (refused.status, self.error(refused)) == (403, "Permission denied"), name
            self.change_key(key, scopes=demanded)
            for name in names:
                for headers in key.headers:
                    assert self.attempt(name, headers).status in {200, 201, 204, 400, 404}, name
        self.change_key(key, scopes=" ".join(sorted(everything - {"profile:delete"})))
        assert self.attempt("delete_me", by_bearer).status == 403
        self.change_key(key, scopes="profile:delete")
        assert self.attempt("delete_me", by_header).status == 204

    def attempt(self, endpoint: str, headers: Mapping[str, str]) -> Reply:
        """Call an endpoint with an empty body, if it reads one, about what does not exist."""
        return self.client.call(endpoint, self.empty_body(endpoint), path=PARAMETERS, headers=headers)

    def test_a_key_cannot_do_what_is_for_those_who_sign_in(self) -> None:
        """No scope lets a key make or rotate keys, change the password, log out or leave; nothing changes."""
        user, here = self.newcomer("bearer")
        self.house.change_user(user.id, is_staff=True, is_superuser=True, has_membership=True)
        key = self.key_of(here, scopes=["*", "membership", "staff", "superuser"])
        before = self.house.everything(), self.key_item(key)
        guarded = {name for name, each in self.spec.operations.items() if each.permission == SESSION}
        assert guarded >= {"create_key", "rotate_key", "change_password", "session_logout"}
        for endpoint in guarded:
            body = self.password_body() if endpoint == "change_password" else self.empty_body(endpoint)
            for headers in key.headers:
                reply = self.client.call(endpoint, body, path={**PARAMETERS, **key.path}, headers=headers)
                assert (reply.status, self.error(reply)) == (403, "An API key cannot do this, please sign in")
        unused = {name: value for name, value in self.key_item(key).items() if not name.startswith("last_used")}
        assert (self.house.everything(), unused) == before
        assert self.is_live(here)

    def password_body(self) -> dict[str, str]:
        """Return a body of ``change_password`` that would do for who is signed in."""
        return {**self.with_password(), self.spec.new_password_field: "another good passphrase"}

    def test_a_key_sees_to_keys_as_far_as_its_scopes_go(self) -> None:
        """A key lists and deletes keys, itself too, with the scopes for that."""
        _, here = self.newcomer("bearer")
        reader, writer = (self.key_of(here, scopes=[scope]) for scope in ("keys:read", "keys:write"))
        by_reader = Entry("", {"token": reader.text}, self.client.call("keys", token=reader.text))
        assert {each["id"] for each in self.listed(by_reader)} == {reader.id, writer.id}
        assert self.shown(writer, by_reader)["scopes"] == ["keys:write"]
        assert self.delete(writer, by_reader) == 403
        assert self.client.call("keys", token=writer.text).status == 403
        for key in (reader, writer):
            assert self.client.call("delete_key", path=key.path, token=writer.text).status == 204
        assert [self.status_with(key) for key in (reader, writer)] == [401, 401]

    def test_scopes_narrow_and_never_grant(self) -> None:
        """A scope that the user lacks is told by name; one that the user loses is worth nothing at once."""
        user, here = self.newcomer("bearer")
        for scope in ("staff", "superuser", "membership", "orders:read", "profile:*"):
            reply = self.create(here, scopes=["profile:read", scope])
            assert (reply.status, self.error(reply)) == (400, f"{scope} is not a permission of yours")
        assert self.listed(here) == []
        keys = [self.key_of(here, scopes=scopes) for scopes in (["*"], ["members:read"])]
        for role, status in (("viewer", 403), ("admin", 200), ("owner", 200)):
            self.house.change_user(user.id, account_role=role)
            assert [self.client.call("members", token=key.text).status for key in keys] == [status, status]

    def test_everything_leaves_out_what_flags_allow(self) -> None:
        """`*` does not follow its user into the staff: that must be named, and ends with the flag."""
        user, here = self.newcomer("bearer")
        self.house.change_user(user.id, is_staff=True)
        plain, staff = (self.key_of(here, scopes=scopes) for scopes in (["*"], ["*", "staff"]))
        assert [self.client.call("users", token=key.text).status for key in (plain, staff)] == [403, 200]
        self.house.change_user(user.id, is_staff=False)
        assert [self.client.call("users", token=key.text).status for key in (plain, staff)] == [403, 403]

    def test_a_key_of_one_contract_is_refused_on_another(self) -> None:
        """A key is good for its own contract alone."""
        _, here = self.newcomer("bearer")
        key = self.key_of(here)
        other = self.house.client("reference" if self.contract != "reference" else "metatag")
        for headers in key.headers:
            assert other.call("me", headers=headers).status == 401
        assert self.status_with(key) == 200

    def test_a_key_is_worth_what_its_user_is(self) -> None:
        """A key of a deactivated user is refused as the user is, and one of a deleted user is no key."""
        user, here = self.newcomer("bearer")
        key = self.key_of(here)
        self.house.change_user(user.id, is_active=False)
        reply = self.client.call("me", token=key.text)
        assert (reply.status, self.error(reply)) == (403, "Account is inactive")
        assert self.status_with(key) == 403
        self.house.change_user(user.id, is_active=True)
        assert self.status_with(key) == 200
        assert self.client.call("delete_me", **here.credential).status == 204
        assert self.status_with(key) == 401
        assert user.id not in {item["user_id"]["S"] for item in self.house.items("ApiKeysTable")}

    def test_logging_out_and_changing_the_password_leave_keys(self) -> None:
        """Keys are no sessions: programs go on when people log out."""
        _, here = self.newcomer("bearer")
        key = self.key_of(here)
        assert self.client.call("change_password", self.password_body(), **here.credential).status == 200
        assert self.client.call("end_other_sessions", **here.credential).status == 204
        self.log_out(here.reply)
        assert not self.is_live(here)
        assert self.status_with(key) == 200

    def test_a_reset_ends_keys(self) -> None:
        """Who sets a new password by mail may not be who made the keys: every one ends, and its slot is free."""
        user, here = self.newcomer("bearer")
        keys = [self.key_of(here) for _ in range(2)]
        body = {"token": emailed(self.house, user.email, "RESET"), self.spec.new_password_field: PASSWORD}
        assert self.client.call("reset_password", body).status == 200
        assert {self.status_with(key) for key in keys} == {401}
        again = self.entered("bearer", user.email)
        assert self.listed(again) == []
        assert self.key_of(again).content.slot == 0

    # Expiring

    def test_a_key_that_has_expired_is_none(self) -> None:
        """DynamoDB deletes late, so every use asks: the key is neither taken, shown, rotated nor deleted."""
        _, here = self.newcomer("bearer")
        key = self.key_of(here, expires_in=60)
        assert 0 <= now() + 60 - int(self.key_item(key)["expires_at"]["N"]) < 60
        self.change_key(key, expires_at=now() + 60)
        assert self.status_with(key) == 200
        self.change_key(key, expires_at=now())
        assert self.status_with(key) == 401
        assert self.listed(here) == []
        self.assert_unknown(key.id, here)

    # Rotating

    def end_of(self, key: Issued, of: Issued) -> int | None:
        """Return when a secret ends, of those that are stored of a key."""
        ends = dict(each.partition(":")[::2] for each in self.key_item(key)["secrets"]["S"].split())
        end = ends[hashlib.sha256(of.content.secret).hexdigest()]
        return int(end) if end else None

    def end_now(self, key: Issued) -> None:
        """Let the time pass after which all secrets but the newest have ended."""
        stored = self.key_item(key)["secrets"]["S"]
        self.change_key(key, secrets=re.sub(r":[0-9]+", f":{now()}", stored))

    def test_a_rotated_key_works_beside_the_old_one_for_a_day(self) -> None:
        """It is the same key with another text; the old text works until the overlap is over, and the new one on."""
        _, here = self.newcomer("bearer")
        old = self.key_of(here, name="CI", expires_in=30 * DAY)
        before = self.shown(old, here)
        began = now()
        new = self.issued(self.client.call("rotate_key", path=old.path, **here.credential))
        assert new.id == old.id
        assert new.text != old.text
        assert self.shown(new, here) == before
        assert [self.status_with(key) for key in (old, new)] == [200, 200]
        assert self.end_of(new, old) in range(began + DAY, now() + DAY + 1)
        assert self.end_of(new, new) is None
        self.end_now(new)
        assert [self.status_with(key) for key in (old, new)] == [401, 200]

    def test_an_overlap_is_as_long_as_asked(self) -> None:
        """Without any the old text ends at once; what is no overlap is told, and the key stays as it is."""
        _, here = self.newcomer("bearer")
        first = self.key_of(here)
        for overlap, complaint in (
            (-1, f"Overlap must be from 0 to {30 * DAY} seconds"),
            (30 * DAY + 1, f"Overlap must be from 0 to {30 * DAY} seconds"),
            ("0", "Overlap must be a whole number"),
            (False, "Overlap must be a whole number"),
        ):
            reply = self.rotate(first, here, overlap=overlap)
            assert (reply.status, self.error(reply)) == (400, complaint)
        assert self.status_with(first) == 200
        second = self.rotated(first, here, overlap=30 * DAY)
        assert [self.status_with(key) for key in (first, second)] == [200, 200]
        third = self.rotated(first, here, overlap=0)
        assert [self.status_with(key) for key in (first, second, third)] == [401, 401, 200]

    def test_rotating_again_keeps_what_is_in_use(self) -> None:
        """A rotation whose answer was lost is done again without harm, up to a bound; no secret lives longer by it."""
        _, here = self.newcomer("bearer")
        keys = [self.key_of(here)]
        keys.append(self.rotated(keys[0], here, overlap=600))
        end = self.end_of(keys[0], keys[0])
        while len(keys) < MAX_SECRETS:
            keys.append(self.rotated(keys[0], here))
        assert self.end_of(keys[0], keys[0]) == end
        assert {self.status_with(key) for key in keys} == {200}
        refused = self.rotate(keys[0], here)
        assert (refused.status, self.error(refused)) == (
            409,
            "Too many secrets of this key overlap: wait, or rotate it without an overlap",
        )
        assert {self.status_with(key) for key in keys} == {200}
        self.end_now(keys[0])
        last = self.rotated(keys[0], here)
        assert [self.status_with(key) for key in (*keys, last)] == [401] * (MAX_SECRETS - 1) + [200, 200]
        assert self.delete(last, here) == 204
        assert {self.status_with(key) for key in (*keys, last)} == {401}

    # Last used

    def use(self, key: Issued, number: int) -> None:
        """Let one of several programs, each at an address of its own, use a key."""
        headers = {"X-API-Key": key.text, "User-Agent": f"program/{number}"}
        assert self.client.call("me", headers=headers, source_ip=f"192.0.2.{number}").status == 200

    def test_the_last_use_is_shown_and_noted_once_a_minute(self) -> None:
        """A user sees when its key was used, from where and by what; the next use within a minute is not noted."""
        _, here = self.newcomer("bearer")
        key = self.key_of(here)
        began = now()
        for number in (1, 2):
            self.use(key, number)
        moments = {iso(second) for second in range(began, now() + 1)}
        shown = self.shown(key, here)
        assert shown["last_used_at"] in moments
        assert (shown["last_used_ip"], shown["last_used_user_agent"]) == ("192.0.2.1", "program/1")
        assert [each["last_used_at"] for each in self.listed(here)] == [shown["last_used_at"]]
        self.change_key(key, last_used_at=now() - USE_NOTED_SECONDS)
        self.use(key, 2)
        shown = self.shown(key, here)
        assert shown["last_used_at"] in {iso(second) for second in range(began, now() + 1)}
        assert (shown["last_used_ip"], shown["last_used_user_agent"]) == ("192.0.2.2", "program/2")
