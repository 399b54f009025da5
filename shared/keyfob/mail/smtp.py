"""Sending mail by a server of one's own (RFC 5321)."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from keyfob.errors import Unavailable
from keyfob.mail.senders import MailRefused
from keyfob.settings import InvalidSetting

TIMEOUT_SECONDS = 5
PERMANENT = 500
_NO_SERVER = "MAIL_URL is neither ses:// nor the URL of a mail server"
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server, and with which name and password to log in there, if at all."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)


def server_at(url: str) -> Server:
    """Return the server behind ``smtp://USER:PASSWORD@HOST:PORT`` or ``smtps://…``.

    User and password are percent-encoded. The port is 587 or 465 where none is given (RFC 6409, RFC 8314). Raises
    `InvalidSetting` for other URLs, without quoting them.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (KeyError, ValueError):
        raise InvalidSetting(_NO_SERVER) from None
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise InvalidSetting(_NO_SERVER)
    return Server(parts.scheme, parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""))


class Smtp:
    """Sends messages by a mail server, over one connection each.

    ``smtps`` is TLS from the first byte. ``smtp`` goes over to TLS if the server offers it (STARTTLS), and must do so
    before it tells a password.
    """

    def __init__(self, server: Server, tls: ssl.SSLContext | None = None) -> None:
        """Take a server, and by which authorities to trust it; by default those of the system."""
        self._server = server
        self._tls = tls

    def send(self, message: EmailMessage) -> None:
        """Hand over a message; raises `MailRefused` for good (a reply 5yz), and `Unavailable` for now."""
        with _failures_told_apart(), closing(self._connected()) as connection:
            self._protect(connection)
            if self._server.user:
                connection.login(self._server.user, self._server.password)
            connection.send_message(message)
            # The server has the message: a farewell that fails must not have it sent again.
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()

    def _connected(self) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        if self._server.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=self._context())
        return smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)

    def _protect(self, connection: smtplib.SMTP) -> None:
        connection.ehlo_or_helo_if_needed()
        if self._server.scheme == "smtps":
            return
        if connection.has_extn("starttls"):
            connection.starttls(context=self._context())
        elif self._server.user:
            raise MailRefused("the mail server offers no STARTTLS, and a password must not be sent in clear")

    def _context(self) -> ssl.SSLContext:
        return self._tls or ssl.create_default_context()


@contextmanager
def _failures_told_apart() -> Iterator[None]:
    """Raise our own failures, which tell a reply's code and none of its text: that may hold an address."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        raise _failure(max(code for code, _ in error.recipients.values())) from None
    except smtplib.SMTPResponseException as error:
        raise _failure(error.smtp_code) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(type(error).__name__) from None


def _failure(code: int) -> Exception:
    reason = f"the mail server answered {code}"
    return MailRefused(reason) if code >= PERMANENT else Unavailable(reason)
