"""Security events: what somebody who watches over a deployment wants to hear of (docs/events.md)."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

SecurityEventKind = Literal[
    "sign_in",
    "sign_in_failed",
    "sign_out",
    "refresh_token_reused",
    "throttled",
    "user_registered",
    "user_deleted",
    "email_verified",
    "email_change_requested",
    "email_changed",
    "identity_linked",
    "password_changed",
    "password_reset",
    "password_check_failed",
    "password_reset_sent",
    "session_ended",
    "sessions_ended",
    "api_key_created",
    "api_key_rotated",
    "api_key_deleted",
    "member_invited",
    "invitation_revoked",
    "member_joined",
    "member_left",
    "member_removed",
    "role_changed",
    "user_changed",
    "user_activated",
    "user_deactivated",
]
"""The names are stable: rules and queries of others refer to them."""


class SecurityEvent(NamedTuple):
    """One event: what happened, on which contract, from where, and to whom. It holds ids and never a secret.

    `user_id` is whom it is about, and `actor_id` the user who did it where that may be another. What else there is to
    know is in `details`, such as an old and a new role.
    """

    kind: SecurityEventKind
    contract: str
    request_id: str
    ip: str
    user_agent: str
    user_id: str | None = None
    session_id: str | None = None
    key_id: str | None = None
    account_id: str | None = None
    actor_id: str | None = None
    details: Mapping[str, str] | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What is known of it, by name, without the kind."""
        facts = self._asdict()
        del facts["kind"]
        return {name: value for name, value in facts.items() if value is not None}
