"""Fixtures of the command's own tests."""

from collections.abc import Iterator

import pytest

from tests.cli.operator import Operator, operating


@pytest.fixture(scope="module")
def deployment() -> Iterator[Operator]:
    """An operator of one deployment, for one module's tests."""
    with operating() as running:
        yield running


@pytest.fixture
def operator(deployment: Operator) -> Operator:
    """The same, of a deployment that is empty."""
    deployment.house.forget()
    return deployment
