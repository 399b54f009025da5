"""How old the keys are: whoever waits for a rotation to fail hears nothing of one that never begins."""

import json

from keyfob.errors import ExpectedFailure
from keyfob.store.secrets import Secret

KINDS = ("signing", "refresh")

DAY_SECONDS = 24 * 3600

DAYS_OF_GRACE = 2
"""How late a rotation may be: Secrets Manager begins one at some time of its day, and tries again what fails."""


class KeysOverdue(ExpectedFailure):
    """The keys should have been replaced, and were not."""


def check_age(key_set: Secret, rotation_days: int, now: int) -> None:
    """Raise `KeysOverdue` unless the newest key of each kind was made within `rotation_days`, or little more."""
    document = json.loads(key_set.read())
    newest = min(max((int(key["signs_from"]) for key in document.get(kind, ())), default=0) for kind in KINDS)
    if now > newest + (rotation_days + DAYS_OF_GRACE) * DAY_SECONDS:
        raise KeysOverdue(f"the newest keys sign from {newest}, and are replaced every {rotation_days} days")
