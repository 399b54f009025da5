"""Python values ↔ DynamoDB's wire format, for the few types that our items use."""

from collections.abc import Mapping
from typing import Any

Value = str | int | bool
Item = Mapping[str, Value | None]
Wire = dict[str, Any]


def to_wire(item: Item) -> Wire:
    """Return `item` in DynamoDB's wire format; an attribute that is `None` is left out."""
    return {name: value_to_wire(value) for name, value in item.items() if value is not None}


def from_wire(wire: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the item behind DynamoDB's wire format; numbers are integers."""
    return {name: _value_from_wire(value) for name, value in wire.items()}


def value_to_wire(value: Value) -> dict[str, str | bool]:
    """Return one value in DynamoDB's wire format."""
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    return {"S": value}


def _value_from_wire(value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a str, int or bool, as the item says
    ((kind, content),) = value.items()
    return int(content) if kind == "N" else content
