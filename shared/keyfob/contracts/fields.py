"""The kinds of fields that request bodies have. Each is a type with a rule that reads it.

A rule takes a value of its JSON type and returns what to use; what it cannot take raises `ValueError` with the end of a
sentence whose subject is the field. `schema` holds the rule's JSON Schema keywords (draft 2020-12), for the
documentation.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, NamedTuple, Protocol, get_args

from keyfob.model.account import Role
from keyfob.model.password import MAX_CODE_POINTS, MIN_CODE_POINTS, length_complaint
from keyfob.model.user import MAX_EMAIL_CHARACTERS

MAX_USERNAME_CHARACTERS = 150
MAX_NAME_CHARACTERS = 150
MAX_KEY_NAME_CHARACTERS = 100
MAX_SCOPES = 50
MAX_SCOPE_CHARACTERS = 64
ROLES: Final[tuple[str, ...]] = get_args(Role)

_USERNAME = re.compile(r"[A-Za-z0-9._-]+")
_SCOPE = re.compile(rf"[a-z0-9.:_*-]{{1,{MAX_SCOPE_CHARACTERS}}}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_NOT_TEXT = re.compile(r"[\x00\ud800-\udfff\ufffd]")


class JsonType(NamedTuple):
    """One of JSON's types: its name in JSON Schema, Python's type for it, and what a sentence calls it."""

    name: str
    python: type
    called: str


STRING: Final = JsonType("string", str, "a string")
INTEGER: Final = JsonType("integer", int, "a whole number")
BOOLEAN: Final = JsonType("boolean", bool, "true or false")
ARRAY: Final = JsonType("array", list, "a list")


class Rule(Protocol):
    """Reads one field's value."""

    json_type: ClassVar[JsonType]
    schema: ClassVar[Mapping[str, Any]]

    def read(self, value: Any) -> Any:  # noqa: ANN401 - a value of the rule's own type
        """Return what to use, or raise `ValueError`."""


class AnyTextRule:
    """Takes every text that is text: no NUL, no half of a surrogate pair, nothing that was not UTF-8."""

    json_type: ClassVar[JsonType] = STRING
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

    most: ClassVar[int] = MAX_NAME_CHARACTERS
    schema: ClassVar[Mapping[str, Any]] = {"maxLength": MAX_NAME_CHARACTERS}

    def read(self, text: str) -> str:
        """Return the name as it is."""
        if _CONTROL.search(super().read(text)):
            raise ValueError("must not contain control characters")
        if len(text) > self.most:
            raise ValueError(f"must be at most {self.most} characters")
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


class KeyNameRule(NameRule):
    """Takes what somebody calls an API key, on one line."""

    most: ClassVar[int] = MAX_KEY_NAME_CHARACTERS
    schema: ClassVar[Mapping[str, Any]] = {"minLength": 1, "maxLength": MAX_KEY_NAME_CHARACTERS}

    def read(self, text: str) -> str:
        """Return the name without outer blanks."""
        name = super().read(text).strip()
        if not name:
            raise ValueError("must not be blank")
        return name


class ScopesRule:
    """Takes scopes (RFC 6749, section 3.3), each once."""

    json_type: ClassVar[JsonType] = ARRAY
    schema: ClassVar[Mapping[str, Any]] = {
        "items": {"type": "string", "pattern": "^[a-z0-9.:_*-]+$", "maxLength": MAX_SCOPE_CHARACTERS},
        "minItems": 1,
        "maxItems": MAX_SCOPES,
        "uniqueItems": True,
    }

    def read(self, scopes: list[Any]) -> tuple[str, ...]:
        """Return the scopes in the order of the alphabet."""
        if not 1 <= len(scopes) <= MAX_SCOPES:
            raise ValueError(f"must have 1 to {MAX_SCOPES} scopes")
        if not all(isinstance(each, str) and _SCOPE.fullmatch(each) for each in scopes):
            raise ValueError("must be scopes such as profile:read")
        if len(set(scopes)) != len(scopes):
            raise ValueError("must have each scope once")
        return tuple(sorted(scopes))


class SecondsRule:
    """Takes a time in seconds, from `least` to `most`."""

    json_type: ClassVar[JsonType] = INTEGER
    schema: ClassVar[Mapping[str, Any]]
    least: ClassVar[int]
    most: ClassVar[int]

    def read(self, seconds: int) -> int:
        """Return the time as it is."""
        if not self.least <= seconds <= self.most:
            raise ValueError(f"must be from {self.least} to {self.most} seconds")
        return seconds


class LifetimeRule(SecondsRule):
    """Takes how long something is to live: a minute to ten years."""

    least, most = 60, 10 * 366 * 24 * 3600
    schema: ClassVar[Mapping[str, Any]] = {"minimum": least, "maximum": most}


class OverlapRule(SecondsRule):
    """Takes how long an old secret is to work beside a new one: up to thirty days."""

    least, most = 0, 30 * 24 * 3600
    schema: ClassVar[Mapping[str, Any]] = {"minimum": least, "maximum": most}


class RoleRule(AnyTextRule):
    """Takes a role."""

    schema: ClassVar[Mapping[str, Any]] = {"enum": list(ROLES)}

    def read(self, text: str) -> str:
        """Return the role."""
        if text not in ROLES:
            raise ValueError(f"must be one of {', '.join(ROLES)}")
        return text


class FlagRule:
    """Takes yes or no."""

    json_type: ClassVar[JsonType] = BOOLEAN
    schema: ClassVar[Mapping[str, Any]] = {}

    def read(self, flag: bool) -> bool:  # noqa: FBT001 - what it reads is a flag
        """Return it as it is."""
        return flag


Text = Annotated[str, AnyTextRule()]
Email = Annotated[str, EmailRule()]
Username = Annotated[str, UsernameRule()]
PersonName = Annotated[str, NameRule()]
NewPassword = Annotated[str, NewPasswordRule()]
Password = Annotated[str, PasswordRule()]
KeyName = Annotated[str, KeyNameRule()]
Scopes = Annotated[tuple[str, ...], ScopesRule()]
Lifetime = Annotated[int, LifetimeRule()]
Overlap = Annotated[int, OverlapRule()]
AnyRole = Annotated[Role, RoleRule()]
Flag = Annotated[bool, FlagRule()]
