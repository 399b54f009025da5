"""Somebody to whom every endpoint answers, and what the paths of endpoints may name of hers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from keyfob.clock import now
from keyfob.model.user import PersonName, User
from keyfob.service.invitations import invitation_id
from keyfob.service.registration import new_user

from tests.contracts.keys_behaviour import Issued, KeysBehaviour
from tests.house import House, unique
from tests.mail_tokens import invited
from tests.speakers import administration_speaker


class Manager(NamedTuple):
    """A superuser that is signed in and has an API key, and whose account has another owner and an invitation.

    `path` has the ids of the key, of the other owner and of the invitation, as the contract shows them.
    """

    user: User
    token: str
    key: Issued
    other: User
    path: Mapping[str, str]


def manager_of(contract: str, house: House) -> Manager:
    """Return somebody new of this kind."""
    talk = administration_speaker(contract, house)
    assert isinstance(talk, KeysBehaviour)
    superuser = talk.superuser()
    other = _other_owner(house, superuser.user)
    key = talk.key_of(superuser.entry)
    guest = f"{unique('guest')}@example.com"
    invited(house, guest, by=superuser.user)
    path = {
        "key_id": key.id,
        "user_id": str(talk.shown_id(other)),
        "invitation_id": invitation_id(superuser.user.account.id, guest),
    }
    return Manager(superuser.user, superuser.entry.credential["token"], key, other, path)


def _other_owner(house: House, owner: User) -> User:
    """Store another owner of an account, who has no password."""
    username = unique("other")
    email, name = f"{username}@example.com", PersonName.from_full("Other")
    user = new_user(email=email, username=username, name=name, password_hash=None, now=now())
    other = replace(user, account=owner.account, role="owner")
    house.users.create_member(other, along_with=[])
    return other
