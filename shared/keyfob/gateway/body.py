"""Request bodies: JSON objects (RFC 8259) as strict as a program can need, and forms."""

import json
from collections.abc import Mapping
from typing import Any

from keyfob.errors import BodyTooLarge, MalformedBody, UnsupportedMediaType

MAX_BODY_BYTES = 64 * 1024
MAX_FIELDS = 20
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def json_object(body: bytes, content_type: str) -> dict[str, Any]:
    """Return the JSON object in `body`.

    Raises `BodyTooLarge`, `UnsupportedMediaType`, or `MalformedBody` for anything that is not exactly one object in
    UTF-8: a name given twice, NaN, numbers and nesting beyond reason included.
    """
    if len(body) > MAX_BODY_BYTES:
        raise BodyTooLarge(f"{len(body)} bytes")
    _check_media_type(content_type, JSON)
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedBody(type(error).__name__) from error
    if not isinstance(value, dict):
        raise MalformedBody("not an object")
    return value


def form(body: bytes, content_type: str) -> dict[str, str]:
    """Return the fields of an HTML form in `body` (WHATWG URL Standard, application/x-www-form-urlencoded).

    Raises `BodyTooLarge`, `UnsupportedMediaType`, or `MalformedBody` for what no form of ours sends: a name given
    twice, and anything that is not UTF-8.
    """
    from urllib.parse import parse_qsl

    if len(body) > MAX_BODY_BYTES:
        raise BodyTooLarge(f"{len(body)} bytes")
    _check_media_type(content_type, FORM)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
        return _unique(pairs)
    except ValueError as error:
        raise MalformedBody(type(error).__name__) from error


def _check_media_type(content_type: str, expected: str) -> None:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charset = _parameters(parameters).get("charset", "utf-8")
    if media_type != expected or charset not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType(media_type)


def _parameters(parameters: list[str]) -> Mapping[str, str]:
    pairs = (parameter.partition("=") for parameter in parameters)
    return {name: value.strip('"') for name, _, value in pairs}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name is given twice")
    return members


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
