"""Accounts and their members, where no contract makes a difference: who may do what, and what becomes of the others."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, get_args

import pytest
from keyfob.clock import now
from keyfob.model.account import Role
from keyfob.model.permission import ROLE_PERMISSIONS
from keyfob.service.invitation_tokens import LIFETIME_SECONDS
from keyfob.service.paging import PAGE

from tests.contracts.administration_behaviour import AdministrationBehaviour
from tests.contracts.email_behaviour import tamperings
from tests.contracts.members_behaviour import LAST_OWNER, MANAGING
from tests.house import House, unique
from tests.invariants import check_users, counts
from tests.mail_tokens import invited
from tests.people import context_of, key_of
from tests.redeployed import redeployed
from tests.speakers import administration_speaker

MANAGERS: tuple[Role, ...] = ("owner", "admin")
OTHERS: tuple[Role, ...] = tuple(role for role in get_args(Role) if role not in MANAGERS)
DENIED = (403, "Permission denied")
WORTHLESS = (400, "Invalid or expired token")


@pytest.fixture
def talk(house: House) -> Iterator[AdministrationBehaviour]:
    """A client of our own contract; whatever it did, the table is as it must be."""
    house.forget()
    yield administration_speaker("standard", house)
    check_users(house)


# Roles


@pytest.mark.parametrize("role", OTHERS)
def test_most_roles_do_not_manage_members(role: Role, talk: AdministrationBehaviour) -> None:
    """Editors, viewers, developers and bots neither see nor change who belongs to the account."""
    owner = talk.person()
    member, other = talk.joining(owner, role), talk.joining(owner, "viewer")
    before = talk.house.everything()
    for endpoint, body in MANAGING.items():
        path = {"user_id": other.user.id, "invitation_id": other.user.id}
        reply = talk.client.call(endpoint, body, path=path, **member.entry.credential)
        assert talk.refusal(reply) == DENIED, endpoint
    assert talk.house.everything() == before


def test_an_admin_manages_all_but_owners(talk: AdministrationBehaviour) -> None:
    """It invites, changes and removes others; to make, change or remove an owner it is not allowed, itself included."""
    owner = talk.person()
    admin, member = talk.joining(owner, "admin"), talk.joining(owner, "viewer")
    before = talk.house.everything()
    refused = (
        talk.invite(admin, "guest@example.com", "owner"),
        talk.change_role(admin, member.user, "owner"),
        talk.change_role(admin, admin.user, "owner"),
        talk.change_role(admin, owner.user, "admin"),
        talk.remove(admin, owner.user),
    )
    assert {talk.refusal(reply) for reply in refused} == {DENIED}
    assert talk.house.everything() == before
    assert talk.members(admin).status == 200
    assert talk.invite(admin, "guest@example.com", "admin").status == 201
    assert len(talk.shown_invitations(admin)) == 1
    assert talk.change_role(admin, member.user, "admin").status == 200
    assert talk.remove(admin, member.user).status == 204
    assert talk.change_role(admin, admin.user, "viewer").status == 200
    assert talk.members(admin).status == 403


def test_nobody_but_owners_gives_a_role_that_may_more(talk: AdministrationBehaviour) -> None:
    """What a deployment adds to a role is not an admin's to give, itself or another, unless it has it too."""
    owner = talk.person()
    admin, member = talk.joining(owner, "admin"), talk.joining(owner, "viewer")
    names = ("update_member", "invite")
    there = administration_speaker(
        "standard", redeployed(talk.house, names, ROLE_PERMISSIONS="system_bot=orders:refund")
    )
    for user in (admin.user, member.user):
        assert there.refusal(there.change_role(admin, user, "system_bot")) == DENIED
    assert there.refusal(there.invite(admin, "guest@example.com", "system_bot")) == DENIED
    assert there.change_role(owner, member.user, "system_bot").status == 200


def test_an_owner_makes_owners_and_may_then_go(talk: AdministrationBehaviour) -> None:
    """Of two owners either may change, remove or leave the other, until one is left."""
    first = talk.person()
    second, third = talk.joining(first, "owner"), talk.joining(first, "viewer")
    account = first.user.account
    assert counts(talk.house, account.id) == (3, 2)
    assert talk.change_role(first, third.user, "owner").status == 200
    assert talk.change_role(second, first.user, "editor").status == 200
    assert talk.leave(second).status == 204
    assert counts(talk.house, account.id) == (2, 1)
    assert talk.refusal(talk.leave(third)) == (409, LAST_OWNER)
    assert talk.leave(first).status == 204
    assert talk.refusal(talk.leave(third)) == (409, LAST_OWNER)
    assert counts(talk.house, account.id) == (1, 1)


