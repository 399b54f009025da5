"""Joining an account without a session: with the token from the mail, and the password that one has or now chooses."""

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from keyfob.errors import EmailTaken, Unavailable
from keyfob.model.credentials import Credentials, Registration
from keyfob.model.membership import Invitation
from keyfob.model.session import Client
from keyfob.model.user import PersonName, User
from keyfob.service.invitations import Joining, joined
from keyfob.service.login import PasswordLogin
from keyfob.service.registration import candidate_of, first_member_that_is_free
from keyfob.store.transactions import UserChanged
from keyfob.store.users import Users

if TYPE_CHECKING:
    from keyfob.crypto.passwords import PasswordHasher


class Joined(NamedTuple):
    """A user as it is once it has joined, and whether it is a new one."""

    user: User
    is_new: bool


class JoiningWithPassword:
    """Lets people join who are not signed in, whether or not there is such a user yet."""

    def __init__(
        self,
        users: Users,
        joining: Joining,
        login: PasswordLogin,
        passwords: "PasswordHasher",
    ) -> None:
        """Take where users are, what lets users join, and what verifies and hashes passwords.

        `login` must not ask for a verified address: the token proves it.
        """
        self._users = users
        self._joining = joining
        self._login = login
        self._passwords = passwords

    def join(self, token: str, password: str, client: Client, now: int) -> Joined:
        """Let whose address is invited join, and use up the token.

        The user of the address has to give its password, bounded and refused as `PasswordLogin.prove` does; then this
        raises as `Joining.accept` does. If the address is nobody's, a user is made that is a member from the beginning,
        unless `InvalidFields` says that nobody should choose that password. Raises `InvalidOneTimeToken`. Whatever is
        raised, nothing has changed.
        """
        invitation = self._joining.check(token, now)
        if self._users.id_of(invitation.email) is None:
            return Joined(self._registered(token, invitation, password, now), is_new=True)
        proven = self._login.prove(Credentials(invitation.email, password), client, now)
        return Joined(self._joining.accept(token, proven.user, now), is_new=False)

    def _registered(self, token: str, invitation: Invitation, password: str, now: int) -> User:
        registration = Registration(invitation.email, None, password, PersonName.from_full(None))
        newcomer = joined(candidate_of(registration, self._passwords, now), invitation)
        store = partial(self._users.create_member, along_with=self._joining.accepting(invitation, now))
        try:
            return first_member_that_is_free(newcomer, store)
        except (EmailTaken, UserChanged) as changed:
            self._joining.check(token, now)
            raise Unavailable("the address was registered, or its inviter changed, meanwhile") from changed
