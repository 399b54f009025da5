"""Who may sign in, of those who have proven who they are."""

from typing import TypeVar

from keyfob.errors import AccountInactive, EmailNotVerified
from keyfob.model.user import User

R = TypeVar("R", AccountInactive, EmailNotVerified)


def refusal_of(user: User, *, needs_verified_email: bool) -> AccountInactive | EmailNotVerified | None:
    """Return why a user may not sign in, or `None`; `needs_verified_email` is what the deployment demands."""
    if not user.is_active:
        return _refusal(AccountInactive(user.id), user)
    if needs_verified_email and not user.email_verified:
        return _refusal(EmailNotVerified(user.id), user)
    return None


def _refusal(error: R, user: User) -> R:
    """Return `error` as the security event that it is where somebody signs in."""
    error.security_event = "sign_in_failed"
    error.user_id = user.id
    return error
