"""Connections to DynamoDB: kept open, opened again once they are closed, and over TLS to nobody else."""

import datetime
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from keyfob.store import client as store_client
from keyfob.store.connections import CONNECTION_ERRORS, Connections, Timeouts

from local.background import Background

TIMEOUTS = Timeouts(connect=5, read=5)
NO_CERTIFICATES = ""


class Server(ThreadingHTTPServer):
    """Speaks TLS once it has a `context`, and does not mind callers that break off."""

    daemon_threads = True
    context: ssl.SSLContext | None = None

    def get_request(self) -> tuple[socket.socket, Any]:
        """Take a connection; hands are shaken when it is first read from."""
        connection, address = super().get_request()
        if self.context is None:
            return connection, address
        return self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: object, client_address: object) -> None:
        """Tell nobody."""


class Host(Background):
    """A server that says who asked and what, and does to an answer what `spoil` does."""

    def __init__(self) -> None:
        """Bind a port; answer well."""
        self.callers: list[int] = []
        self.spoil: Callable[[BaseHTTPRequestHandler], None] = lambda _: None
        self.server = Server(("127.0.0.1", 0), _handler(self))
        super().__init__(self.server, "host")

    def url(self, scheme: str = "http", name: str = "127.0.0.1") -> str:
        """Return the URL by which connections find it."""
        return f"{scheme}://{name}:{self.port}/"


def _handler(host: Host) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Answer with what was sent."""
            host.callers.append(self.client_address[1])
            host.spoil(self)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Told", self.headers["X-Told"])
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing: the requests are our own."""

    return Handler


@pytest.fixture
def host() -> Iterator[Host]:
    """A host on the loopback."""
    with Host() as host:
        yield host


def asked(url: str, content: bytes = b"{}") -> AWSPreparedRequest:
    """Return a request as the client prepares it."""
    headers: Any = HeadersDict({"X-Told": "you"})
    return AWSPreparedRequest("POST", url, headers, content, stream_output=False)


