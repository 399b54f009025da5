"""HTTP messages as plain values, at the outer edge of the gateway."""

from dataclasses import dataclass

Headers = tuple[tuple[str, str], ...]
"""Header names and values in the order sent; a name may occur more than once, in any case."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One HTTP request to a stage.

    `path` and `query` are as sent, percent-encoded, the path without the stage; `stage_in_path` tells whether the
    client sent the stage as the path's first segment, or came over a custom domain. `source_ip` is the peer's.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: bytes = b""
    source_ip: str = "127.0.0.1"
    scheme: str = "https"
    port: int = 443
    stage_in_path: bool = True


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One HTTP response; a header name may occur more than once."""

    status: int
    headers: Headers
    body: bytes


def header(headers: Headers, name: str) -> str:
    """Return the first value of the header `name`, which is lower case, or ``""``."""
    return next((value for each, value in headers if each.lower() == name), "")
