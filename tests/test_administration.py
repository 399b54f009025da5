"""What staff does about users, where no contract makes a difference: who may do what, and whom lists show."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyfob.store.directory import ITEMS_AT_ONCE
from keyfob.store.transactions import UserChanged

from tests.contracts.administration_behaviour import STAFFED, AdministrationBehaviour
from tests.contracts.members_behaviour import LAST_OWNER, Person
from tests.crowd import crowd
from tests.house import House
from tests.invariants import check_users
from tests.people import context_of, key_of
from tests.speakers import administration_speaker

DENIED = (403, "Permission denied")
BAD_CURSOR = (400, "Cursor is not one that a page gave")
RIGHTS: tuple[Mapping[str, Any], ...] = (
    {"is_staff": True},
    {"is_superuser": True},
    {"has_membership": True},
    {"role": "viewer"},
    {"is_active": False, "has_membership": True},
)
"""What takes a superuser."""


@pytest.fixture
def talk(house: House) -> AdministrationBehaviour:
    """A client of our own contract."""
    house.forget()
    return administration_speaker("standard", house)


# Who may do what


def test_staff_that_is_no_superuser_grants_nothing(talk: AdministrationBehaviour) -> None:
    """Flags and roles take a superuser, also together with what staff may do; nothing changes by halves."""
    staff, owner = talk.staff(), talk.person()
    member = talk.joining(owner, "editor").user
    before = talk.house.everything()
    for changes in RIGHTS:
        talk.assert_refused(talk.change_user(staff, member, **changes), *DENIED, before)
    assert talk.change_user(staff, member, is_active=True, role="editor", is_staff=False).status == 200
    assert talk.house.everything() == before


@pytest.mark.parametrize("flags", [{"is_staff": True}, {"is_superuser": True}], ids=["staff", "superuser"])
def test_staff_does_not_reach_for_staff(flags: dict[str, bool], talk: AdministrationBehaviour) -> None:
    """Whoever is staff or superuser is changed and signed out by superusers alone, and is seen by all staff."""
    staff, superuser, colleague = talk.staff(), talk.superuser(), talk.staff(**flags)
    before = talk.house.everything()
    talk.assert_refused(talk.change_user(staff, colleague.user, is_active=False), *DENIED, before)
    talk.assert_refused(talk.about("end_user_sessions", staff, colleague.user), *DENIED, before)
    assert talk.about("user", staff, colleague.user).status == 200
    assert talk.change_user(superuser, colleague.user, is_active=False).status == 200
    assert talk.about("end_user_sessions", superuser, colleague.user).status == 204
    assert not talk.is_live(colleague.entry)


def test_nobody_changes_itself(talk: AdministrationBehaviour) -> None:
    """Neither staff nor superusers deactivate, promote or demote themselves, not even to what they are."""
    for person in (talk.staff(), talk.superuser(), talk.staff(is_staff=True, is_superuser=True)):
        before = talk.house.everything()
        for changes in (*RIGHTS, {"is_active": False}, {"is_superuser": False, "is_staff": False}, {}):
            talk.assert_refused(talk.change_user(person, person.user, **changes), *DENIED, before)


def test_a_superuser_is_staff(talk: AdministrationBehaviour) -> None:
    """Whoever is a superuser may do all that staff does, whether or not it is called staff."""
    superuser, somebody = talk.superuser(), talk.person().user
    for endpoint, body in STAFFED.items():
        assert talk.about(endpoint, superuser, somebody, body).status in {200, 204}, endpoint


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_who_is_staff_no_more_is_refused_at_once(flag: str, talk: AdministrationBehaviour) -> None:
    """Its session goes on, and is one of a user like any other."""
    superuser, staff, somebody = talk.superuser(), talk.staff(**{flag: True}), talk.person().user
    assert talk.about("user", staff, somebody).status == 200
    assert talk.change_user(superuser, staff.user, **{flag: False}).status == 200
    for endpoint, body in STAFFED.items():
        assert talk.refusal(talk.about(endpoint, staff, somebody, body)) == DENIED, endpoint
    assert talk.is_live(staff.entry)


def test_no_key_makes_anybody_staff(talk: AdministrationBehaviour) -> None:
    """An owner's key of every scope, and one of somebody who is staff no more, do nothing that staff does."""
    superuser, owner, former = talk.superuser(), talk.person(), talk.superuser()
    keys = key_of(talk, owner, "*"), key_of(talk, former, "staff", "superuser")
    assert talk.change_user(superuser, former.user, is_superuser=False).status == 200
    for key in keys:
        for endpoint, body in STAFFED.items():
            reply = talk.client.call(endpoint, body, path={"user_id": owner.user.id}, **key)
            assert talk.refusal(reply) == DENIED, endpoint


