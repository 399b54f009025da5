"""The search for a container engine, against engines that are fake but for their sockets and HTTP."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from ipaddress import IPv4Network
from pathlib import Path
from socketserver import UnixStreamServer
from typing import Any, ClassVar

import pytest

from local.containers import Engine, Unavailable, find_engine, usual_urls

IMAGE = "public.ecr.aws/lambda/python:3.13-x86_64"
ADDRESSES = [{"Subnet": "10.88.0.0/16", "Gateway": "10.88.0.1"}, {"Subnet": "fd00::/64", "Gateway": "fd00::1"}]
BRIDGE = {"IPAM": {"Config": ADDRESSES}}
PRESENT: Mapping[str, tuple[int, Any]] = {"/version": (200, {"ApiVersion": "1.41"}), "/_ping": (200, "OK")}
NOT_FOUND = (404, {"message": "no such thing"})


class _Answers(BaseHTTPRequestHandler):
    """Answers what the engine has been told for a path, without the API's version in it."""

    answers: ClassVar[Mapping[str, tuple[int, Any]]] = {}

    def _answer(self) -> None:
        path = self.path.partition("?")[0].removeprefix("/v1.41")
        status, body = {**PRESENT, **self.answers}.get(path, NOT_FOUND)
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _answer  # noqa: N815 - names of the standard library

    def log_message(self, *_arguments: object) -> None:
        """Log nothing."""

    def address_string(self) -> str:
        """Return nothing: a socket of this kind has no address."""
        return ""


@contextmanager
def engine_at(socket: Path, answers: Mapping[str, tuple[int, Any]]) -> Iterator[str]:
    """Run an engine at a socket, which is all that an engine is to its clients."""
    handler = type("Answers", (_Answers,), {"answers": answers})
    socket.parent.mkdir(parents=True, exist_ok=True)
    with UnixStreamServer(str(socket), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"unix://{socket}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def found(socket: Path, answers: Mapping[str, tuple[int, Any]]) -> Iterator[Engine]:
    """Run an engine, and find it by `DOCKER_HOST`."""
    with engine_at(socket, answers) as url:
        engine = find_engine({"DOCKER_HOST": url})
        yield engine
        engine.client.close()


@pytest.fixture
def socket(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a path that is short enough for a socket."""
    return tmp_path_factory.mktemp("e") / "e.sock"


def test_docker_host_is_the_engine(socket: Path) -> None:
    """What a developer names is used."""
    with found(socket, {}) as engine:
        assert engine.url == f"unix://{socket}"


def test_a_docker_host_that_is_dead_is_not_replaced(socket: Path) -> None:
    """Whoever names an engine is told that it does not answer, and gets no other one."""
    with pytest.raises(Unavailable, match=f"DOCKER_HOST=unix://{socket}"):
        find_engine({"DOCKER_HOST": f"unix://{socket}"})


def test_engines_of_a_user_are_looked_for_where_they_listen() -> None:
    """Docker Desktop's and rootless Podman's sockets are among those that are tried, Docker's first."""
    urls = usual_urls({"HOME": "/home/ada", "XDG_RUNTIME_DIR": "/run/user/1000"})
    ours = [url for url in urls if "ada" in url or "1000" in url]
    assert ours == [
        "unix:///home/ada/.docker/run/docker.sock",
        "unix:///home/ada/.docker/desktop/docker.sock",
        "unix:///run/user/1000/docker.sock",
        "unix:///run/user/1000/podman/podman.sock",
    ]


def test_an_image_that_is_there_is_not_pulled(socket: Path) -> None:
    """No registry is asked, so that a machine without one will do."""
    with found(socket, {f"/images/{IMAGE}/json": (200, {"Id": "sha256:1"})}) as engine:
        engine.ensure_image(IMAGE)


def test_an_image_that_cannot_be_pulled_is_said_plainly(socket: Path) -> None:
    """The message has the image's name, and the registry's own words."""
    refused = (500, {"message": "your authorization token has expired"})
    with found(socket, {"/images/create": refused}) as engine, pytest.raises(Unavailable) as failure:
        engine.ensure_image(IMAGE)
    assert IMAGE in str(failure.value)
    assert "your authorization token has expired" in str(failure.value)


def test_the_networks_are_those_of_the_engine(socket: Path) -> None:
    """Containers are known by the default network's addresses, of which moto knows those of version 4."""
    with found(socket, {"/networks/bridge": (200, BRIDGE)}) as engine:
        assert engine.networks == (IPv4Network("10.88.0.0/16"),)


def test_an_engine_without_a_default_network_has_none(socket: Path) -> None:
    """Not every engine has a network of that name, and then its containers come by another way."""
    with found(socket, {}) as engine:
        assert engine.networks == ()


def test_a_container_that_does_not_run_is_said_plainly(socket: Path) -> None:
    """The engine's own words are in the message."""
    answers = {"/networks/bridge": (200, BRIDGE), "/containers/create": (500, {"message": "no space left"})}
    with found(socket, answers) as engine, pytest.raises(Unavailable, match="no space left"):
        engine.way_here(IMAGE, "http://127.0.0.1:5000")
