"""The OpenAPI documents of all contracts, and what a test asks of them."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator
from keyfob.contracts import contract_named
from keyfob.documentation.openapi import openapi

Json = dict[str, Any]

SERVER = "https://auth.example.com"


class Documented(NamedTuple):
    """One operation of a document, with its path and its method in capitals."""

    path: str
    method: str
    operation: Json

    @property
    def name(self) -> str:
        """Its name among its contract's operations, or as a document."""
        return str(self.operation["operationId"]).removesuffix("_post")


@cache
def document(contract: str) -> Json:
    """Return the document of a contract, at no stage in particular."""
    return openapi(contract_named(contract), SERVER, "Keyfob")


def operations(contract: str) -> Iterator[Documented]:
    """Yield every operation of a contract's document."""
    for path, methods in document(contract)["paths"].items():
        for method, operation in methods.items():
            yield Documented(path, method.upper(), operation)


def operation(contract: str, name: str, method: str = "") -> Json:
    """Return the operation of this name, by the first of its methods or the one given."""
    return next(each.operation for each in operations(contract) if each.name == name and method in {"", each.method})


def complaints(contract: str, schema: Json, value: Any) -> list[str]:
    """Return what a document's schema has against a value."""
    whole = {**schema, "components": document(contract)["components"]}
    return [error.message for error in Draft202012Validator(whole).iter_errors(value)]


def json_contents(documented: Json) -> Iterator[Json]:
    """Yield each Media Type Object of JSON that an operation takes or answers."""
    holders = [documented.get("requestBody", {}), *documented["responses"].values()]
    for holder in holders:
        for media_type, content in holder.get("content", {}).items():
            if media_type.endswith("json"):
                yield content


def examples(content: Json) -> Iterator[Any]:
    """Yield every example of a Media Type Object."""
    if "example" in content:
        yield content["example"]
    yield from (each["value"] for each in content.get("examples", {}).values())
