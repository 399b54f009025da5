"""Lambda's side of its runtime API, which a function's process asks for events and tells its answers.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import time
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import Any

from local.background import Background

_NEXT = "/2018-06-01/runtime/invocation/next"
_TIMEOUT_SECONDS = 30
_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:bench"


class RuntimeApi(Background):
    """The API for one process of one function, on a free port of the loopback, for a `with` block."""

    def __init__(self) -> None:
        """Bind a port."""
        self._events: Queue[bytes] = Queue()
        self._answers: Queue[tuple[str, bytes]] = Queue()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._events, self._answers))
        server.daemon_threads = True
        super().__init__(server, "runtime API")

    @property
    def address(self) -> str:
        """Host and port, the value of `AWS_LAMBDA_RUNTIME_API`."""
        return f"127.0.0.1:{self.port}"

    def invoke(self, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Return what the function answers to `event`; raise `RuntimeError` if it fails, or does not answer."""
        self._events.put(json.dumps(event).encode())
        try:
            kind, body = self._answers.get(timeout=_TIMEOUT_SECONDS)
        except Empty:
            raise RuntimeError(f"no answer within {_TIMEOUT_SECONDS} s") from None
        if kind != "response":
            raise RuntimeError(f"the function failed: {body.decode(errors='replace')}")
        return json.loads(body)


def _handler(events: Queue[bytes], answers: Queue[tuple[str, bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            """Hand out the next event, once there is one."""
            headers = {
                "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
                "Lambda-Runtime-Deadline-Ms": str(int(1000 * (time.time() + _TIMEOUT_SECONDS))),
                "Lambda-Runtime-Invoked-Function-Arn": _ARN,
                "Content-Type": "application/json",
            }
            self._reply(HTTPStatus.OK if self.path == _NEXT else HTTPStatus.NOT_FOUND, events.get(), headers)

        def do_POST(self) -> None:
            """Take an answer, or a failure."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answers.put((self.path.rpartition("/")[2], body))
            self._reply(HTTPStatus.ACCEPTED, b'{"status":"OK"}', {"Content-Type": "application/json"})

        def _reply(self, status: HTTPStatus, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing: the requests are our own."""

    return Handler