def close_soon(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection after this answer, without saying so."""
    handler.close_connection = True


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection instead of an answer."""
    handler.connection.shutdown(socket.SHUT_RDWR)


def talk_nonsense(handler: BaseHTTPRequestHandler) -> None:
    """Answer with something else than HTTP."""
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    handler.connection.shutdown(socket.SHUT_RDWR)


def stop_halfway(handler: BaseHTTPRequestHandler) -> None:
    """Promise more than is sent."""
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"Item"')
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def test_an_answer_is_as_botocore_has_them(host: Host) -> None:
    """Status, headers in any case, and the body."""
    connections = Connections(host.url(), TIMEOUTS, NO_CERTIFICATES)
    answer = connections.send(asked(host.url(), b'{"a": 1}'))
    assert (answer.status_code, answer.content, answer.headers["x-told"]) == (200, b'{"a": 1}', "you")


def test_a_connection_serves_many_requests(host: Host) -> None:
    """Opening one is dear, over TLS most of all."""
    connections = Connections(host.url(), TIMEOUTS, NO_CERTIFICATES)
    for _ in range(3):
        connections.send(asked(host.url()))
    assert len(host.callers) == 3
    assert len(set(host.callers)) == 1


def test_a_connection_that_its_host_closed_meanwhile_is_not_used(host: Host) -> None:
    """A function sleeps for minutes between two requests; the next one finds its host all the same."""
    connections = Connections(host.url(), TIMEOUTS, NO_CERTIFICATES)
    host.spoil = close_soon
    for _ in range(3):
        assert connections.send(asked(host.url())).status_code == 200
        _wait_until_closed(connections)
    assert len(set(host.callers)) == 3


def _wait_until_closed(connections: Connections) -> None:
    [idle] = connections._idle
    idle.sock.settimeout(30)
    assert idle.sock.recv(1) == b""


@pytest.mark.parametrize("spoil", [hang_up, talk_nonsense, stop_halfway])
def test_no_whole_answer_is_an_error_and_the_next_request_is_well(
    spoil: Callable[[BaseHTTPRequestHandler], None], host: Host
) -> None:
    """Whoever calls tells that there is none by `CONNECTION_ERRORS`; what is broken is not used again."""
    connections = Connections(host.url(), TIMEOUTS, NO_CERTIFICATES)
    host.spoil = spoil
    with pytest.raises(CONNECTION_ERRORS):
        connections.send(asked(host.url()))
    host.spoil = lambda _: None
    assert connections.send(asked(host.url(), b"[]")).content == b"[]"


def test_an_answer_that_does_not_come_is_an_error(host: Host) -> None:
    """Nobody waits for longer than the client's settings say, and a late answer is not taken for the next one."""
    released = threading.Event()
    connections = Connections(host.url(), Timeouts(connect=5, read=0.05), NO_CERTIFICATES)
    host.spoil = lambda _: assert_set(released)
    with pytest.raises(TimeoutError):
        connections.send(asked(host.url(), b"late"))
    released.set()
    assert Connections(host.url(), TIMEOUTS, NO_CERTIFICATES).send(asked(host.url(), b"next")).content == b"next"
    assert connections._idle == []


def assert_set(event: threading.Event) -> None:
    """Wait until an event is set."""
    assert event.wait(30)


def test_nobody_there_is_an_error(host: Host) -> None:
    """It is one of those that botocore tries again."""
    url = host.url()
    host.server.server_close()
    with pytest.raises(CONNECTION_ERRORS):
        Connections(url, TIMEOUTS, NO_CERTIFICATES).send(asked(url))


def test_threads_have_connections_of_their_own(host: Host) -> None:
    """None reads another's answer."""
    connections = Connections(host.url(), TIMEOUTS, NO_CERTIFICATES)
    wrong: list[bytes] = []

    def ask(name: bytes) -> None:
        for _ in range(50):
            content = connections.send(asked(host.url(), name)).content
            if content != name:
                wrong.append(content)

    threads = [threading.Thread(target=ask, args=(str(number).encode() * 50,)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(host.callers) == 200
    assert wrong == []


@contextmanager
def certified(host: Host, folder: Path, name: str) -> Iterator[str]:
    """Let `host` speak TLS with a certificate for `name` and yield the file of that certificate."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    _write_certificate(certificate, key, name)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    host.server.context = context
    yield str(certificate)


def _write_certificate(certificate: Path, key: Path, name: str) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "host of a test")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    builder = x509.CertificateBuilder(subject, subject, private.public_key(), x509.random_serial_number())
    dated = builder.not_valid_before(now - day).not_valid_after(now + day)
    named = dated.add_extension(x509.SubjectAlternativeName([_general(name)]), critical=False)
    certificate.write_bytes(named.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key.write_bytes(private.private_bytes(pem, pkcs8, serialization.NoEncryption()))


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def test_a_host_with_a_certificate_that_is_trusted_is_heard(tmp_path: Path) -> None:
    """Over TLS as without."""
    host = Host()
    with certified(host, tmp_path, "127.0.0.1") as trusted, host:
        connections = Connections(host.url("https"), TIMEOUTS, trusted)
        assert connections.send(asked(host.url("https"), b"[]")).content == b"[]"


def test_a_host_with_a_certificate_of_nobody_we_trust_hears_nothing(tmp_path: Path) -> None:
    """Items and credentials go to DynamoDB alone."""
    host, others = Host(), tmp_path / "others"
    others.mkdir()
    _write_certificate(others / "certificate.pem", others / "key.pem", "127.0.0.1")
    with certified(host, tmp_path, "127.0.0.1"), host, pytest.raises(ssl.SSLCertVerificationError):
        Connections(host.url("https"), TIMEOUTS, str(others / "certificate.pem")).send(asked(host.url("https")))
    assert host.callers == []


def test_a_host_with_the_certificate_of_another_name_hears_nothing(tmp_path: Path) -> None:
    """Whoever has a certificate of his own is not DynamoDB for that."""
    host = Host()
    with certified(host, tmp_path, "elsewhere.test") as trusted, host, pytest.raises(ssl.SSLCertVerificationError):
        Connections(host.url("https"), TIMEOUTS, trusted).send(asked(host.url("https")))
    assert host.callers == []


def test_connection_errors_are_those_of_http_and_of_the_system() -> None:
    """A fault of our own is not taken for a bad connection, and so is not tried again."""
    assert issubclass(http.client.RemoteDisconnected, CONNECTION_ERRORS)
    assert issubclass(ssl.SSLError, CONNECTION_ERRORS)
    assert not issubclass(TypeError, CONNECTION_ERRORS)


def test_a_proxy_is_gone_through(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a network lets requests out by a proxy alone, calls go the way that botocore knows."""
    monkeypatch.setenv("HTTP_PROXY", host.url())
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://dynamodb.test")
    store_client.dynamodb_client().get_item(TableName="things", Key={"pk": {"S": "a"}})
    assert len(host.callers) == 1
