"""The table of permissions: what each role and each flag allows, and what scopes leave of it."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyfob.contracts import NAMES, contract_named
from keyfob.model.account import Role
from keyfob.model.caller import EVERYTHING
from keyfob.model.permission import (
    MEMBERSHIP,
    PUBLIC,
    ROLE_PERMISSIONS,
    SESSION,
    STAFF,
    SUPERUSER,
    TO_BE_NAMED,
    Permissions,
)
from keyfob.model.user import User

from tests.fakes import somebody

ROLES: tuple[Role, ...] = get_args(Role)
FLAGS = frozenset({STAFF, SUPERUSER, MEMBERSHIP})
OWN = {
    "profile:read",
    "profile:write",
    "profile:delete",
    "sessions:read",
    "sessions:write",
    "keys:read",
    "keys:write",
    "account:read",
}
EXPECTED: dict[Role, set[str]] = {
    "owner": OWN | {"content:read", "content:write", "members:read", "members:write", "owners:write"},
    "admin": OWN | {"content:read", "content:write", "members:read", "members:write"},
    "editor": OWN | {"content:read", "content:write"},
    "developer": OWN | {"content:read", "content:write"},
    "system_bot": OWN | {"content:read", "content:write"},
    "viewer": OWN | {"content:read"},
}
NAMED = frozenset().union(*ROLE_PERMISSIONS.values()) | FLAGS

ADDED = Permissions({"editor": frozenset({"orders:read", "orders:write"})})

users = st.builds(
    lambda role, staff, superuser, member: user_with(
        role, is_staff=staff, is_superuser=superuser, has_membership=member
    ),
    st.sampled_from(ROLES),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
scopes = st.sets(st.sampled_from(sorted(NAMED | {EVERYTHING, "orders:read", "nothing:known"})))
tables = st.sampled_from([Permissions(), ADDED])


def user_with(role: Role, **flags: bool) -> User:
    """Return a user of a role with flags."""
    return replace(somebody(), role=role, **flags)  # type: ignore[arg-type] # the flags are those of a user


@pytest.mark.parametrize("role", ROLES)
def test_a_role_allows_just_this(role: Role) -> None:
    """Who has no flag may do what its role allows, and everybody may see to itself."""
    assert Permissions().of(user_with(role)) == EXPECTED[role]


def test_flags_allow_what_no_role_does() -> None:
    """A flag is a permission of its own name, and a superuser is staff as well."""
    nothing = user_with("viewer")
    assert Permissions().of(replace(nothing, is_staff=True)) - EXPECTED["viewer"] == {STAFF}
    assert Permissions().of(replace(nothing, is_superuser=True)) - EXPECTED["viewer"] == {STAFF, SUPERUSER}
    assert Permissions().of(replace(nothing, has_membership=True)) - EXPECTED["viewer"] == {MEMBERSHIP}
    assert not FLAGS & frozenset().union(*ROLE_PERMISSIONS.values())


def test_a_deployment_adds_to_its_roles_alone() -> None:
    """What it adds belongs to the role that it names, and takes nothing away."""
    assert ADDED.of(user_with("editor")) == EXPECTED["editor"] | {"orders:read", "orders:write"}
    assert ADDED.of(user_with("owner")) == EXPECTED["owner"]
    assert ADDED.within(user_with("editor"), ["*"]) == ADDED.of(user_with("editor")) - TO_BE_NAMED
    assert ADDED.within(user_with("editor"), ["orders:read"]) == {"orders:read"}
    assert ADDED.within(user_with("viewer"), ["orders:read"]) == set()


@given(tables, users, scopes)
def test_scopes_never_grant(table: Permissions, user: User, wanted: set[str]) -> None:
    """Whatever the scopes, what is left is what the user may do itself and, without a star, what they name."""
    left = table.within(user, wanted)
    assert left <= table.of(user)
    assert left & FLAGS == table.of(user) & FLAGS & wanted
    if EVERYTHING in wanted:
        assert left - FLAGS == table.of(user) - FLAGS - (TO_BE_NAMED - wanted)
    else:
        assert left == table.of(user) & wanted


@pytest.mark.parametrize("contract", NAMES)
def test_what_endpoints_demand_exists(contract: str) -> None:
    """An operation is for everybody, for sessions, or demands what somebody can have; endpoints agree on it."""
    for name, operation in contract_named(contract).operations.items():
        assert operation.permission in {PUBLIC, SESSION} | NAMED, name
        if (contract, name) != ("metatag", "logout"):  # it takes a refresh token there
            assert operation.permission == contract_named("standard").operations[name].permission, name
