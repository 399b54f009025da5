"""One-time tokens as the mailer would send them, without the mail."""

from keyfob.clock import now
from keyfob.service.email_tokens import new_email_token
from keyfob.store.email_tokens import EmailTokenKind, EmailTokens

from tests.house import House


def emailed(house: House, email: str, kind: EmailTokenKind) -> str:
    """Return a new token of the user with an email address, for that address."""
    user = house.users.find(email)
    assert user is not None
    table = house.deployment.functions["mailer"].environment["ONE_TIME_TABLE"]
    return new_email_token(user, user.email, EmailTokens(house.dynamodb, table, kind), now())
