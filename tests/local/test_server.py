"""The server, over real HTTP."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from local.http import HttpRequest, HttpResponse
from local.server import HOST, Application, PortInUse, listen, serving
from local.template import Deployment


def echo(name: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Answer with the function's name and the event."""
    return {"statusCode": 200, "body": json.dumps({"function": name, "event": event})}


@pytest.fixture(scope="module")
def url(deployment: Deployment) -> Iterator[str]:
    """Run a server of functions which echo, with `metatag` at its root."""
    with serving(Application(deployment, echo, "metatag")) as base:
        yield base


def test_every_stage_is_served_under_its_name(deployment: Deployment, url: str) -> None:
    """The first segment of the path is the stage, and the function sees the path without it."""
    for stage in deployment.stages:
        seen = httpx.get(f"{url}/{stage}/api/auth/me").json()
        assert seen["function"] == "me"
        assert seen["event"]["path"] == "/api/auth/me"
        assert seen["event"]["requestContext"]["path"] == f"/{stage}/api/auth/me"
        assert seen["event"]["stageVariables"] == {"contract": stage}


def test_the_root_is_a_custom_domain_of_one_stage(url: str) -> None:
    """The documented paths are served exactly, and the stage is nowhere in them."""
    event = httpx.get(f"{url}/api/auth/me/?a=1").json()["event"]
    assert event["path"] == event["requestContext"]["path"] == "/api/auth/me/"
    assert event["requestContext"]["stage"] == "metatag"
    assert event["queryStringParameters"] == {"a": "1"}


def test_the_laptops_own_paths_go_before_the_stages(deployment: Deployment) -> None:
    """Below `/_local` the pages answer; without pages, and below a stage, these are paths like others."""

    def pages(request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, (), request.path.encode())

    with serving(Application(deployment, echo, "metatag", pages)) as base:
        assert httpx.get(f"{base}/_local/mail?a=1").text == "/_local/mail"
        assert httpx.get(f"{base}/metatag/_local/mail").json()["function"] == "not_found"
        assert httpx.get(f"{base}/_locale").json()["function"] == "not_found"
    with serving(Application(deployment, echo, "metatag")) as base:
        assert httpx.get(f"{base}/_local/mail").json()["function"] == "not_found"


def test_the_root_of_a_stage_is_a_path_too(url: str) -> None:
    """A stage is there with and without a slash after it."""
    for path in ("/igny8", "/igny8/"):
        event = httpx.get(url + path).json()["event"]
        assert (event["requestContext"]["stage"], event["path"]) == ("igny8", "/")


def test_the_event_is_what_was_sent(url: str) -> None:
    """Method, body, repeated headers, encoded path, scheme and peer arrive as they are."""
    headers = [("X-Tag", "one"), ("X-Tag", "two"), ("Authorization", "Bearer x")]
    event = httpx.post(f"{url}/a%20b", headers=headers, content="é").json()["event"]
    assert (event["httpMethod"], event["body"], event["path"]) == ("POST", "é", "/a%20b")
    assert event["multiValueHeaders"]["x-tag"] == ["one", "two"]
    assert event["headers"]["Authorization"] == "Bearer x"
    assert event["headers"]["X-Forwarded-Proto"] == "http"
    assert event["headers"]["X-Forwarded-Port"] == url.rpartition(":")[2]
    assert event["requestContext"]["identity"]["sourceIp"] == HOST


def test_head_has_the_headers_of_get_and_no_body(url: str) -> None:
    """HTTP leaves out the body of an answer to HEAD."""
    response = httpx.head(f"{url}/api/auth/me")
    assert (response.status_code, response.content) == (200, b"")


def test_a_body_that_is_too_large_is_refused_after_it_was_sent(url: str) -> None:
    """The client gets the gateway's answer, not a broken connection."""
    response = httpx.post(f"{url}/api/auth/login", content=b"x" * (11 * 1024 * 1024))
    assert response.status_code == 413
    assert response.json()["success"] is False


def test_requests_are_answered_at_the_same_time(deployment: Deployment) -> None:
    """Eight requests that wait for each other are all answered."""
    barrier = threading.Barrier(8, timeout=30)

    def together(_name: str, _event: Mapping[str, Any]) -> dict[str, Any]:
        barrier.wait()
        return {"statusCode": 204}

    with serving(Application(deployment, together, "standard")) as base, ThreadPoolExecutor(8) as threads:
        statuses = threads.map(lambda _: httpx.get(base, timeout=60).status_code, range(8))
        assert list(statuses) == [204] * 8


def test_a_client_that_leaves_before_its_body_is_sent_invokes_nothing(deployment: Deployment) -> None:
    """Half a request is no request, and the server goes on."""
    invoked = []

    def note(name: str, _event: Mapping[str, Any]) -> dict[str, Any]:
        invoked.append(name)
        return {}

    with serving(Application(deployment, note, "standard")) as base:
        with socket.create_connection((HOST, int(base.rpartition(":")[2]))) as client:
            client.sendall(b"POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf")
        assert httpx.get(base).status_code == 200
    assert invoked == ["not_found"]


def test_an_unknown_root_stage_is_an_error(deployment: Deployment) -> None:
    """A server with nothing at its root does not start."""
    with pytest.raises(KeyError):
        Application(deployment, echo, "metatags")


def test_a_port_in_use_is_named() -> None:
    """Who starts a second server is told which port is taken."""
    with listen(0) as first, pytest.raises(PortInUse, match=str(first.getsockname()[1])):
        listen(first.getsockname()[1])
