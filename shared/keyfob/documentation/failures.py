"""Which failures an operation may answer, and what each looks like: as its contract tells it, word for word."""

from collections.abc import Iterable
from typing import Any

from keyfob.contracts.base import Contract, Json, Operation
from keyfob.contracts.reading import fields_of, read
from keyfob.documentation.examples import REQUEST_ID
from keyfob.documentation.operations import Described
from keyfob.documentation.parameters import missing, wrong
from keyfob.errors import (
    AccountInactive,
    AuthenticationRequired,
    BodyTooLarge,
    CrossSiteRequest,
    InvalidAccessToken,
    InvalidFields,
    KeyfobError,
    MalformedBody,
    PermissionDenied,
    SessionRequired,
    Throttled,
    Unavailable,
    UnsupportedMediaType,
)
from keyfob.model.permission import PUBLIC, SESSION

_RETRY_AFTER_SECONDS = 30


def failures(operation: Operation, method: str, described: Described, query: Iterable[str]) -> list[KeyfobError]:
    """Return what may go wrong when an operation is called with `method`, and with the `query`'s parameters."""
    body = operation.body or (described.form if method == "POST" else None)
    return [
        *(_of_body(body) if body else ()),
        *wrong(query),
        *_of_caller(operation.permission, method),
        *map(untold, (*missing(operation.path), *described.failures)),
        Throttled("", _RETRY_AFTER_SECONDS),
        Unavailable(),
    ]


def responses(contract: Contract, errors: Iterable[KeyfobError], schema: Json) -> dict[str, Json]:
    """Return Response Objects (OpenAPI 3.1, section 4.8.17) by status, with an example of each failure."""
    found: dict[str, Json] = {}
    for error in errors:
        answer = contract.failure(error, REQUEST_ID)
        headers = dict(answer.headers)
        media_type = headers.pop("Content-Type")
        response = found.setdefault(
            str(answer.status),
            {"description": "", "headers": {}, "content": {media_type: {"schema": schema, "examples": {}}}},
        )
        text = contract.problem(error).text
        response["headers"].update({name: _header(value) for name, value in headers.items()})
        examples = response["content"][media_type]["examples"]
        if {"summary": text, "value": answer.body} not in examples.values():
            examples[error.code] = {"summary": text, "value": answer.body}
        response["description"] = "; ".join(dict.fromkeys(each["summary"] for each in examples.values()))
    return dict(sorted(found.items()))


def untold(failure: type[KeyfobError]) -> KeyfobError:
    """Return a failure of whose circumstances nothing is known: those are for the log, and clients are told none."""
    return failure.__new__(failure)


def _of_body(model: Any) -> list[KeyfobError]:  # noqa: ANN401 - a `NamedTuple`
    return [MalformedBody(), _invalid(model), BodyTooLarge(), UnsupportedMediaType()]


def _invalid(model: Any) -> InvalidFields:  # noqa: ANN401 - a `NamedTuple`
    """Return how a body fails whose first field holds an object, which no field takes."""
    try:
        read(model, {fields_of(model)[0].name: {}})
    except InvalidFields as error:
        return error
    raise TypeError(f"{model.__name__} takes an object")


def _of_caller(permission: str, method: str) -> list[KeyfobError]:
    if permission == PUBLIC:
        return []
    return [
        AuthenticationRequired(),
        InvalidAccessToken(),
        AccountInactive(),
        SessionRequired() if permission == SESSION else PermissionDenied(),
        *([] if method == "GET" else [CrossSiteRequest()]),
    ]


def _header(value: str) -> Json:
    if value.isdigit():
        return {"schema": {"type": "integer"}, "example": int(value)}
    return {"schema": {"type": "string"}, "example": value}
