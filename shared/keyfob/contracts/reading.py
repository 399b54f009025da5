"""JSON objects → request models. What a model does not name is ignored: nothing can be set that it does not offer."""

from collections.abc import Mapping
from functools import cache
from types import NoneType
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

from keyfob.contracts.fields import Rule
from keyfob.errors import InvalidFields

M = TypeVar("M", bound=tuple[Any, ...])


class Field(NamedTuple):
    """One field of a request model: its name on the wire, its rule, and whether it may be left out or `null`."""

    name: str
    rule: Rule
    optional: bool


def read(model: type[M], body: Mapping[str, Any]) -> M:
    """Return the `model`, a `NamedTuple` whose fields are all of `keyfob.contracts.fields`, that `body` describes.

    Raises `InvalidFields` that names every wrong field at once.
    """
    values: dict[str, Any] = {}
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


def is_model(hint: Any) -> bool:  # noqa: ANN401 - a type annotation has no better type
    """Tell whether a type is a model: a `NamedTuple`, which costs a start-up less than any other kind of class."""
    return isinstance(hint, type) and hasattr(hint, "_field_defaults")


@cache
def fields_of(model: type[Any]) -> tuple[Field, ...]:
    """Return the fields of a request model, in its order."""
    hints = get_type_hints(model, include_extras=True)
    return tuple(Field(name, _rule(hint), optional=name in model._field_defaults) for name, hint in hints.items())


def _rule(hint: Any) -> Rule:  # noqa: ANN401 - a type annotation has no better type
    (annotated,) = [
        part for part in (get_args(hint) if NoneType in get_args(hint) else (hint,)) if part is not NoneType
    ]
    rule: Rule = annotated.__metadata__[0]
    return rule


def _value(field: Field, value: object) -> Any:  # noqa: ANN401 - what the field's rule makes of it
    if value is None:
        if field.optional:
            return None
        raise ValueError("is required")
    expected = field.rule.json_type
    if not isinstance(value, expected.python) or (isinstance(value, bool) and expected.python is not bool):
        raise ValueError(f"must be {expected.called}")
    return field.rule.read(value)
