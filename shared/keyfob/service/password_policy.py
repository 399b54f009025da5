"""Which passwords a user may choose (NIST SP 800-63B-4, section 3.1.1.2): long enough, not common, not its own name."""

import unicodedata
from functools import cache
from pathlib import Path

from keyfob.errors import InvalidFields
from keyfob.model.user import normalised_email, normalised_username

MIN_CODE_POINTS = 8
MAX_CODE_POINTS = 128
MAX_CODE_POINTS_UNNORMALISED = 512

COMMON_PASSWORDS = Path(__file__).with_name("common_passwords.txt")


def check_new_password(password: str, *, email: str, username: str, field: str = "password") -> None:
    """Raise `InvalidFields` about `field` unless the user with this email and username may choose `password`."""
    complaint = _complaint(password, {normalised_email(email), normalised_username(username)})
    if complaint:
        raise InvalidFields({field: [complaint]})


def _complaint(password: str, own_names: set[str]) -> str | None:
    if len(password) > MAX_CODE_POINTS_UNNORMALISED:
        return f"Password must be at most {MAX_CODE_POINTS} characters"
    normalised = unicodedata.normalize("NFC", password)
    if len(normalised) < MIN_CODE_POINTS:
        return f"Password must be at least {MIN_CODE_POINTS} characters"
    if len(normalised) > MAX_CODE_POINTS:
        return f"Password must be at most {MAX_CODE_POINTS} characters"
    folded = normalised.lower()
    if folded in own_names:
        return "Password must not be your email or username"
    if folded in _common_passwords():
        return "Password is too common"
    return None


@cache
def _common_passwords() -> frozenset[str]:
    return frozenset(COMMON_PASSWORDS.read_text(encoding="utf-8").splitlines())