def test_a_role_that_stays_the_same_is_shown_and_writes_nothing(talk: AdministrationBehaviour) -> None:
    """A retry of a change is answered as the change was."""
    owner = talk.person()
    member = talk.joining(owner, "viewer")
    changed = talk.change_role(owner, member.user, "editor")
    before = talk.house.everything()
    again = talk.change_role(owner, member.user, "editor")
    assert (again.status, again.json) == (200, changed.json)
    assert talk.house.everything() == before


# What is seen elsewhere


def test_other_apis_learn_of_a_new_account_and_role_at_once(talk: AdministrationBehaviour) -> None:
    """A strict authorizer tells account, role and permissions of a token's user as they are now."""
    owner, guest = talk.person(), talk.person()
    assert context_of(talk, guest)["account_id"] == guest.user.account.id
    assert talk.accept(guest, invited(talk.house, guest.user.email, by=owner.user, role="viewer")).status == 200
    inside = context_of(talk, guest)
    assert (inside["account_id"], inside["role"]) == (owner.user.account.id, "viewer")
    assert "members:read" not in inside["permissions"].split()
    assert talk.change_role(owner, guest.user, "admin").status == 200
    promoted = context_of(talk, guest)
    assert promoted["role"] == "admin"
    assert "members:write" in promoted["permissions"].split()
    assert "owners:write" not in promoted["permissions"].split()
    assert talk.remove(owner, guest.user).status == 204
    outside = context_of(talk, guest)
    assert (outside["account_id"], outside["role"]) == (talk.now_is(guest.user).account.id, "owner")
    assert outside["account_id"] != owner.user.account.id


def test_what_one_did_in_an_account_one_cannot_do_from_outside(talk: AdministrationBehaviour) -> None:
    """Who has left reaches neither members nor invitations of the old account, and they do not reach it."""
    owner = talk.person()
    admin = talk.joining(owner, "admin")
    member = talk.joining(owner, "viewer")
    invitation = talk.shown_invitation(talk.invite(admin, "guest@example.com").json)
    assert talk.leave(admin).status == 204
    before = talk.house.everything()
    revoked = talk.client.call("revoke_invitation", path={"invitation_id": invitation.id}, **admin.entry.credential)
    for reply in (revoked, talk.remove(admin, member.user), talk.remove(owner, admin.user)):
        assert talk.refusal(reply) == (404, "Resource not found")
    assert talk.shown_invitations(admin) == []
    assert talk.house.everything() == before
    assert talk.shown_invitations(owner) == [invitation]


# Inviting


def test_inviting_tells_nothing_about_an_address(talk: AdministrationBehaviour) -> None:
    """Whether somebody has the address, has been deactivated or never registered: the answers are of one form."""
    owner, known, inactive = (talk.person() for _ in range(3))
    talk.house.change_user(inactive.user.id, is_active=False)
    shown = {}
    for email in (known.user.email, inactive.user.email, "nobody@example.com"):
        reply = talk.invite(owner, email)
        assert reply.status == 201
        shown[email] = talk.shown_invitation(reply.json)
        assert talk.invitation_token(email)
    assert {(each.email, each.role) for each in shown.values()} == {(email, "editor") for email in shown}


def test_the_invitations_of_an_account_are_the_newest_first_and_live_alone(talk: AdministrationBehaviour) -> None:
    """An expired one is not shown, though it may be stored for days; nor are those of other accounts."""
    owner, other = talk.person(), talk.person()
    ages = {"old@example.com": 3600, "new@example.com": 60, "expired@example.com": LIFETIME_SECONDS}
    for email, age in ages.items():
        invited(talk.house, email, by=owner.user, at=now() - age)
    invited(talk.house, "other@example.com", by=other.user)
    assert [each.email for each in talk.shown_invitations(owner)] == ["new@example.com", "old@example.com"]


def test_many_invitations_come_in_pages(talk: AdministrationBehaviour) -> None:
    """A cursor leads from page to page, every invitation is on one of them, once, and no other text is a cursor."""
    owner = talk.person()
    emails = {f"guest{number}@example.com" for number in range(PAGE + 7)}
    for email in emails:
        invited(talk.house, email, by=owner.user)
    call = partial(talk.client.call, "invitations", **owner.entry.credential)
    first, cursor = talk.invitation_page(call())
    second, end = talk.invitation_page(call(query=f"cursor={cursor}"))
    assert (len(first), len(second), end) == (PAGE, 7, None)
    assert {each.email for each in (*first, *second)} == emails
    assert talk.refusal(call(query="cursor=x")) == (400, "Cursor is not one that a page gave")


