"""The queue in which mail waits until the mailer sends it."""

import dataclasses
import json
from typing import TYPE_CHECKING, Any, get_args

from keyfob.model.mail import MailKind, MailRequest
from keyfob.store.client import available, sqs_client

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


class MailQueue:
    """Puts requests for mail into an SQS queue."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        """Take an SQS client and the queue's URL."""
        self._client = client
        self._url = url

    @classmethod
    def connect(cls, url: str) -> "MailQueue":
        """Return the queue `url` over a new client."""
        return cls(sqs_client(), url)

    def send(self, request: MailRequest) -> None:
        """Queue one request. One call; raises `Unavailable`."""
        available(lambda: self._client.send_message(QueueUrl=self._url, MessageBody=_body(request)))


def _body(request: MailRequest) -> str:
    return json.dumps(dataclasses.asdict(request))


def request_from(body: str) -> MailRequest:
    """Return the request in the body of a queue's message; raises `ValueError` if it is not one."""
    content: Any = json.loads(body)
    try:
        request = MailRequest(**content)
    except TypeError:
        raise ValueError("not a request for mail") from None
    if not _is_request(request):
        raise ValueError("not a request for mail")
    return request


def _is_request(request: MailRequest) -> bool:
    """Tell whether each field is of its type, for JSON holds anything."""
    facts: object = request.facts
    texts: list[object] = [request.id, request.link]
    optional: list[object] = [each for each in (request.user_id, request.email) if each is not None]
    return (
        request.kind in get_args(MailKind)
        and bool(optional)
        and isinstance(facts, dict)
        and type(request.requested_at) is int
        and all(isinstance(each, str) for each in (*texts, *optional, *facts, *facts.values()))
    )
