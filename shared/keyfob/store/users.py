"""The `users` table: profiles, and the records that keep emails, usernames and numbers unique."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from keyfob.errors import AccountExists, EmailTaken, UsernameTaken
from keyfob.model.membership import Member
from keyfob.model.user import User, normalised_email, normalised_username
from keyfob.store.account_parts import AccountParts
from keyfob.store.batches import read_together
from keyfob.store.items import Item, Value
from keyfob.store.table import ConditionFailed, Table
from keyfob.store.transactions import Change, IdTaken, NewItem, Part, Removal, Unchanged, UserChanged, commit
from keyfob.store.user_items import (
    IDENTITY,
    MEMBER,
    NOBODY,
    UNIQUE,
    account_attributes,
    account_pk,
    as_read,
    identifier_key,
    identity_key,
    item_from_user,
    key,
    linked_identity,
    member_key,
    profile_key,
    profile_key_to_wire,
    setting,
    unique,
    user_from_item,
)
from keyfob.store.user_parts import UserParts

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from keyfob.model.account import Account, Role
    from keyfob.model.identity import Identity

MAX_IDENTITIES = 40
"""Identities that one user can have: deleting it removes two items for each, and a transaction writes up to 100."""


class MemberPage(NamedTuple):
    """Some members of an account, and the id to go on after, if there are more."""

    members: list[Member]
    last: str | None


class IdentityTaken(Exception):
    """The identity belongs to a user already."""


class Users:
    """Reads and writes users."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        """Take a DynamoDB client and the table's name."""
        self._client = client
        self._table = Table(client, table)
        self._parts = UserParts(table)
        self._accounts = AccountParts(self._table)

    def get(self, user_id: str) -> User | None:
        """Return the user with this id, or `None`. One consistent read."""
        item = self._table.get(profile_key(user_id))
        return user_from_item(item) if item else None

    def find(self, identifier: str) -> User | None:
        """Return the user with this email address or username, or `None`.

        Two consistent reads, whether or not there is such a user, so that the time tells nothing.
        """
        return self.get(self.id_of(identifier) or NOBODY)

    def id_of(self, identifier: str) -> str | None:
        """Return the id of the user with this email address or username, or `None`. One consistent read."""
        record = self._table.get(identifier_key(identifier))
        return str(record["user_id"]) if record else None

    def numbered(self, number: int) -> User | None:
        """Return the user with this public number, or `None`. Up to two consistent reads."""
        record = self._table.get(unique("NUMBER", str(number)))
        return self.get(record["user_id"]) if record and "user_id" in record else None

    def with_identity(self, identity: "Identity") -> User | None:
        """Return the user to whom a provider's identity belongs, or `None`. Up to two consistent reads."""
        record = self._table.get(identity_key(identity))
        return self.get(record["user_id"]) if record else None

    def slug_exists(self, slug: str) -> bool:
        """Tell whether an account has this slug, as a hint: only the transaction decides. Half a read."""
        return self._table.glance(unique("SLUG", slug)) is not None

    def create(self, user: User, *, identities: "Sequence[Identity]" = (), along_with: Sequence[Part] = ()) -> User:
        """Store a new user, its account, its identities and its uniqueness records in one transaction; return the user.

        `along_with` is written in the same transaction. Raises `EmailTaken`, `UsernameTaken`, `IdentityTaken`,
        `IdTaken` or `SlugTaken`, and then nothing is stored.
        """
        commit(self._client, [*self.founding(user, identities, user.created_at), *along_with])
        return user

    def create_member(self, user: User, *, along_with: Sequence[Part]) -> User:
        """Store a new user that enters an account which is there already, and return the user.

        Raises as `create` and `along_with` do.
        """
        commit(self._client, [*self.entering(user, (), user.created_at), *along_with])
        return user

    def founding(self, user: User, identities: "Sequence[Identity]", joined_at: int) -> list[Part]:
        """Return what stores a new user with a new account and its identities, refused as `create` says."""
        founding = self._accounts.founding(user, joined_at)
        return [*self._names(user), *founding, *self._profile_and_links(user, identities)]

    def entering(self, user: User, identities: "Sequence[Identity]", joined_at: int) -> list[Part]:
        """Return what stores a new user with its identities in an account that is there, refused as `create` says."""
        entering = self._accounts.entering(user.account.id, user.id, user.role, joined_at)
        return [*self._names(user), *entering, *self._profile_and_links(user, identities)]

    def link(self, user: User, identity: "Identity") -> None:
        """Let an identity belong to a user too.

        Raises `UserChanged` or `IdentityTaken`, and then nothing is stored, and `AccountExists` for a user that has
        `MAX_IDENTITIES`.
        """
        if user.identity_count >= MAX_IDENTITIES:
            raise AccountExists(f"{user.id} has too many identities")
        linked = self._change(user, {"identity_count": user.identity_count + 1})
        commit(self._client, [linked, *self._links(user.id, identity)])

    def replace_password_hash(self, user: User, new_hash: str) -> None:
        """Store a better hash of the same password, unless the password has changed meanwhile."""
        values: dict[str, Value] = {":new": new_hash, ":old": user.password_hash or ""}
        with suppress(ConditionFailed):
            self._table.update(profile_key(user.id), "SET password_hash = :new", "password_hash = :old", values)

    def verify_email(self, user: User, email: str, *, along_with: Sequence[Part]) -> None:
        """Note that `email` is the user's, which is its address from now on; raises `EmailTaken` or `UserChanged`."""
        verified = self._change(user, {"email": email, "email_verified": True})
        moves = self._moves("EMAIL", normalised_email(user.email), normalised_email(email), user.id, EmailTaken)
        commit(self._client, [verified, *moves, *along_with])

    def reset_password(self, user: User, new_hash: str, *, along_with: Sequence[Part]) -> None:
        """Store a new password's hash, note that the address is the user's, and end whatever else lets somebody in.

        Every session and every API key ends, and every identity at a provider is unlinked: who reset the password may
        not be who made or linked them. Raises `UserChanged`.
        """
        identities = self._identities(user)
        changes: dict[str, Value] = {
            "password_hash": new_hash,
            "email_verified": True,
            "session_epoch": user.session_epoch + 1,
            "identity_count": 0,
            "key_epoch": user.key_epoch + 1,
        }
        reset = self._change(replace(user, identity_count=len(identities)), changes)
        unlinked = [self._parts.removal(each) for each in _identity_keys(user, identities)]
        commit(self._client, [reset, *unlinked, *along_with])

    def change_password(self, user: User, new_hash: str, *, along_with: Sequence[Part]) -> None:
        """Store a new password's hash and end every session but those that `along_with` carries over.

        Raises `UserChanged`.
        """
        changed = self._change(user, {"password_hash": new_hash, "session_epoch": user.session_epoch + 1})
        commit(self._client, [changed, *along_with])

    def end_sessions(self, user: User, *, along_with: Sequence[Part]) -> None:
        """End every session but those that `along_with` carries over; raises `UserChanged`."""
        commit(self._client, [self._change(user, {"session_epoch": user.session_epoch + 1}), *along_with])

    def change_profile(self, user: User, new: User) -> None:
        """Store a user's new name and username, in place of those that `user` was read with.

        Raises `UsernameTaken` or `UserChanged`; then nothing is stored.
        """
        changes = {
            "username": new.username,
            "first_name": new.name.first,
            "last_name": new.name.last,
            "full_name": new.name.full,
        }
        old, taken = normalised_username(user.username), normalised_username(new.username)
        moves = self._moves("USERNAME", old, taken, user.id, UsernameTaken)
        commit(self._client, [self._change(user, changes), *moves])

    def delete(self, user: User) -> None:
        """Delete a user with its identities, its uniqueness records and, if nobody else is there, its account.

        All in one transaction. Raises `LastOwner`, and `UserChanged`; then nothing is deleted.
        """
        identities = self._identities(user)
        condition, values = as_read(replace(user, identity_count=len(identities)))
        gone = Removal(self._table.name, profile_key(user.id), condition, values, UserChanged)
        departing = self._accounts.departing(user)
        keys = [*self._name_keys(user), *_identity_keys(user, identities)]
        commit(self._client, [gone, *departing, *(self._parts.removal(each) for each in keys)])

    def join(self, user: User, account: "Account", role: "Role", now: int, *, along_with: Sequence[Part]) -> None:
        """Let a user leave its account, which goes with its only member, for another, and note its address as proven.

        Raises `LastOwner`, `UserChanged`, and `InvalidOneTimeToken` if there is no such account any more.
        """
        changed = self._change(user, {**account_attributes(account), "account_role": role, "email_verified": True})
        departing = self._accounts.departing(user)
        entering = self._accounts.entering(account.id, user.id, role, now)
        commit(self._client, [changed, *departing, *entering, *along_with])

    def leave(self, user: User, alone: User, now: int) -> None:
        """Let a user leave an account where others stay for a new one of its own; `alone` is the user as it then is.

        Raises `LastOwner`, `UserChanged`, `SlugTaken` or `IdTaken`; then nothing has changed.
        """
        changed = self._change(user, {**account_attributes(alone.account), "account_role": alone.role})
        commit(self._client, [changed, *self._accounts.leaving(user), *self._accounts.founding(alone, now)])

    def members(self, account_id: str, *, after: str | None, limit: int) -> MemberPage:
        """Return up to `limit` members of an account in the order of their ids; `after` is such an id."""
        start = member_key(account_id, after) if after else None
        page = self._table.query({"pk": account_pk(account_id)}, prefix={"sk": MEMBER}, after=start, limit=limit)
        keys = [profile_key_to_wire(item["user_id"]) for item in page.items]
        found = read_together(self._client, {self._table.name: keys})[self._table.name] if keys else []
        users = {user.id: user for user in map(user_from_item, found) if user.account.id == account_id}
        members = [Member(users[item["user_id"]], item["joined_at"]) for item in page.items if item["user_id"] in users]
        return MemberPage(members, page.last.removeprefix(MEMBER) if page.last else None)

    def joined_at(self, user: User) -> int | None:
        """Return when a user joined its account, in seconds since the epoch. One consistent read."""
        item = self._table.get(member_key(user.account.id, user.id))
        return int(item["joined_at"]) if item else None

    def unchanged(self, user: User) -> Unchanged:
        """Return that a user is as it was read, as a part of a transaction, refused by `UserChanged`."""
        condition, values = as_read(user)
        return Unchanged(self._table.name, profile_key(user.id), condition, values, UserChanged)

    def set_rights(self, user: User, new: User) -> None:
        """Store a user's new state, flags and role, in place of those that `user` was read with.

        Raises `LastOwner` or `UserChanged`; then nothing is stored.
        """
        changes: dict[str, Value | None] = {
            "is_active": new.is_active,
            "session_epoch": new.session_epoch,
            "key_epoch": new.key_epoch,
            "is_staff": new.is_staff,
            "is_superuser": new.is_superuser,
            "has_membership": new.has_membership,
            "account_role": new.role,
        }
        commit(self._client, [self._change(user, changes), *self._accounts.changing_role(user, new.role)])

    def identities(self, user: User) -> "tuple[Identity, ...]":
        """Return the identities of a user, of which nothing but their keys is kept. One query."""
        return tuple(map(linked_identity, self._identities(user)))

    def _identities(self, user: User) -> list[str]:
        """Return the sort keys of the user's links to identities."""
        page = self._table.query({"pk": f"USER#{user.id}"}, limit=MAX_IDENTITIES + 1)
        return [item["sk"] for item in page.items if item["sk"].startswith(IDENTITY)]

    def _change(self, user: User, changes: Mapping[str, Value | None]) -> Change:
        """Return a change of a user's attributes, refused by `UserChanged` unless the user is as it was read."""
        condition, values = as_read(user)
        new = {f":{name}": value for name, value in changes.items() if value is not None}
        profile = profile_key(user.id)
        return Change(self._table.name, profile, setting(changes), condition, {**values, **new}, UserChanged)

    def _moves(self, kind: str, old: str, new: str, user_id: str, taken: type[Exception]) -> list[Part]:
        """Return what frees a name that must be unique, and takes another; nothing if they are the same."""
        if old == new:
            return []
        return [self._parts.removal(unique(kind, old)), self._parts.new(unique(kind, new, user_id=user_id), taken)]

    def _links(self, user_id: str, identity: "Identity") -> list[NewItem]:
        record = {**identity_key(identity), "user_id": user_id}
        return [
            self._parts.new(record, IdentityTaken),
            self._parts.new(key(f"USER#{user_id}", str(record["pk"])), IdentityTaken),
        ]

    def _names(self, user: User) -> list[NewItem]:
        taken = (EmailTaken, UsernameTaken, IdTaken)
        records = [{**each, "user_id": user.id} for each in self._name_keys(user)]
        return [self._parts.new(record, refused) for record, refused in zip(records, taken, strict=True)]

    def _name_keys(self, user: User) -> list[Item]:
        return [
            unique("EMAIL", normalised_email(user.email)),
            unique("USERNAME", normalised_username(user.username)),
            unique("NUMBER", str(user.number)),
        ]

    def _profile_and_links(self, user: User, identities: "Sequence[Identity]") -> list[NewItem]:
        links = [part for identity in identities for part in self._links(user.id, identity)]
        return [self._parts.new(item_from_user(replace(user, identity_count=len(identities))), IdTaken), *links]


def _identity_keys(user: User, identities: Sequence[str]) -> list[Item]:
    """Return the keys of a user's links to identities, and of those identities."""
    return [each for sk in identities for each in (key(f"USER#{user.id}", sk), key(sk, UNIQUE))]