def test_who_is_invited_again_needs_the_new_mail(talk: AdministrationBehaviour) -> None:
    """There is one invitation of an address, in whatever case; the last one's role counts, and the old mail is void."""
    owner, guest = talk.person(), talk.person()
    first = talk.shown_invitation(talk.invite(owner, guest.user.email, "admin").json)
    old = talk.invitation_token(guest.user.email)
    local, _, domain = guest.user.email.partition("@")
    second = talk.shown_invitation(talk.invite(owner, f"{local.upper()}@{domain}", "viewer").json)
    assert second.id == first.id
    assert talk.refusal(talk.accept(guest, old)) == WORTHLESS
    new = talk.invitation_token(f"{local.upper()}@{domain}")
    assert talk.refusal(talk.accept(guest, old)) == WORTHLESS
    assert [each.role for each in talk.shown_invitations(owner)] == ["viewer"]
    assert talk.accept(guest, new).status == 200
    assert talk.now_is(guest.user).role == "viewer"


def test_a_token_that_is_not_good_is_refused(talk: AdministrationBehaviour) -> None:
    """Expired though still stored, tampered with, of another account, of another kind, or none at all."""
    owner, other, guest = (talk.person() for _ in range(3))
    expired = invited(talk.house, guest.user.email, by=other.user, at=now() - LIFETIME_SECONDS)
    token = invited(talk.house, guest.user.email, by=owner.user)
    verification = talk.token_sent("verify_email", guest.user.email)
    before = talk.house.everything()
    for bad in (expired, verification, "x", "", "A" * 86, "A" * 5000, "\u00e9" * 86, *tamperings(token)):
        assert talk.refusal(talk.accept(guest, bad)) == WORTHLESS, bad
    assert talk.house.everything() == before
    assert talk.accept(guest, token).status == 200


def test_who_changes_its_address_leaves_its_invitations_behind(talk: AdministrationBehaviour) -> None:
    """An invitation is for who has the address when it is accepted."""
    owner, guest = talk.person(), talk.person()
    token = invited(talk.house, guest.user.email, by=owner.user)
    assert talk.verify(talk.want_address(guest.user.email, f"{unique('new')}@example.com")).status == 200
    assert talk.accept(guest, token).status == 403


def test_an_owner_of_others_does_not_leave_them_by_joining(talk: AdministrationBehaviour) -> None:
    """The last owner of an account where others stay cannot accept; once it is not the last, it can."""
    owner, guest = talk.person(), talk.person()
    token = invited(talk.house, guest.user.email, by=owner.user, role="owner")
    heir = talk.joining(guest, "editor")
    before = talk.house.everything()
    talk.assert_refused(talk.accept(guest, token), 409, LAST_OWNER, before)
    assert talk.change_role(guest, heir.user, "owner").status == 200
    assert talk.accept(guest, token).status == 200
    assert counts(talk.house, guest.user.account.id) == (1, 1)
    assert counts(talk.house, owner.user.account.id) == (2, 2)


def test_an_invitation_to_an_account_that_is_gone_is_worth_nothing(talk: AdministrationBehaviour) -> None:
    """The account went with its one member; who accepts keeps its own."""
    owner, guest = talk.person(), talk.person()
    token = invited(talk.house, guest.user.email, by=owner.user)
    assert talk.client.call("delete_me", **owner.entry.credential).status == 204
    before = talk.house.everything()
    talk.assert_refused(talk.accept(guest, token), *WORTHLESS, before)


def test_an_invitation_that_is_none_is_not_found(talk: AdministrationBehaviour) -> None:
    """An id that is none, of no invitation, or of another account's, is told so, and never a fault of ours."""
    owner, other = talk.person(), talk.person()
    foreign = talk.shown_invitation(talk.invite(other, "guest@example.com").json)
    before = talk.house.everything()
    for text in ("none", "%00", "%ff", "A" * 3000, owner.user.id, owner.user.id.upper(), foreign.id):
        reply = talk.client.call("revoke_invitation", path={"invitation_id": text}, **owner.entry.credential)
        assert talk.refusal(reply) == (404, "Resource not found"), text
    assert talk.house.everything() == before


# Leaving


def test_who_is_deleted_is_counted_no_more(talk: AdministrationBehaviour) -> None:
    """A member that deletes itself leaves the account to the others; the last one takes the account along."""
    owner = talk.person()
    member = talk.joining(owner, "admin")
    account = owner.user.account
    assert talk.client.call("delete_me", **member.entry.credential).status == 204
    assert counts(talk.house, account.id) == (1, 1)
    check_users(talk.house)
    assert talk.client.call("delete_me", **owner.entry.credential).status == 204
    assert counts(talk.house, account.id) is None
    assert talk.house.items("UsersTable") == []


