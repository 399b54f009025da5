"""The mail that moto's SES was given."""

import logging
import stat
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from boto3 import Session
from moto import mock_aws

from local.outbox import Outbox, find_links, sent

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client


@pytest.fixture(scope="module")
def client() -> "SESV2Client":
    """Return one client for all tests."""
    made: SESV2Client = Session().client("sesv2")
    return made


@pytest.fixture(autouse=True)
def _ses(client: "SESV2Client") -> Iterator[None]:
    with mock_aws():
        client.create_email_identity(EmailIdentity="no-reply@example.com")
        yield


def send(client: "SESV2Client", subject: str, text: str = "Hello", html: str = "") -> None:
    """Send one mail to Ada."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "no-reply@example.com", "Ada <ada@example.com>", subject
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    client.send_email(
        FromEmailAddress="no-reply@example.com",
        Destination={"ToAddresses": ["ada@example.com"]},
        Content={"Raw": {"Data": mail.as_bytes()}},
    )


def test_what_was_sent_is_read_as_mail(client: "SESV2Client") -> None:
    """Messages come oldest first, with headers and bodies decoded."""
    assert sent() == []
    send(client, "First")
    send(client, "Zweite: Grüße", "Schöne Grüße")
    first, second = sent()
    assert first["Subject"] == "First"
    assert second["Subject"] == "Zweite: Grüße"
    assert second["To"].addresses[0].addr_spec == "ada@example.com"
    assert second.get_content() == "Schöne Grüße\n"


def test_each_mail_is_collected_once_and_numbered(client: "SESV2Client") -> None:
    """A number stays a mail's own."""
    outbox = Outbox()
    send(client, "First", html="<p>Hello")
    outbox.collect()
    outbox.collect()
    send(client, "Second")
    outbox.collect()
    assert [(mail.number, mail.subject) for mail in outbox.newest_first()] == [(2, "Second"), (1, "First")]
    first = outbox.get(1)
    assert first is not None
    assert (first.to, first.text, first.html) == ("Ada <ada@example.com>", "Hello\n", "<p>Hello\n")


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_there_is_no_mail_of_another_number(client: "SESV2Client", number: int) -> None:
    """Numbers begin at 1 and end with the last mail."""
    outbox = Outbox()
    send(client, "First")
    outbox.collect()
    assert outbox.get(number) is None


def test_a_mail_is_kept_for_its_owner_only(client: "SESV2Client", tmp_path: Path) -> None:
    """The file is the message as it was sent, and neither it nor its directory can be read by others."""
    outbox = Outbox(tmp_path / "outbox")
    send(client, "First")
    send(client, "Second")
    outbox.collect()
    files = sorted((tmp_path / "outbox").iterdir())
    assert [file.name.partition("-")[2] for file in files] == ["0001.eml", "0002.eml"]
    assert [file.read_bytes() for file in files] == [mail.raw for mail in reversed(outbox.newest_first())]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "outbox").stat().st_mode) == 0o700


def test_a_mail_is_printed_with_its_links_whole(client: "SESV2Client", caplog: pytest.LogCaptureFixture) -> None:
    """A developer reads it, and clicks what is in it, on the console."""
    caplog.set_level(logging.INFO, "local.outbox")
    link = "http://127.0.0.1:8000/api/auth/verify-email/" + "a" * 100
    send(client, "Verify", f"Open\n{link}\n")
    Outbox().collect()
    lines = caplog.messages[0].splitlines()
    assert lines[1:-1] == ["To:      Ada <ada@example.com>", "Subject: Verify", "", "Open", link]


def test_a_mail_cannot_control_the_terminal(client: "SESV2Client", caplog: pytest.LogCaptureFixture) -> None:
    """Escape sequences and characters that turn text around are shown, and not obeyed."""
    caplog.set_level(logging.INFO, "local.outbox")
    send(client, "\u202etcejbuS", "\x1b]0;title\x07 \x9b31m\rover")
    Outbox().collect()
    assert all(each.isprintable() or each == "\n" for each in caplog.messages[0])
    assert "]0;title" in caplog.messages[0]


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Open https://example.com/a?b=c&d=e#f.", ["https://example.com/a?b=c&d=e#f"]),
        ("(http://127.0.0.1:8000/a), <https://b.example/>", ["http://127.0.0.1:8000/a", "https://b.example/"]),
        ('http://a.example/"onclick=1 javascript:alert(1) ftp://c.example', ["http://a.example/"]),
        ("nothing", []),
    ],
)
def test_links_are_found_in_text(text: str, links: list[str]) -> None:
    """Only HTTP URLs, and not the punctuation around them."""
    assert find_links(text) == links
