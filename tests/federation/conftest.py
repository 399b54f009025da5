"""A deployment that knows the provider's process."""

import dataclasses
from collections.abc import Callable, Iterator

import pytest

from local.runtime import Runtime
from tests.federation.browser import Browser, providers_at, put_providers
from tests.house import House, running_house
from tests.provider import Provider

ALLOWED = "https://app.example.com/welcome,https://app.example.com:8443,http://127.0.0.1:5173/"


@pytest.fixture(scope="module")
def house(provider_process: Provider) -> Iterator[House]:
    """A deployment whose users may sign in at the provider, for one module's tests."""
    with running_house({"AllowedRedirects": ALLOWED}) as running:
        put_providers(running, providers_at(provider_process.url))
        yield running


@pytest.fixture
def browser(house: House, provider: Provider) -> Browser:
    """Somebody's browser."""
    return Browser(house, provider)


@pytest.fixture
def another_house(house: House) -> Callable[[], House]:
    """Makes deployments over the same tables whose functions have just started."""
    return lambda: dataclasses.replace(house, runtime=Runtime(house.deployment))
