"""Connections to one host over HTTP/1.1, kept open from request to request.

They are `http.client`'s, as botocore's and urllib3's are underneath, without what those need for proxies, redirects,
bodies that stream and `100 Continue`, which is more than half of what such a request costs.
"""

import http.client
import select
import socket
import ssl
import weakref
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

CONNECTION_ERRORS = (OSError, http.client.HTTPException)
"""What sending raises when there is no connection, no answer in time, or one that is not HTTP."""


class Timeouts(NamedTuple):
    """Seconds to wait for a connection, and for each piece of an answer."""

    connect: float
    read: float


class Connections:
    """The connections to the host of one URL; threads may share them, since each takes one for itself."""

    def __init__(self, url: str, timeouts: Timeouts, certificates: str) -> None:
        """Connect to nothing yet. `certificates` is the file of those that are trusted."""
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port
        self._timeouts = timeouts
        self._tls = ssl.create_default_context(cafile=certificates) if parts.scheme == "https" else None
        self._idle: list[http.client.HTTPConnection] = []
        weakref.finalize(self, _close, self._idle)

    def send(self, request: "AWSPreparedRequest") -> AWSResponse:
        """Return what the host answers.

        Raises:
            OSError, http.client.HTTPException: There is no whole answer; what was asked may be done all the same.

        """
        content: Any = request.body
        connection = self._taken()
        try:
            connection.request("POST", "/", content, dict(request.headers.items()))
            answer = connection.getresponse()
            body = _Body(answer.read())
        except BaseException:
            connection.close()
            raise
        if connection.sock is not None:
            self._idle.append(connection)
        headers: Any = answer.headers
        return AWSResponse(request.url, answer.status, headers, body)

    def _taken(self) -> http.client.HTTPConnection:
        """Return a connection that its host has not closed meanwhile."""
        while self._idle:
            connection = self._idle.pop()
            if not _is_readable(connection.sock):
                return connection
            connection.close()
        return self._opened()

    def _opened(self) -> http.client.HTTPConnection:
        connection = self._new()
        connection.connect()
        connection.sock.settimeout(self._timeouts.read)
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return connection

    def _new(self) -> http.client.HTTPConnection:
        timeout = self._timeouts.connect
        if self._tls is None:
            return http.client.HTTPConnection(self._host, self._port, timeout)
        return http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=self._tls)


class _Body:
    """What botocore reads an answer's body from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        """Yield all of it."""
        yield self._content


def _is_readable(sock: socket.socket) -> bool:
    """Tell whether there is something to read where nothing was asked: the end, if nothing worse."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _close(connections: Iterable[http.client.HTTPConnection]) -> None:
    for each in connections:
        each.close()
