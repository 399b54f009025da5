"""Users, and the names they go by."""

from dataclasses import dataclass, field

from keyfob.model.account import Account, Role

MAX_EMAIL_CHARACTERS = 254
"""The longest address that a mail server takes (RFC 5321, section 4.5.3.1.3)."""


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name, whole and in parts, since some contracts show the one and some the other."""

    full: str | None
    first: str
    last: str

    @classmethod
    def from_full(cls, full: str | None) -> "PersonName":
        """Split a whole name at its first space."""
        first, _, last = (full or "").strip().partition(" ")
        return cls(full, first, last.strip())

    @classmethod
    def from_parts(cls, first: str, last: str) -> "PersonName":
        """Join a first and a last name; two empty ones make no whole name."""
        return cls(f"{first} {last}".strip() or None, first, last)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One user. `id` is a UUID, `number` its public integer id (below 2**53), times are seconds since the epoch.

    A session is alive only while its `epoch` is the user's `session_epoch`, an API key while its own is the user's
    `key_epoch`. `password_hash` is `None` for who signs in
    through a provider alone, and `identity_count` is how many identities at providers are linked.
    """

    id: str
    number: int
    email: str
    username: str
    name: PersonName
    password_hash: str | None = field(repr=False)
    account: Account
    role: Role
    created_at: int
    is_active: bool = True
    is_staff: bool = False
    is_superuser: bool = False
    email_verified: bool = False
    has_membership: bool = False
    session_epoch: int = 0
    identity_count: int = 0
    key_epoch: int = 0


def normalised_email(email: str) -> str:
    """Return the form in which two addresses are compared: without outer blanks, in lower case."""
    return email.strip().lower()


def normalised_username(username: str) -> str:
    """Return the form in which two usernames are compared: without outer blanks, in lower case."""
    return username.strip().lower()
