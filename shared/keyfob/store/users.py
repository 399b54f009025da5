"""The `users` table: profiles, and the records that keep emails, usernames, numbers and slugs unique.

Each item's key says what it is::

    USER#<id>       PROFILE           the user, with a copy of its account's name and slug
    USER#<id>       IDENTITY#<issuer>#<subject>  an identity of the user at a provider
    IDENTITY#<issuer>#<subject> UNIQUE → user_id
    EMAIL#<email>   UNIQUE            → user_id
    USERNAME#<name> UNIQUE            → user_id
    NUMBER#<n>      UNIQUE            one number space for users and accounts
    ACCOUNT#<id>    ACCOUNT           the account
    ACCOUNT#<id>    MEMBER#<user id>  who belongs to it
    SLUG#<slug>     UNIQUE            → account_id
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from keyfob.errors import AccountExists, EmailTaken, UsernameTaken
from keyfob.model.account import Account
from keyfob.model.user import MAX_EMAIL_CHARACTERS, PersonName, User, normalised_email, normalised_username
from keyfob.store.items import Item, Value, Wire, to_wire
from keyfob.store.table import ConditionFailed, Table
from keyfob.store.transactions import Change, IdTaken, NewItem, Part, Removal, SlugTaken, commit

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from keyfob.model.identity import Identity

PROFILE = "PROFILE"
UNIQUE = "UNIQUE"
IDENTITY = "IDENTITY#"
NOBODY = "00000000-0000-0000-0000-000000000000"
MAX_IDENTITIES = 40
"""Identities that one user can have: deleting it removes two items for each, and a transaction writes up to 100."""


class UserChanged(Exception):
    """Address, username, state, sessions or identities are not as they were when the user was read: read it again."""


class IdentityTaken(Exception):
    """The identity belongs to a user already."""


class Users:
    """Reads and writes users."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        """Take a DynamoDB client and the table's name."""
        self._client = client
        self._table = Table(client, table)

    def get(self, user_id: str) -> User | None:
        """Return the user with this id, or `None`. One consistent read."""
        item = self._table.get(_profile(user_id))
        return user_from_item(item) if item else None

    def find(self, identifier: str) -> User | None:
        """Return the user with this email address or username, or `None`.

        Two consistent reads, whether or not there is such a user, so that the time tells nothing.
        """
        return self.get(self.id_of(identifier) or NOBODY)

    def id_of(self, identifier: str) -> str | None:
        """Return the id of the user with this email address or username, or `None`. One consistent read."""
        record = self._table.get(_identifier(identifier))
        return str(record["user_id"]) if record else None

    def with_identity(self, identity: "Identity") -> User | None:
        """Return the user to whom a provider's identity belongs, or `None`. Up to two consistent reads."""
        record = self._table.get(_identity(identity))
        return self.get(record["user_id"]) if record else None

    def slug_exists(self, slug: str) -> bool:
        """Tell whether an account has this slug, as a hint: only the transaction decides. Half a read."""
        return self._table.glance(_unique("SLUG", slug)) is not None

    def create(self, user: User, *, identities: "Sequence[Identity]" = (), along_with: Sequence[Part] = ()) -> None:
        """Store a new user, its account, its identities and its uniqueness records in one transaction.

        `along_with` is written in the same transaction. Raises `EmailTaken`, `UsernameTaken`, `IdentityTaken`,
        `IdTaken` or `SlugTaken`, and then nothing is stored.
        """
        links = [part for identity in identities for part in self._links(user.id, identity)]
        linked = replace(user, identity_count=len(identities))
        commit(self._client, [*self._new_items(linked), *links, *along_with])

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
            self._table.update(_profile(user.id), "SET password_hash = :new", "password_hash = :old", values)

    def verify_email(self, user: User, email: str, *, along_with: Sequence[Part]) -> None:
        """Note that `email` is the user's, which is its address from now on; raises `EmailTaken` or `UserChanged`."""
        verified = self._change(user, {"email": email, "email_verified": True})
        moves = self._moves("EMAIL", normalised_email(user.email), normalised_email(email), user.id, EmailTaken)
        commit(self._client, [verified, *moves, *along_with])

    def reset_password(self, user: User, new_hash: str, *, along_with: Sequence[Part]) -> None:
        """Store a new password's hash, note that the address is the user's, and end whatever else lets somebody in.

        Every session ends, and every identity at a provider is unlinked: who reset the password may not be who linked
        them. Raises `UserChanged`.
        """
        identities = self._identities(user)
        changes: dict[str, Value] = {
            "password_hash": new_hash,
            "email_verified": True,
            "session_epoch": user.session_epoch + 1,
            "identity_count": 0,
        }
        reset = self._change(replace(user, identity_count=len(identities)), changes)
        unlinked = [self._removal(key) for key in _identity_keys(user, identities)]
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
        """Delete a user with its account, its identities and its uniqueness records in one transaction.

        Raises `UserChanged`; then nothing is deleted.
        """
        identities = self._identities(user)
        condition, values = _as_read(replace(user, identity_count=len(identities)))
        profile = Removal(self._table.name, _profile(user.id), condition, values, UserChanged)
        made: list[Item] = [_key(str(part.item["pk"]), str(part.item["sk"])) for part in self._new_items(user)[:-1]]
        keys = [*made, *_identity_keys(user, identities)]
        commit(self._client, [profile, *(self._removal(key) for key in keys)])

    def _identities(self, user: User) -> list[str]:
        """Return the sort keys of the user's links to identities."""
        page = self._table.query({"pk": f"USER#{user.id}"}, limit=MAX_IDENTITIES + 1)
        return [item["sk"] for item in page.items if item["sk"].startswith(IDENTITY)]

    def _change(self, user: User, changes: Mapping[str, Value | None]) -> Change:
        """Return a change of a user's attributes, refused by `UserChanged` unless the user is as it was read."""
        condition, values = _as_read(user)
        new = {f":{name}": value for name, value in changes.items() if value is not None}
        return Change(self._table.name, _profile(user.id), _setting(changes), condition, {**values, **new}, UserChanged)

    def _moves(self, kind: str, old: str, new: str, user_id: str, taken: type[Exception]) -> list[Part]:
        """Return what frees a name that must be unique, and takes another; nothing if they are the same."""
        if old == new:
            return []
        return [self._removal(_unique(kind, old)), self._new(_unique(kind, new, user_id=user_id), taken)]

    def _links(self, user_id: str, identity: "Identity") -> list[NewItem]:
        record = {**_identity(identity), "user_id": user_id}
        return [
            self._new(record, IdentityTaken),
            self._new(_key(f"USER#{user_id}", str(record["pk"])), IdentityTaken),
        ]

    def _new_items(self, user: User) -> list[NewItem]:
        account = user.account
        return [
            self._new(_unique("EMAIL", normalised_email(user.email), user_id=user.id), EmailTaken),
            self._new(_unique("USERNAME", normalised_username(user.username), user_id=user.id), UsernameTaken),
            self._new(_unique("NUMBER", str(user.number), user_id=user.id), IdTaken),
            self._new(_unique("NUMBER", str(account.number), account_id=account.id), IdTaken),
            self._new(_unique("SLUG", account.slug, account_id=account.id), SlugTaken),
            self._new(_account_item(account, user.created_at), IdTaken),
            self._new(_key(f"ACCOUNT#{account.id}", f"MEMBER#{user.id}"), IdTaken),
            self._new(_item_from_user(user), IdTaken),
        ]

    def _new(self, item: Item, refused: type[Exception]) -> NewItem:
        return NewItem(self._table.name, item, refused)

    def _removal(self, key: Item) -> Removal:
        return Removal(self._table.name, key, "attribute_exists(pk)", {}, UserChanged)


