"""Exporting: every user with all that belongs to it, page by page, so that no table need fit into memory."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from keyfob.model.transfer import UserRecord
from keyfob.model.user import User
from keyfob.service.patience import patiently
from keyfob.store.bulk import Bulk

WORKERS = 8
"""Users of a page that are read at the same time."""


class ExportedPage(NamedTuple):
    """Some of all users, and how many items were read to find them."""

    records: list[UserRecord]
    items_read: int


def export_users(store: Bulk) -> Iterator[ExportedPage]:
    """Yield all users, in no order.

    Each user is as it was when its page was read. Who registers or is deleted meanwhile may be there or not; nobody
    else is missing or there twice. Raises `Unavailable` if DynamoDB does not answer for long.
    """
    next_page = None
    with ThreadPoolExecutor(WORKERS) as pool:
        while True:
            after = next_page
            page = patiently(lambda: store.page(after))  # noqa: B023 - called at once
            yield ExportedPage(_records(page.users, store, pool), page.items_read)
            next_page = page.next_page
            if next_page is None:
                return


def _records(users: Sequence[User], store: Bulk, pool: ThreadPoolExecutor) -> list[UserRecord]:
    joined = patiently(lambda: store.joining_times(users))

    def record(user: User) -> UserRecord:
        return UserRecord(
            user=user,
            joined_at=joined.get(user.id, user.created_at),
            identities=patiently(lambda: store.identities(user)),
            api_keys=patiently(lambda: store.api_keys(user)),
        )

    return list(pool.map(record, users))
