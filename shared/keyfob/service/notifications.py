"""Asking for mail: what an endpoint queues, and the mailer sends."""

import logging
from collections.abc import Callable, Mapping

from keyfob.crypto.random import new_id
from keyfob.errors import Unavailable
from keyfob.mail.queue import MailQueue
from keyfob.model.mail import MailKind, MailRequest
from keyfob.model.user import User

logger = logging.getLogger("keyfob")


def ask_for_mail(kind: MailKind, email: str, link: str, *, queue: MailQueue, now: int) -> None:
    """Queue a mail with a token to an address, which may be nobody's: the same work and time for every address.

    `link` is where the mail leads, with ``{token}`` in it. Raises `Unavailable` if the queue cannot be reached.
    """
    queue.send(MailRequest(id=new_id(), kind=kind, email=email, link=link, requested_at=now))


def ask_to_verify(user: User, email: str, link: str, *, queue: MailQueue, now: int) -> None:
    """Queue a mail to an address that a user wants instead of its own; raises as `ask_for_mail`."""
    request = MailRequest(id=new_id(), kind="verify_email", user_id=user.id, email=email, link=link, requested_at=now)
    queue.send(request)


def announcing(queue: MailQueue, link: str, now: int) -> Callable[[str], None]:
    """Return what queues the verification mail of a user that is about to be stored, by its id.

    It is queued first, so that no stored user misses it; the mailer waits until the user is there. Raises
    `Unavailable`.
    """

    def announce(user_id: str) -> None:
        queue.send(MailRequest(id=new_id(), kind="verify_email", user_id=user_id, link=link, requested_at=now))

    return announce


def unannounced(_user_id: str) -> None:
    """Announce nothing: the deployment sends no mail by itself when somebody registers."""


def notify_user(kind: MailKind, user: User, facts: Mapping[str, str], *, queue: MailQueue, now: int) -> None:
    """Queue a notice to a user of what has happened already.

    The deed is done and cannot be refused any more, so a queue that cannot be reached is logged and costs the notice.
    """
    _queue(MailRequest(id=new_id(), kind=kind, user_id=user.id, requested_at=now, facts=facts), queue)


def notify_address(kind: MailKind, email: str, facts: Mapping[str, str], *, queue: MailQueue, now: int) -> None:
    """Queue a notice to an address that was a user's, and verified; failing as `notify_user` does."""
    _queue(MailRequest(id=new_id(), kind=kind, email=email, requested_at=now, facts=facts), queue)


def _queue(request: MailRequest, queue: MailQueue) -> None:
    try:
        queue.send(request)
    except Unavailable:
        logger.warning("notice_lost", extra={"kind": request.kind, "user_id": request.user_id}, exc_info=True)
