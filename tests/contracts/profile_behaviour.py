"""What users change about themselves, the same on every contract. Each contract's suite inherits this."""

from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import pytest
from keyfob.model.identity import Identity
from keyfob.model.user import PersonName, User
from keyfob.store.transactions import UserChanged

from tests.contracts.cookies_behaviour import KINDS, CookieBehaviour, Entry
from tests.house import PASSWORD, Reply, unique


class ProfileBehaviour(CookieBehaviour):
    """`PATCH me` and `DELETE me`."""

    name_changes: ClassVar[tuple[tuple[dict[str, str], PersonName], ...]]
    """What is sent one after the other, and the name that then is stored."""

    def newcomer(self, kind: str = "cookie") -> tuple[User, Entry]:
        """Register somebody and sign it in."""
        _, email = self.registered()
        return self.stored(email), self.entered(kind, email)

    def now_is(self, user: User) -> User:
        """Return how a user is stored now."""
        found = self.house.users.get(user.id)
        assert found is not None
        return found

    def change(self, entry: Entry, **changes: Any) -> Reply:
        """Change whoever holds this session."""
        return self.client.call("update_me", changes, **entry.credential)

    def with_password(self, password: str = PASSWORD) -> dict[str, str]:
        """Return the member of a body that has the current password."""
        return {self.spec.new_password_field.replace("new", "current"): password}

    def forget_password(self, user: User) -> None:
        """Leave a user without a password, as one who only signs in through a provider."""
        self.house.dynamodb.update_item(
            TableName=self.house.deployment.functions["login"].environment["USERS_TABLE"],
            Key={"pk": {"S": f"USER#{user.id}"}, "sk": {"S": "PROFILE"}},
            UpdateExpression="REMOVE password_hash",
        )

    def assert_refused(self, reply: Reply, status: int, text: str, before: list[dict[str, Any]]) -> None:
        """Check that a change was refused, and that nothing changed."""
        assert (reply.status, self.error(reply)) == (status, text)
        assert self.house.everything() == before

    # Changing

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_name_changes_by_itself(self, kind: str) -> None:
        """A field that is sent changes, one that is not stays, and the answer is what `me` will show."""
        user, here = self.newcomer(kind)
        for changes, name in self.name_changes:
            reply = self.change(here, **changes)
            assert reply.status == 200
            assert self.payload(reply) == self.payload(self.client.call("me", **here.credential))
            after = self.now_is(user)
            assert (after.name, after.username, after.email) == (name, user.username, user.email)
            assert (after.password_hash, after.session_epoch) == (user.password_hash, user.session_epoch)

    def test_a_username_changes_by_itself(self) -> None:
        """Logging in works with the new username and not with the old one, which somebody else may have."""
        user, here = self.newcomer()
        name = unique("renamed")
        assert self.change(here, username=name).status == 200
        assert self.now_is(user).username == name
        assert self.logged_in(name.upper()).status == 200
        assert self.house.users.find(user.username) is None
        other, there = self.newcomer()
        assert self.change(there, username=user.username.upper()).status == 200
        assert self.stored(user.username).id == other.id

    def test_a_new_email_address_needs_the_password_and_to_be_verified(self) -> None:
        """The account keeps its address until the new one has been verified, whoever mistypes it."""
        user, here = self.newcomer()
        address = f"{unique('new')}@example.com"
        reply = self.change(here, email=address, username=unique(), **self.with_password())
        assert reply.status == 200
        assert address not in reply.text
        after = self.now_is(user)
        assert (after.email, after.email_verified) == (user.email, user.email_verified)
        assert self.logged_in(user.email).status == 200
        assert self.house.users.find(address) is None
        assert len(self.house.mail_to(address)) == 1
        assert self.is_live(here)

    @pytest.mark.parametrize("password", [None, "", "wrong-password"])
    def test_a_new_email_address_without_the_password_is_refused(self, password: str | None) -> None:
        """Whoever finds a device unlocked cannot move the account to another address: nothing changes."""
        _, here = self.newcomer()
        before = self.house.everything()
        given = {} if password is None else self.with_password(password)
        reply = self.change(here, email=f"{unique()}@example.com", username=unique(), **given)
        self.assert_refused(reply, 400, "Current password is incorrect", before)

    def test_what_stays_the_same_needs_no_password_and_writes_nothing(self) -> None:
        """A form that is sent as it was changes nothing."""
        user, here = self.newcomer()
        self.house.change_user(user.id, email_verified=True)
        before = self.house.everything()
        for changes in ({}, {"email": user.email}, {"email": user.email, "username": user.username}, {"email": None}):
            assert self.change(here, **changes).status == 200
        assert self.house.everything() == before

    def test_the_case_of_the_own_names_may_change(self) -> None:
        """The own names are not taken, however they are written; an address so written is verified as a new one is."""
        user, here = self.newcomer()
        self.house.change_user(user.id, email_verified=True)
        assert self.change(here, username=user.username.upper()).status == 200
        local, _, domain = user.email.partition("@")
        address = f"{local.upper()}@{domain}"
        assert self.change(here, email=address).status == 400
        assert self.change(here, email=address, **self.with_password()).status == 200
        after = self.now_is(user)
        assert (after.username, after.email, after.email_verified) == (user.username.upper(), user.email, True)
        assert self.logged_in(user.email).status == 200
        assert self.logged_in(user.username).status == 200

    def test_taken_names_are_refused_in_any_case(self) -> None:
        """Names stay unique; what else the same request would have changed stays too."""
        other, _ = self.newcomer()
        _, here = self.newcomer()
        before = self.house.everything()
        status = 400 if self.contract == "metatag" else 409
        address = self.change(here, email=other.email.upper(), username=unique(), **self.with_password())
        self.assert_refused(address, status, "Email already registered", before)
        username = self.change(
            here, email=f"{unique()}@example.com", username=other.username.upper(), **self.with_password()
        )
        self.assert_refused(username, 409, "Username already taken", before)

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            ({"email": "not-an-address"}, "Email must be a valid email address"),
            ({"username": "a@b"}, "Username must consist of letters, digits, dots, hyphens and underscores"),
            ({"username": ""}, "Username must consist of letters, digits, dots, hyphens and underscores"),
            ({"username": 7}, "Username must be a string"),
        ],
    )
    def test_names_are_read_as_at_registering(self, changes: dict[str, Any], text: str) -> None:
        """A name that nobody could register with is told, and nothing changes."""
        _, here = self.newcomer()
        before = self.house.everything()
        self.assert_refused(self.change(here, **changes, **self.with_password()), 400, text, before)

    def test_nobody_grants_itself_anything(self) -> None:
        """Members of the body that the contract does not name are ignored."""
        user, here = self.newcomer()
        granted = {"role": "system_bot", "is_staff": True, "email_verified": True, "session_epoch": 7, "id": "x"}
        assert self.change(here, **granted, password_hash="x", is_active=False).status == 200
        assert self.now_is(user) == user

    def test_a_user_without_a_password_proves_none(self) -> None:
        """Who signs in through a provider alone cannot change address or password by guessing."""
        user, here = self.newcomer()
        self.forget_password(user)
        before = self.house.everything()
        for password in ("", PASSWORD, "None", "null"):
            reply = self.change(here, email=f"{unique()}@example.com", **self.with_password(password))
            self.assert_refused(reply, 400, "Current password is incorrect", before)
            body = {**self.with_password(password), self.spec.new_password_field: "another good passphrase"}
            reply = self.client.call("change_password", body, **here.credential)
            self.assert_refused(reply, 400, "Current password is incorrect", before)
        assert self.client.call("login", self.login_body(user.email, "")).status == 401
        assert self.change(here, username=unique()).status == 200

    def test_who_was_signed_out_meanwhile_changes_nothing(self) -> None:
        """A change that was under way when the owner ended all sessions is not stored, be it of names or a deletion."""
        user, _ = self.newcomer()
        self.house.users.end_sessions(user, along_with=())
        before = self.house.everything()
        users = self.house.users
        changes = (
            partial(users.change_profile, user, replace(user, email=f"{unique()}@example.com")),
            partial(users.delete, user),
            partial(users.change_password, user, "hash", along_with=[]),
        )
        for change in changes:
            with pytest.raises(UserChanged):
                change()
        assert self.house.everything() == before

    # Leaving

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_user_that_is_deleted_leaves_nothing_behind(self, kind: str) -> None:
        """Profile, account, names, identities and sessions are gone, and every credential is worth nothing."""
        before = self.house.everything()
        user, here = self.newcomer(kind)
        others = [self.entered(each, user.email) for each in KINDS]
        self.house.change_user(user.id, email_verified=True)
        identity = Identity(
            issuer="https://idp.example.com",
            subject=unique(),
            email=None,
            email_verified=False,
            name=user.name,
            username=None,
        )
        self.house.users.link(self.now_is(user), identity)
        reply = self.client.call("delete_me", **here.credential)
        assert (reply.status, reply.text) == (204, "")
        assert sorted(map(str, self.house.everything())) == sorted(map(str, before))
        assert not any(self.is_live(entry) for entry in (here, *others))
        refresh = self.client.call("refresh", self.refresh_body(self.refresh_token(others[0].reply)))
        assert refresh.status == 401
        login = self.client.call("login", self.login_body(user.email, PASSWORD))
        assert (login.status, self.error(login)) == (401, self.bad_login)
        assert self.client.call("delete_me", **here.credential).status == 401

    def test_a_deleted_users_names_are_free(self) -> None:
        """Somebody may register with them at once, and is somebody else."""
        username, email = self.registered()
        before = self.stored(email)
        assert self.client.call("delete_me", **self.with_cookie(email).credential).status == 204
        assert self.client.call("register", self.register_body(username, email)).status == 201
        after = self.stored(email)
        assert (after.username, after.email) == (before.username, before.email)
        assert {after.id, after.number, after.account.id} & {before.id, before.number, before.account.id} == set()

    def test_a_user_that_changed_its_names_leaves_none_behind(self) -> None:
        """What is deleted are the names that a user has, not those it once had."""
        before = self.house.everything()
        _, here = self.newcomer()
        changed = self.change(here, username=unique(), email=f"{unique()}@example.com", **self.with_password())
        assert changed.status == 200
        assert self.client.call("delete_me", **here.credential).status == 204
        assert sorted(map(str, self.house.everything())) == sorted(map(str, before))
