"""Users on their way from one place to another: all that is exported of one, and what an import tells of one."""

from dataclasses import dataclass, field
from typing import NamedTuple

from keyfob.model.account import Role
from keyfob.model.api_key import ApiKey
from keyfob.model.identity import Identity
from keyfob.model.user import PersonName, User


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRecord:
    """A user with all that belongs to it. `joined_at` is when it entered its account, in seconds since the epoch."""

    user: User
    joined_at: int
    identities: tuple[Identity, ...] = ()
    api_keys: tuple[ApiKey, ...] = ()


class AccountHint(NamedTuple):
    """What an import tells of a user's account; whoever has the same `id` (a UUID) shares one."""

    id: str | None = None
    number: int | None = None
    name: str | None = None
    slug: str | None = None
    joined_at: int | None = None


NO_HINT = AccountHint()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedUser:
    """What an import tells of a user. What is `None` is drawn, derived, or as it is for somebody who registers."""

    id: str
    email: str
    username: str | None = None
    name: PersonName
    password_hash: str | None = field(default=None, repr=False)
    number: int | None = None
    role: Role = "owner"
    account: AccountHint = NO_HINT
    created_at: int | None = None
    is_active: bool = True
    is_staff: bool = False
    is_superuser: bool = False
    email_verified: bool = False
    has_membership: bool = False
    identities: tuple[Identity, ...] = ()
    api_keys: tuple[ApiKey, ...] = ()
