"""Ids of users, sessions, keys and whatever else has one of ours."""

import re
from typing import Final

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_id(text: str) -> bool:
    """Tell whether `text` has the form of an id of ours: a UUID in its 36-character form, in lower case."""
    return _UUID.fullmatch(text) is not None
