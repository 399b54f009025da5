"""Ids that say what they are of: a prefix such as ``user_``, and a UUID's 32 hexadecimal digits."""

import re
from uuid import UUID

_HEXADECIMAL = re.compile(r"[0-9a-f]{32}")


def prefixed(prefix: str, uuid: str) -> str:
    """Return the id that is shown of a UUID in its 36-character form."""
    return f"{prefix}{UUID(uuid).hex}"


def from_prefixed(prefix: str, text: str) -> str | None:
    """Return the UUID behind an id that was shown, or `None` if it is not one with this prefix."""
    digits = text.removeprefix(prefix)
    if not text.startswith(prefix) or not _HEXADECIMAL.fullmatch(digits):
        return None
    return str(UUID(digits))
