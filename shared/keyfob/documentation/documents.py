"""The documents that every stage serves beside its contract's operations."""

from typing import Final, NamedTuple

from keyfob.contracts.base import Contract, Json
from keyfob.documentation.failures import responses, untold
from keyfob.documentation.operations import HTML
from keyfob.documentation.parameters import missing, parameters
from keyfob.errors import KeyfobError, Unavailable


class Served(NamedTuple):
    """One document: its path from the stage's root, its name as an operation, its group, and what it is.

    `failures` are those that its path does not explain.
    """

    path: str
    name: str
    tag: str
    summary: str
    media_type: str
    failures: tuple[type[KeyfobError], ...] = ()


DOCUMENTS: Final = (
    Served("/api/docs/", "swagger_ui", "Documentation", "The page on which to try the API", HTML),
    Served("/api/docs/{asset}", "documentation_asset", "Documentation", "A file of these pages", "text/javascript"),
    Served("/api/redoc/", "redoc", "Documentation", "The page on which to read about the API", HTML),
    Served("/api/schema/", "schema", "Documentation", "This document", "application/json"),
    Served(
        "/.well-known/openid-configuration",
        "openid_configuration",
        "Discovery",
        "Where everything is (OpenID Connect Discovery 1.0)",
        "application/json",
    ),
    Served(
        "/.well-known/jwks.json",
        "jwks",
        "Discovery",
        "The keys that verify access tokens (RFC 7517)",
        "application/json",
        (Unavailable,),
    ),
)


def document_paths(contract: Contract, failure: Json) -> dict[str, Json]:
    """Return the Path Items (OpenAPI 3.1, section 4.8.9) of all documents; `failure` is the schema of failures."""
    return {each.path: {"get": _operation(each, contract, failure)} for each in DOCUMENTS}


def _operation(served: Served, contract: Contract, failure: Json) -> Json:
    schema = {"type": "object"} if served.media_type == "application/json" else {"type": "string"}
    errors = map(untold, (*missing(served.path), *served.failures))
    return {
        "operationId": served.name,
        "tags": [served.tag],
        "summary": served.summary,
        "parameters": parameters(contract, served.path, ()),
        "security": [],
        "responses": {
            "200": {"description": served.summary, "content": {served.media_type: {"schema": schema}}},
            **responses(contract, errors, failure),
        },
    }
