"""Which passwords a user may choose (NIST SP 800-63B-4, section 3.1.1.2): long enough, not common, not its own name."""

from functools import cache
from pathlib import Path

from keyfob.errors import InvalidFields
from keyfob.model.password import length_complaint, normalised_password
from keyfob.model.user import normalised_email, normalised_username

COMMON_PASSWORDS = Path(__file__).with_name("common_passwords.txt")


def check_new_password(password: str, *, email: str, username: str, field: str = "password") -> None:
    """Raise `InvalidFields` about `field` unless the user with this email and username may choose `password`."""
    complaint = _complaint(password, {normalised_email(email), normalised_username(username)})
    if complaint:
        raise InvalidFields({field: [complaint]})


def _complaint(password: str, own_names: set[str]) -> str | None:
    too_long_or_short = length_complaint(password)
    if too_long_or_short:
        return f"Password {too_long_or_short}"
    folded = normalised_password(password).lower()
    if folded in own_names:
        return "Password must not be your email or username"
    if folded in _common_passwords():
        return "Password is too common"
    return None


@cache
def _common_passwords() -> frozenset[str]:
    return frozenset(COMMON_PASSWORDS.read_text(encoding="utf-8").splitlines())
