"""Letters in their envelopes."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from keyfob.mail.letters import Letter
from keyfob.mail.messages import Envelope, message_of

from tests.fakes import TIME

LETTER = Letter("Grüße aus dem Laden", "Hallo, Jürgen\n" + "lang " * 300 + "\n", "<p>Hallo, Jürgen</p>" + "x" * 2000)
ENVELOPE = Envelope("Läden <no-reply@example.org>", "Ada.Lovelace+x@example.com", "request-1", TIME)


def received(message: EmailMessage) -> EmailMessage:
    """Return a message as a mail server and a client see it."""
    parsed: EmailMessage = message_from_bytes(message.as_bytes(), policy=default)
    return parsed


def test_a_message_is_what_its_reader_gets() -> None:
    """Text and HTML survive the way, non-ASCII and long lines too, in lines that mail servers take (RFC 5322)."""
    raw = message_of(LETTER, ENVELOPE).as_bytes()
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    mail = received(message_of(LETTER, ENVELOPE))
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    plain, html = (part.get_content().replace("\r\n", "\n") for part in mail.iter_parts())
    assert plain == LETTER.text
    assert html.rstrip("\n") == LETTER.html
    assert mail["Subject"] == LETTER.subject


def test_the_header_says_what_software_needs_to_know() -> None:
    """Sender and recipient are as written, the date is the time of sending, and no holiday notice comes back."""
    mail = received(message_of(LETTER, ENVELOPE))
    assert mail["From"] == ENVELOPE.sender
    assert mail["To"] == ENVELOPE.recipient
    assert mail["Date"].datetime == datetime.fromtimestamp(TIME, UTC)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["MIME-Version"] == "1.0"


def test_the_same_request_makes_the_same_message_id() -> None:
    """Whoever does get a mail twice can tell: the id is the request's, at the sender's domain."""
    ids = [message_of(LETTER, ENVELOPE._replace(time=time))["Message-ID"] for time in (TIME, TIME + 60)]
    assert ids == ["<request-1@example.org>"] * 2


@pytest.mark.parametrize("break_", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("field", ["sender", "recipient", "request_id"])
def test_no_header_can_be_smuggled_in(field: str, break_: str) -> None:
    """A line break in what becomes a header makes no second header: there is no message."""
    hostile = ENVELOPE._replace(**{field: f"{getattr(ENVELOPE, field)}{break_}Bcc: eve@example.com"})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r".+"):
        message_of(LETTER, hostile).as_bytes()


@pytest.mark.parametrize("break_", ["\n", "\r", "\r\n"])
def test_no_subject_can_smuggle_a_header_in(break_: str) -> None:
    """Neither does one in a subject."""
    with pytest.raises(ValueError, match=r".+"):
        message_of(LETTER._replace(subject=f"Hello{break_}Bcc: eve@example.com"), ENVELOPE)


@pytest.mark.parametrize(
    "recipient", [" ada@example.com", "ada@example.com, eve@example.com", "<ada@example.com>", "ada", "", "a@b@c"]
)
def test_a_recipient_is_one_address(recipient: str) -> None:
    """What is no single address gets no mail."""
    with pytest.raises(ValueError, match=r"."):
        message_of(LETTER, ENVELOPE._replace(recipient=recipient))


def test_a_quoted_recipient_stays_quoted() -> None:
    """An address whose local part needs quotes goes to that address, and to no other (RFC 5321, section 4.1.2)."""
    mail = received(message_of(LETTER, ENVELOPE._replace(recipient='"eve@evil.example, ada"@example.com')))
    (address,) = mail["To"].addresses
    assert (address.username, address.domain) == ("eve@evil.example, ada", "example.com")


@pytest.mark.parametrize("sender", ["no-reply", "a@example.org, b@example.org", "Shop", ""])
def test_a_sender_is_one_mailbox(sender: str) -> None:
    """A sender that is none is a fault of the deployment, and named as one."""
    with pytest.raises(ValueError, match="not one mailbox"):
        message_of(LETTER, ENVELOPE._replace(sender=sender))
