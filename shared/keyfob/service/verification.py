"""Verifying an email address: its owner brings back the token that was sent there."""

from typing import NamedTuple

from keyfob.errors import InvalidOneTimeToken
from keyfob.service.email_tokens import stored_email_token
from keyfob.service.user_changes import unless_user_changes
from keyfob.store.email_tokens import EmailTokens
from keyfob.store.transactions import UserChanged
from keyfob.store.users import Users


class Verification(NamedTuple):
    """Whose address it is, and the one whose place it took, if it took one's."""

    user_id: str
    replaced: str | None


def verify_email(token: str, *, users: Users, tokens: EmailTokens, now: int) -> Verification:
    """Note that the address to which `token` was sent is its user's, and spend the token, in one transaction.

    An address that the user wanted instead of its old one takes that one's place, which is told.
    Raises `InvalidOneTimeToken` if the token is not ours, has expired, or was used or replaced, and if all sessions
    have ended since another address was asked for; raises `EmailTaken` if that is another user's by now.
    """
    stored = stored_email_token(token, tokens, now)
    user = users.get(stored.user_id)
    if user is None:
        raise InvalidOneTimeToken("the user is gone")
    if user.email != stored.email and user.session_epoch != stored.session_epoch:
        raise InvalidOneTimeToken("who asked for another address may not be who has the account now")
    with unless_user_changes():
        try:
            users.verify_email(user, stored.email, along_with=[tokens.spending(stored, now)])
        except UserChanged:
            stored_email_token(token, tokens, now)
            raise
    return Verification(user.id, replaced=user.email if user.email != stored.email else None)
