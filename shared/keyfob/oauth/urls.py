"""Which URLs secrets and tokens may be sent to."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

MAX_URL_CHARACTERS = 2048

_URL = re.compile(r"[\x21-\x7e]+")


def checked_endpoint(text: object) -> str:
    """Return `text` if it is a URL that may be called: ``https``, or ``http`` on the loopback, without a fragment.

    Raises `ValueError` with the end of a sentence whose subject is the URL, which it does not quote.
    """
    parts = _split(text)
    if parts is None or "@" in parts.netloc or "#" in str(text):
        raise ValueError("must be a URL without user name and fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts)):
        raise ValueError("must be an https URL; http is for the loopback only")
    return str(text)


def checked_issuer(text: object) -> str:
    """Return `text` if it may be an issuer: an endpoint without a query (OpenID Connect Discovery 1.0, section 3).

    Raises `ValueError` as `checked_endpoint` does.
    """
    url = checked_endpoint(text)
    if "?" in url:
        raise ValueError("must be a URL without query")
    return url


def is_plain(url: str) -> bool:
    """Tell whether a checked URL is ``http``, and so on the loopback: no proxy may see what is sent there."""
    return urlsplit(url).scheme == "http"


def _split(text: object) -> SplitResult | None:
    if not isinstance(text, str) or len(text) > MAX_URL_CHARACTERS or not _URL.fullmatch(text):
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname else None


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
