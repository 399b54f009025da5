"""Random values."""

import re
from uuid import UUID

from keyfob.crypto.random import MAX_NUMBER, new_id, new_number, new_suffix


def test_ids_are_random_uuids() -> None:
    """An id is a version 4 UUID, and another each time."""
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {UUID(each).version for each in ids} == {4}


def test_numbers_are_exact_in_javascript() -> None:
    """A number is positive, below 2**53, and uses that room."""
    numbers = [new_number() for _ in range(1000)]
    assert all(0 < number <= MAX_NUMBER for number in numbers)
    assert len(set(numbers)) == 1000
    assert max(numbers) > MAX_NUMBER // 2


def test_suffixes_fit_slugs_and_usernames() -> None:
    """A suffix consists of what a slug and a username may have."""
    assert re.fullmatch(r"[0-9a-f]{8}", new_suffix())
