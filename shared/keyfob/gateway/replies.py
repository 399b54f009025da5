"""What a handler returns: a response model as it is, or one of these around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reply:
    """A response model, or `None` for an empty body, with headers and ``Set-Cookie`` values of its own."""

    model: object
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Redirect:
    """A 302 to another URL (RFC 9110, section 15.4.3), with headers and ``Set-Cookie`` values of its own."""

    location: str
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()
