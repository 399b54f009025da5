"""Lines of an import: what is wrong with one is told by its field's name, and never with its value."""

import json
import re
from typing import Any

import pytest

from cli.lines import read_line

USER = {"email": "ada@example.com"}
ID = "11111111-1111-4111-8111-111111111111"
ADAS_ID = "3b5678ad-e782-59c6-a9b2-0c0492d72fa4"
DIGEST = "a" * 64
KEY = {
    "id": ID,
    "slot": 0,
    "contract": "standard",
    "name": "CI",
    "scopes": ["*"],
    "secrets": [{"digest": DIGEST}],
    "created_at": 1,
}

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no address": ({}, "Email is required"),
    "an address that is none": ({"email": "s3cret"}, "Email must be a valid email address"),
    "a typo": ({**USER, "pasword_hash": "s3cret"}, "'pasword_hash' is no field"),
    "a hash of nothing known": ({**USER, "password_hash": "s3cret"}, "password_hash cannot be verified"),
    "an id that is none": ({**USER, "id": "s3cret"}, "Id must be a UUID"),
    "nobody's id": ({**USER, "id": "00000000-0000-0000-0000-000000000000"}, "stands for nobody"),
    "a username like an address": ({**USER, "username": "s3cret@x"}, "Username must consist of letters"),
    "a flag that is text": ({**USER, "is_staff": "s3cret"}, "is_staff must be true or false"),
    "a number that is a flag": ({**USER, "number": True}, "Number must be a whole number"),
    "a number that is too large": ({**USER, "number": 2**53}, "Number must be from 1 to 9007199254740991"),
    "an unknown role": ({**USER, "role": "s3cret", "account": {"id": ID}}, "Role must be one of owner"),
    "a role without an account": ({**USER, "role": "viewer"}, "role needs an account with an id"),
    "a time without an offset": ({**USER, "created_at": "2026-01-01T00:00:00"}, "created_at must have an offset"),
    "a time that is none": ({**USER, "created_at": "s3cret"}, "created_at must be a time in ISO 8601"),
    "a time before all": ({**USER, "created_at": -1}, "created_at must be a time since 1970"),
    "a fraction": ({**USER, "created_at": 1.5}, "created_at must be a time since 1970"),
    "an account that is text": ({**USER, "account": "s3cret"}, "Account must be an object"),
    "an account's typo": ({**USER, "account": {"nmae": "s3cret"}}, "Account is wrong: 'nmae' is no field"),
    "an account without a name": ({**USER, "account": {"name": " "}}, "Account is wrong: Name must not be blank"),
    "a slug with a blank": ({**USER, "account": {"slug": "a b"}}, "Slug must be of lower-case letters and digits"),
    "a long slug": ({**USER, "account": {"slug": "a" * 151}}, "Slug must be at most 150 characters"),
    "identities that are no list": ({**USER, "identities": {}}, "Identities must be a list"),
    "an identity that is text": ({**USER, "identities": ["s3cret"]}, "Identities must be a list of objects"),
    "half an identity": ({**USER, "identities": [{"issuer": "https://a"}]}, "Subject is required"),
    "an issuer with a #": (
        {**USER, "identities": [{"issuer": "https://a#s3cret", "subject": "1"}]},
        "Issuer must be a URL without #",
    ),
    "an identity twice": (
        {**USER, "identities": [{"issuer": "https://a", "subject": "1"}] * 2},
        "Identities must have each issuer and subject once",
    ),
    "too many identities": (
        {**USER, "identities": [{"issuer": "https://a", "subject": str(each)} for each in range(41)]},
        "Identities must have at most 40 entries",
    ),
    "keys without the user's id": ({**USER, "api_keys": [KEY]}, "api_keys needs id"),
    "a key's secret itself": (
        {**USER, "id": ID, "api_keys": [{**KEY, "secrets": [{"digest": "sk_live_s3cret"}]}]},
        "Digest must be a SHA-256 digest in hexadecimal",
    ),
    "a key of no contract": (
        {**USER, "id": ID, "api_keys": [{**KEY, "contract": "s3cret"}]},
        "Contract must be one of",
    ),
    "two keys in one slot": ({**USER, "id": ID, "api_keys": [KEY, KEY]}, "api_keys must have each slot once"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_line_is_told_by_its_field(kind: str) -> None:
    """The reason names the field, and holds nothing that the line says of it."""
    fields, reason = WRONG[kind]
    with pytest.raises(ValueError, match=re.escape(reason)) as raised:
        read_line(json.dumps(fields).encode())
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    "line",
    [b"", b"[]", b"s3cret", b"\xff", b'{"email": "a@b.cc", "email": "s3cret@b.cc"}', b"[" * 100_000, b"9" * 5000],
)
def test_what_is_no_line_is_told(line: bytes) -> None:
    """Whatever is in a file, its reader does not break."""
    with pytest.raises(ValueError, match=r"^it ") as raised:
        read_line(line)
    assert "s3cret" not in str(raised.value)


def test_every_wrong_field_is_told_at_once() -> None:
    """So that a file is right after one round."""
    with pytest.raises(ValueError, match="'x' is no field; Email is required; Number must be a whole number"):
        read_line(b'{"x": 1, "number": "1"}')


def test_null_is_as_if_left_out() -> None:
    """What writes JSON often cannot leave a field out."""
    nulls = dict.fromkeys(("id", "username", "full_name", "password_hash", "role", "account", "created_at"))
    assert read_line(json.dumps({**USER, **nulls}).encode()) == read_line(json.dumps(USER).encode())


def test_the_same_address_has_the_same_id() -> None:
    """Without regard to case, and in every run: that is how a second run knows whom the first one stored."""
    ids = {read_line(json.dumps({"email": email}).encode()).id for email in ("ada@example.com", "ADA@Example.com")}
    assert ids == {ADAS_ID}
