"""Letters in their envelopes: messages as mail servers take them (RFC 5322, RFC 2045)."""

from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import NamedTuple

from keyfob.mail.letters import Letter


class Envelope(NamedTuple):
    """From whom a mail is, such as ``Example <no-reply@example.com>``, to which address, and for which request.

    `time` is when it is sent, in seconds since the epoch.
    """

    sender: str
    recipient: str
    request_id: str
    time: int


def message_of(letter: Letter, envelope: Envelope) -> EmailMessage:
    """Return a letter as a message in plain text and HTML; its id is the same for the same request.

    Raises `ValueError` where a header would hold what no header can, such as a line break.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = envelope.sender
    message["To"] = _address(envelope.recipient)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(datetime.fromtimestamp(envelope.time, UTC))
    message["Message-ID"] = f"<{envelope.request_id}@{_domain(message)}>"
    # No holiday notice answers this (RFC 3834, section 5).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _address(recipient: str) -> Address:
    """Return an address that is nothing but an address; raises `ValueError` for anything else."""
    try:
        address = Address(addr_spec=recipient)
    except (HeaderParseError, IndexError) as error:
        raise ValueError("the recipient of mail is not one address") from error
    if address.addr_spec != recipient:
        raise ValueError("the recipient of mail is not one address")
    return address


def _domain(message: EmailMessage) -> str:
    """Return the domain of the sender; raises `ValueError` if it is not one mailbox."""
    addresses = message["From"].addresses
    if len(addresses) != 1 or not addresses[0].username or not addresses[0].domain:
        raise ValueError("the sender of mail is not one mailbox")
    return str(addresses[0].domain)