def test_a_key_of_staff_needs_that_scope(talk: AdministrationBehaviour) -> None:
    """``*`` is what a role allows; ``staff`` has to be named, and a superuser's key without that scope is no more."""
    superuser, somebody = talk.superuser(), talk.person().user
    path = {"user_id": somebody.id}
    assert talk.refusal(talk.client.call("users", **key_of(talk, superuser, "*"))) == DENIED
    key = key_of(talk, superuser, "staff")
    assert talk.client.call("users", **key).status == 200
    assert talk.client.call("update_user", {"is_active": False}, path=path, **key).status == 200
    assert talk.refusal(talk.client.call("update_user", {"is_staff": True}, path=path, **key)) == DENIED
    more = key_of(talk, superuser, "staff", "superuser")
    assert talk.client.call("update_user", {"is_staff": True}, path=path, **more).status == 200


def test_guards_are_permissions_that_other_apis_see(talk: AdministrationBehaviour) -> None:
    """``staff``, ``superuser`` and ``membership`` follow the flags, from one request to the next."""
    person, superuser = talk.person(), talk.superuser()
    for changes, expected in (
        ({}, set()),
        ({"is_staff": True}, {"staff"}),
        ({"has_membership": True}, {"staff", "membership"}),
        ({"is_staff": False, "is_superuser": True}, {"staff", "superuser", "membership"}),
        ({"is_superuser": False, "has_membership": False}, set()),
    ):
        assert talk.change_user(superuser, person.user, **changes).status == 200
        permissions = context_of(talk, person)["permissions"].split()
        assert {"staff", "superuser", "membership"}.intersection(permissions) == expected


# Changing


def test_a_deactivated_users_keys_are_over(talk: AdministrationBehaviour) -> None:
    """They are refused at once, and activating the user brings back neither them nor its sessions."""
    staff, somebody = talk.staff(), talk.person()
    key = key_of(talk, somebody, "profile:read")
    assert talk.client.call("me", **key).status == 200
    assert talk.change_user(staff, somebody.user, is_active=False).status == 200
    assert talk.client.call("me", **key).status == 401
    assert talk.change_user(staff, somebody.user, is_active=True).status == 200
    assert talk.client.call("me", **key).status == 401


def test_a_last_owner_keeps_its_role(talk: AdministrationBehaviour) -> None:
    """A superuser cannot leave an account without an owner, alone or with others; with another owner it can."""
    superuser, owner = talk.superuser(), talk.person()
    refused = partial(talk.change_user, superuser, owner.user, role="viewer")
    before = talk.house.everything()
    talk.assert_refused(refused(), 409, LAST_OWNER, before)
    heir = talk.joining(owner, "editor")
    before = talk.house.everything()
    talk.assert_refused(refused(), 409, LAST_OWNER, before)
    assert talk.change_user(superuser, heir.user, role="owner").status == 200
    assert refused().status == 200
    check_users(talk.house)


