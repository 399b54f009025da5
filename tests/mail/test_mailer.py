"""The function `mailer`, with the queue and SES."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from boto3 import Session as Boto
from keyfob.gateway import batches, log
from keyfob.mail.queue import MailQueue
from keyfob.settings import Settings

from local.outbox import sent
from tests.aws_calls import Calls, Disturbance, raising, refused
from tests.house import House, running_house
from tests.mail.post import text_of
from tests.mail.queue import body, event, failed, request

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


@pytest.fixture(scope="module")
def house(calls: Calls) -> Iterator[House]:  # noqa: ARG001 - the clients of this house are tapped
    """A deployment whose calls to AWS are tapped."""
    with running_house({"ProductName": "Corner Shop"}) as running:
        yield running


def test_what_is_queued_is_sent_by_ses(house: House) -> None:
    """A request in the queue becomes a whole message at SES, in the deployment's name, and leaves the queue."""
    url = house.deployment.functions["notify_sign_ins"].environment["MAIL_QUEUE_URL"]
    MailQueue.connect(url).send(request("ada@example.com"))
    (mail,) = house.mail_to("ada@example.com")
    assert mail["From"] == "Keyfob <no-reply@example.com>"
    assert "Corner Shop" in str(mail["Subject"])
    assert "Corner Shop" in text_of(mail)
    sqs: SQSClient = Boto().client("sqs")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    left = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]  # type: ignore[arg-type]
    assert set(left.values()) == {"0"}


def test_one_message_that_fails_does_not_fail_the_others(house: House) -> None:
    """Of a batch exactly those messages are reported that could not be read or sent."""
    answer = house.runtime.invoke("mailer", event(body("b1@example.com"), "no JSON", "{}", body("b2@example.com")))
    assert failed(answer) == ["m1", "m2"]
    assert [str(mail["To"]) for mail in sent()[-2:]] == ["b1@example.com", "b2@example.com"]


def test_the_same_message_twice_in_a_batch_sends_once(house: House) -> None:
    """A message that SQS delivers twice is one mail."""
    twice = body("twice@example.com")
    assert failed(house.runtime.invoke("mailer", event(twice, twice))) == []
    assert len(house.mail_to("twice@example.com")) == 1


@pytest.mark.parametrize(
    "disturbance",
    [
        refused(429, "TooManyRequestsException"),
        refused(400, "LimitExceededException"),
        refused(503, "ServiceUnavailable"),
        refused(400, "MessageRejected"),
        refused(403, "AccessDeniedException"),
        raising(ConnectionError()),
    ],
)
def test_what_ses_does_not_take_comes_again(house: House, calls: Calls, disturbance: Disturbance) -> None:
    """Throttled, down or refused: the message is reported, and sent when SES takes it."""
    message = body("later@example.com")
    before = len(house.mail_to("later@example.com"))
    with calls.disturbed("sesv2.SendEmail", disturbance):
        assert failed(house.runtime.invoke("mailer", event(message))) == ["m0"]
    assert failed(house.runtime.invoke("mailer", event(message))) == []
    assert len(house.mail_to("later@example.com")) == before + 1


def test_a_request_is_logged_without_its_content(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be read is logged with the message's id, and nothing of what it says."""
    house.runtime.invoke("mailer", event('{"email": "private@example.com", "hush": 1}', '{"private'))
    log.logger.handlers[0].flush()
    output = capsys.readouterr()
    assert "private" not in output.out + output.err


def test_no_message_is_begun_that_cannot_be_finished() -> None:
    """Shortly before its time is over the function reports what it has not begun, instead of being killed."""
    taken: list[str] = []
    times = iter((60_000, 40_000, 39_999, 0))

    class Context:
        aws_request_id = "a-request"

        def get_remaining_time_in_millis(self) -> int:
            return next(times)

    handler = batches.queue_consumer("mailer", Settings({}))(taken.append)
    assert failed(handler(event("a", "b", "c", "d"), Context())) == ["m2", "m3"]
    assert taken == ["a", "b"]
