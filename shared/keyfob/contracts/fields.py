"""The kinds of fields that request bodies have. Each is a `str` with a rule that reads it.

A rule takes the text and returns what to use; what it cannot take raises `ValueError` with the end of a sentence whose
subject is the field. `schema` holds the rule's JSON Schema keywords (draft 2020-12), for the documentation.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Protocol

from keyfob.model.password import MAX_CODE_POINTS, MIN_CODE_POINTS, length_complaint
from keyfob.model.user import MAX_EMAIL_CHARACTERS

MAX_USERNAME_CHARACTERS = 150
MAX_NAME_CHARACTERS = 150

_USERNAME = re.compile(r"[A-Za-z0-9._-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_NOT_TEXT = re.compile(r"[\x00\ud800-\udfff\ufffd]")


class Rule(Protocol):
    """Reads one field's text."""

    schema: ClassVar[Mapping[str, Any]]

    def read(self, text: str) -> str:
        """Return what to use, or raise `ValueError`."""


class AnyTextRule:
    """Takes every text that is text: no NUL, no half of a surrogate pair, nothing that was not UTF-8."""

    schema: ClassVar[Mapping[str, Any]] = {}

    def read(self, text: str) -> str:
        """Return `text`. API Gateway turns bytes that are not UTF-8 into U+FFFD before we see them."""
        if _NOT_TEXT.search(text):
            raise ValueError("must be valid Unicode text without NUL")
        return text


class EmailRule(AnyTextRule):
    """Takes an email address in ASCII (RFC 5321); an internationalised domain in its ``xn--`` form."""

    schema: ClassVar[Mapping[str, Any]] = {"format": "email", "maxLength": MAX_EMAIL_CHARACTERS}

    def read(self, text: str) -> str:
        """Return the address without outer blanks and with its domain in lower case."""
        from email_validator import EmailNotValidError, validate_email

        address = super().read(text).strip(" ")
        if not address.isascii():
            raise ValueError("must be in ASCII, with an international domain in its xn-- form")
        if len(address) > MAX_EMAIL_CHARACTERS:
            raise ValueError(f"must be at most {MAX_EMAIL_CHARACTERS} characters")
        try:
            valid = validate_email(address, check_deliverability=False, allow_smtputf8=False, strict=True)
        except EmailNotValidError:
            raise ValueError("must be a valid email address") from None
        return valid.ascii_email or address


class UsernameRule(AnyTextRule):
    """Takes letters, digits and ``._-`` of ASCII, so that no two usernames look alike."""

    schema: ClassVar[Mapping[str, Any]] = {
        "pattern": "^[A-Za-z0-9._-]+$",
        "minLength": 1,
        "maxLength": MAX_USERNAME_CHARACTERS,
    }

    def read(self, text: str) -> str:
        """Return the username as it is."""
        if not _USERNAME.fullmatch(super().read(text)):
            raise ValueError("must consist of letters, digits, dots, hyphens and underscores")
        if len(text) > MAX_USERNAME_CHARACTERS:
            raise ValueError(f"must be at most {MAX_USERNAME_CHARACTERS} characters")
        return text


class NameRule(AnyTextRule):
    """Takes a person's name, or a part of one, on one line."""

    schema: ClassVar[Mapping[str, Any]] = {"maxLength": MAX_NAME_CHARACTERS}

    def read(self, text: str) -> str:
        """Return the name as it is."""
        if _CONTROL.search(super().read(text)):
            raise ValueError("must not contain control characters")
        if len(text) > MAX_NAME_CHARACTERS:
            raise ValueError(f"must be at most {MAX_NAME_CHARACTERS} characters")
        return text


class NewPasswordRule(AnyTextRule):
    """Takes a password of the right length; `keyfob.service.password_policy` judges whether its user may have it."""

    schema: ClassVar[Mapping[str, Any]] = {
        "format": "password",
        "minLength": MIN_CODE_POINTS,
        "maxLength": MAX_CODE_POINTS,
    }

    def read(self, text: str) -> str:
        """Return the password as it is."""
        complaint = length_complaint(super().read(text))
        if complaint:
            raise ValueError(complaint)
        return text


class PasswordRule(AnyTextRule):
    """Takes whatever somebody tries."""

    schema: ClassVar[Mapping[str, Any]] = {"format": "password"}


Text = Annotated[str, AnyTextRule()]
Email = Annotated[str, EmailRule()]
Username = Annotated[str, UsernameRule()]
PersonName = Annotated[str, NameRule()]
NewPassword = Annotated[str, NewPasswordRule()]
Password = Annotated[str, PasswordRule()]
