"""The contracts' suites put to use as clients: each knows how its contract reads and writes."""

from collections.abc import Mapping
from types import MappingProxyType

from tests.contracts.administration_behaviour import AdministrationBehaviour
from tests.contracts.behaviour import Behaviour, Rotating
from tests.contracts.test_igny8 import TestIgny8
from tests.contracts.test_metatag import TestMetatag
from tests.contracts.test_pythonorg import TestPythonorg
from tests.contracts.test_reference import TestReference
from tests.contracts.test_standard import TestStandard
from tests.house import House

SUITES: Mapping[str, type[Behaviour]] = MappingProxyType(
    {suite.contract: suite for suite in (TestStandard, TestMetatag, TestPythonorg, TestIgny8, TestReference)}
)
CONTRACTS = tuple(SUITES)
UNLIKE = ("standard", "igny8")
"""Two contracts that differ in all that one can: rotation, registering that signs in, slashes, ids and the envelope.

They do for what is the same code on every contract, and told in the contract's own shape.
"""
ROTATING = tuple(name for name, suite in SUITES.items() if issubclass(suite, Rotating))


def speaker(contract: str, house: House) -> Behaviour:
    """Return a client of `house` that speaks `contract`."""
    suite = SUITES[contract]()
    suite.house, suite.client = house, house.client(contract)
    return suite


def administration_speaker(contract: str, house: House) -> AdministrationBehaviour:
    """Return a client of `house` that speaks `contract`, and knows of members and of what staff does."""
    talk = speaker(contract, house)
    assert isinstance(talk, AdministrationBehaviour)
    return talk