def profile_key(user_id: str) -> Wire:
    """Return the key of a user's profile in DynamoDB's wire format."""
    return to_wire(_profile(user_id))


def user_from_item(item: dict[str, Any]) -> User:
    """Return the user that a profile item stores."""
    return User(
        id=item["user_id"],
        number=item["number"],
        email=item["email"],
        username=item["username"],
        name=PersonName(item.get("full_name"), item["first_name"], item["last_name"]),
        password_hash=item.get("password_hash"),
        account=Account(
            id=item["account_id"],
            number=item["account_number"],
            name=item["account_name"],
            slug=item["account_slug"],
        ),
        role=item["role"],
        created_at=item["created_at"],
        is_active=item["is_active"],
        is_staff=item["is_staff"],
        is_superuser=item["is_superuser"],
        email_verified=item["email_verified"],
        has_membership=item["has_membership"],
        session_epoch=item["session_epoch"],
        identity_count=item["identity_count"],
    )


def _item_from_user(user: User) -> Item:
    return {
        **_key(f"USER#{user.id}", PROFILE),
        "user_id": user.id,
        "number": user.number,
        "email": user.email,
        "username": user.username,
        "full_name": user.name.full,
        "first_name": user.name.first,
        "last_name": user.name.last,
        "password_hash": user.password_hash,
        "account_id": user.account.id,
        "account_number": user.account.number,
        "account_name": user.account.name,
        "account_slug": user.account.slug,
        "role": user.role,
        "created_at": user.created_at,
        "is_active": user.is_active,
        "is_staff": user.is_staff,
        "is_superuser": user.is_superuser,
        "email_verified": user.email_verified,
        "has_membership": user.has_membership,
        "session_epoch": user.session_epoch,
        "identity_count": user.identity_count,
    }


