"""Many users at once, for what takes many: stored as if each had joined, without calling anything for each."""

from dataclasses import replace

from keyfob.clock import now
from keyfob.model.account import Account
from keyfob.model.user import PersonName, User
from keyfob.service.registration import new_user
from keyfob.store.batches import MOST_WRITES_AT_ONCE, write_together
from keyfob.store.items import to_wire
from keyfob.store.transactions import NewItem
from keyfob.store.user_items import account_key

from tests.house import House, unique


def crowd(house: House, count: int, account: Account) -> list[User]:
    """Store `count` viewers of an account, and return them."""
    users = [_viewer(account) for _ in range(count)]
    parts = [part for user in users for part in house.users.entering(user, (), user.created_at)]
    items = [to_wire(part.item) for part in parts if isinstance(part, NewItem)]
    table = house.deployment.functions["login"].environment["USERS_TABLE"]
    for start in range(0, len(items), MOST_WRITES_AT_ONCE):
        write_together(house.dynamodb, table, items[start : start + MOST_WRITES_AT_ONCE])
    house.dynamodb.update_item(
        TableName=table,
        Key=to_wire(account_key(account.id)),
        UpdateExpression="SET member_count = member_count + :more",
        ExpressionAttributeValues=to_wire({":more": count}),
    )
    return users


def _viewer(account: Account) -> User:
    username = unique("one")
    user = new_user(
        email=f"{username}@example.com",
        username=username,
        name=PersonName.from_full("One"),
        password_hash=None,
        now=now(),
    )
    return replace(user, account=account, role="viewer")
