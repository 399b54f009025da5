"""`docs/events.md` lists the kinds of security events, and each kind is recorded somewhere."""

import json
import re
from typing import get_args

import pytest
from keyfob.gateway.log import MARKER
from keyfob.model.security_event import SecurityEvent, SecurityEventKind

from local.template import TEMPLATE, load_stack

ROOT = TEMPLATE.parent
KINDS: tuple[str, ...] = get_args(SecurityEventKind)
DOCUMENT = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
TABLE = DOCUMENT.partition("## Kinds")[2].partition("\n## ")[0]
ROWS = dict(re.findall(r"^\| `([a-z_]+)` \| (.+) \|$", TABLE, re.MULTILINE))


def recorded() -> set[str]:
    """Return every text that a file which records events quotes, and the kinds that failures are."""
    sources = [*ROOT.glob("shared/keyfob/**/*.py"), *ROOT.glob("functions/*/app.py")]
    texts = [path.read_text(encoding="utf-8") for path in sources if path.name != "errors.py"]
    recording = [text for text in texts if re.search("import .*(SecurityEventKind|record)", text)]
    failures = re.findall(
        r'security_event = "([a-z_]+)"', (ROOT / "shared/keyfob/errors.py").read_text(encoding="utf-8")
    )
    return {*failures, *re.findall(r'"([a-z_]+)"', "\n".join(recording))}


def test_the_document_lists_every_kind_and_no_other() -> None:
    """Whoever adds a kind tells when it is recorded and what it says, in the order of the code."""
    assert tuple(ROWS) == KINDS


def test_every_kind_is_recorded_somewhere() -> None:
    """A kind that nothing records would be waited for in vain."""
    assert set(KINDS) - recorded() == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_names_facts_that_an_event_can_have(kind: str) -> None:
    """What a row quotes is a fact of an event, or one of the details."""
    facts = ROWS[kind].rpartition(" | ")[2]
    assert set(re.findall(r"`([a-z_]+)`", facts.partition("details:")[0])) <= set(SecurityEvent._fields)


def test_the_examples_are_events() -> None:
    """The line and the event that the document shows have the members that they would have."""
    line, event = (json.loads(text) for text in re.findall(r"```json\n(\{.*?\n?\})\n```", DOCUMENT, re.DOTALL)[:2])
    assert line[MARKER] == line["message"] == event["detail-type"]
    facts = {name: line[name] for name in SecurityEvent._fields if name in line}
    assert {name: value for name, value in event["detail"].items() if name not in {"id", "issuer"}} == facts
    assert event["source"] == "keyfob"


def test_the_filter_goes_by_the_marker() -> None:
    """The log group's subscription takes the lines that have the marker, whatever the kind."""
    stack = load_stack({"EventBus": "default"})
    (name,) = stack.of_type("AWS::Logs::SubscriptionFilter")
    assert stack.properties(name)["FilterPattern"] == f"{{ $.{MARKER} = * }}"
