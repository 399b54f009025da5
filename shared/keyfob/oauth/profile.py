"""What people are called elsewhere. They chose the words, so every one is cut to what Keyfob takes, or left out.

The limits are those of `keyfob.contracts.fields`: what is kept here could have been typed at registration.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

from keyfob.model.user import MAX_EMAIL_CHARACTERS, PersonName

MAX_NAME_CHARACTERS = 150
MAX_USERNAME_CHARACTERS = 150

_NEVER_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffd]+")
_USERNAME = re.compile(rf"[A-Za-z0-9._-]{{1,{MAX_USERNAME_CHARACTERS}}}")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")


class Email(NamedTuple):
    """An email address, and whether the provider vouches that it is this person's."""

    address: str | None
    is_verified: bool


NO_EMAIL = Email(None, is_verified=False)


def email(address: object, verified: object, domains: Collection[str]) -> Email:
    """Return what a provider says of an email address (RFC 5321, section 4.1.2), its domain in lower case.

    It is verified only if `verified` is the boolean true or, as some providers write it, the string ``true``, and if it
    is at one of `domains`, where there are any. What is no address that Keyfob takes is none at all.
    """
    if not isinstance(address, str) or len(address) > MAX_EMAIL_CHARACTERS or not _EMAIL.fullmatch(address):
        return NO_EMAIL
    local, _, domain = address.rpartition("@")
    vouched = (verified is True or verified == "true") and (not domains or domain.lower() in domains)
    return Email(f"{local}@{domain.lower()}", vouched)


def username(text: object) -> str | None:
    """Return `text` if it may be a username here, or `None`: half a username would be another one."""
    return text if isinstance(text, str) and _USERNAME.fullmatch(text) else None


def person_name(full: object = None, given: object = None, family: object = None) -> PersonName:
    """Return a person's name of whatever a provider tells of it."""
    whole, first, last = _cut(full), _cut(given), _cut(family)
    if not (first or last):
        return PersonName.from_full(whole or None)
    joined = PersonName.from_parts(first, last)
    return PersonName(whole or _cut(joined.full) or None, first, last)


def _cut(text: object) -> str:
    if not isinstance(text, str):
        return ""
    return _NEVER_IN_NAMES.sub(" ", text).strip()[:MAX_NAME_CHARACTERS].strip()
