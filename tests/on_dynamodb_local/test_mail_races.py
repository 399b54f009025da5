"""One mail, several deliveries at once."""

import threading
from collections.abc import Iterator
from email.message import EmailMessage
from functools import partial

import pytest
from keyfob.errors import Unavailable
from keyfob.model.mail import MailRequest

from tests.fakes import TIME
from tests.mail.post import FakeSender, Post, asked, open_post
from tests.on_dynamodb_local.together import simultaneously

DELIVERIES = 8
ROUNDS = 5


@pytest.fixture(scope="module")
def post(dynamodb_local_url: str) -> Iterator[Post]:
    """A mailer over tables in Amazon's own engine."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_local_url)
        with open_post() as opened:
            yield opened


class SlowSender(FakeSender):
    """A sender that is still at it when the others have been refused."""

    def __init__(self, others: int) -> None:
        """Wait for so many others to come and go."""
        super().__init__()
        self.others = threading.Semaphore(0)
        self.awaited = others

    def send(self, message: EmailMessage) -> None:
        """Keep a message, once the others are gone."""
        for _ in range(self.awaited):
            assert self.others.acquire(timeout=30)
        super().send(message)


def delivery(post: Post, sender: SlowSender, request: MailRequest) -> str:
    """Deliver a request, and return what became of it."""
    try:
        post.mailer.deliver(request, TIME)
    except Unavailable:
        sender.others.release()
        return "failed"
    return "done"


def test_simultaneous_deliveries_send_once_and_none_is_lost(post: Post) -> None:
    """One delivery sends; the others fail while it is at it, so that the message stays until the mail is sent."""
    for _ in range(ROUNDS):
        sender = SlowSender(DELIVERIES - 1)
        opened = Post(post.dynamodb, sender)
        request = asked(user=opened.user())
        outcomes = simultaneously([partial(delivery, opened, sender, request)] * DELIVERIES)
        assert sorted(outcomes) == ["done"] + ["failed"] * (DELIVERIES - 1)
        assert len(sender.sent) == 1
        opened.mailer.deliver(request, TIME)
        assert len(sender.sent) == 1


def test_when_the_one_that_sends_fails_the_next_delivery_sends(post: Post) -> None:
    """No delivery that was refused meanwhile has taken the message away."""
    sender = SlowSender(DELIVERIES - 1)
    opened = Post(post.dynamodb, sender)
    sender.awaited = 0
    sender.go_down()
    request = asked(user=opened.user())
    assert set(simultaneously([partial(delivery, opened, sender, request)] * DELIVERIES)) == {"failed"}
    sender.come_up()
    opened.mailer.deliver(request, TIME)
    assert len(sender.sent) == 1