def test_who_leaves_keeps_what_is_its_own(talk: AdministrationBehaviour) -> None:
    """Names, number, password, sessions and flags stay; account and role alone are others, and the account is new."""
    owner = talk.person()
    member = talk.joining(owner, "viewer")
    began = now()
    assert talk.leave(member).status == 204
    user = talk.now_is(member.user)
    assert user.account.number != owner.user.account.number
    assert user == replace(member.user, account=user.account, role="owner")
    keys = {"pk": {"S": f"ACCOUNT#{user.account.id}"}, "sk": {"S": "ACCOUNT"}}
    (account,) = [item for item in talk.house.items("UsersTable") if keys.items() <= item.items()]
    assert began <= int(account["created_at"]["N"]) <= now()
    assert talk.is_live(member.entry)


# API keys


def test_a_key_manages_members_within_its_scopes(talk: AdministrationBehaviour) -> None:
    """``members:read`` lists, ``members:write`` changes within what the key may do itself; no key joins or leaves."""
    owner = talk.person()
    member = talk.joining(owner, "viewer")
    own = sorted(ROLE_PERMISSIONS["editor"])
    reads, alone = (key_of(talk, owner, scope) for scope in ("members:read", "members:write"))
    writes = key_of(talk, owner, "members:write", *own)
    path = {"user_id": member.user.id}

    def status(key: dict[str, Any], endpoint: str, body: Any = None) -> int:
        return talk.client.call(endpoint, body, path=path, **key).status

    assert [status(key, "members") for key in (reads, writes)] == [200, 403]
    assert [status(key, "invitations") for key in (reads, writes)] == [200, 403]
    guest = {"email": "guest@example.com", "role": "viewer"}
    assert [status(key, "invite", guest) for key in (reads, alone, writes)] == [403, 403, 201]
    assert [status(key, "invite", {**guest, "role": "admin"}) for key in (alone, writes)] == [403, 403]
    assert [status(key, "update_member", {"role": "editor"}) for key in (reads, writes)] == [403, 200]
    assert [status(key, "update_member", {"role": "owner"}) for key in (reads, writes)] == [403, 403]
    assert status(alone, "update_member", {"role": "admin"}) == 403
    assert [status(key, "remove_member") for key in (reads, writes)] == [403, 204]
    everything = key_of(talk, owner, "*")
    for endpoint, body in (("leave_account", None), ("accept_invitation", {"token": "x"})):
        reply = talk.client.call(endpoint, body, **everything)
        assert talk.refusal(reply) == (403, "An API key cannot do this, please sign in")


def test_an_invitation_is_worth_as_much_as_its_inviter(talk: AdministrationBehaviour) -> None:
    """Once who invited has left, was demoted or deactivated, nobody joins by it, and nothing changes."""
    owner = talk.person()
    guests = [talk.person() for _ in range(3)]
    inviters = [talk.joining(owner, "owner") for _ in guests]
    tokens = [
        invited(talk.house, guest.user.email, by=talk.now_is(each.user), role="owner")
        for guest, each in zip(guests, inviters, strict=True)
    ]
    assert talk.remove(owner, inviters[0].user).status == 204
    assert talk.change_role(owner, inviters[1].user, "admin").status == 200
    talk.house.change_user(inviters[2].user.id, is_active=False)
    before = talk.house.everything()
    for guest, token in zip(guests, tokens, strict=True):
        assert talk.refusal(talk.accept(guest, token)) == WORTHLESS
    assert talk.house.everything() == before


def test_a_key_follows_its_users_role(talk: AdministrationBehaviour) -> None:
    """A key of somebody who is no admin any more does not manage members, whatever its scopes."""
    owner = talk.person()
    admin = talk.joining(owner, "admin")
    key = key_of(talk, admin, "members:read", "members:write", "*")
    assert talk.client.call("members", **key).status == 200
    assert talk.change_role(owner, admin.user, "viewer").status == 200
    assert talk.client.call("members", **key).status == 403


# Cursors


@pytest.mark.parametrize(
    "cursor", ["x", "%00", "MEMBER%23x", "A" * 3000, "%ff", "00000000-0000-4000-8000-00000000000G"]
)
def test_a_cursor_that_is_none_is_refused(cursor: str, talk: AdministrationBehaviour) -> None:
    """What no page gave is told so."""
    reply = talk.members(talk.person(), cursor)
    assert talk.refusal(reply) == (400, "Cursor is not one that a page gave")


def test_a_cursor_of_nobody_goes_on_where_that_one_would_be(talk: AdministrationBehaviour) -> None:
    """Who was removed while somebody turned the page is no obstacle, and nothing of other accounts is shown."""
    owner = talk.person()
    talk.person()
    first, last = "0" * 8 + "-0000-4000-8000-" + "0" * 12, "f" * 8 + "-ffff-4fff-bfff-" + "f" * 12
    assert [each.id for each in talk.member_page(talk.members(owner, first))[0]] == [owner.user.id]
    assert talk.member_page(talk.members(owner, last)) == ([], None)
