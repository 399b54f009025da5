"""Bodies that are the same in every case, since each of their names is one word."""

from typing import NamedTuple

from keyfob.contracts.base import Contract, Json
from keyfob.contracts.fields import AnyRole, Email, Overlap, Password, Text
from keyfob.contracts.reading import read
from keyfob.model.account import Role
from keyfob.model.api_key import DEFAULT_OVERLAP_SECONDS
from keyfob.model.membership import NewInvitation


class KeyRotationBody(NamedTuple):
    """What rotating an API key takes: for how many seconds the old secret works on."""

    overlap: Overlap | None = None


class InvitationBody(NamedTuple):
    """What ``POST /invitations`` takes: who may join, and as what."""

    email: Email
    role: AnyRole


class RoleBody(NamedTuple):
    """What changing a member takes."""

    role: AnyRole


class InvitationTokenBody(NamedTuple):
    """What ``POST /invitations/accept`` takes: the token from the mail."""

    token: Text


class InvitationForm(NamedTuple):
    """What the form of ``invitations/page`` sends; the `password` may be one that is there, or a new one."""

    token: Text
    password: Password


class OneWordBodies(Contract):
    """Reads these bodies."""

    def key_overlap(self, body: Json) -> int:
        """Read how long the old secret works on."""
        overlap = read(KeyRotationBody, body).overlap
        return DEFAULT_OVERLAP_SECONDS if overlap is None else overlap

    def new_invitation(self, body: Json) -> NewInvitation:
        """Read address and role."""
        wanted = read(InvitationBody, body)
        return NewInvitation(wanted.email, wanted.role)

    def role(self, body: Json) -> Role:
        """Read the role."""
        return read(RoleBody, body).role

    def invitation_token(self, body: Json) -> str:
        """Read the token."""
        return read(InvitationTokenBody, body).token
