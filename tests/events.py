"""The events of `events/`; `make events` writes them anew.

Each is what API Gateway or another service of AWS would send to one function. What differs from request to request,
such as ids and times, is always the same here, and tokens are placeholders.
"""

import json
from pathlib import Path

from local.template import TEMPLATE, load_deployment
from tests.api_events import api_events
from tests.event_facts import Event
from tests.source_events import source_events

DIRECTORY = TEMPLATE.parent / "events"


def made() -> dict[str, Event]:
    """Return every event by the name of its file."""
    deployment = load_deployment()
    return api_events(deployment) | source_events(deployment)


def rendered(event: Event) -> str:
    """Return the text of an event's file."""
    return json.dumps(event, indent=2, ensure_ascii=False) + "\n"


def write(directory: Path = DIRECTORY) -> None:
    """Write every event's file."""
    for name, event in made().items():
        (directory / name).write_text(rendered(event), encoding="utf-8")


if __name__ == "__main__":
    write()
