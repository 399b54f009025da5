"""Tokens of invitations: made when the mail is."""

from keyfob.crypto.digest import digest
from keyfob.crypto.opaque import Opaque
from keyfob.crypto.random import new_secret
from keyfob.model.membership import Invitation
from keyfob.store.invitations import Invitations

LIFETIME_SECONDS = 7 * 24 * 3600
"""How long an invitation is good for, and with it each token of it."""


def new_invitation_token(invitation: Invitation, *, invitations: Invitations) -> str:
    """Return a new token for an invitation; it voids its last one. Only the digest of its secret is stored.

    Raises `ResourceNotFound` if the invitation is gone, or another by now.
    """
    secret = new_secret()
    invitations.seal(invitation, digest(secret))
    return str(Opaque((invitation.account.id, invitation.id), secret))
