"""Moto's AWS services over HTTP, in this process."""

import threading
from http.client import HTTPConnection
from types import TracebackType
from typing import Self

from moto.dynamodbstreams.models import dynamodbstreams_backends
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from local.intrinsics import ACCOUNT_ID, REGION

HOST = "127.0.0.1"


class _QuietRequestHandler(MotoRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing: the requests are our own."""


class MotoServer:
    """A server of moto's services on a free port of the loopback, for a `with` block.

    It answers one request at a time, since moto's operations are not atomic under threads. Moto keeps its data by
    process and not by server, so entering the block clears them.
    """

    def __init__(self) -> None:
        """Bind a port; requests are answered from when the block is entered."""
        application = DomainDispatcherApplication(create_backend_app)
        self._server = make_server(HOST, 0, application, request_handler=_QuietRequestHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="moto", daemon=True)

    @property
    def url(self) -> str:
        """Base URL, the value of `AWS_ENDPOINT_URL`."""
        return f"http://{HOST}:{self._server.port}"

    def __enter__(self) -> Self:
        """Begin to answer, without any data."""
        self._thread.start()
        self.reset()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop, and give the port back."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def reset(self) -> None:
        """Forget every table, secret and message."""
        connection = HTTPConnection(HOST, self._server.port)
        try:
            connection.request("POST", "/moto-api/reset")
            connection.getresponse().read()
        finally:
            connection.close()


def forget_iterators() -> None:
    """Forget the iterators of every stream, which moto keeps for ever; for when none is in use."""
    dynamodbstreams_backends[ACCOUNT_ID][REGION].shard_iterators.clear()
