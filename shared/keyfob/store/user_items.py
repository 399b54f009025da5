"""The items of the `users` table: their keys, and what they hold of users and accounts.

Each item's key says what it is::

    USER#<id>       PROFILE           the user, with a copy of its account's name and slug
    USER#<id>       IDENTITY#<issuer>#<subject>  an identity of the user at a provider
    IDENTITY#<issuer>#<subject> UNIQUE → user_id
    EMAIL#<email>   UNIQUE            → user_id
    USERNAME#<name> UNIQUE            → user_id
    NUMBER#<n>      UNIQUE            one number space for users and accounts
    ACCOUNT#<id>    ACCOUNT           the account, and how many members and owners it has
    ACCOUNT#<id>    MEMBER#<user id>  who belongs to it
    ACCOUNT#<id>    INVITATION#<id>   who may join it
    SLUG#<slug>     UNIQUE            → account_id
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from keyfob.model.account import Account
from keyfob.model.user import MAX_EMAIL_CHARACTERS, PersonName, User, normalised_email, normalised_username
from keyfob.store.items import Item, Value, Wire, to_wire

if TYPE_CHECKING:
    from keyfob.model.identity import Identity

ACCOUNT = "ACCOUNT"
IDENTITY = "IDENTITY#"
INVITATION = "INVITATION#"
MEMBER = "MEMBER#"
NOBODY = "00000000-0000-0000-0000-000000000000"
PROFILE = "PROFILE"
UNIQUE = "UNIQUE"


def key(pk: str, sk: str) -> dict[str, str]:
    """Return a key of the table."""
    return {"pk": pk, "sk": sk}


def unique(kind: str, value: str, **owner: str) -> Item:
    """Return the record that keeps `value` unique among all of its kind, and says whose it is."""
    return {**key(f"{kind}#{value}", UNIQUE), **owner}


def profile_key(user_id: str) -> Item:
    """Return the key of a user's profile."""
    return key(f"USER#{user_id}", PROFILE)


def profile_key_to_wire(user_id: str) -> Wire:
    """Return the key of a user's profile in DynamoDB's wire format."""
    return to_wire(profile_key(user_id))


def identifier_key(identifier: str) -> Item:
    """Return the key of the uniqueness record of an email address (it has an ``@``) or a username."""
    if len(identifier) > MAX_EMAIL_CHARACTERS:
        return key(f"USER#{NOBODY}", UNIQUE)
    if "@" in identifier:
        return unique("EMAIL", normalised_email(identifier))
    return unique("USERNAME", normalised_username(identifier))


def identity_key(identity: "Identity") -> Item:
    """Return the key of the record that says whose an identity is."""
    return unique("IDENTITY", f"{identity.issuer}#{identity.subject}")


def linked_identity(sk: str) -> "Identity":
    """Return the identity that the sort key of a user's link to it names."""
    from keyfob.model.identity import Identity

    issuer, _, subject = sk.removeprefix(IDENTITY).partition("#")
    return Identity.bare(issuer, subject)


def account_pk(account_id: str) -> str:
    """Return the partition key that an account, its members and invitations to it share."""
    return f"ACCOUNT#{account_id}"


def account_key(account_id: str) -> Item:
    """Return the key of an account."""
    return key(account_pk(account_id), ACCOUNT)


def member_key(account_id: str, user_id: str) -> Item:
    """Return the key of the item that says that a user belongs to an account."""
    return key(account_pk(account_id), f"{MEMBER}{user_id}")


def invitation_key(account_id: str, invitation_id: str) -> Item:
    """Return the key of an invitation to an account."""
    return key(account_pk(account_id), f"{INVITATION}{invitation_id}")


def account_item(user: User, created_at: int) -> Item:
    """Return the item of a user's new account, which has no other member."""
    account = user.account
    return {
        **account_key(account.id),
        "account_id": account.id,
        "number": account.number,
        "name": account.name,
        "slug": account.slug,
        "created_at": created_at,
        "member_count": 1,
        "owner_count": int(user.role == "owner"),
    }


def account_of(item: Mapping[str, Any]) -> Account:
    """Return the account that its item stores."""
    return Account(id=item["account_id"], number=item["number"], name=item["name"], slug=item["slug"])


def account_attributes(account: Account) -> dict[str, Value]:
    """Return what a profile holds of its user's account, and an invitation of the one that it is to."""
    return {
        "account_id": account.id,
        "account_number": account.number,
        "account_name": account.name,
        "account_slug": account.slug,
    }


def account_from_attributes(item: Mapping[str, Any]) -> Account:
    """Return the account that a profile or an invitation tells of."""
    return Account(
        id=item["account_id"],
        number=item["account_number"],
        name=item["account_name"],
        slug=item["account_slug"],
    )


def user_from_item(item: dict[str, Any]) -> User:
    """Return the user that a profile item stores."""
    return User(
        id=item["user_id"],
        number=item["number"],
        email=item["email"],
        username=item["username"],
        name=PersonName(item.get("full_name"), item["first_name"], item["last_name"]),
        password_hash=item.get("password_hash"),
        account=account_from_attributes(item),
        role=item["account_role"],
        created_at=item["created_at"],
        is_active=item["is_active"],
        is_staff=item["is_staff"],
        is_superuser=item["is_superuser"],
        email_verified=item["email_verified"],
        has_membership=item["has_membership"],
        session_epoch=item["session_epoch"],
        identity_count=item["identity_count"],
        key_epoch=item["key_epoch"],
    )


def item_from_user(user: User) -> Item:
    """Return the profile item that stores a user."""
    return {
        **profile_key(user.id),
        "user_id": user.id,
        "number": user.number,
        "email": user.email,
        "username": user.username,
        "full_name": user.name.full,
        "first_name": user.name.first,
        "last_name": user.name.last,
        "password_hash": user.password_hash,
        **account_attributes(user.account),
        "account_role": user.role,
        "created_at": user.created_at,
        "is_active": user.is_active,
        "is_staff": user.is_staff,
        "is_superuser": user.is_superuser,
        "email_verified": user.email_verified,
        "has_membership": user.has_membership,
        "session_epoch": user.session_epoch,
        "identity_count": user.identity_count,
        "key_epoch": user.key_epoch,
    }


def as_read(user: User) -> tuple[str, dict[str, Value]]:
    """Return the condition that a user is as it was read, in all that decides who it is and who may act for it."""
    facts: dict[str, Value] = {
        "email": user.email,
        "email_verified": user.email_verified,
        "username": user.username,
        "is_active": user.is_active,
        "is_staff": user.is_staff,
        "is_superuser": user.is_superuser,
        "has_membership": user.has_membership,
        "session_epoch": user.session_epoch,
        "identity_count": user.identity_count,
        "account_id": user.account.id,
        "account_role": user.role,
    }
    return " AND ".join(f"{name} = :old_{name}" for name in facts), {
        f":old_{name}": value for name, value in facts.items()
    }


def setting(attributes: Mapping[str, Value | None]) -> str:
    """Return the update that sets `attributes`, each to the value of its name, and removes those that are `None`."""
    kept = ", ".join(f"{name} = :{name}" for name, value in attributes.items() if value is not None)
    gone = ", ".join(name for name, value in attributes.items() if value is None)
    return f"SET {kept}" + (f" REMOVE {gone}" if gone else "")
