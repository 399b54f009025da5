"""How discovery documents are served: anybody may read them, and keep them for an hour."""

from typing import Any

from keyfob.gateway.documents import Document

MEDIA_TYPE = "application/json"
"""What every client takes; some refuse a JWK set under its own ``application/jwk-set+json``."""

MAX_AGE_SECONDS = 3600
"""How long a copy may be kept. A new key is published for longer than any cache and its reader together keep one."""


def discovery_document(content: Any) -> Document:  # noqa: ANN401 - whatever JSON has
    """Return the document with this content, for scripts of any origin too: it says nothing that is not public."""
    headers = {"Cache-Control": f"public, max-age={MAX_AGE_SECONDS}", "Access-Control-Allow-Origin": "*"}
    return Document(content, MEDIA_TYPE, headers)
