"""The events of `events/` in their order, with functions as they are built, under the emulator."""

import json
from typing import Any

import pytest

from local.emulator import EmulatedRuntime, FunctionFailed
from tests.events_behaviour import EventsBehaviour, event
from tests.house import House

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


class TestEvents(EventsBehaviour):
    """Under the emulator, in the order in which clients would send them, with the tokens that answers gave."""

    refusal = FunctionFailed

    def logged(self, house: House, name: str, answered: Any) -> list[dict[str, Any]]:
        """Read what the function's process printed meanwhile."""
        runtime, function = house.runtime, name.partition(".")[0]
        assert isinstance(runtime, EmulatedRuntime)
        assert runtime.invoke(function, event(name)) == answered
        return [json.loads(runtime.output(function).log[-1])]
