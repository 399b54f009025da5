"""The OpenAPI documents: valid, whole, and true to the contracts."""

import inspect
import re
import tomllib
from pathlib import Path

import pytest
from keyfob import errors
from keyfob.contracts import contract_named
from keyfob.contracts.base import PROBLEMS
from keyfob.documentation.openapi import VERSION
from keyfob.documentation.operations import OPERATIONS, TAGS
from keyfob.model.permission import PUBLIC, SESSION
from openapi_spec_validator import OpenAPIV31SpecValidator

from local.template import TEMPLATE, Route, load_deployment
from tests.documentation.documents import document, json_contents, operation, operations
from tests.speakers import CONTRACTS

EVERY_CONTRACT = pytest.mark.parametrize("contract", CONTRACTS)
NEVER_DOCUMENTED = {"internal_error", "method_not_allowed"}
"""What a client meets only where it or Keyfob is at fault."""


def routes_of(contract: str) -> list[Route]:
    """Return the routes that a contract's stage serves, without those that catch every other path."""
    every = [route for route in load_deployment().routes if route.function != "not_found"]
    bases = {contract_named(each).base_path for each in CONTRACTS}
    others = bases - {contract_named(contract).base_path}
    return [route for route in every if not any(route.path.startswith(f"{base}/") for base in others)]


def paths_of(contract: str) -> set[str]:
    """Return the paths that a contract documents, as routes have them."""
    return {each.path.rstrip("/") for each in operations(contract)}


@EVERY_CONTRACT
def test_a_document_is_valid_openapi(contract: str) -> None:
    """Each contract's document is one that OpenAPI 3.1 allows."""
    assert document(contract)["openapi"] == "3.1.0"
    assert [error.message for error in OpenAPIV31SpecValidator(document(contract)).iter_errors()] == []


@EVERY_CONTRACT
def test_every_route_of_the_template_is_documented(contract: str) -> None:
    """Whoever adds a route adds its documentation."""
    undocumented = {route.path for route in routes_of(contract)} - paths_of(contract)
    assert undocumented == set()


@EVERY_CONTRACT
def test_nothing_is_documented_that_no_route_leads_to(contract: str) -> None:
    """A document promises only paths that its stage serves."""
    assert paths_of(contract) - {route.path for route in routes_of(contract)} == set()


@EVERY_CONTRACT
def test_every_operation_of_a_contract_is_documented_with_its_methods(contract: str) -> None:
    """Each operation has a sentence, a group that exists, and each method that the contract has."""
    spoken = contract_named(contract)
    expected = {
        (spoken.base_path + each.path, method) for each in spoken.operations.values() for method in each.methods
    }
    found = list(operations(contract))
    assert {(each.path, each.method) for each in found} >= expected
    assert all(each.operation["summary"] and set(each.operation["tags"]) <= TAGS.keys() for each in found)


def test_the_table_of_operations_holds_no_other() -> None:
    """What no contract has any more is not described any more."""
    assert OPERATIONS.keys() == contract_named("standard").operations.keys()


@EVERY_CONTRACT
def test_ids_of_operations_are_unique(contract: str) -> None:
    """Client generators name methods after them."""
    ids = [each.operation["operationId"] for each in operations(contract)]
    assert len(ids) == len(set(ids))


@EVERY_CONTRACT
def test_who_may_call_is_told(contract: str) -> None:
    """Public operations need nothing; the others a token or a cookie, and where a scope can allow it, an API key."""
    for name, each in contract_named(contract).operations.items():
        documented = operation(contract, name)
        schemes = {scheme for requirement in documented["security"] for scheme in requirement}
        expected = {PUBLIC: set(), SESSION: {"bearer", "cookie"}}.get(each.permission, {"bearer", "cookie", "api_key"})
        assert schemes == expected
        assert schemes <= document(contract)["components"]["securitySchemes"].keys()
        assert ("401" in documented["responses"]) >= (each.permission != PUBLIC)


