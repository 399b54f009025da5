"""Lists in pages: how long one is, and the cursors that lead from one to the next."""

from typing import Final

from keyfob.errors import InvalidFields
from keyfob.model.ids import is_id

PAGE: Final = 50
"""The most that a page has."""


def cursor_after(cursor: str) -> str | None:
    """Return the id that a page is to go on after, or `None` without a `cursor`; raises `InvalidFields` for none."""
    if not cursor:
        return None
    if not is_id(cursor):
        raise not_a_cursor()
    return cursor


def not_a_cursor() -> InvalidFields:
    """Return what to raise for a text that no page gave as its cursor."""
    return InvalidFields({"cursor": ["Cursor is not one that a page gave"]})
