"""The provider's process, made honest before each test."""

from collections.abc import Iterator

import pytest

from tests.provider import Provider, require_provider, running


@pytest.fixture(scope="session")
def provider_process() -> Iterator[Provider]:
    """A provider in a process of its own."""
    require_provider()
    with running() as provider:
        yield provider


@pytest.fixture
def provider(provider_process: Provider) -> Provider:
    """The same, as if it had just begun."""
    provider_process.reset()
    return provider_process
