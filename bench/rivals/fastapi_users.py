"""fastapi-users over SQLAlchemy with JWT, under uvicorn."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.action import Action
from bench.flows import PASSWORD
from bench.rivals.installation import APPS, python_for
from bench.rivals.server import HOST, Server, free_port, serving

SYSTEM = "fastapi-users"

_APP = APPS / "fastapi_users"
_EMAIL = "bench@example.com"


@contextmanager
def actions(data: Path) -> Iterator[list[Action]]:
    """Serve it, with one user in an SQLite file in `data`."""
    python = python_for(_APP)
    port = free_port()
    command = [str(python), "-m", "uvicorn", "app:app", f"--host={HOST}", f"--port={port}", "--log-level=info"]
    environment = {"DATA": str(data), "SECRET_KEY": secrets.token_urlsafe(64)}
    with serving(command, port, _APP, environment) as server:
        yield _actions(server)


def _actions(server: Server) -> list[Action]:
    server.post("/auth/register", {"email": _EMAIL, "password": PASSWORD})
    credentials = {"username": _EMAIL, "password": PASSWORD}
    token = server.post_form("/auth/jwt/login", credentials).body["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    return [
        Action(SYSTEM, "login", server.pid, lambda: server.post_form("/auth/jwt/login", credentials)),
        Action(SYSTEM, "me", server.pid, lambda: server.get("/users/me", bearer)),
    ]
