"""The laptop's HTTP server: every stage of the API on one port."""

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn

from local.gateway import MAX_BODY_BYTES, Invoke, handle
from local.http import HttpRequest, HttpResponse
from local.template import Deployment

HOST = "127.0.0.1"
SIMULTANEOUS_INVOCATIONS = 64

_OWN = "_local"  # the first segment of the laptop's own paths, where a stage's name would be

_logger = logging.getLogger(__name__)

Pages = Callable[[HttpRequest], HttpResponse]
"""What answers for the laptop itself, at paths that no stage has."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class PortInUse(OSError):
    """Another program listens on the port."""


class Certificate(NamedTuple):
    """A certificate for TLS and its private key: the PEM files that hold them."""

    chain: Path
    key: Path


class Application:
    """An ASGI application that serves each stage under its name, and one of them at the root as well.

    A request at the root is one over a custom domain mapped to `root_stage`, but for those below ``/_local``, which
    are the `pages`' where there are any. Functions run in threads, so that requests are answered at the same time.
    """

    def __init__(self, deployment: Deployment, invoke: Invoke, root_stage: str, pages: Pages | None = None) -> None:
        """Take what is deployed and how its functions are invoked; an unknown `root_stage` raises `KeyError`."""
        self._deployment = deployment
        self._invoke = invoke
        self._pages = pages
        self._root_stage = deployment.stages[root_stage].name
        self._threads = ThreadPoolExecutor(SIMULTANEOUS_INVOCATIONS, thread_name_prefix="function")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; nothing else is spoken here."""
        body = await _read_body(receive)
        if body is None:
            return
        stage, request = self._read(scope, body)
        loop = asyncio.get_running_loop()
        begin = time.monotonic()
        response = await loop.run_in_executor(self._threads, self._answer, stage, request)
        milliseconds = (time.monotonic() - begin) * 1000
        _logger.info("%s %s %s -> %d, %d ms", stage, request.method, request.path, response.status, milliseconds)
        await _write(response, send)

    def _answer(self, stage: str, request: HttpRequest) -> HttpResponse:
        if self._pages and stage == _OWN:
            return self._pages(request)
        return handle(self._deployment, self._invoke, stage, request)

    def _read(self, scope: Message, body: bytes) -> tuple[str, HttpRequest]:
        raw_path = scope["raw_path"].decode("latin-1")
        first, _, rest = raw_path.removeprefix("/").partition("/")
        named = first in self._deployment.stages
        client, server = scope["client"], scope["server"]
        request = HttpRequest(
            method=scope["method"],
            path=f"/{rest}" if named else raw_path,
            query=scope["query_string"].decode("latin-1"),
            headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]),
            body=body,
            source_ip=client[0],
            scheme=scope["scheme"],
            port=server[1],
            stage_in_path=named,
        )
        return first if named or (self._pages and first == _OWN) else self._root_stage, request


def listen(port: int) -> socket.socket:
    """Return a socket that listens on `port` of the loopback, any free one for 0, or raise `PortInUse`."""
    try:
        return socket.create_server((HOST, port), backlog=256)
    except OSError as error:
        raise PortInUse(f"port {port} of {HOST} is not free: {os.strerror(error.errno or 0)}") from error


def make_server(application: Application, certificate: Certificate | None = None) -> uvicorn.Server:
    """Return a server of `application`, to run with the sockets that `listen` gives; over TLS with a `certificate`."""
    return uvicorn.Server(
        uvicorn.Config(
            application,
            lifespan="off",
            ws="none",
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=10,
            ssl_certfile=certificate.chain if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
        )
    )


@contextmanager
def serving(application: Application, port: int = 0) -> Iterator[str]:
    """Serve `application` from another thread for a `with` block, which is given the server's URL."""
    with listen(port) as listener, serving_at(listener, application):
        yield f"http://{HOST}:{listener.getsockname()[1]}"


@contextmanager
def serving_at(
    listener: socket.socket, application: Application, certificate: Certificate | None = None
) -> Iterator[None]:
    """Serve `application` as `serving` does, on a socket that `listen` gave; over TLS with a `certificate`."""
    server = make_server(application, certificate)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="server")
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


async def _read_body(receive: Receive) -> bytes | None:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        if len(body) <= MAX_BODY_BYTES:
            body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


async def _write(response: HttpResponse, send: Send) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
