"""Parts of transactions that found accounts, and let users enter and leave them; an account counts its members."""

from typing import TYPE_CHECKING

from keyfob.errors import InvalidOneTimeToken, LastOwner
from keyfob.store.table import Table
from keyfob.store.transactions import Change, IdTaken, NewItem, Part, Removal, SlugTaken, UserChanged
from keyfob.store.user_items import account_item, account_key, member_key, unique
from keyfob.store.user_parts import UserParts

if TYPE_CHECKING:
    from keyfob.model.account import Role
    from keyfob.model.user import User
    from keyfob.store.items import Value


class AccountParts:
    """Makes the parts of one table."""

    def __init__(self, table: Table) -> None:
        """Take the table `users`."""
        self._table = table
        self._parts = UserParts(table.name)

    def founding(self, user: "User", now: int) -> list[NewItem]:
        """Return what makes a new account with the user as its one member; `IdTaken` or `SlugTaken` refuse it."""
        account = user.account
        return [
            self._parts.new(unique("NUMBER", str(account.number), account_id=account.id), IdTaken),
            self._parts.new(unique("SLUG", account.slug, account_id=account.id), SlugTaken),
            self._parts.new(account_item(user, now), IdTaken),
            self._membership(account.id, user.id, now),
        ]

    def entering(self, account_id: str, user_id: str, role: "Role", now: int) -> list[Part]:
        """Return what makes a user a member of an account that exists; `InvalidOneTimeToken` refuses another."""
        owners = ", owner_count = owner_count + :one" if role == "owner" else ""
        counted = Change(
            self._table.name,
            account_key(account_id),
            f"SET member_count = member_count + :one{owners}",
            "attribute_exists(pk)",
            {":one": 1},
            InvalidOneTimeToken,
        )
        return [counted, self._membership(account_id, user_id, now)]

    def departing(self, user: "User") -> list[Part]:
        """Return what takes a user out of its account, which goes with its only member. One consistent read.

        Raises `LastOwner` if others would stay without an owner. `LastOwner` or `UserChanged` refuse it.
        """
        account = self._table.get(account_key(user.account.id))
        if account is None:
            raise UserChanged
        if account["member_count"] == 1:
            return self._closing(user)
        if user.role == "owner" and account["owner_count"] == 1:
            raise LastOwner(user.id)
        return self.leaving(user)

    def leaving(self, user: "User") -> list[Part]:
        """Return what takes a user out of an account where others stay; `LastOwner` refuses to leave them no owner."""
        owners, condition = "", "member_count > :one"
        if user.role == "owner":
            owners, condition = ", owner_count = owner_count - :one", "owner_count > :one"
        left = self._counted(user, f"SET member_count = member_count - :one{owners}", condition)
        return [left, self._parts.removal(member_key(user.account.id, user.id))]

    def changing_role(self, user: "User", role: "Role") -> list[Part]:
        """Return what counts the owners anew when a member's role changes; `LastOwner` refuses to leave none."""
        if (user.role == "owner") == (role == "owner"):
            return []
        sign, condition = ("+", "attribute_exists(pk)") if role == "owner" else ("-", "owner_count > :one")
        return [self._counted(user, f"SET owner_count = owner_count {sign} :one", condition)]

    def _closing(self, user: "User") -> list[Part]:
        account = user.account
        alone: dict[str, Value] = {":one": 1}
        closed = Removal(self._table.name, account_key(account.id), "member_count = :one", alone, UserChanged)
        names = (unique("NUMBER", str(account.number)), unique("SLUG", account.slug))
        return [closed, *(self._parts.removal(key) for key in (*names, member_key(account.id, user.id)))]

    def _counted(self, user: "User", update: str, condition: str) -> Change:
        return Change(self._table.name, account_key(user.account.id), update, condition, {":one": 1}, LastOwner)

    def _membership(self, account_id: str, user_id: str, now: int) -> NewItem:
        return self._parts.new({**member_key(account_id, user_id), "user_id": user_id, "joined_at": now}, IdTaken)
