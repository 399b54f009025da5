"""What the five contracts have in common by definition."""

from collections.abc import Iterator

import pytest
from keyfob import errors
from keyfob.contracts import NAMES, contract_named
from keyfob.contracts.base import PROBLEMS
from keyfob.errors import KeyfobError

from local.gateway import rest_event
from tests.house import House


def _kinds(kind: type[KeyfobError] = KeyfobError) -> Iterator[type[KeyfobError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds(each)


def test_every_failure_has_something_to_say() -> None:
    """Each code has a status and a text for clients, none is left over, and all are told in one file."""
    assert {kind.code for kind in _kinds()} == set(PROBLEMS)
    assert all("code" not in vars(kind) for kind in _kinds() if kind.__module__ != errors.__name__)


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_says_of_codes_that_exist(name: str) -> None:
    """What a contract says differently is about a code that there is."""
    contract = contract_named(name)
    assert contract.name == name == contract.tokens.audience
    assert set(contract.problems) <= set(PROBLEMS)


@pytest.mark.parametrize("name", ["", "Standard", "standard ", "base", "common", "fields", "../standard", "os"])
def test_there_is_no_other_contract(name: str) -> None:
    """A name that is no contract's imports nothing, whatever module it would name."""
    with pytest.raises(LookupError, match="no contract"):
        contract_named(name)


def test_a_stage_without_a_contract_is_a_fault_of_the_deployment(house: House) -> None:
    """A stage variable that names no contract is raised, and so is a 5xx of the gateway: there is no shape to use."""
    event = rest_event(house.deployment, "standard", "GET", "/api/v1/auth/me")
    with pytest.raises(LookupError, match="no contract is called 'nonstandard'"):
        house.runtime.invoke("me", {**event, "stageVariables": {"contract": "nonstandard"}})
