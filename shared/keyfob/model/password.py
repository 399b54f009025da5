"""How long a password may be, in code points of Unicode's form NFC."""

import unicodedata

MIN_CODE_POINTS = 8
MAX_CODE_POINTS = 128
MAX_CODE_POINTS_UNNORMALISED = 512
"""No acceptable password is longer before it is normalised; longer text is not worth normalising."""


def normalised_password(password: str) -> str:
    """Return the form in which passwords are compared and hashed (RFC 8265, section 4.2)."""
    return unicodedata.normalize("NFC", password)


def length_complaint(password: str) -> str | None:
    """Return what is wrong with a password's length, as the end of a sentence about it, or `None`."""
    if len(password) > MAX_CODE_POINTS_UNNORMALISED:
        return f"must be at most {MAX_CODE_POINTS} characters"
    length = len(normalised_password(password))
    if length < MIN_CODE_POINTS:
        return f"must be at least {MIN_CODE_POINTS} characters"
    if length > MAX_CODE_POINTS:
        return f"must be at most {MAX_CODE_POINTS} characters"
    return None
