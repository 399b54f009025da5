"""Moto's AWS services over HTTP, in this process."""

import socket
from collections.abc import Collection
from http.client import HTTPConnection
from ipaddress import IPv4Address, IPv4Network
from typing import Self, TypeAlias

from moto.dynamodbstreams.models import dynamodbstreams_backends
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer

from local.background import Background
from local.intrinsics import ACCOUNT_ID, REGION

HOST = "127.0.0.1"
EVERY_INTERFACE = "0.0.0.0"  # nosec B104 # noqa: S104 - strangers are turned away one by one


_Request: TypeAlias = socket.socket | tuple[bytes, socket.socket]  # as the standard library has it, UDP included


class _QuietRequestHandler(MotoRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing: the requests are our own."""


class _Server(BaseWSGIServer):
    def __init__(self, networks: Collection[IPv4Network]) -> None:
        application = DomainDispatcherApplication(create_backend_app)
        super().__init__(EVERY_INTERFACE if networks else HOST, 0, application, _QuietRequestHandler)
        self._networks = networks

    def verify_request(self, request: _Request, client_address: tuple[str, int]) -> bool:
        """Tell whether to answer a caller at all."""
        connection = request if isinstance(request, socket.socket) else request[1]
        return may_call(client_address[0], connection.getsockname()[0], self._networks)


def may_call(caller: str, called: str, networks: Collection[IPv4Network]) -> bool:
    """Tell whether an address is one of this machine, or in one of `networks`; `called` is the one it connected to."""
    address = IPv4Address(caller)
    return address.is_loopback or caller == called or any(address in network for network in networks)


class MotoServer(Background):
    """A server of moto's services on a free port, for a `with` block.

    It listens on the loopback alone; or, with `networks` such as that of containers, everywhere, and then answers this
    machine and those and nobody else. It answers one request at a time, since moto's operations are not atomic under
    threads. Moto keeps its data by process and not by server, so entering the block clears them.
    """

    def __init__(self, networks: Collection[IPv4Network] = ()) -> None:
        """Bind a port; requests are answered from when the block is entered."""
        super().__init__(_Server(networks), "moto")

    @property
    def url(self) -> str:
        """Base URL, the value of `AWS_ENDPOINT_URL`."""
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        """Begin to answer, without any data."""
        super().__enter__()
        self.reset()
        return self

    def reset(self) -> None:
        """Forget every table, secret and message."""
        connection = HTTPConnection(HOST, self.port)
        try:
            connection.request("POST", "/moto-api/reset")
            connection.getresponse().read()
        finally:
            connection.close()


def forget_iterators() -> None:
    """Forget the iterators of every stream, which moto keeps for ever; for when none is in use."""
    dynamodbstreams_backends[ACCOUNT_ID][REGION].shard_iterators.clear()
