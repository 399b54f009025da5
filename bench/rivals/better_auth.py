"""better-auth with email and password, under Node's HTTP server."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.action import Action
from bench.flows import PASSWORD
from bench.rivals.installation import APPS, node_for
from bench.rivals.server import HOST, Server, free_port, serving

SYSTEM = "better-auth"

_APP = APPS / "better_auth"
_EMAIL = "bench@example.com"


@contextmanager
def actions(data: Path) -> Iterator[list[Action]]:
    """Serve it, with one user in an SQLite file in `data`."""
    node = node_for(_APP)
    port = free_port()
    url = f"http://{HOST}:{port}"
    environment = {
        "DATA": str(data),
        "PORT": str(port),
        "NODE_ENV": "production",
        "BETTER_AUTH_SECRET": secrets.token_urlsafe(64),
        "BETTER_AUTH_URL": url,
    }
    with serving([str(node), "server.mjs"], port, node.parents[3], environment) as server:
        yield _actions(server, {"Origin": url})


def _actions(server: Server, origin: dict[str, str]) -> list[Action]:
    credentials = {"email": _EMAIL, "password": PASSWORD}
    server.post("/api/auth/sign-up/email", {**credentials, "name": "Bench"}, origin)
    cookies = server.post("/api/auth/sign-in/email", credentials, origin).cookies
    return [
        Action(SYSTEM, "login", server.pid, lambda: server.post("/api/auth/sign-in/email", credentials, origin)),
        Action(SYSTEM, "me", server.pid, lambda: _session(server, {"Cookie": cookies})),
    ]


def _session(server: Server, cookie: dict[str, str]) -> None:
    if server.get("/api/auth/get-session", cookie).body is None:
        raise RuntimeError("better-auth knows no session")
