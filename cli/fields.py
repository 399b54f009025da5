"""The kinds of fields that lines of an import have besides those of the contracts (`keyfob.contracts.fields`)."""

import re
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, Generic, TypeVar

from keyfob.contracts import NAMES
from keyfob.contracts.fields import ARRAY, INTEGER, AnyTextRule, JsonType, NameRule
from keyfob.contracts.reading import fields_of, read
from keyfob.crypto.foreign_hashes import UnsupportedHash, check_encoded
from keyfob.crypto.random import MAX_NUMBER
from keyfob.errors import InvalidFields
from keyfob.store.api_keys import MOST_SLOTS

M = TypeVar("M", bound=tuple[Any, ...])

OBJECT: Final = JsonType("object", dict, "an object")
ANYTHING: Final = JsonType("", object, "text or a whole number")

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MAX_SLUG_CHARACTERS = 150
_ISSUER = re.compile(r"https?://[!-\"$-~]+")
_SUBJECT = re.compile(r"[ -~]{1,255}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LAST_SECOND = 253402300799  # of the year 9999


def read_strictly(model: type[M], body: Mapping[str, Any]) -> M:
    """Return the `model` that `body` describes, as `keyfob.contracts.reading.read` does, which ignores what it must.

    Here a field that the model has not is wrong too: a typo must not lose what it stands for. Raises `ValueError` that
    tells of every wrong field, and no value.
    """
    known = {field.name for field in fields_of(model)}
    complaints = [f"{name!r} is no field" for name in body if name not in known]
    try:
        found = read(model, body)
    except InvalidFields as invalid:
        sentences = [sentence for each in invalid.fields.values() for sentence in each]
        raise ValueError("; ".join([*complaints, *sentences])) from None
    if complaints:
        raise ValueError("; ".join(complaints))
    return found


class ObjectRule(Generic[M]):
    """Takes an object that a model describes."""

    json_type: ClassVar[JsonType] = OBJECT
    schema: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, model: type[M]) -> None:
        """Take the model."""
        self._model = model

    def read(self, value: dict[str, Any]) -> M:
        """Return the model."""
        try:
            return read_strictly(self._model, value)
        except ValueError as error:
            raise ValueError(f"is wrong: {error}") from None


class ListRule(Generic[M]):
    """Takes a list of objects that a model describes, of which no two have the same in the field `key`."""

    json_type: ClassVar[JsonType] = ARRAY
    schema: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, model: type[M], keys: Collection[str], most: int) -> None:
        """Take the model, the fields that tell two apart, and how many there may be."""
        self._model = model
        self._keys = keys
        self._most = most

    def read(self, value: list[Any]) -> tuple[M, ...]:
        """Return the models."""
        if len(value) > self._most:
            raise ValueError(f"must have at most {self._most} entries")
        if not all(isinstance(each, dict) for each in value):
            raise ValueError("must be a list of objects")
        try:
            entries = tuple(read_strictly(self._model, each) for each in value)
        except ValueError as error:
            raise ValueError(f"has a wrong entry: {error}") from None
        if len({tuple(getattr(each, key) for key in self._keys) for each in entries}) < len(entries):
            raise ValueError(f"must have each {' and '.join(self._keys)} once")
        return entries


class IdRule(AnyTextRule):
    """Takes a UUID (RFC 9562)."""

    def read(self, text: str) -> str:
        """Return it in its 36-character form, in lower case."""
        try:
            value = uuid.UUID(super().read(text))
        except ValueError:
            raise ValueError("must be a UUID") from None
        if not value.int:
            raise ValueError("must not be the UUID of zeros, which stands for nobody")
        return str(value)


class SomeNameRule(NameRule):
    """Takes a name that is not blank."""

    def read(self, text: str) -> str:
        """Return the name as it is."""
        if not super().read(text).strip():
            raise ValueError("must not be blank")
        return text


class PatternRule(AnyTextRule):
    """Takes text of one form."""

    def __init__(self, pattern: re.Pattern[str], called: str) -> None:
        """Take the form, and what a sentence calls it."""
        self._pattern = pattern
        self._called = called

    def read(self, text: str) -> str:
        """Return the text as it is."""
        if not self._pattern.fullmatch(super().read(text)):
            raise ValueError(f"must be {self._called}")
        return text


class SlugRule(PatternRule):
    """Takes what stands for an account in URLs."""

    def __init__(self) -> None:
        """Know the form."""
        super().__init__(_SLUG, "of lower-case letters and digits, in parts with a hyphen between them")

    def read(self, text: str) -> str:
        """Return the slug as it is."""
        if len(super().read(text)) > _MAX_SLUG_CHARACTERS:
            raise ValueError(f"must be at most {_MAX_SLUG_CHARACTERS} characters")
        return text


class ContractRule(AnyTextRule):
    """Takes the name of a contract."""

    def read(self, text: str) -> str:
        """Return the name."""
        if text not in NAMES:
            raise ValueError(f"must be one of {', '.join(NAMES)}")
        return text


class HashRule(AnyTextRule):
    """Takes a password hash that can be verified, and costs no more than it may."""

    def read(self, text: str) -> str:
        """Return the hash as it is."""
        try:
            check_encoded(super().read(text))
        except UnsupportedHash as error:
            raise ValueError(f"cannot be verified: {error}") from None
        return text


class RangeRule:
    """Takes a whole number from `least` to `most`."""

    json_type: ClassVar[JsonType] = INTEGER
    schema: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, least: int, most: int) -> None:
        """Take the bounds."""
        self._least = least
        self._most = most

    def read(self, number: int) -> int:
        """Return the number as it is."""
        if not self._least <= number <= self._most:
            raise ValueError(f"must be from {self._least} to {self._most}")
        return number


class TimeRule:
    """Takes a time: in ISO 8601 with an offset from UTC, or in seconds since the epoch."""

    json_type: ClassVar[JsonType] = ANYTHING
    schema: ClassVar[Mapping[str, Any]] = {}

    def read(self, value: object) -> int:
        """Return the time in whole seconds since the epoch."""
        seconds = _seconds(value) if isinstance(value, str) else value
        if not isinstance(seconds, int) or not 0 <= seconds <= _LAST_SECOND:
            raise ValueError("must be a time since 1970, in ISO 8601 or in seconds")
        return seconds


def _seconds(text: str) -> int:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a time in ISO 8601, such as 2026-01-31T12:00:00Z") from None
    if time.tzinfo is None:
        raise ValueError("must have an offset from UTC, such as Z")
    return int(time.timestamp())


Id = Annotated[str, IdRule()]
SomeName = Annotated[str, SomeNameRule()]
Slug = Annotated[str, SlugRule()]
ContractName = Annotated[str, ContractRule()]
PasswordHash = Annotated[str, HashRule()]
Number = Annotated[int, RangeRule(1, MAX_NUMBER)]
Slot = Annotated[int, RangeRule(0, MOST_SLOTS - 1)]
Time = Annotated[int, TimeRule()]
Issuer = Annotated[str, PatternRule(_ISSUER, "a URL without #")]
Subject = Annotated[str, PatternRule(_SUBJECT, "1 to 255 printable characters of ASCII")]
Digest = Annotated[str, PatternRule(_DIGEST, "a SHA-256 digest in hexadecimal")]
