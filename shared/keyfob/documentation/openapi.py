"""The OpenAPI 3.1 document of one contract, as one stage serves it."""

from http import HTTPStatus
from typing import Final

from keyfob.contracts.base import Contract, Json, Operation
from keyfob.contracts.reading import is_model
from keyfob.documentation.documents import document_paths
from keyfob.documentation.examples import body_example, reply_example
from keyfob.documentation.failures import failures, responses
from keyfob.documentation.operations import HTML, OPERATIONS, TAGS, Described
from keyfob.documentation.parameters import CURSORS, parameters
from keyfob.documentation.schemas import Components
from keyfob.documentation.security import explanation, requirements, schemes

VERSION: Final = "0.1.0"
FORM: Final = "application/x-www-form-urlencoded"
FOUND: Final = "302"


def openapi(contract: Contract, server: str, product: str) -> Json:
    """Return the document of a contract whose stage is at the URL `server`; `product` is what people know it as."""
    components = Components()
    failure = components.failure(contract)
    paths = {**_contracts_paths(contract, components), **document_paths(contract, failure)}
    used = {tag for path in paths.values() for operation in path.values() for tag in operation["tags"]}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{product}: {contract.name}",
            "version": VERSION,
            "description": f"Authentication by the contract `{contract.name}`. What needs somebody takes the access"
            " token that `login` gives, and so does the button **Authorize** of the page at `/api/docs/`.",
        },
        "servers": [{"url": server}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items() if name in used],
        "paths": paths,
        "components": {"schemas": components.schemas, "securitySchemes": schemes(contract)},
    }


def _contracts_paths(contract: Contract, components: Components) -> dict[str, Json]:
    paths: dict[str, Json] = {}
    for name, operation in contract.operations.items():
        path = paths.setdefault(contract.base_path + operation.path, {})
        for method in operation.methods:
            path[method.lower()] = {
                "operationId": name if method == operation.methods[0] else f"{name}_{method.lower()}",
                **_operation(contract, operation, OPERATIONS[name], method, components),
            }
    return paths


def _operation(
    contract: Contract, operation: Operation, described: Described, method: str, components: Components
) -> Json:
    text = explanation(operation.permission)
    body = _request_body(operation, described, method, components)
    query = _query(operation, described, method)
    errors = failures(operation, method, described, query)
    return {
        "tags": [described.tag],
        "summary": described.summary,
        **({"description": text} if text else {}),
        "parameters": parameters(contract, operation.path, query),
        **({"requestBody": body} if body else {}),
        "security": requirements(operation.permission),
        "responses": {
            **_successes(contract, operation, described, components),
            **responses(contract, errors, components.failure(contract)),
        },
    }


def _query(operation: Operation, described: Described, method: str) -> tuple[str, ...]:
    """Return the names of the query's parameters: those of its own, and a cursor where the reply tells one."""
    if described.form and method == "POST":
        return ()
    reply = operation.reply
    fields = reply._fields if is_model(reply) else ()
    return (*described.query, *(("cursor",) if CURSORS & set(fields) else ()))


def _request_body(operation: Operation, described: Described, method: str, components: Components) -> Json | None:
    if operation.body:
        return {
            "required": described.needs_body,
            "content": {"application/json": _content_of(operation.body, components)},
        }
    if described.form and method == "POST":
        return {"required": True, "content": {FORM: _content_of(described.form, components)}}
    return None


def _content_of(model: type, components: Components) -> Json:
    return {"schema": components.body(model), "example": body_example(model)}


def _successes(
    contract: Contract, operation: Operation, described: Described, components: Components
) -> dict[str, Json]:
    redirect = {
        "description": described.redirects,
        "headers": {"Location": {"schema": {"type": "string", "format": "uri"}}},
    }
    found = {FOUND: redirect} if described.redirects else {}
    content = _success_content(contract, operation, described, components)
    success = {
        "description": described.page or HTTPStatus(operation.status).phrase,
        **({"content": content} if content else {}),
    }
    return {str(operation.status): success, **found}


def _success_content(
    contract: Contract, operation: Operation, described: Described, components: Components
) -> dict[str, Json]:
    page = {HTML: {"schema": {"type": "string"}}} if described.page else {}
    if operation.reply is None or described.form:
        return page
    example = reply_example(contract, operation.reply, described.message)
    return {contract.media_type: {"schema": components.reply(contract, operation.reply), "example": example}, **page}
