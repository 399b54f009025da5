"""The ways to send mail."""

from email.message import EmailMessage
from typing import Protocol

from keyfob.errors import ExpectedFailure


class MailRefused(ExpectedFailure):
    """The mail server will not take this mail, now or later; it waits in the dead-letter queue then."""


class Sender(Protocol):
    """Sends a message."""

    def send(self, message: EmailMessage) -> None:
        """Hand over a message to who delivers it; raises `Unavailable` if that may work later."""


def sender_at(url: str) -> Sender:
    """Return what sends mail by ``ses://``, ``smtp://USER:PASSWORD@HOST:PORT`` or ``smtps://…``.

    Raises `InvalidSetting`, which does not quote the URL, for any other.
    """
    if url == "ses://":
        from keyfob.mail.ses import Ses

        return Ses.connect()
    from keyfob.mail.smtp import Smtp, server_at

    return Smtp(server_at(url))
