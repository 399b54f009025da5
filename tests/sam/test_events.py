"""Every event of `events/` once more, by `sam local invoke`."""

import json
from typing import Any

from local.emulator import FunctionFailed
from tests.events_behaviour import EventsBehaviour, event
from tests.house import House
from tests.sam.runtime import SamRuntime


class TestEvents(EventsBehaviour):
    """In a container of its own for each event."""

    refusal = FunctionFailed

    def logged(self, house: House, name: str, answered: Any) -> list[dict[str, Any]]:
        """Read what SAM CLI passed on of the container's log meanwhile."""
        runtime = house.runtime
        assert isinstance(runtime, SamRuntime)
        before = len(runtime.log)
        assert runtime.invoke(name.partition(".")[0], event(name)) == answered
        return [json.loads(line) for line in runtime.log[before:]]
