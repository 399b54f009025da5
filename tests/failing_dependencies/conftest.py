"""A deployment whose calls are disturbed."""

from collections.abc import Iterator

import pytest

from tests.house import House


@pytest.fixture(scope="module")
def house(tapped_house: House) -> House:
    """A deployment whose calls are tapped."""
    return tapped_house


@pytest.fixture(autouse=True)
def _impatient(no_pauses: None) -> None:
    """There is nobody to wait for here."""


@pytest.fixture(autouse=True)
def _clean(house: House) -> Iterator[None]:
    """Leave nothing behind, since tests compare all that is stored."""
    yield
    house.forget()
