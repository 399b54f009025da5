"""Devices as their users know them: the name of a browser and its system."""

import re
from functools import lru_cache
from typing import Final

from keyfob.model.session import MAX_USER_AGENT_CHARACTERS

UNKNOWN: Final = "Unknown device"

_NAMES: Final = {
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chrome Mobile WebView": "Chrome",
    "Edge Mobile": "Edge",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "HeadlessChrome": "Chrome",
    "IE": "Internet Explorer",
    "IE Mobile": "Internet Explorer",
    "Mac OS X": "macOS",
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari",
    "Opera Mobile": "Opera",
}
"""What people call what the parser calls otherwise."""

# Whoever sends a user agent writes its name, which mails and pages show: no dots or colons, which make a link of it.
_PRESENTABLE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 +_-]{0,39}")
_PRODUCT: Final = re.compile(r"([A-Za-z0-9+_-]+)(/|$)")


@lru_cache(maxsize=256)
def device_name(user_agent: str) -> str:
    """Return a readable name for what sends `user_agent`, such as ``Firefox on Windows``, ``curl`` or `UNKNOWN`.

    Versions are left out, so that an update does not make another device.
    """
    import ua_parser

    text = user_agent[:MAX_USER_AGENT_CHARACTERS]
    found = ua_parser.parse(text)
    program = _presentable(found.user_agent.family if found.user_agent else "") or _product(text)
    system = _presentable(found.os.family if found.os else "")
    if program and system:
        return f"{program} on {system}"
    return program or system or UNKNOWN


def _presentable(name: str) -> str:
    known = _NAMES.get(name, name)
    return known if _PRESENTABLE.fullmatch(known) else ""


def _product(user_agent: str) -> str:
    """Return the first product of a user agent that no parser knows (RFC 9110, section 10.1.5)."""
    first = _PRODUCT.match(user_agent)
    return _presentable(first[1]) if first and first[1] != "Mozilla" else ""
