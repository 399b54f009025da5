"""Members of accounts and invitations, the same on every contract. Each contract's suite inherits this."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple
from uuid import uuid4

import pytest
from keyfob.clock import iso, now
from keyfob.model.account import Account, Role
from keyfob.model.user import User

from local.outbox import find_links
from tests.contracts.cookies_behaviour import Entry
from tests.contracts.email_behaviour import text_of, token_in
from tests.contracts.profile_behaviour import ProfileBehaviour
from tests.crowd import crowd
from tests.house import Reply
from tests.invariants import check_users, counts
from tests.mail_tokens import invited

NOWHERE = {"user_id": "none", "invitation_id": "none"}
MANAGING: Mapping[str, Any] = {
    "members": None,
    "update_member": {"role": "viewer"},
    "remove_member": None,
    "invite": {"email": "somebody@example.com", "role": "viewer"},
    "invitations": None,
    "revoke_invitation": None,
}
"""What only those do who manage members, with a body of each."""

PAGE = 50
LAST_OWNER = "An account must keep an owner: make another member one first"


class ShownMember(NamedTuple):
    """A member as it is shown."""

    id: str | int
    email: str
    username: str
    name: str | None
    role: str
    is_active: bool
    joined_at: str


class ShownInvitation(NamedTuple):
    """An invitation as it is shown."""

    id: str
    email: str
    role: str
    created_at: str
    expires_at: str


class Person(NamedTuple):
    """Somebody, as it was stored when it signed in, and its session."""

    user: User
    entry: Entry


class MembersBehaviour(ProfileBehaviour):
    """Seeing members, inviting, joining, changing roles, removing and leaving."""

    member_keys: ClassVar[tuple[str, ...]] = (
        "user_id",
        "email",
        "username",
        "full_name",
        "role",
        "is_active",
        "joined_at",
    )
    invitation_keys: ClassVar[tuple[str, ...]] = ShownInvitation._fields

    def shown_id(self, user: User) -> str | int:
        """Return the id by which the contract shows a user."""
        return user.id

    # What people do

    def person(self) -> Person:
        """Register somebody and sign it in."""
        return Person(*self.newcomer("bearer"))

    def joining(self, owner: Person, role: Role) -> Person:
        """Let somebody new join an owner's account in a role."""
        person = self.person()
        reply = self.accept(person, invited(self.house, person.user.email, by=owner.user, role=role))
        assert reply.status == 200, reply.text
        return Person(self.now_is(person.user), person.entry)

    def invite(self, person: Person, email: str, role: str = "editor") -> Reply:
        """Let somebody invite an address."""
        return self.client.call("invite", {"email": email, "role": role}, **person.entry.credential)

    def invitation_token(self, email: str) -> str:
        """Return the token of the last invitation that an address got by mail."""
        links = [link for mail in self.house.mail_to(email) for link in find_links(text_of(mail))]
        return token_in([link for link in links if "/invitations/page" in link][-1])

    def accept(self, person: Person, token: str) -> Reply:
        """Let somebody accept an invitation."""
        return self.client.call("accept_invitation", {"token": token}, **person.entry.credential)

    def members(self, person: Person, cursor: str = "") -> Reply:
        """Let somebody list the members of its account."""
        query = f"cursor={cursor}" if cursor else ""
        return self.client.call("members", query=query, **person.entry.credential)

    def change_role(self, person: Person, member: User | str | int, role: str) -> Reply:
        """Let somebody give a member another role."""
        path = {"user_id": str(self.shown_id(member) if isinstance(member, User) else member)}
        return self.client.call("update_member", {"role": role}, path=path, **person.entry.credential)

    def remove(self, person: Person, member: User | str | int) -> Reply:
        """Let somebody remove a member."""
        path = {"user_id": str(self.shown_id(member) if isinstance(member, User) else member)}
        return self.client.call("remove_member", path=path, **person.entry.credential)

    def leave(self, person: Person) -> Reply:
        """Let somebody leave its account."""
        return self.client.call("leave_account", **person.entry.credential)

    # What is shown

    def member_page(self, reply: Reply) -> tuple[list[ShownMember], str | None]:
        """Return a page's members and the cursor of the next one, after checking its shape to the letter."""
        assert reply.status == 200, reply.text
        shown = self.payload(reply)
        assert shown.keys() == {"members", self.cursor_key}
        return [self.shown_member(each) for each in shown["members"]], shown[self.cursor_key]

    def shown_member(self, shown: Any) -> ShownMember:
        """Return a member that is shown, after checking its shape to the letter."""
        assert tuple(shown) == self.member_keys
        return ShownMember(*shown.values())

    def shown_invitation(self, shown: Any) -> ShownInvitation:
        """Return an invitation that is shown, after checking its shape to the letter."""
        assert tuple(shown) == self.invitation_keys
        return ShownInvitation(*shown.values())

    def shown_invitations(self, person: Person) -> list[ShownInvitation]:
        """Return the invitations that somebody sees on one page, after checking their shape to the letter."""
        shown, following = self.invitation_page(self.client.call("invitations", **person.entry.credential))
        assert following is None
        return shown

    def invitation_page(self, reply: Reply) -> tuple[list[ShownInvitation], str | None]:
        """Return a page's invitations and the cursor of the next one, after checking its shape to the letter."""
        assert reply.status == 200, reply.text
        shown = self.payload(reply)
        assert shown.keys() == {"invitations", self.cursor_key}
        return [self.shown_invitation(each) for each in shown["invitations"]], shown[self.cursor_key]

    def refusal(self, reply: Reply) -> tuple[int, str]:
        """Return how something was refused."""
        return reply.status, self.error(reply)

    def assert_on_its_own(self, person: Person, left: Account) -> None:
        """Check that somebody has an account of its own instead of another, and is signed in there."""
        user = self.now_is(person.user)
        assert (user.role, user.account.name) == ("owner", "My Account")
        assert user.account.id != left.id
        assert counts(self.house, user.account.id) == (1, 1)
        (shown,) = self.member_page(self.members(person))[0]
        assert (shown.id, shown.role) == (self.shown_id(user), "owner")

    # Seeing

    def test_who_registers_is_the_one_member_of_its_account(self) -> None:
        """The account has one member, its owner, who sees itself with the id that the contract shows."""
        began = now()
        person = self.person()
        user = person.user
        (shown,), following = self.member_page(self.members(person))
        assert following is None
        assert shown[:6] == (self.shown_id(user), user.email, user.username, user.name.full, "owner", True)
        assert shown.joined_at in {iso(second) for second in range(began, now() + 1)}
        assert counts(self.house, user.account.id) == (1, 1)
        check_users(self.house)

    def test_many_members_come_in_pages(self) -> None:
        """A cursor leads from page to page, and every member is on one of them, once."""
        owner = self.person()
        others = crowd(self.house, 2 * PAGE, owner.user.account)
        pages, cursor = [], ""
        while True:
            page, following = self.member_page(self.members(owner, cursor))
            pages.append([each.id for each in page])
            if following is None:
                break
            cursor = following
        assert [len(page) for page in pages] == [PAGE, PAGE, 1]
        assert sorted(str(each) for page in pages for each in page) == sorted(
            str(self.shown_id(each)) for each in (owner.user, *others)
        )
        check_users(self.house)

    # Inviting

    def test_an_invitation_is_shown_until_it_is_revoked(self) -> None:
        """It has an id, an address, a role, and when it was made and expires; once it is revoked its mail is void."""
        owner, guest = self.person(), self.person()
        reply = self.invite(owner, guest.user.email, "viewer")
        assert reply.status == 201
        shown = self.shown_invitation(self.payload(reply))
        assert shown[1:3] == (guest.user.email, "viewer")
        assert (shown.created_at, shown.expires_at) in {
            (iso(second), iso(second + 7 * 24 * 3600)) for second in range(now() - 60, now() + 1)
        }
        assert self.shown_invitations(owner) == [shown]
        token = self.invitation_token(guest.user.email)
        revoked = self.client.call("revoke_invitation", path={"invitation_id": shown.id}, **owner.entry.credential)
        assert (revoked.status, revoked.text) == (204, "")
        assert self.shown_invitations(owner) == []
        assert self.refusal(self.accept(guest, token)) == (400, "Invalid or expired token")
        again = self.client.call("revoke_invitation", path={"invitation_id": shown.id}, **owner.entry.credential)
        assert self.refusal(again) == (404, "Resource not found")

    def test_who_is_invited_joins_by_the_mail(self) -> None:
        """The mail leads to a page of this contract; who accepts is a member, and its own account is gone."""
        owner, guest = self.person(), self.person()
        address = guest.user.email.replace(self.contract, self.contract.upper())
        assert self.invite(owner, address, "editor").status == 201
        token = self.invitation_token(address)
        reply = self.accept(guest, token)
        assert reply.status == 200
        assert self.payload(reply) == self.payload(self.client.call("me", **guest.entry.credential))
        user = self.now_is(guest.user)
        assert (user.account, user.role, user.email_verified) == (owner.user.account, "editor", True)
        assert {(each.id, each.role) for each in self.member_page(self.members(owner))[0]} == {
            (self.shown_id(owner.user), "owner"),
            (self.shown_id(user), "editor"),
        }
        assert counts(self.house, guest.user.account.id) is None
        assert counts(self.house, user.account.id) == (2, 1)
        check_users(self.house)
        assert self.refusal(self.accept(guest, token)) == (400, "Invalid or expired token")
        assert self.shown_invitations(owner) == []

    def test_an_invitation_is_for_its_address_alone(self) -> None:
        """Another cannot use it, which it survives; and a member needs none."""
        owner, guest, thief = (self.person() for _ in range(3))
        token = invited(self.house, guest.user.email, by=owner.user)
        before = self.house.everything()
        refused = self.accept(thief, token)
        self.assert_refused(refused, 403, "This invitation is for another email address", before)
        assert self.accept(guest, token).status == 200
        before = self.house.everything()
        self.assert_refused(self.invite(owner, guest.user.email), 409, "Already a member of the account", before)
        again = invited(self.house, guest.user.email, by=owner.user)
        before = self.house.everything()
        self.assert_refused(self.accept(guest, again), 409, "Already a member of the account", before)

    # Changing and leaving

    def test_a_member_gets_another_role(self) -> None:
        """It is shown as it then is, and may at once what its new role allows."""
        owner = self.person()
        member = self.joining(owner, "viewer")
        assert self.members(member).status == 403
        reply = self.change_role(owner, member.user, "admin")
        assert reply.status == 200
        shown = self.shown_member(self.payload(reply))
        assert (shown.id, shown.role) == (self.shown_id(member.user), "admin")
        assert shown in self.member_page(self.members(member))[0]
        assert self.change_role(owner, member.user, "owner").status == 200
        assert counts(self.house, owner.user.account.id) == (2, 2)
        assert self.change_role(member, owner.user, "viewer").status == 200
        check_users(self.house)
        assert self.members(owner).status == 403

    def test_who_is_removed_or_leaves_has_an_account_of_its_own(self) -> None:
        """Sessions go on in the new account, and nothing of the old one can be seen from then on."""
        owner = self.person()
        removed, left = self.joining(owner, "admin"), self.joining(owner, "editor")
        reply = self.remove(owner, removed.user)
        assert (reply.status, reply.text) == (204, "")
        reply = self.leave(left)
        assert (reply.status, reply.text) == (204, "")
        for person in (removed, left):
            self.assert_on_its_own(person, owner.user.account)
        assert [each.id for each in self.member_page(self.members(owner))[0]] == [self.shown_id(owner.user)]
        check_users(self.house)

    def test_the_last_owner_stays(self) -> None:
        """While others are there the one owner cannot leave, be removed, be another, or be deleted: nothing changes."""
        owner = self.person()
        self.joining(owner, "admin")
        before = self.house.everything()
        replies = (
            self.leave(owner),
            self.remove(owner, owner.user),
            self.change_role(owner, owner.user, "admin"),
            self.client.call("delete_me", **owner.entry.credential),
        )
        assert {self.refusal(reply) for reply in replies} == {(409, LAST_OWNER)}
        assert self.house.everything() == before

    # Refusals

    def test_only_those_who_manage_members_do(self) -> None:
        """A member without that permission is told so, whatever it names, and nothing changes."""
        owner = self.person()
        viewer = self.joining(owner, "viewer")
        before = self.house.everything()
        for endpoint, body in MANAGING.items():
            reply = self.client.call(endpoint, body, path=NOWHERE, **viewer.entry.credential)
            assert self.refusal(reply) == (403, "Permission denied"), endpoint
        assert self.house.everything() == before

    def test_members_of_other_accounts_are_out_of_reach(self) -> None:
        """Document 002 says that they are forbidden; elsewhere they are as those that do not exist."""
        owner, stranger = self.person(), self.person()
        before = self.house.everything()
        for act in (self.remove, self.change_to_viewer):
            reply = act(owner, stranger.user)
            if self.contract == "igny8":
                assert self.refusal(reply) == (403, "Permission denied")
            else:
                assert self.anonymous(reply) == self.anonymous(act(owner, self.unknown_id()))
                assert reply.status == 404
        assert self.house.everything() == before

    def test_an_id_that_is_nobodys_is_not_found(self) -> None:
        """Nor is one in another contract's form, one that is no id at all, or that of an account."""
        owner = self.person()
        member = self.joining(owner, "viewer")
        before = self.house.everything()
        for text in (self.unknown_id(), *self.bad_ids(member.user)):
            for act in (self.remove, self.change_to_viewer):
                assert self.refusal(act(owner, text)) == (404, "Resource not found"), text
        assert self.house.everything() == before

    def anonymous(self, reply: Reply) -> tuple[dict[str, Any], set[str]]:
        """Return a refusal's body and the names of its headers, but for what tells requests apart."""
        return {**reply.json, "request_id": ""}, {*reply.headers}

    def change_to_viewer(self, person: Person, member: User | str | int) -> Reply:
        """Let somebody make a member a viewer."""
        return self.change_role(person, member, "viewer")

    def unknown_id(self) -> str:
        """Return an id in the contract's form that is nobody's."""
        return str(uuid4())

    def bad_ids(self, user: User) -> Sequence[str]:
        """Return what is not how the contract writes a user's id, and the ids of its account."""
        forms = {user.id, user.id.upper(), user.id.replace("-", ""), f"user_{user.id}", str(user.number)}
        forms |= {f"user_{user.id.replace('-', '')}", user.account.id, str(user.account.number)}
        others = {"none", "0", "-1", "1.0", "9" * 17, "A" * 3000, f"0{user.number}", "%00", "PROFILE"}
        return sorted((forms | others) - {str(self.shown_id(user))})

    @pytest.mark.parametrize(
        ("endpoint", "body", "text"),
        [
            ("invite", {"role": "viewer"}, "Email is required"),
            ("invite", {"email": "not-an-address", "role": "viewer"}, "Email must be a valid email address"),
            ("invite", {"email": "a@example.com"}, "Role is required"),
            ("update_member", {"role": 7}, "Role must be a string"),
            ("update_member", {"role": "Owner"}, "Role must be one of"),
            ("accept_invitation", {}, "Token is required"),
        ],
    )
    def test_a_body_that_is_wrong_is_refused(self, endpoint: str, body: dict[str, Any], text: str) -> None:
        """What is missing or wrong is told."""
        person = self.person()
        path = {"user_id": str(self.shown_id(person.user))}
        reply = self.client.call(endpoint, body, path=path, **person.entry.credential)
        assert reply.status == 400
        assert self.error(reply).startswith(text)