def test_rights_that_change_meanwhile_are_not_brought_back(talk: AdministrationBehaviour) -> None:
    """A change of a role that was read before a flag was taken away does not store the flag again."""
    owner = talk.person()
    member = talk.joining(owner, "viewer")
    talk.house.change_user(member.user.id, is_superuser=True)
    read_before = talk.now_is(member.user)
    talk.house.change_user(member.user.id, is_superuser=False)
    before = talk.house.everything()
    with pytest.raises(UserChanged):
        talk.house.users.set_rights(read_before, replace(read_before, role="editor"))
    assert talk.house.everything() == before


def test_what_stays_the_same_writes_nothing(talk: AdministrationBehaviour) -> None:
    """A retry is answered as the first was, and ends no session that began since."""
    staff, somebody = talk.staff(), talk.person().user
    for is_active in (False, True):
        changed = talk.change_user(staff, somebody, is_active=is_active)
        before = talk.house.everything()
        again = talk.change_user(staff, somebody, is_active=is_active)
        assert (again.status, again.json) == (200, changed.json)
        assert talk.house.everything() == before


def test_a_reset_for_who_is_inactive_is_not_sent(talk: AdministrationBehaviour) -> None:
    """Staff is told what it always is; who was deactivated gets no mail."""
    staff, somebody = talk.staff(), talk.person().user
    assert talk.change_user(staff, somebody, is_active=False).status == 200
    assert talk.about("send_user_reset", staff, somebody).status == 200
    assert talk.links_of("reset_password_page", somebody.email) == []


# Listing


def test_the_list_has_every_user_once(talk: AdministrationBehaviour) -> None:
    """Pages lead on until all of hundreds of items were looked at, whatever lies between the users."""
    staff, owner = talk.staff(), talk.person()
    others = crowd(talk.house, ITEMS_AT_ONCE, owner.user.account)
    pages = talk.everybody(staff)
    assert len(pages) > 2
    assert all(pages[:-1])
    listed = [each.email for page in pages for each in page]
    assert sorted(listed) == sorted(user.email for user in (staff.user, owner.user, *others))
    check_users(talk.house)


@pytest.fixture(scope="module")
def lister(house: House) -> tuple[AdministrationBehaviour, Person]:
    """A member of staff that nobody forgets."""
    house.forget()
    talk = administration_speaker("standard", house)
    return talk, talk.staff()


def cursor_of(content: bytes) -> str:
    """Return what a page would give if it went on after these bytes."""
    return urlsafe_b64encode(content).decode().rstrip("=")


CURSORS = {
    "no base64url": "!",
    "padded": "QQ==",
    "no key": cursor_of(b"USER"),
    "three parts": cursor_of(b"a\nb\nc"),
    "an empty key": cursor_of(b"\n"),
    "an empty sort key": cursor_of(b"USER#x\n"),
    "an empty partition key": cursor_of(b"\nPROFILE"),
    "a long partition key": cursor_of(b"x" * 2049 + b"\nPROFILE"),
    "a long sort key": cursor_of(b"USER#x\n" + b"x" * 1025),
    "not UTF-8": cursor_of(b"\xff\xfe\nPROFILE"),
    "a NUL": "%00",
    "letters of others": "%D0%B0%D0%B0",
    "as long as can be": "A" * 8000,
}


def test_a_cursor_that_is_none_is_refused(lister: tuple[AdministrationBehaviour, Person]) -> None:
    """What no page gave is told so, and never a fault of ours."""
    talk, staff = lister
    for name, cursor in CURSORS.items():
        reply = talk.client.call("users", query=f"cursor={cursor}", **staff.entry.credential)
        assert talk.refusal(reply) == BAD_CURSOR, name


@given(content=st.binary(max_size=60), key=st.booleans())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_no_cursor_is_a_fault_of_ours(
    lister: tuple[AdministrationBehaviour, Person],
    content: bytes,
    key: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    """Whatever bytes a cursor stands for, it is refused, or goes on after a key that may be nobody's."""
    talk, staff = lister
    cursor = cursor_of(content + b"\nPROFILE" if key else content)
    assert talk.client.call("users", query=f"cursor={cursor}", **staff.entry.credential).status in {200, 400}
