"""Which passwords a user may choose, whoever asks."""

import pytest
from keyfob.errors import InvalidFields
from keyfob.service.password_policy import check_new_password


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("1234567", "Password must be at least 8 characters"),
        ("e\u0301" * 7, "Password must be at least 8 characters"),
        ("x" * 129, "Password must be at most 128 characters"),
        ("x" * 513, "Password must be at most 128 characters"),
        ("Baseball", "Password is too common"),
        ("Ada@Example.com", "Password must not be your email or username"),
        ("Countess", "Password must not be your email or username"),
    ],
)
def test_a_bad_choice_is_told_by_field(password: str, complaint: str) -> None:
    """The complaint is about the field that the caller names, and characters are counted in NFC."""
    with pytest.raises(InvalidFields) as refused:
        check_new_password(password, email="ada@example.com", username="countess", field="new_password")
    assert refused.value.fields == {"new_password": [complaint]}


@pytest.mark.parametrize("password", ["e\u0301" * 128, "x" * 128, "        ", "correct horse"])
def test_anything_else_is_the_users_choice(password: str) -> None:
    """There are no rules about which characters a password has."""
    check_new_password(password, email="ada@example.com", username="countess")
