"""Recording security events: each is one line of the log, from where it may go on to EventBridge (docs/events.md)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from keyfob.gateway.log import MARKER, security_logger
from keyfob.model.security_event import SecurityEvent, SecurityEventKind

if TYPE_CHECKING:
    from keyfob.contracts.base import Contract
    from keyfob.errors import KeyfobError
    from keyfob.gateway.request import Request
    from keyfob.model.user import User
    from keyfob.service.authentication import Principal


def record(
    kind: SecurityEventKind,
    request: "Request",
    contract: "Contract",
    *,
    user_id: str | None = None,
    session_id: str | None = None,
    key_id: str | None = None,
    account_id: str | None = None,
    actor_id: str | None = None,
    details: Mapping[str, str] | None = None,
) -> None:
    """Record what a request has done. The facts are those of `SecurityEvent`: ids, and never what a client typed."""
    event = SecurityEvent(
        kind=kind,
        contract=contract.name,
        request_id=request.request_id,
        ip=request.client.ip,
        user_agent=request.client.user_agent,
        user_id=user_id,
        session_id=session_id,
        key_id=key_id,
        account_id=account_id,
        actor_id=actor_id,
        details=details or None,
    )
    security_logger.info(kind, extra={MARKER: kind, **event.facts})


def record_by(
    principal: "Principal",
    kind: SecurityEventKind,
    request: "Request",
    contract: "Contract",
    *,
    about: "User | None" = None,
    details: Mapping[str, str] | None = None,
) -> None:
    """Record what a user has done, with the session or the API key that it acts by: to itself, or to another user."""
    user, session, key = about or principal.user, principal.session, principal.key
    record(
        kind,
        request,
        contract,
        user_id=user.id,
        session_id=session.id if session else None,
        key_id=key.id if key else None,
        account_id=user.account.id,
        actor_id=principal.user.id if about else None,
        details=details,
    )


def record_failure(error: "KeyfobError", endpoint: str, request: "Request", contract: "Contract") -> None:
    """Record what a request has failed with, if that is a security event; the client was told the code in `details`."""
    if error.security_event is not None:
        record(
            error.security_event,
            request,
            contract,
            user_id=error.user_id,
            session_id=error.session_id,
            details={"endpoint": endpoint, "code": error.code},
        )
