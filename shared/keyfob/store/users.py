"""The `users` table: profiles, and the records that keep emails, usernames, numbers and slugs unique.

Each item's key says what it is::

    USER#<id>       PROFILE           the user, with a copy of its account's name and slug
    EMAIL#<email>   UNIQUE            → user_id
    USERNAME#<name> UNIQUE            → user_id
    NUMBER#<n>      UNIQUE            one number space for users and accounts
    ACCOUNT#<id>    ACCOUNT           the account
    ACCOUNT#<id>    MEMBER#<user id>  who belongs to it
    SLUG#<slug>     UNIQUE            → account_id
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from keyfob.errors import EmailTaken, UsernameTaken
from keyfob.model.account import Account
from keyfob.model.user import MAX_EMAIL_CHARACTERS, PersonName, User, normalised_email, normalised_username
from keyfob.store.client import available, error_code
from keyfob.store.items import Item, Wire, from_wire, to_wire
from keyfob.store.transactions import IdTaken, NewItem, SlugTaken, create_all

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

PROFILE = "PROFILE"
UNIQUE = "UNIQUE"
NOBODY = "00000000-0000-0000-0000-000000000000"


class Users:
    """Reads and writes users."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        """Take a DynamoDB client and the table's name."""
        self._client = client
        self._table = table

    def get(self, user_id: str) -> User | None:
        """Return the user with this id, or `None`. One consistent read."""
        item = self._get(profile_key(user_id))
        return user_from_item(item) if item else None

    def find(self, identifier: str) -> User | None:
        """Return the user with this email address or username, or `None`.

        Two consistent reads, whether or not there is such a user, so that the time tells nothing.
        """
        record = self._get(identifier_key(identifier))
        return self.get(record["user_id"] if record else NOBODY)

    def slug_exists(self, slug: str) -> bool:
        """Tell whether an account has this slug, as a hint: only the transaction decides. One read."""
        key = to_wire(_unique("SLUG", slug))
        return "Item" in available(lambda: self._client.get_item(TableName=self._table, Key=key))

    def create(self, user: User, *, along_with: Sequence[NewItem] = ()) -> None:
        """Store a new user, its account and its uniqueness records in one transaction.

        `along_with` items are stored in the same transaction. Raises `EmailTaken`, `UsernameTaken`, `IdTaken` or
        `SlugTaken`, and then nothing is stored.
        """
        create_all(self._client, [*self._new_items(user), *along_with])

    def replace_password_hash(self, user: User, new_hash: str) -> None:
        """Store a better hash of the same password, unless the password has changed meanwhile."""
        try:
            available(
                lambda: self._client.update_item(
                    TableName=self._table,
                    Key=profile_key(user.id),
                    UpdateExpression="SET password_hash = :new",
                    ConditionExpression="password_hash = :old",
                    ExpressionAttributeValues=to_wire({":new": new_hash, ":old": user.password_hash}),
                )
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise

    def _get(self, key: Wire) -> dict[str, Any] | None:
        answer = available(lambda: self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True))
        return from_wire(answer["Item"]) if "Item" in answer else None

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

    def _new(self, item: Item, taken: type[Exception]) -> NewItem:
        return NewItem(self._table, item, taken)


def profile_key(user_id: str) -> Wire:
    """Return the key of a user's profile."""
    return to_wire(_key(f"USER#{user_id}", PROFILE))


def identifier_key(identifier: str) -> Wire:
    """Return the key of the uniqueness record of an email address (it has an ``@``) or a username."""
    if len(identifier) > MAX_EMAIL_CHARACTERS:
        return to_wire(_key(f"USER#{NOBODY}", UNIQUE))
    if "@" in identifier:
        return to_wire(_key(f"EMAIL#{normalised_email(identifier)}", UNIQUE))
    return to_wire(_key(f"USERNAME#{normalised_username(identifier)}", UNIQUE))


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


def _unique(kind: str, value: str, **owner: str) -> Item:
    return {**_key(f"{kind}#{value}", UNIQUE), **owner}


def _key(pk: str, sk: str) -> dict[str, str]:
    return {"pk": pk, "sk": sk}
