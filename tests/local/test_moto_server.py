"""Whom moto answers: this machine, and the networks that it is told of."""

from http.client import HTTPConnection, RemoteDisconnected
from ipaddress import IPv4Network
from urllib.parse import urlsplit

import pytest

from local.moto_server import MotoServer, may_call

CONTAINERS = (IPv4Network("10.88.0.0/16"),)


@pytest.mark.parametrize(
    ("caller", "called", "allowed"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.9", "127.0.0.1", True),
        ("192.0.2.2", "192.0.2.2", True),
        ("10.88.0.7", "10.88.0.1", True),
        ("192.0.2.3", "192.0.2.2", False),
        ("10.89.0.7", "10.88.0.1", False),
    ],
)
def test_answers_this_machine_and_containers_alone(caller: str, called: str, allowed: bool) -> None:  # noqa: FBT001 - a table
    """A neighbour on the laptop's network gets no secret, though the port is open to containers."""
    assert may_call(caller, called, CONTAINERS) is allowed


def test_listens_on_the_loopback_alone_unless_told() -> None:
    """Nothing is open to a network without need."""
    with MotoServer() as server:
        assert server._server.socket.getsockname()[0] == "127.0.0.1"


def test_a_stranger_gets_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is closed before a word is read."""
    with MotoServer(CONTAINERS) as server:
        connection = HTTPConnection("127.0.0.1", urlsplit(server.url).port or 0)
        connection.request("GET", "/moto-api/")
        assert connection.getresponse().read()
        monkeypatch.setattr("local.moto_server.may_call", lambda *_addresses: False)
        connection.request("GET", "/moto-api/")
        with pytest.raises((RemoteDisconnected, ConnectionResetError)):
            connection.getresponse()
        connection.close()
