"""What is left of a limit, as headers (draft-ietf-httpapi-ratelimit-headers-06), and handlers that have one."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from keyfob.clock import now
from keyfob.errors import KeyfobError
from keyfob.gateway.replies import Redirect, Reply

if TYPE_CHECKING:
    from keyfob.contracts.base import Contract
    from keyfob.gateway.endpoint import Handle
    from keyfob.gateway.protected import ProtectedHandle
    from keyfob.gateway.request import Request
    from keyfob.model.throttle import Allowance
    from keyfob.model.user import User
    from keyfob.service.authentication import Principal


def limited(admit: "Callable[[str, int], Allowance]") -> "Callable[[Handle], Handle]":
    """Let a handler answer only what `admit` admits, which takes an IP address and the time."""

    def decorate(handle: "Handle") -> "Handle":
        def admitted(request: "Request", contract: "Contract") -> object:
            return _within(admit(request.client.ip, now()), lambda: handle(request, contract))

        return admitted

    return decorate


def limited_by_user(admit: "Callable[[User, int], Allowance]") -> "Callable[[ProtectedHandle], ProtectedHandle]":
    """Let a protected handler answer only what `admit` admits, which takes the user and the time."""

    def decorate(handle: "ProtectedHandle") -> "ProtectedHandle":
        def admitted(request: "Request", contract: "Contract", principal: "Principal") -> object:
            return _within(admit(principal.user, now()), lambda: handle(request, contract, principal))

        return admitted

    return decorate


def within(allowance: "Allowance | None", result: object) -> Reply | Redirect:
    """Return a handler's result with the headers that tell what is left."""
    reply = result if isinstance(result, Reply | Redirect) else Reply(result)
    return replace(reply, headers={**reply.headers, **rate_limit_headers(allowance)})


def rate_limit_headers(allowance: "Allowance | None") -> dict[str, str]:
    """Return the headers that tell what is left, or none without a limit."""
    if allowance is None:
        return {}
    return {
        "RateLimit-Limit": str(allowance.limit),
        "RateLimit-Remaining": str(allowance.remaining),
        "RateLimit-Reset": str(allowance.reset),
    }


def _within(allowance: "Allowance", handle: Callable[[], object]) -> object:
    try:
        return within(allowance, handle())
    except KeyfobError as error:
        error.allowance = error.allowance or allowance
        raise
