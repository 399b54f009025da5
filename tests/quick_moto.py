"""Moto's answers of DynamoDB, written out in less time.

Of each attribute value moto looks for all ten members under half a dozen spellings, as it does where its answers are
objects of its own. Those of DynamoDB are dictionaries that have the member's name or have not, and looking once takes
a quarter off the whole suite.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.core.model import Shape
from moto.core.serialize import ResponseSerializer

ATTRIBUTE_VALUE = "AttributeValue"

look_for = ResponseSerializer.get_value


def _get_value(serializer: ResponseSerializer, value: Any, key: str, shape: Shape) -> Any:
    if shape.parent.name == ATTRIBUTE_VALUE:  # type: ignore[attr-defined] # moto sets it just before
        return value.get(key)
    return look_for(serializer, value, key, shape)


@contextmanager
def quick_moto() -> Iterator[None]:
    """Let moto look once for each member of an attribute value, for a `with` block."""
    with patch.object(ResponseSerializer, "get_value", _get_value):
        yield
