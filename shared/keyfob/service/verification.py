"""Verifying an email address: its owner brings back the token that was sent there."""

from keyfob.errors import InvalidOneTimeToken, Unavailable
from keyfob.service.email_tokens import stored_email_token
from keyfob.store.email_tokens import EmailTokens
from keyfob.store.users import UserChanged, Users


def verify_email(token: str, *, users: Users, tokens: EmailTokens, now: int) -> str | None:
    """Note that the address to which `token` was sent is its user's, and spend the token, in one transaction.

    An address that the user wanted instead of its old one takes that one's place, and the old one is returned.
    Raises `InvalidOneTimeToken` if the token is not ours, has expired, or was used or replaced, and if all sessions
    have ended since another address was asked for; raises `EmailTaken` if that is another user's by now.
    """
    stored = stored_email_token(token, tokens, now)
    user = users.get(stored.user_id)
    if user is None:
        raise InvalidOneTimeToken("the user is gone")
    if user.email != stored.email and user.session_epoch != stored.session_epoch:
        raise InvalidOneTimeToken("who asked for another address may not be who has the account now")
    try:
        users.verify_email(user, stored.email, along_with=[tokens.spending(stored, now)])
    except UserChanged as changed:
        stored_email_token(token, tokens, now)
        raise Unavailable("the user changed meanwhile") from changed
    return user.email if user.email != stored.email else None
