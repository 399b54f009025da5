"""Mail that somebody asked for, or should get."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

MailKind = Literal[
    "verify_email",
    "reset_password",
    "password_changed",
    "email_changed",
    "account_deleted",
    "new_sign_in",
    "identity_linked",
    "api_key_created",
    "invitation",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRequest:
    """One mail to be sent, as it waits in the queue: without a secret, which the mailer makes when it sends.

    `id` is the same however often the request is delivered. It is for a user, by its id, or for an address, which may
    be nobody's, or for a user and the address that it wants instead of its own. `link` is a URL with ``{token}`` in it
    where the mail has one. `requested_at` is in seconds since the epoch. `facts` are what the mail tells of where the
    request came from, as `Client.facts` has them; of an invitation, its `invitation_id` and `account_id`.
    """

    id: str
    kind: MailKind
    user_id: str | None = None
    email: str | None = None
    link: str = ""
    requested_at: int
    facts: Mapping[str, str] = field(default_factory=dict)