def _account_item(account: Account, created_at: int) -> Item:
    return {
        **_key(f"ACCOUNT#{account.id}", "ACCOUNT"),
        "account_id": account.id,
        "number": account.number,
        "name": account.name,
        "slug": account.slug,
        "created_at": created_at,
    }


def _as_read(user: User) -> tuple[str, dict[str, Value]]:
    """Return the condition that a user is as it was read, in all that decides who it is and who may act for it."""
    facts: dict[str, Value] = {
        "email": user.email,
        "email_verified": user.email_verified,
        "username": user.username,
        "is_active": user.is_active,
        "session_epoch": user.session_epoch,
        "identity_count": user.identity_count,
    }
    return " AND ".join(f"{name} = :old_{name}" for name in facts), {
        f":old_{name}": value for name, value in facts.items()
    }


def _identity_keys(user: User, identities: Sequence[str]) -> list[Item]:
    """Return the keys of a user's links to identities, and of those identities."""
    return [key for sk in identities for key in (_key(f"USER#{user.id}", sk), _key(sk, UNIQUE))]


def _setting(attributes: Mapping[str, Value | None]) -> str:
    """Return the update that sets `attributes`, each to the value of its name, and removes those that are `None`."""
    kept = ", ".join(f"{name} = :{name}" for name, value in attributes.items() if value is not None)
    gone = ", ".join(name for name, value in attributes.items() if value is None)
    return f"SET {kept}" + (f" REMOVE {gone}" if gone else "")


def _profile(user_id: str) -> Item:
    return _key(f"USER#{user_id}", PROFILE)


def _identifier(identifier: str) -> Item:
    """Return the key of the uniqueness record of an email address (it has an ``@``) or a username."""
    if len(identifier) > MAX_EMAIL_CHARACTERS:
        return _key(f"USER#{NOBODY}", UNIQUE)
    if "@" in identifier:
        return _unique("EMAIL", normalised_email(identifier))
    return _unique("USERNAME", normalised_username(identifier))


def _identity(identity: "Identity") -> Item:
    return _unique("IDENTITY", f"{identity.issuer}#{identity.subject}")


def _unique(kind: str, value: str, **owner: str) -> Item:
    return {**_key(f"{kind}#{value}", UNIQUE), **owner}


def _key(pk: str, sk: str) -> dict[str, str]:
    return {"pk": pk, "sk": sk}