@EVERY_CONTRACT
def test_a_scope_that_is_needed_is_named(contract: str) -> None:
    """Who makes an API key reads which scope an operation takes."""
    for name, each in contract_named(contract).operations.items():
        if each.permission not in {PUBLIC, SESSION}:
            assert f"`{each.permission}`" in operation(contract, name)["description"]


def test_a_token_is_typed_as_document_002_says() -> None:
    """On `igny8` readers type `Bearer` themselves; elsewhere the page does."""
    schemes = {each: document(each)["components"]["securitySchemes"]["bearer"] for each in CONTRACTS}
    assert (schemes["igny8"]["type"], schemes["igny8"]["name"]) == ("apiKey", "Authorization")
    for contract in set(CONTRACTS) - {"igny8"}:
        assert (schemes[contract]["type"], schemes[contract]["scheme"]) == ("http", "bearer")


@EVERY_CONTRACT
def test_every_failure_that_clients_meet_is_documented(contract: str) -> None:
    """Each stable code has an example with at least one operation, unless only a fault leads to it."""
    told = {
        code
        for each in operations(contract)
        for response in each.operation["responses"].values()
        for content in response.get("content", {}).values()
        for code in content.get("examples", {})
    }
    texts = {
        content["examples"][code]["summary"]
        for each in operations(contract)
        for response in each.operation["responses"].values()
        for content in response.get("content", {}).values()
        for code in content.get("examples", {})
    }
    spoken = contract_named(contract)
    missing = {
        code
        for code in PROBLEMS.keys() - NEVER_DOCUMENTED - told
        if (spoken.problems.get(code) or PROBLEMS[code]).text not in texts
    }
    assert missing == set()


def test_every_failure_of_the_table_is_an_expected_one() -> None:
    """The table names errors that contracts have a text for."""
    named = {failure for described in OPERATIONS.values() for failure in described.failures}
    assert {failure.code for failure in named} <= PROBLEMS.keys()
    assert named <= {each for _, each in inspect.getmembers(errors, inspect.isclass)}


@EVERY_CONTRACT
def test_what_can_go_wrong_follows_from_the_operation(contract: str) -> None:
    """A body can be wrong, a path can name nothing, and every endpoint can be busy or down."""
    for each in operations(contract):
        if each.name not in OPERATIONS:
            continue
        statuses = each.operation["responses"].keys()
        assert {"429", "503"} <= statuses
        assert ("requestBody" in each.operation) <= ({"400", "413", "415"} <= statuses)
        names_something = any(parameter["name"] != "token" for parameter in in_path(each.operation))
        assert names_something <= ("404" in statuses)


def in_path(documented: dict[str, list[dict[str, str]]]) -> list[dict[str, str]]:
    """Return the parameters of an operation's path."""
    return [parameter for parameter in documented["parameters"] if parameter["in"] == "path"]


@EVERY_CONTRACT
def test_lists_tell_how_to_go_on(contract: str) -> None:
    """Where a reply has the next page's cursor, the operation takes it."""
    parameters = {parameter["name"] for parameter in operation(contract, "sessions")["parameters"]}
    assert "cursor" in parameters


@EVERY_CONTRACT
def test_every_json_content_has_a_schema(contract: str) -> None:
    """No body and no reply is left to guesses."""
    for each in operations(contract):
        for content in json_contents(each.operation):
            assert content["schema"]


def test_the_version_is_that_of_the_package() -> None:
    """The document carries the version that `pyproject.toml` has."""
    project = tomllib.loads((TEMPLATE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == VERSION


@pytest.mark.parametrize("name", [name for name, described in OPERATIONS.items() if described.message])
def test_the_sentence_of_a_reply_is_what_its_function_says(name: str) -> None:
    """An example quotes its function to the letter."""
    code = Path(TEMPLATE.parent, "functions", name, "app.py").read_text(encoding="utf-8")
    assert re.search(rf'said\(\s*"{re.escape(OPERATIONS[name].message)}"', code)
