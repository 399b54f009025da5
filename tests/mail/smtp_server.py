"""A small mail server that remembers what it was given (RFC 5321), with STARTTLS (RFC 3207) and AUTH (RFC 4954)."""

import base64
import datetime
import socketserver
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "localhost"
NO_REPLIES: Mapping[str, str] = MappingProxyType({})


@dataclass
class Received:
    """What clients gave the server: each mail with its envelope, logins, and whether the connection was TLS."""

    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    in_tls: list[bool] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class MailServer:
    """A server that runs: where, what it has got, and what it says instead of what it would, by verb."""

    port: int
    received: Received
    replies: dict[str, str]


class Authority:
    """A certificate for `HOST`, which is its own authority."""

    def __init__(self, directory: Path) -> None:
        """Make the certificate in `directory`."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self._certificate = directory / "certificate.pem"
        self._key = directory / "key.pem"
        self._certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self._key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    def server_context(self) -> ssl.SSLContext:
        """Return what a server shows the certificate with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate, self._key)
        return context

    def client_context(self) -> ssl.SSLContext:
        """Return what trusts the certificate and no other."""
        return ssl.create_default_context(cafile=str(self._certificate))


@contextmanager
def mail_server(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    replies: Mapping[str, str] = NO_REPLIES,
) -> Iterator[MailServer]:
    """Run a server that offers STARTTLS with `starttls`, or speaks TLS from the first byte with `tls`.

    `replies` maps a verb to what is replied to it instead of a yes; ``END`` is the end of a mail's data.
    """
    received, said = Received(), dict(replies)

    class Handler(_Session):
        def __init__(self, *arguments: Any) -> None:
            self.received, self.replies, self.starttls, self.tls = received, said, starttls, tls
            super().__init__(*arguments)

    server = _Server((HOST, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield MailServer(server.server_address[1], received, said)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = False
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away in the middle of a handshake is what some tests are about."""


class _Session(socketserver.StreamRequestHandler):
    received: Received
    replies: dict[str, str]
    starttls: ssl.SSLContext | None
    tls: ssl.SSLContext | None

    def setup(self) -> None:
        if self.tls:
            self.request = self.tls.wrap_socket(self.request, server_side=True)
        self._secure = self.tls is not None
        self._sender, self._recipients = "", list[str]()
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def handle(self) -> None:
        self._say(self.replies.get("CONNECT", "220 test"))
        while line := self.rfile.readline():
            verb, _, argument = line.decode().strip().partition(" ")
            self.received.verbs.append(verb.upper())
            if not self._answer(verb.upper(), argument):
                return

    def _answer(self, verb: str, argument: str) -> bool:
        """Answer one command, and tell whether the session goes on."""
        if verb in self.replies:
            self._say(self.replies[verb])
        elif verb == "EHLO":
            offers = ["test", "AUTH PLAIN", *(["STARTTLS"] if self.starttls and not self._secure else [])]
            self._say("\r\n".join(f"250{'-' if each != offers[-1] else ' '}{each}" for each in offers))
        elif verb == "STARTTLS" and self.starttls:
            self._say("220 go")
            self.request = self.starttls.wrap_socket(self.request, server_side=True)
            self._secure = True
            super().setup()
        elif verb == "AUTH":
            _, user, password = base64.b64decode(argument.split()[1]).decode().split("\0")
            self.received.logins.append((user, password))
            self._say("235 ok")
        elif verb == "DATA":
            self._say("354 go")
            self._receive()
        elif verb == "QUIT":
            self._say("221 bye")
            return False
        else:
            self._note(verb, argument)
            self._say("250 ok")
        return True

    def _note(self, verb: str, argument: str) -> None:
        address = argument.partition("<")[2].partition(">")[0]
        if verb == "MAIL":
            self._sender, self._recipients = address, []
        elif verb == "RCPT":
            self._recipients.append(address)

    def _receive(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if "END" in self.replies:
            self._say(self.replies["END"])
            return
        self.received.mails.append((self._sender, self._recipients, b"".join(lines)))
        self.received.in_tls.append(self._secure)
        self._say("250 taken")

    def _say(self, reply: str) -> None:
        self.wfile.write(f"{reply}\r\n".encode())
