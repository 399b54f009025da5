"""What somebody may do: the one table from roles and flags to permissions, for our endpoints and for other APIs.

A permission is a text such as ``members:write``. What an endpoint demands stands in its contract's `Operation`; the
authorizer tells other APIs what a caller has.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from keyfob.model.account import Role
from keyfob.model.caller import EVERYTHING
from keyfob.model.user import User

PUBLIC: Final = "public"
"""What an endpoint demands that is for everybody."""

SESSION: Final = "session"
"""What an endpoint demands that is for people who are signed in, and not for their API keys."""

OWNERS: Final = "owners:write"
"""What it takes to give any role, and to change or remove an owner."""

MEMBERS: Final = "members:write"
"""What it takes to invite, change and remove members."""

_OWN: Final = frozenset(
    {
        "profile:read",
        "profile:write",
        "profile:delete",
        "sessions:read",
        "sessions:write",
        "keys:read",
        "keys:write",
        "account:read",
    }
)
_READS: Final = _OWN | {"content:read"}
_WRITES: Final = _READS | {"content:write"}
_MANAGES: Final = _WRITES | {"members:read", MEMBERS}

ROLE_PERMISSIONS: Final[Mapping[Role, frozenset[str]]] = MappingProxyType(
    {
        "owner": _MANAGES | {OWNERS},
        "admin": _MANAGES,
        "editor": _WRITES,
        "developer": _WRITES,
        "system_bot": _WRITES,
        "viewer": _READS,
    }
)
"""What each role allows within its account."""

TO_BE_NAMED: Final = frozenset({"profile:delete"})
"""What a role allows and an API key may do only if its scopes say so by name, as with what flags give."""

STAFF: Final = "staff"
SUPERUSER: Final = "superuser"
MEMBERSHIP: Final = "membership"


class Permissions(NamedTuple):
    """The table of one deployment: ours, and what the deployment adds to roles."""

    added: Mapping[str, frozenset[str]] = MappingProxyType({})

    def of(self, user: User) -> frozenset[str]:
        """Return all that a user may do when it is signed in itself."""
        return self.of_role(user.role) | _of_flags(user)

    def within(self, user: User, scopes: Collection[str]) -> frozenset[str]:
        """Return what a user may do within `scopes`, which narrow and never grant."""
        everything = self.of_role(user.role) - TO_BE_NAMED if EVERYTHING in scopes else frozenset()
        return everything | self.of(user).intersection(scopes)

    def of_role(self, role: Role) -> frozenset[str]:
        """Return what a role allows."""
        return ROLE_PERMISSIONS[role] | self.added.get(role, frozenset())

    def may_give(self, role: Role, permissions: frozenset[str]) -> bool:
        """Tell whether who has these permissions may give a role: owners any, others what allows no more than they may.

        What an API key may do only if it is named does not count.
        """
        return OWNERS in permissions or self.of_role(role) - TO_BE_NAMED <= permissions


def _of_flags(user: User) -> frozenset[str]:
    """Return what a user may do whatever its role: a superuser is staff as well."""
    flags = {
        STAFF: user.is_staff or user.is_superuser,
        SUPERUSER: user.is_superuser,
        MEMBERSHIP: user.has_membership,
    }
    return frozenset(name for name, is_set in flags.items() if is_set)
