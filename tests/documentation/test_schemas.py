"""JSON Schemas of models: what a type hint becomes."""

from typing import Annotated, Any, Literal, NamedTuple

import pytest
from keyfob.contracts import contract_named
from keyfob.contracts.fields import Email, RoleRule
from keyfob.documentation.schemas import Components


class Inner(NamedTuple):
    """What is ``inside``."""

    number: int


class Outer(NamedTuple):
    """What is around."""

    inner: Inner | None
    several: list[Inner]


class Body(NamedTuple):
    """What is sent."""

    email: Email
    role: Annotated[str, RoleRule()] | None = None


def another_inner() -> type:
    """Return another model of the same name."""

    class Inner(NamedTuple):
        """Another."""

        name: str

    return Inner


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer"}),
        (bool, {"type": "boolean"}),
        (str | None, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        (str | int, {"type": ["string", "integer"]}),
        (list[str], {"type": "array", "items": {"type": "string"}}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Inner, {"$ref": "#/components/schemas/Inner"}),
    ],
)
def test_a_hint_becomes_a_schema(hint: Any, schema: dict[str, Any]) -> None:
    """Whatever a reply's field may be has a schema that says the same."""
    assert Components().value(hint) == schema


def test_models_are_named_once_and_referred_to() -> None:
    """A model's schema has its docstring, all its fields, and references to what is inside."""
    components = Components()
    components.value(Outer)
    inner = {"$ref": "#/components/schemas/Inner"}
    assert components.schemas == {
        "Outer": {
            "description": "What is around.",
            "type": "object",
            "properties": {
                "inner": {"anyOf": [inner, {"type": "null"}]},
                "several": {"type": "array", "items": inner},
            },
            "required": ["inner", "several"],
        },
        "Inner": {
            "description": "What is `inside`.",
            "type": "object",
            "properties": {"number": {"type": "integer"}},
            "required": ["number"],
        },
    }


def test_a_body_has_its_rules() -> None:
    """Each field has the keywords of its rule, and may be null where it may be left out."""
    components = Components()
    components.body(Body)
    schema = components.schemas["Body"]
    assert schema["required"] == ["email"]
    assert schema["properties"]["email"]["format"] == "email"
    assert schema["properties"]["role"]["type"] == ["string", "null"]
    assert schema["properties"]["role"]["enum"][-1] is None


def test_two_models_of_one_name_are_refused() -> None:
    """A document cannot hold both, and would show the wrong one."""
    components = Components()
    components.value(Inner)
    with pytest.raises(ValueError, match="two models are called Inner"):
        components.value(another_inner())


def test_a_type_that_json_has_not_is_refused() -> None:
    """A reply that cannot be described is noticed when its document is made."""
    with pytest.raises(TypeError, match="no JSON Schema"):
        Components().value(bytes)


def test_an_envelope_is_told_by_the_contract() -> None:
    """A reply stands in the envelope that its contract makes, whose flag never changes."""
    schema = Components().reply(contract_named("igny8"), Inner)
    assert schema["required"] == ["success", "data", "request_id"]
    assert schema["properties"]["success"] == {"type": "boolean", "const": True}
    assert schema["properties"]["data"] == {"$ref": "#/components/schemas/Inner"}


def test_the_fields_of_a_failure_are_a_map() -> None:
    """Where a contract tells what is wrong by field, any field may be there."""
    components = Components()
    components.failure(contract_named("igny8"))
    failure = components.schemas["Failure"]
    assert failure["properties"]["errors"] == {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
    }
    assert failure["required"] == ["success", "error", "request_id"]
