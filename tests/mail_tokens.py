"""One-time tokens as the mailer would send them, without the mail."""

from keyfob.clock import now
from keyfob.model.account import Role
from keyfob.model.membership import Invitation
from keyfob.model.user import User
from keyfob.service.email_tokens import new_email_token
from keyfob.service.invitation_tokens import LIFETIME_SECONDS, new_invitation_token
from keyfob.service.invitations import invitation_id
from keyfob.store.email_tokens import EmailTokenKind, EmailTokens
from keyfob.store.invitations import Invitations

from tests.house import House


def emailed(house: House, email: str, kind: EmailTokenKind) -> str:
    """Return a new token of the user with an email address, for that address."""
    user = house.users.find(email)
    assert user is not None
    table = house.deployment.functions["mailer"].environment["ONE_TIME_TABLE"]
    return new_email_token(user, user.email, EmailTokens(house.dynamodb, table, kind), now())


def invited(house: House, email: str, *, by: User, role: Role = "editor", at: int | None = None) -> str:
    """Return the token of a new invitation of an address to a user's account, made `at` a time instead of now."""
    made_at = now() if at is None else at
    invitations = invitations_of(house)
    invitation = Invitation(
        id=invitation_id(by.account.id, email),
        account=by.account,
        email=email,
        role=role,
        invited_by=by.id,
        created_at=made_at,
        expires_at=made_at + LIFETIME_SECONDS,
    )
    invitations.put(invitation)
    return new_invitation_token(invitation, invitations=invitations)


def invitations_of(house: House) -> Invitations:
    """Return the invitations of a deployment."""
    return Invitations(house.dynamodb, house.deployment.functions["mailer"].environment["USERS_TABLE"])
