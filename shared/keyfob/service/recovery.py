"""Recovering an account: who can read the address's mail sets a new password."""

from contextlib import suppress

from keyfob.crypto.passwords import PasswordHasher
from keyfob.errors import AccountInactive, InvalidOneTimeToken, Unavailable
from keyfob.mail.queue import MailQueue
from keyfob.model.credentials import PasswordReset
from keyfob.model.session import Client
from keyfob.model.user import User
from keyfob.service.email_tokens import stored_email_token
from keyfob.service.notifications import notify_user
from keyfob.service.password_policy import check_new_password
from keyfob.service.throttling import PasswordGate
from keyfob.service.user_changes import unless_user_changes
from keyfob.store.email_tokens import EmailTokens
from keyfob.store.transactions import UserChanged
from keyfob.store.users import Users


class Recovery:
    """Sets new passwords for those who bring the token from a mail."""

    def __init__(
        self, users: Users, tokens: EmailTokens, passwords: PasswordHasher, gate: PasswordGate, queue: MailQueue
    ) -> None:
        """Take where users and tokens are, what hashes passwords, what bounds guessing, and the queue of mail."""
        self._users = users
        self._tokens = tokens
        self._passwords = passwords
        self._gate = gate
        self._queue = queue

    def check(self, token: str, now: int) -> None:
        """Raise `InvalidOneTimeToken` unless `token` could be used now; it is not spent by that."""
        stored_email_token(token, self._tokens, now)

    def reset_password(self, reset: PasswordReset, field: str, client: Client, now: int) -> User:
        """Set a new password, spend the token and end every other way in, all in one transaction, and tell the user.

        Those are the user's sessions and its identities at providers. A token is void once all sessions have ended.
        Returns whose password it was.
        Raises `InvalidOneTimeToken`, `InvalidFields` about `field` for a password that the user should not choose, and
        `AccountInactive`; then the token is not spent and nothing has changed.
        """
        stored = stored_email_token(reset.token, self._tokens, now)
        user = self._users.get(stored.user_id)
        if user is None or (user.email, user.session_epoch) != (stored.email, stored.session_epoch):
            raise InvalidOneTimeToken("the address or the password changed since")
        if not user.is_active:
            raise AccountInactive(user.id)
        check_new_password(reset.new_password, email=user.email, username=user.username, field=field)
        new_hash = self._passwords.hash(reset.new_password)
        with unless_user_changes():
            try:
                self._users.reset_password(user, new_hash, along_with=[self._tokens.spending(stored, now)])
            except UserChanged:
                self.check(reset.token, now)
                raise
        with suppress(Unavailable):
            self._gate.forgive(user, now)
        notify_user("password_changed", user, client.facts, queue=self._queue, now=now)
        return user
