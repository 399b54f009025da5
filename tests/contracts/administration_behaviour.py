"""What staff does about users, the same on every contract. Each contract's suite inherits this."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple
from urllib.parse import quote

from keyfob.clock import iso
from keyfob.model.user import User

from tests.contracts.cookies_behaviour import KINDS
from tests.contracts.email_behaviour import EmailBehaviour
from tests.contracts.members_behaviour import MembersBehaviour, Person
from tests.house import PASSWORD, Reply

STAFFED: Mapping[str, Any] = {
    "users": None,
    "user": None,
    "update_user": {"is_active": False, "isActive": False},
    "end_user_sessions": None,
    "send_user_reset": None,
}
"""What only staff does, with a body of each."""

NEW_PASSWORD = "NewSecurePass456!"


class ShownUser(NamedTuple):
    """A user as staff sees it."""

    id: str | int
    email: str
    email_verified: bool
    username: str
    name: str | None
    is_active: bool
    is_staff: bool
    is_superuser: bool
    has_membership: bool
    has_password: bool
    role: str
    account: dict[str, str]
    created_at: str


class AdministrationBehaviour(MembersBehaviour, EmailBehaviour):
    """Finding users, listing and changing them, ending their sessions, and sending resets."""

    user_keys: ClassVar[tuple[str, ...]] = (
        "id",
        "email",
        "email_verified",
        "username",
        "full_name",
        "is_active",
        "is_staff",
        "is_superuser",
        "has_membership",
        "has_password",
        "role",
        "account",
        "created_at",
    )

    def staff(self, **flags: bool) -> Person:
        """Register somebody that has these flags; without any it is staff."""
        person = self.person()
        self.house.change_user(person.user.id, **(flags or {"is_staff": True}))
        return Person(self.now_is(person.user), person.entry)

    def superuser(self) -> Person:
        """Register somebody that is a superuser and nothing else."""
        return self.staff(is_superuser=True)

    # What staff does

    def about(self, endpoint: str, person: Person, user: User | str, body: Any = None) -> Reply:
        """Call an endpoint about one user, or about what stands where its id would."""
        path = {"user_id": str(self.shown_id(user)) if isinstance(user, User) else user}
        return self.client.call(endpoint, body, path=path, **person.entry.credential)

    def change_user(self, person: Person, user: User | str, **changes: Any) -> Reply:
        """Let somebody change a user; `changes` are by their names in `user_keys` of most contracts."""
        names = dict(zip(ShownUser._fields, self.user_keys, strict=True))
        return self.about("update_user", person, user, {names[name]: value for name, value in changes.items()})

    def find(self, person: Person, **identifier: str) -> list[ShownUser]:
        """Return whom somebody finds, by `email` or `username`."""
        query = "&".join(f"{name}={quote(value)}" for name, value in identifier.items())
        return self.user_page(self.client.call("users", query=query, **person.entry.credential))[0]

    def everybody(self, person: Person) -> list[list[ShownUser]]:
        """Return the pages on which somebody finds all users."""
        pages, cursor = [], ""
        while True:
            query = f"cursor={cursor}" if cursor else ""
            page, following = self.user_page(self.client.call("users", query=query, **person.entry.credential))
            pages.append(page)
            if following is None:
                return pages
            cursor = following

    # What is shown

    def user_page(self, reply: Reply) -> tuple[list[ShownUser], str | None]:
        """Return a page's users and the cursor of the next one, after checking its shape to the letter."""
        assert reply.status == 200, reply.text
        shown = self.payload(reply)
        assert shown.keys() == {"users", self.cursor_key}
        return [self.read_user(each) for each in shown["users"]], shown[self.cursor_key]

    def shown_user(self, reply: Reply) -> ShownUser:
        """Return the user in a reply, after checking its shape to the letter."""
        assert reply.status == 200, reply.text
        return self.read_user(self.payload(reply))

    def read_user(self, shown: Any) -> ShownUser:
        """Return a user that is shown, after checking its shape to the letter."""
        assert tuple(shown) == self.user_keys
        return ShownUser(*shown.values())

    def as_shown(self, user: User) -> ShownUser:
        """Return how staff sees a user."""
        return ShownUser(
            id=self.shown_id(user),
            email=user.email,
            email_verified=user.email_verified,
            username=user.username,
            name=user.name.full,
            is_active=user.is_active,
            is_staff=user.is_staff,
            is_superuser=user.is_superuser,
            has_membership=user.has_membership,
            has_password=True,
            role=user.role,
            account={"id": user.account.id, "name": user.account.name, "slug": user.account.slug},
            created_at=iso(user.created_at),
        )

    # Finding

    def test_staff_finds_a_user_by_any_of_its_names(self) -> None:
        """By address and by username in any case, and by the id that the contract shows; who is not there is not."""
        staff, somebody = self.staff(), self.person().user
        expected = self.as_shown(somebody)
        for identifier in (
            {"email": somebody.email},
            {"email": somebody.email.upper()},
            {"username": somebody.username},
            {"username": somebody.username.upper()},
        ):
            assert self.find(staff, **identifier) == [expected]
        assert self.shown_user(self.about("user", staff, somebody)) == expected
        assert self.find(staff, email=f"x{somebody.email}") == self.find(staff, username="nobody") == []

    def test_staff_lists_users(self) -> None:
        """A page has users, all of whose facts are shown, and no cursor where there are no more."""
        staff, somebody = self.staff(), self.person().user
        listed = [each for page in self.everybody(staff) for each in page]
        for user in (staff.user, somebody):
            assert listed.count(self.as_shown(user)) == 1

    def test_staff_is_told_of_an_id_that_is_nobodys(self) -> None:
        """Nor is one in another contract's form, one that is no id at all, or that of an account, anybody's."""
        staff, somebody = self.superuser(), self.person().user
        before = self.house.everything()
        for text in (self.unknown_id(), *self.bad_ids(somebody)):
            for endpoint in ("user", "update_user", "end_user_sessions", "send_user_reset"):
                reply = self.about(endpoint, staff, text, STAFFED[endpoint])
                assert self.refusal(reply) == (404, "Resource not found"), text
        assert self.house.everything() == before

    # Changing

    def test_a_deactivated_user_is_signed_out_at_once(self) -> None:
        """Whatever it is signed in with ends and does not come back when it is activated; then it signs in anew."""
        staff, somebody = self.staff(), self.person().user
        entries = [self.entered(kind, somebody.email) for kind in KINDS]
        shown = self.shown_user(self.change_user(staff, somebody, is_active=False))
        assert shown == self.as_shown(somebody)._replace(is_active=False)
        login = self.client.call("login", self.login_body(somebody.email, PASSWORD))
        assert self.refusal(login) == (403, "Account is inactive")
        refresh = self.refresh_body(self.refresh_token(entries[0].reply))
        assert self.refusal(self.client.call("refresh", refresh)) == (403, "Account is inactive")
        assert not any(self.is_live(entry) for entry in entries)
        assert self.shown_user(self.change_user(staff, somebody, is_active=True)).is_active
        assert self.client.call("refresh", refresh).status == 401
        assert not any(self.is_live(entry) for entry in entries)
        assert self.is_live(self.entered("bearer", somebody.email))

    def test_a_superuser_changes_flags_and_role(self) -> None:
        """Each changes by itself, and what is shown then is what is stored."""
        superuser, owner = self.superuser(), self.person()
        member = self.joining(owner, "viewer").user
        for changes in (
            {"is_staff": True},
            {"is_superuser": True, "has_membership": True},
            {"is_staff": False, "is_superuser": False, "is_active": True},
            {"role": "owner"},
            {"role": "developer", "has_membership": False},
            {},
        ):
            shown = self.shown_user(self.change_user(superuser, member, **changes))
            member = self.now_is(member)
            assert shown == self.as_shown(member)
            assert {name: getattr(shown, name) for name in changes} == changes

    def test_staff_ends_all_sessions_of_a_user(self) -> None:
        """Tokens and cookies are worth nothing at once; the user may sign in again."""
        staff, somebody = self.staff(), self.person().user
        entries = [self.entered(kind, somebody.email) for kind in KINDS]
        reply = self.about("end_user_sessions", staff, somebody)
        assert (reply.status, reply.text) == (204, "")
        assert not any(self.is_live(entry) for entry in entries)
        assert self.is_live(self.entered("cookie", somebody.email))
        assert self.is_live(staff.entry)

    def test_staff_sends_a_reset_to_the_users_own_address(self) -> None:
        """The mail goes to the user and to nobody else, and its link sets a new password."""
        staff, somebody = self.staff(), self.person().user
        self.check_said("send_user_reset", self.about("send_user_reset", staff, somebody), "Password reset email sent")
        token = self.token_sent("reset_password_page", somebody.email)
        assert self.links_of("reset_password_page", staff.user.email) == []
        assert self.reset(token, NEW_PASSWORD).status == 200
        assert self.login_status(somebody.email, NEW_PASSWORD) == 200

    # Refusals

    def test_only_staff_does_what_staff_does(self) -> None:
        """The owner of an account is told so, whomever it names, and nothing changes."""
        owner, somebody = self.person(), self.person().user
        before = self.house.everything()
        for endpoint, body in STAFFED.items():
            for whom in (somebody, "none"):
                reply = self.about(endpoint, owner, whom, body)
                assert self.refusal(reply) == (403, "Permission denied"), endpoint
        assert self.house.everything() == before

    def test_a_change_that_is_wrong_is_refused(self) -> None:
        """What is of another type, or no role, is told, and nothing changes."""
        superuser, somebody = self.superuser(), self.person().user
        before = self.house.everything()
        for changes in ({"is_active": "false"}, {"is_staff": 1}, {"role": "root"}, {"role": ["owner"]}):
            reply = self.change_user(superuser, somebody, **changes)
            assert reply.status == 400
            assert "must be" in self.error(reply)
        assert self.house.everything() == before
