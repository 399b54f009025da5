"""Sign-ins from devices that their users have not been seen with before."""

import logging
from collections.abc import Callable

from keyfob.crypto.digest import fingerprint
from keyfob.mail.queue import MailQueue
from keyfob.model.mail import MailRequest
from keyfob.model.session import Session
from keyfob.service.devices import device_name
from keyfob.store.devices import REMEMBERED_SECONDS, Devices

NOTED_SECONDS = 24 * 3600
"""How long after a device's use was noted its next one need not be."""

MOST_IN_AN_HOUR = 5
"""Devices used within an hour after which new ones are noted and not told of, so that nobody floods a mailbox."""

HOUR_SECONDS = 3600
IPV4_PREFIX = 16
IPV6_PREFIX = 32

Tell = Callable[[Session], None]
"""Is told of a session that began on a device which is new to its user."""

logger = logging.getLogger("keyfob")


def note_sign_in(session: Session, *, devices: Devices, tell: Tell, now: int) -> None:
    """Note the device of a session that has begun, and `tell` of it if it is new and not the user's first.

    It is told before it is noted, so a failure in between loses nothing: the same session tells the same again.
    """
    if not session.is_live(now):
        return
    device = _digest(session)
    stored = devices.of_user(session.user_id)
    known = {each: used for each, used in stored.items() if used > now - REMEMBERED_SECONDS}
    if known.get(device, 0) > now - NOTED_SECONDS:
        return
    if known and device not in known:
        _tell(session, tell, sum(used > now - HOUR_SECONDS for used in known.values()))
    devices.note(session.user_id, device, stored, now)


def telling_by_mail(queue: MailQueue) -> Tell:
    """Return what queues a mail to the user; raises `Unavailable`. The same session makes the same request."""

    def tell(session: Session) -> None:
        request = MailRequest(
            id=f"sign-in-{session.id}",
            kind="new_sign_in",
            user_id=session.user_id,
            requested_at=session.created_at,
            facts=session.client.facts,
        )
        queue.send(request)

    return tell


def telling_nobody(_session: Session) -> None:
    """Tell nobody: the deployment sends no such mail."""


def _tell(session: Session, tell: Tell, lately: int) -> None:
    if lately >= MOST_IN_AN_HOUR:
        logger.warning("too_many_new_devices", extra={"user_id": session.user_id})
        return
    tell(session)


def _digest(session: Session) -> str:
    """Return what stands for a device: its name and its network, of one user."""
    device = (session.user_id, device_name(session.client.user_agent), _network(session.client.ip))
    return fingerprint("\n".join(device))


def _network(ip: str) -> str:
    """Return the network that an address probably stays in; anything but an address is its own."""
    import ipaddress

    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    prefix = IPV4_PREFIX if address.version == 4 else IPV6_PREFIX  # noqa: PLR2004 - the version is its name
    return str(ipaddress.ip_network((address, prefix), strict=False))
