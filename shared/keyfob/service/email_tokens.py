"""Tokens that are sent by mail: made when the mail is, and looked up when they come back."""

from typing import Final

from keyfob.crypto.digest import digest, is_digest_of
from keyfob.crypto.opaque import Opaque, read_opaque
from keyfob.crypto.random import new_secret
from keyfob.errors import InvalidOneTimeToken
from keyfob.model.user import User
from keyfob.store.email_tokens import EmailTokenKind, EmailTokens, StoredEmailToken

LIFETIME_SECONDS: Final[dict[EmailTokenKind, int]] = {"VERIFY": 24 * 3600, "RESET": 3600}
"""How long a token of each kind is good for."""


def new_email_token(user: User, email: str, tokens: EmailTokens, now: int) -> str:
    """Return a new token for an address of the user's; it voids the user's last one of the same kind.

    Only the digest of its secret is stored.
    """
    secret = new_secret()
    expires_at = now + LIFETIME_SECONDS[tokens.kind]
    tokens.put(StoredEmailToken(user.id, email, user.session_epoch, digest(secret), expires_at))
    return str(Opaque((user.id,), secret))


def stored_email_token(token: str, tokens: EmailTokens, now: int) -> StoredEmailToken:
    """Return what is stored of `token`; raises `InvalidOneTimeToken` if it is not ours, or has expired or gone."""
    try:
        (user_id,), secret = read_opaque(token, ids=1)
    except ValueError as error:
        raise InvalidOneTimeToken("malformed") from error
    stored = tokens.find(user_id)
    if stored is None or not is_digest_of(stored.digest, secret):
        raise InvalidOneTimeToken("unknown, used or replaced")
    if stored.expires_at <= now:
        raise InvalidOneTimeToken("expired")
    return stored
