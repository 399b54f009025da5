"""Events with which Lambda hands over the mail queue's messages, and what the function answers."""

import json
from dataclasses import asdict, replace
from typing import Any

from keyfob.model.mail import MailRequest

from tests.fakes import TIME
from tests.mail.post import asked


def request(email: str) -> MailRequest:
    """Return a notice to an address, which needs no user."""
    return replace(asked("account_deleted", email=email), requested_at=TIME)


def event(*bodies: str) -> dict[str, Any]:
    """Return the event with which Lambda hands over messages with these bodies."""
    return {"Records": [{"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]}


def body(email: str) -> str:
    """Return the body of a message."""
    return json.dumps(asdict(request(email)))


def failed(answer: Any) -> list[str]:
    """Return the messages that an answer reports."""
    assert answer.keys() == {"batchItemFailures"}
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]
