"""Who may sign in, of those who have proven who they are."""

from keyfob.errors import AccountInactive, EmailNotVerified
from keyfob.model.user import User


def refusal_of(user: User, *, needs_verified_email: bool) -> AccountInactive | EmailNotVerified | None:
    """Return why a user may not sign in, or `None`; `needs_verified_email` is what the deployment demands."""
    if not user.is_active:
        return AccountInactive(user.id)
    if needs_verified_email and not user.email_verified:
        return EmailNotVerified(user.id)
    return None
