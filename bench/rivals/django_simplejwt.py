"""Django with Django REST framework and Simple JWT, refresh tokens rotated and blacklisted, under gunicorn."""

import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.action import Action
from bench.flows import PASSWORD
from bench.rivals.installation import APPS, python_for
from bench.rivals.server import HOST, Server, free_port, serving

SYSTEM = "Django + SimpleJWT"

_APP = APPS / "django_simplejwt"


@contextmanager
def actions(data: Path) -> Iterator[list[Action]]:
    """Serve it, with one user in an SQLite file in `data`."""
    python = python_for(_APP)
    environment = {"DATA": str(data), "SECRET_KEY": secrets.token_urlsafe(64)}
    _manage(python, environment, "migrate", "--verbosity=0")
    user = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    names = ("--username=bench", "--email=bench@example.com")
    _manage(python, {**environment, **user}, "createsuperuser", "--no-input", "--verbosity=0", *names)
    port = free_port()
    command = [str(python.with_name("gunicorn")), "--log-level=error", f"--bind={HOST}:{port}", "project.wsgi"]
    with serving(command, port, _APP, environment) as server:
        yield _actions(server)


def _actions(server: Server) -> list[Action]:
    credentials = {"username": "bench", "password": PASSWORD}
    tokens = server.post("/api/token/", credentials).body
    bearer = {"Authorization": f"Bearer {tokens['access']}"}
    current = {"refresh": tokens["refresh"]}

    def refresh() -> None:
        current["refresh"] = server.post("/api/token/refresh/", current).body["refresh"]

    return [
        Action(SYSTEM, "login", server.pid, lambda: server.post("/api/token/", credentials)),
        Action(SYSTEM, "refresh", server.pid, refresh),
        Action(SYSTEM, "me", server.pid, lambda: server.get("/api/me/", bearer)),
    ]


def _manage(python: Path, environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([str(python), "-B", "manage.py", *arguments], cwd=_APP, env=environment, check=True)  # noqa: S603 - our own
