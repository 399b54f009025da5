"""Where a sign-in may end outside of Keyfob. Whatever browsers and parsers disagree about is refused."""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import NamedTuple

from keyfob.errors import InvalidFields
from keyfob.settings import InvalidSetting

MAX_URL_CHARACTERS = 2048

# RFC 3986 in ASCII, without user information and fragment; a path without anything that another parser may take for
# the end of a segment (encoded slashes, backslashes, dots), or decode once more (an encoded percent sign).
_PATH_CHARACTER = r"[A-Za-z0-9._~!$&'()*+,;=:@-]|%(?!2[EeFf5]|5[Cc]|7[Ff]|[01])[0-9A-Fa-f]{2}"
_URL = re.compile(
    rf"""(?P<scheme>https?)://
    (?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])
    (?::(?P<port>[0-9]{{1,5}}))?
    (?P<path>(?:/(?:{_PATH_CHARACTER})*)*)
    (?P<query>\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{{2}})*)?""",
    re.VERBOSE,
)
_DEFAULT_PORTS = {"https": 443, "http": 80}


class _Target(NamedTuple):
    """A URL in the form in which two are compared. `segments` are those of its path, without an empty last one."""

    scheme: str
    host: str
    port: int
    segments: tuple[str, ...]
    has_query: bool

    def is_below(self, other: "_Target") -> bool:
        """Tell whether this is at or below `other`."""
        return self[:3] == other[:3] and self.segments[: len(other.segments)] == other.segments


class Redirects:
    """The URLs at which, or below which, a sign-in may end."""

    def __init__(self, allowed: Iterable[str]) -> None:
        """Take the setting; raises `InvalidSetting` for what is no URL to allow."""
        self._allowed = [_allowed(url) for url in allowed]

    def check(self, url: str) -> str:
        """Return `url` if a sign-in may end there; raises `InvalidFields` about ``redirect_to``.

        It must be ``https``, or ``http`` on the loopback, and may have a query.
        """
        target = _parsed(url)
        if target is None or not any(target.is_below(each) for each in self._allowed):
            raise InvalidFields({"redirect_to": ["redirect_to must be one of the URLs that are allowed"]})
        return url


def _allowed(url: str) -> _Target:
    target = _parsed(url)
    if target is None or target.has_query:
        raise InvalidSetting(f"ALLOWED_REDIRECTS has {url!r}, which is no https URL without query and fragment")
    return target


def _parsed(url: str) -> _Target | None:
    found = _URL.fullmatch(url) if len(url) <= MAX_URL_CHARACTERS else None
    if found is None:
        return None
    scheme, host = found["scheme"], found["host"].lower()
    segments = found["path"].removesuffix("/").split("/")[1:]
    if any(segment.partition(";")[0] in {"", ".", ".."} for segment in segments):
        return None
    if scheme == "http" and not _is_loopback(host):
        return None
    port = int(found["port"] or _DEFAULT_PORTS[scheme])
    return _Target(scheme, host, port, tuple(segments), has_query=found["query"] is not None)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
