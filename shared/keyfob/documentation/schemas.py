"""JSON Schemas (draft 2020-12) of request models, of replies, and of what a contract puts around them."""

import inspect
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from keyfob.contracts.base import PROBLEMS, Contract
from keyfob.contracts.reading import Field, fields_of, is_model
from keyfob.documentation.examples import REQUEST_ID

Schema = dict[str, Any]

_JSON_TYPES: Final = {str: "string", int: "integer", bool: "boolean", float: "number"}
_ANY_FIELD: Final = "field"


class Components:
    """The schemas that a document refers to by name, collected while it is written.

    Two models of one name raise `ValueError`: a document has one place for each name.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self.schemas: dict[str, Schema] = {}
        self._models: dict[str, type] = {}

    def body(self, model: type) -> Schema:
        """Return a reference to the schema of a request model."""
        if self._is_new(model):
            self.schemas[model.__name__] = _body_schema(model)
        return _reference(model.__name__)

    def reply(self, contract: Contract, hint: Any) -> Schema:  # noqa: ANN401 - a type annotation has no better type
        """Return the schema of a whole reply: that of the type `hint`, in the contract's envelope if it has one."""
        inner = self.value(hint)
        return _shape(contract.reply_body(_Hole(inner), REQUEST_ID))

    def failure(self, contract: Contract) -> Schema:
        """Return a reference to the schema of a contract's failures."""
        self.schemas["Failure"] = _failure_schema(contract)
        return _reference("Failure")

    def value(self, hint: Any) -> Schema:  # noqa: ANN401 - a type annotation has no better type
        """Return the schema of what a field of the type `hint` holds; raises `TypeError` for what JSON has not."""
        if hint in _JSON_TYPES:
            return {"type": _JSON_TYPES[hint]}
        if is_model(hint):
            return self._model(hint)
        arguments = get_args(hint)
        if get_origin(hint) is list:
            return {"type": "array", "items": self.value(arguments[0])}
        if get_origin(hint) is Literal:
            return {"type": "string", "enum": list(arguments)}
        if NoneType in arguments:
            [other] = [each for each in arguments if each is not NoneType]
            return {"anyOf": [self.value(other), {"type": "null"}]}
        if arguments and set(arguments) <= _JSON_TYPES.keys():
            return {"type": [_JSON_TYPES[each] for each in arguments]}
        raise TypeError(f"no JSON Schema for {hint!r}")

    def _model(self, model: Any) -> Schema:  # noqa: ANN401 - a `NamedTuple`
        if self._is_new(model):
            hints = get_type_hints(model)
            self.schemas[model.__name__] = {
                **_description(model),
                "type": "object",
                "properties": {name: self.value(hint) for name, hint in hints.items()},
                "required": list(hints),
            }
        return _reference(model.__name__)

    def _is_new(self, model: type) -> bool:
        known = self._models.setdefault(model.__name__, model)
        if known is not model:
            raise ValueError(f"two models are called {model.__name__}")
        return model.__name__ not in self.schemas


class _Hole(dict[str, Any]):
    """What stands for a reply while its envelope is looked at; `schema` is the reply's."""

    def __init__(self, schema: Schema) -> None:
        super().__init__()
        self.schema = schema


def _body_schema(model: Any) -> Schema:  # noqa: ANN401 - a `NamedTuple`
    fields = fields_of(model)
    return {
        **_description(model),
        "type": "object",
        "properties": {field.name: _field_schema(field) for field in fields},
        "required": [field.name for field in fields if not field.optional],
    }


def _field_schema(field: Field) -> Schema:
    """Return the schema of a field, which may be `null` where it may be left out."""
    name, schema = field.rule.json_type.name, dict(field.rule.schema)
    if not field.optional:
        return {"type": name, **schema}
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return {"type": [name, "null"], **schema}


def _failure_schema(contract: Contract) -> Schema:
    """Describe failures by two of them: one without wrong fields, and one that has one."""
    problem = PROBLEMS["invalid_fields"]
    without = contract.problem_body("invalid_fields", problem, {}, REQUEST_ID)
    whole = contract.problem_body("invalid_fields", problem, {_ANY_FIELD: [""]}, REQUEST_ID)
    return {"description": "What failed.", **_shape(whole), "required": list(without)}


def _shape(value: Any) -> Schema:  # noqa: ANN401 - whatever JSON has
    """Return a schema of values like this one; a flag is always as it is here."""
    if isinstance(value, _Hole):
        return value.schema
    if isinstance(value, dict):
        return _object_shape(value)
    if isinstance(value, list):
        return {"type": "array", "items": _shape(value[0])}
    if isinstance(value, bool):
        return {"type": "boolean", "const": value}
    return {"type": _JSON_TYPES[type(value)]}


def _object_shape(value: dict[str, Any]) -> Schema:
    if value.keys() == {_ANY_FIELD}:
        return {"type": "object", "additionalProperties": _shape(value[_ANY_FIELD])}
    return {
        "type": "object",
        "properties": {name: _shape(each) for name, each in value.items()},
        "required": list(value),
    }


def _description(model: type) -> Schema:
    return {"description": inspect.cleandoc(model.__doc__ or "").replace("``", "`")}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
