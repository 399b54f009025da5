"""JSON objects → request models. What a model does not name is ignored: nothing can be set that it does not offer."""

import dataclasses
from collections.abc import Mapping
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, get_args, get_type_hints

from keyfob.contracts.fields import Rule
from keyfob.errors import InvalidFields

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

M = TypeVar("M", bound="DataclassInstance")


class Field(NamedTuple):
    """One field of a request model: its name on the wire, its rule, and whether it may be left out or `null`."""

    name: str
    rule: Rule
    optional: bool


def read(model: type[M], body: Mapping[str, Any]) -> M:
    """Return the `model`, a dataclass whose fields are all of `keyfob.contracts.fields`, that `body` describes.

    Raises `InvalidFields` that names every wrong field at once.
    """
    values: dict[str, str] = {}
    complaints: dict[str, list[str]] = {}
    for field in fields_of(model):
        try:
            value = _value(field, body.get(field.name))
        except ValueError as error:
            complaints[field.name] = [f"{label(field.name)} {error}"]
        else:
            if value is not None:
                values[field.name] = value
    if complaints:
        raise InvalidFields(complaints)
    return model(**values)


def label(name: str) -> str:
    """Return how a sentence calls a field: one plain word with a capital, anything else as it is on the wire."""
    return name.capitalize() if name.isalpha() and name.islower() else name


@cache
def fields_of(model: "type[DataclassInstance]") -> tuple[Field, ...]:
    """Return the fields of a request model, in its order."""
    hints = get_type_hints(model, include_extras=True)
    defaults = {field.name: field.default for field in dataclasses.fields(model)}
    return tuple(
        Field(name, _rule(hint), optional=defaults[name] is not dataclasses.MISSING) for name, hint in hints.items()
    )


def _rule(hint: Any) -> Rule:  # noqa: ANN401 - a type annotation has no better type
    (annotated,) = [
        part for part in (get_args(hint) if NoneType in get_args(hint) else (hint,)) if part is not NoneType
    ]
    rule: Rule = annotated.__metadata__[0]
    return rule


def _value(field: Field, value: object) -> str | None:
    if value is None:
        if field.optional:
            return None
        raise ValueError("is required")
    if not isinstance(value, str):
        raise ValueError("must be a string")  # noqa: TRY004 - wrong values are one kind of failure here
    return field.rule.read(value)
