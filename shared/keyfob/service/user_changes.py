"""Users who are not as they were read any more: nothing is written then, and the same may be asked again."""

from collections.abc import Iterator
from contextlib import contextmanager

from keyfob.errors import Unavailable
from keyfob.store.transactions import UserChanged


@contextmanager
def unless_user_changes() -> Iterator[None]:
    """Raise `Unavailable` for a `UserChanged` that the block raises."""
    try:
        yield
    except UserChanged as changed:
        raise Unavailable("the user changed meanwhile") from changed
