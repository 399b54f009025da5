"""Servers that answer in a thread of this process."""

import threading
from socketserver import TCPServer
from types import TracebackType
from typing import Self


class Background:
    """A server that has its port already and answers from when a `with` block is entered until it ends."""

    def __init__(self, server: TCPServer, name: str) -> None:
        """Take the server, and what its thread is called."""
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, name=name, daemon=True)

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop, and give the port back."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        port: int = self._server.socket.getsockname()[1]
        return port
