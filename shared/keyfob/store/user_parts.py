"""The plainest parts of transactions on the `users` table: an item that comes, and one that goes."""

from keyfob.store.items import Item
from keyfob.store.transactions import NewItem, Removal, UserChanged


class UserParts:
    """Makes the parts of one table."""

    def __init__(self, table: str) -> None:
        """Take the name of the table `users`."""
        self._table = table

    def new(self, item: Item, refused: type[Exception]) -> NewItem:
        """Return what stores an item; `refused` refuses one whose key is there already."""
        return NewItem(self._table, item, refused)

    def removal(self, key: Item) -> Removal:
        """Return what deletes an item; `UserChanged` refuses one that is not there."""
        return Removal(self._table, key, "attribute_exists(pk)", {}, UserChanged)
