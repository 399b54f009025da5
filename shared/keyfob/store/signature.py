"""Signatures of requests to DynamoDB (AWS Signature Version 4), for the one shape that they all have.

https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

import hmac
import time
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "dynamodb"
DEFAULT_PORTS = {"http": 80, "https": 443}


class Credentials(NamedTuple):
    """Who signs; a token comes with credentials that expire."""

    access_key: str
    secret_key: str
    token: str | None


def host_of(url: str) -> str:
    """Return the header ``Host`` of requests to `url`, which has a port only where it is not the scheme's own."""
    parts = urlsplit(url)
    is_default = parts.port in {None, DEFAULT_PORTS.get(parts.scheme)}
    return str(parts.hostname) if is_default else f"{parts.hostname}:{parts.port}"


def signed_headers(
    headers: dict[str, str], body: bytes, *, host: str, region: str, credentials: Credentials, now: float
) -> dict[str, str]:
    """Return the headers of a ``POST`` of `body` to the path ``/`` of `host`, which are all signed, and the signature.

    `now` is in seconds since the epoch.
    """
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    dated = {**headers, "X-Amz-Date": stamp}
    if credentials.token:
        dated["X-Amz-Security-Token"] = credentials.token
    signed = sorted((name.lower(), value) for name, value in {**dated, "Host": host}.items())
    names = ";".join(name for name, _ in signed)
    lines = "".join(f"{name}:{value}\n" for name, value in signed)
    canonical = f"POST\n/\n\n{lines}\n{names}\n{sha256(body).hexdigest()}"
    scope = f"{stamp[:8]}/{region}/{SERVICE}/aws4_request"
    text = f"{ALGORITHM}\n{stamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    signature = _mac(_key(credentials.secret_key, stamp[:8], region), text).hex()
    credential = f"{credentials.access_key}/{scope}"
    dated["Authorization"] = f"{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return dated


@lru_cache(maxsize=4)
def _key(secret_key: str, day: str, region: str) -> bytes:
    """Return the key of one day in one region."""
    key = f"AWS4{secret_key}".encode()
    for part in (day, region, SERVICE, "aws4_request"):
        key = _mac(key, part)
    return key


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
