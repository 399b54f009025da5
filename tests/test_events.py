"""The events of `events/`: each is genuine, and its function answers it as it should."""

from typing import Any

import pytest
from keyfob.gateway.authorizer import Unauthorized

from local.template import TEMPLATE
from tests.event_facts import ACCESS_TOKEN
from tests.events import rendered
from tests.events_behaviour import AUTHORIZER_EVENTS, FILES, MADE, EventsBehaviour, answer, event
from tests.house import House
from tests.logs import logged


def test_every_function_has_an_event() -> None:
    """Whoever adds a function adds an event for it."""
    functions = {path.parent.name for path in TEMPLATE.parent.glob("functions/*/app.py")}
    assert {name.partition(".")[0] for name in FILES} == functions


def test_every_file_is_an_event() -> None:
    """No event is left from another time, and none is missing."""
    assert FILES.keys() == MADE.keys()


@pytest.mark.parametrize("name", MADE)
def test_an_event_is_what_the_gateway_makes_today(name: str) -> None:
    """Keys and values are those that the laptop server hands to the function; running `tests.events` renews them."""
    assert FILES[name].read_text(encoding="utf-8") == rendered(MADE[name])


class TestEvents(EventsBehaviour):
    """In this process."""

    refusal = Unauthorized

    def logged(self, house: House, name: str, answered: Any) -> list[dict[str, Any]]:
        """Catch it on its way out."""
        with logged() as log:
            assert house.runtime.invoke(name.partition(".")[0], event(name)) == answered
        return log.entries()

    @pytest.mark.parametrize("name", [name for name in MADE if ACCESS_TOKEN in rendered(MADE[name])])
    def test_a_placeholder_is_no_token(self, house: House, name: str) -> None:
        """As they are, the events that bear a token are refused, or lead nowhere."""
        if name in AUTHORIZER_EVENTS:
            assert not self.allowed(house, event(name))
        else:
            assert answer(house, name).status == (404 if name == "not_found.json" else 401)
