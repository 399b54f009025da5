"""Cross-origin requests (Fetch Standard, section 3.2): which origins' scripts may read the answers."""

from collections.abc import Collection, Mapping, Sequence

ALLOWED_HEADERS = "Authorization, Content-Type, X-API-Key, X-CSRF-Token"
EXPOSED_HEADERS = (
    "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, WWW-Authenticate, X-CSRF-Token,"
    " x-amzn-Remapped-WWW-Authenticate"
)
MAX_AGE_SECONDS = 600


def headers_for(origin: str, allowed_origins: Collection[str]) -> dict[str, str]:
    """Return the headers that let scripts of `origin` read an answer; other origins get none that do."""
    if origin not in allowed_origins:
        return {"Vary": "Origin"}
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": EXPOSED_HEADERS,
    }


def preflight_headers(methods: Sequence[str]) -> Mapping[str, str]:
    """Return the headers of an answer to ``OPTIONS`` on a route that has `methods`."""
    allowed = ", ".join((*methods, "OPTIONS"))
    return {
        "Allow": allowed,
        "Access-Control-Allow-Methods": allowed,
        "Access-Control-Allow-Headers": ALLOWED_HEADERS,
        "Access-Control-Max-Age": str(MAX_AGE_SECONDS),
    }
