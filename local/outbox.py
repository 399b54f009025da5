"""Mail that was sent through moto's SES: told on the console, and kept as files."""

import logging
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

from moto.ses.models import ses_backends

from local.intrinsics import ACCOUNT_ID, REGION

_LINK = re.compile(r"""https?://[^\s<>"']*[^\s<>"'.,;:!?)\]]""")
_RULE = "-" * 72

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was sent; `number` counts from 1, `raw` is the whole message."""

    number: int
    sent_at: datetime
    raw: bytes
    message: EmailMessage

    @property
    def to(self) -> str:
        """The header of that name, of whatever characters its sender put there."""
        return str(self.message["To"] or "")

    @property
    def subject(self) -> str:
        """The header of that name, of whatever characters its sender put there."""
        return str(self.message["Subject"] or "")

    @property
    def text(self) -> str:
        """The plain text part, or ``""``."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML part, or ``""``; not to be trusted."""
        return self._part("html")

    @property
    def links(self) -> list[str]:
        """Every HTTP URL of the plain text part, in order."""
        return find_links(self.text)

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()).replace("\r\n", "\n") if part else ""


class Outbox:
    """The mail that moto's SES in this process was given, numbered as it was sent.

    One thread collects; any may read.
    """

    def __init__(self, directory: Path | None = None) -> None:
        """Keep each message in `directory` as well, where there is one, for its owner to read only."""
        self._directory = directory
        self._mails: list[Mail] = []

    def collect(self) -> None:
        """Take what was sent since the last time: keep it, and tell of it in the log."""
        for raw in _sent()[len(self._mails) :]:
            mail = Mail(len(self._mails) + 1, datetime.now(UTC), raw, _parse(raw))
            self._mails.append(mail)
            _logger.info("%s", _block(mail))
            if self._directory:
                _write(self._directory, mail)

    def newest_first(self) -> list[Mail]:
        """Return all that was collected."""
        return self._mails[::-1]

    def get(self, number: int) -> Mail | None:
        """Return the mail of that number, if there is one."""
        return self._mails[number - 1] if 0 < number <= len(self._mails) else None


def sent() -> list[EmailMessage]:
    """Return all mail that moto's SES in this process was given as whole messages, oldest first."""
    return [_parse(raw) for raw in _sent()]


def find_links(text: str) -> list[str]:
    """Return every HTTP URL in `text`, without the punctuation that ends its sentence."""
    return _LINK.findall(text)


def _sent() -> list[bytes]:
    return [message.raw_data.encode() for message in ses_backends[ACCOUNT_ID][REGION].sent_messages]


def _parse(raw: bytes) -> EmailMessage:
    parser: BytesParser[EmailMessage] = BytesParser(policy=default)
    return parser.parsebytes(raw)


def _block(mail: Mail) -> str:
    lines = [_RULE, f"To:      {mail.to}", f"Subject: {mail.subject}", "", *mail.text.splitlines(), _RULE]
    return "\n".join(map(_printable, lines))


def _printable(line: str) -> str:
    """Return `line` with nothing in it that a terminal obeys."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)


def _write(directory: Path, mail: Mail) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / f"{mail.sent_at:%Y%m%dT%H%M%SZ}-{mail.number:04}.eml"
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(mail.raw)
