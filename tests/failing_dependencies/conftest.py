"""A deployment whose calls are disturbed."""

from collections.abc import Iterator

import pytest
from keyfob.store import batches
from keyfob.store import client as store_client

from tests.aws_calls import Calls
from tests.house import House, running_house


@pytest.fixture(scope="module")
def house(calls: Calls) -> Iterator[House]:
    """A deployment whose calls are tapped."""
    assert calls.names == []
    with running_house() as running:
        yield running


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else is in the way here, so there is nothing to wait for."""
    monkeypatch.setattr(store_client, "CONFLICT_BASE_SECONDS", 0)
    monkeypatch.setattr(batches, "BASE_SECONDS", 0)


@pytest.fixture(autouse=True)
def _clean(house: House) -> Iterator[None]:
    """Leave nothing behind, since tests compare all that is stored."""
    yield
    house.forget()
